"""The phone's screen: one page of a mobile Chromium without a network, one CSS pixel per device pixel.

The page is enlarged with CSS `zoom` instead of a device scale factor: any density then works, touches and captures need
no conversion, and a capture takes three quarters of the time.
"""

import asyncio
import base64
import io
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from PIL import Image
from playwright.async_api import Browser, CDPSession, Error, Page, Playwright, Route, async_playwright

from devices.browser import launch
from devices.doubles.simphone.display import Pixels

_ORIGIN = "http://127.0.0.1:65535/"
STARTING_MS = 60_000
"""How long the page may take to load, on a busy machine."""
"""Of one site with the pages that Browser shows, in a frame of this one: to another's frame Chromium denies storage."""
_APPS = Path(__file__).with_name("apps")
_TYPES = {".html": "text/html", ".js": "text/javascript", ".css": "text/css"}

Point = tuple[float, float]


class NoChromium(Exception):
    """There is no Chromium for the screen."""


class Screen:
    """An open screen. Its opener closes it."""

    def __init__(
        self, playwright: Playwright, browser: Browser, page: Page, session: CDPSession, ports: dict[int, int]
    ) -> None:
        self._playwright = playwright
        self._browser = browser
        self._page = page
        self._session = session
        self.ports = ports
        """The phone's own ports that lead to ports of the computer: `adb reverse`. Nothing else is reached."""
        self.touched = False
        """Whether a finger is on it."""

    @classmethod
    async def open(cls, size: Pixels, hear: Callable[[str, str], None]) -> Self:
        """Starts Chromium and loads the phone's page; `hear` receives the page's messages, as a kind and a text.

        Raises:
            NoChromium: none is installed.
        """
        program = launch.installed()
        if program is None:
            raise NoChromium(f"none of {', '.join(launch.NAMES)} is installed")
        playwright = await async_playwright().start()
        given = {"args": list(launch.FLAGS), "handle_sigint": False, "handle_sigterm": False}
        browser, _ = await launch.sandboxed(playwright.chromium.launch, {"executable_path": program, **given})
        ports: dict[int, int] = {}
        context = await browser.new_context(
            viewport={"width": size.width, "height": size.height}, is_mobile=True, has_touch=True, locale="en-US"
        )
        await context.route("**/*", partial(_serve, ports))
        page = await context.new_page()
        page.set_default_timeout(10_000)

        def heard(source: dict[str, Any], kind: str, text: str) -> None:
            if source["frame"] == page.main_frame:  # messages of a page that Browser shows are ignored
                hear(kind, text)

        await page.expose_binding("simphoneSay", heard)
        session = await context.new_cdp_session(page)
        screen = cls(playwright, browser, page, session, ports)
        await page.goto(_ORIGIN + "index.html", timeout=STARTING_MS)
        return screen

    async def close(self) -> None:
        await self._browser.close()
        await self._playwright.stop()

    async def call(self, function: str, *arguments: object) -> str:
        """Calls one of the page's functions for the phone; the answer is JSON.

        The page's earlier messages have been received when this returns.
        """
        code = f"async given => JSON.stringify((await phone.{function}(...given)) ?? null)"
        return str(await self._page.evaluate(code, list(arguments)))

    async def settle(self) -> None:
        """Waits for the frame in which the page has handled the last input."""
        await self._page.evaluate("() => new Promise(done => requestAnimationFrame(() => setTimeout(done)))")

    async def resize(self, size: Pixels) -> None:
        await self._page.set_viewport_size({"width": size.width, "height": size.height})

    async def capture_png(self) -> bytes:
        """The screen as a PNG, compressed for speed, not size."""
        answer = await self._session.send("Page.captureScreenshot", {"format": "png", "optimizeForSpeed": True})
        return base64.b64decode(answer["data"])

    async def tap(self, at: Point) -> None:
        await self._touch("touchStart", at)
        await self._touch("touchEnd")
        await self.settle()

    async def drag(self, start: Point, end: Point, duration_s: float, hold_s: float = 0) -> None:
        """Puts a finger down, moves it in a straight line and lifts it."""
        clock = asyncio.get_running_loop()
        await self._touch("touchStart", start)
        await asyncio.sleep(hold_s)
        began = clock.time()
        while (part := (clock.time() - began) / max(duration_s, 0.001)) < 1:
            if start != end:
                await self._touch("touchMove", _between(start, end, part))
            await asyncio.sleep(min(0.012, max(duration_s - (clock.time() - began), 0)))
        if start != end:
            await self._touch("touchMove", end)
        await self._touch("touchEnd")
        await self.settle()

    async def insert(self, text: str) -> None:
        """Inserts text at the caret of the focused field."""
        await self._page.keyboard.insert_text(text)
        await self.settle()

    async def press(self, keys: list[str]) -> None:
        """Presses keys together, in Chromium's names, and releases them in reverse order."""
        for key in keys:
            await self._page.keyboard.down(key)
        for key in reversed(keys):
            await self._page.keyboard.up(key)
        await self.settle()

    async def motion(self, kind: str, at: Point) -> None:
        """One event of a finger: DOWN, MOVE, UP or CANCEL. Without a finger on it only the first has an effect."""
        if kind == "DOWN" or self.touched:
            lifting = kind in ("UP", "CANCEL")
            await self._touch(_MOTIONS[kind], None if lifting else at)
            await self.settle()

    async def _touch(self, kind: str, at: Point | None = None) -> None:
        points = [] if at is None else [{"x": at[0], "y": at[1]}]
        self.touched = bool(points)
        await self._session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


_MOTIONS = {"DOWN": "touchStart", "MOVE": "touchMove", "UP": "touchEnd", "CANCEL": "touchCancel"}
"""Android's names of the events, and Chromium's."""


def _between(start: Point, end: Point, part: float) -> Point:
    return start[0] + (end[0] - start[0]) * part, start[1] + (end[1] - start[1]) * part


async def _serve(ports: dict[int, int], route: Route) -> None:
    """Serves the page its own files and forwarded ports, and nothing else."""
    address = urlsplit(route.request.url)
    if address.scheme == "http" and address.hostname in ("127.0.0.1", "localhost") and address.port in ports:
        there = address._replace(netloc=f"127.0.0.1:{ports[address.port]}")
        try:
            await route.fulfill(response=await route.fetch(url=there.geturl()))
        except Error:  # no server is there, or the page has navigated away
            await route.abort()
        return
    name = route.request.url.removeprefix(_ORIGIN).split("?")[0]
    path = (_APPS / name).resolve()
    if route.request.url.startswith(_ORIGIN) and path.is_relative_to(_APPS) and path.suffix in _TYPES:
        if path.is_file():
            await route.fulfill(body=path.read_bytes(), content_type=_TYPES[path.suffix] + "; charset=utf-8")
            return
    await route.abort()


def black_png(size: Pixels) -> bytes:
    """A black picture."""
    target = io.BytesIO()
    Image.new("RGBA", size, (0, 0, 0, 255)).save(target, "PNG", compress_level=1)
    return target.getvalue()
