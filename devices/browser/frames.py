"""What a tab draws: small pictures that Chromium sends whenever it has drawn something, and for each capture."""

import asyncio
import base64
from collections.abc import Coroutine
from contextlib import suppress
from io import BytesIO
from typing import Any, NamedTuple, Protocol, TypeVar

from PIL import Image
from playwright.async_api import CDPSession, Error

from actions.errors import DeviceFailure
from devices import Glimpse
from devices.browser.tab import HURRY_S, Tab
from devices.browser.tabs import Tabs

Answer = TypeVar("Answer")
SIDE = 320
"""The longest side of a frame: two pixels for each cell in which movement is noticed."""
TICK_S = 0.025
"""How often it is checked whether something is loading."""


class Run(Protocol):
    """Runs work in another thread."""

    def __call__(self, work: Coroutine[Any, Any, Answer], /) -> Answer: ...


class Frame(NamedTuple):
    """The newest frame as PNG, if there is a new one, and whether the page waits for something that it may draw."""

    png: bytes | None
    loading: bool


class Frames:
    """The frames of one tab. They are over once another tab is shown, a dialog is open, or the page is gone."""

    def __init__(self, tabs: Tabs, tab: Tab, session: CDPSession) -> None:
        self._tabs = tabs
        self._tab = tab
        self._session = session
        self._drawn = asyncio.Event()
        self._newest: str | None = None
        self._failed = False
        """Whether Chromium sends no more of them."""
        tab.casts += 1
        self._number = tab.casts
        session.on("Page.screencastFrame", self._framed)

    @classmethod
    async def begin(cls, tabs: Tabs) -> "Frames | None":
        """Those of the current tab, with the one that is shown now; None where Chromium sends none."""
        tab = tabs.current
        if tab is None or tab.gone or tab.dialog:
            return None
        try:
            async with asyncio.timeout(HURRY_S):
                frames = cls(tabs, tab, await tab.session())
                try:
                    await frames._start()
                except BaseException:
                    await frames.end()
                    raise
        except (Error, TimeoutError):
            return None
        return frames

    async def _start(self) -> None:
        """Waits for the first, which shows what is drawn already."""
        self._drawn.clear()
        await self._session.send("Page.startScreencast", {"format": "png", "maxWidth": SIDE, "maxHeight": SIDE})
        await self._drawn.wait()

    async def pause(self, seconds: float) -> None:
        """Has Chromium make none for this long, sixty a second on a moving page. The next one shows the page then."""
        if self._over:
            return
        try:
            async with asyncio.timeout(HURRY_S + seconds):
                await self._session.send("Page.stopScreencast")
                await asyncio.sleep(seconds)
                if not self._over:
                    await self._start()
        except (Error, TimeoutError):
            self._failed = True

    async def next(self, within_s: float) -> Frame | None:
        """Waits for a frame, at most this long, and shorter while the page is loading; None once they are over."""
        until = asyncio.get_running_loop().time() + within_s
        loading = False
        while not (self._drawn.is_set() or self._over or loading):
            if (left := until - asyncio.get_running_loop().time()) <= 0:
                break
            with suppress(TimeoutError):
                await asyncio.wait_for(self._drawn.wait(), min(left, TICK_S))
            loading = self._loading
        self._drawn.clear()
        newest, self._newest = self._newest, None
        return None if self._over else Frame(base64.b64decode(newest) if newest else None, self._loading)

    async def end(self) -> None:
        self._session.remove_listener("Page.screencastFrame", self._framed)
        if self._number == self._tab.casts:
            await self._tab.within(self._session.send("Page.stopScreencast"), HURRY_S)

    @property
    def _over(self) -> bool:
        tab = self._tab
        if self._failed:
            return True
        return tab is not self._tabs.current or tab.gone or tab.dialog is not None or self._number != tab.casts

    @property
    def _loading(self) -> bool:
        return self._tabs.requests.loading(self._tab.page)

    def _framed(self, event: dict[str, Any]) -> None:
        self._newest = event["data"]
        self._drawn.set()
        self._tab.begin(self._session.send("Page.screencastFrameAck", {"sessionId": event["sessionId"]}))


class Drawing:
    """The same for a caller in another thread."""

    def __init__(self, frames: Frames, run: Run) -> None:
        """`run` gives the result of work in Playwright's thread. It raises DeviceFailure."""
        self._frames = frames
        self._run = run

    def next(self, within_s: float) -> Glimpse | None:
        try:
            frame = self._run(self._frames.next(within_s))
        except DeviceFailure:  # the next look deals with that
            return None
        if frame is None:
            return None
        picture = Image.open(BytesIO(frame.png)).convert("RGB") if frame.png else None
        return Glimpse(picture, frame.loading)

    def pause(self, seconds: float) -> None:
        with suppress(DeviceFailure):
            self._run(self._frames.pause(seconds))
