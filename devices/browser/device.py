"""Pages in a real Chromium, through Playwright. Its screen is the viewport in CSS pixels, at any device scale.

Without a display, or with `headless`, there is no window. The next look reports what a page does on its own (dialogs,
popups, downloads); a page that does not respond, crashes or closes does not end the run.
"""

import os
import signal
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from io import BytesIO
from typing import Any, TypeVar

from PIL import Image
from playwright.async_api import Browser as Chromium
from playwright.async_api import BrowserContext, Error, Page

from actions.action import Action, ActionSpace, Outcome
from actions.control import CONTROL
from actions.errors import ActionRefused, DeviceFailure
from actions.geometry import Box, Point, Size
from actions.keyboard import KEYBOARD
from actions.mouse import MOUSE, Button
from actions.secrets import Secret, Secrets
from actions.web import UPLOAD, WEB
from devices import Closing, DeviceOptions, Observation
from devices.browser import launch, shared_chromium, shortcuts
from devices.browser.addresses import full_address
from devices.browser.driver import Driver
from devices.browser.navigation import cause
from devices.browser.secrets import read_site
from devices.browser.session import Session

Answer = TypeVar("Answer")
CALL_S = 100.0
"""The limit of every call; its parts have their own shorter deadlines."""
ASK_S = 30.0
DOWNLOADS_S = 60.0
"""How long to wait for downloads at the end."""
KILL = getattr(signal, "SIGKILL", signal.SIGTERM)  # on Windows SIGTERM ends a process at once


class Browser(Closing):
    """One browser with its tabs; the newest tab is shown and acted on."""

    _browser: Chromium | None
    _process_id: int | None

    def __init__(self, options: DeviceOptions, downloads_s: float = DOWNLOADS_S) -> None:
        """Opens the options' address; at the end, waits up to `downloads_s` for downloads.

        Raises:
            UsageError: there is no Chromium, or a secret is for no host. DeviceFailure: it does not start, or the
                address does not open.
        """
        self._prepare(options, _start_address(options.address), downloads_s)
        spare = shared_chromium.take(None if options.user_data else launch.is_headless(options))
        self._driver = spare.driver if spare else Driver()
        self._browser = spare.browser if spare else None
        self._unboxed = spare.remark if spare else ""
        try:
            context = self._run(self._open_context(), "Chromium does not start")
            self._process_id = self._run(launch.process_id(context), "Chromium does not answer")
            self._open(context)
        except BaseException:
            self.close()
            raise

    def _prepare(self, options: DeviceOptions, start: str, downloads_s: float = DOWNLOADS_S) -> None:
        """Sets the state before the browser exists."""
        self.action_space = ActionSpace(MOUSE, KEYBOARD, WEB, UPLOAD if options.uploads else (), CONTROL)
        for secret in options.secrets:
            read_site(secret)
        self._options = options
        self._start = start
        self._downloads_s = downloads_s
        self._browser = None
        self._process_id = None
        self._unboxed = ""
        self._untouched = True

    @property
    def remarks(self) -> tuple[str, ...]:
        return tuple(filter(None, (self._unboxed, self._session.at_the_start)))

    @property
    def unfinished(self) -> str:
        return self._session.downloads.unfinished

    @property
    def lost(self) -> str:
        kept = "Its profile is kept. " if self._options.user_data else "Logins and cookies, "
        return f"The browser was started anew. {kept}What was typed into pages, and other tabs, are lost."

    def reset(self) -> None:
        """A fresh context at the start address; a persistent profile keeps what it knows.

        A page that nothing has looked at or used since it was opened stays.
        """
        if self._untouched:
            return
        context = self._session.context
        if self._browser:
            self._run(context.close(), "The browser cannot be reset")
            context = self._run(launch.new_context(self._browser, self._options), "The browser cannot be reset")
        self._open(context)

    def observe(self) -> Observation:
        """The current page; `text` reports what happened on its own since the last action."""
        self._untouched = False
        seen = self._run(self._session.look(), "The page gives no picture")
        size = launch.viewport_of(self._options)
        pixels = Size(round(size.width * self._options.scale), round(size.height * self._options.scale))
        image = Image.open(BytesIO(seen.png)).convert("RGB") if seen.png else Image.new("RGB", pixels, "white")
        if not seen.fresh and image.size != pixels:  # a frame of a page without a new picture has its own size
            image = image.resize(pixels)
        if seen.dialog:
            image = seen.dialog.drawn_into(image, size)
        return Observation(image, size, seen.text, loading=seen.loading, location=seen.tab.address)

    def perform(self, action: Action) -> Outcome:
        self._untouched = False
        self._run(self._session.begin(), f"{type(action).__name__} could not be done")
        outcome = action.apply(self)
        if outcome.stop is None:
            return outcome
        unfinished = self._run(self._session.downloads.wait(self._downloads_s), "Waiting for downloads failed")
        return outcome._replace(text=f"{outcome.text} {unfinished}".strip())

    def ask(self, question: Callable[[Page], Awaitable[Answer]], within_s: float = ASK_S) -> Answer:
        """Evaluates a question on Playwright's current page, for set-up and scoring.

        Raises:
            Error: Playwright's error. DeviceFailure: the page does not answer in time, or the browser is gone.
        """
        self._untouched = False

        async def answer() -> Answer:
            return await question(await self._session.page())

        return self._run(answer(), None, within_s)

    def abort(self) -> None:
        """Ends Chromium: pending calls fail at once, and nothing more is typed or clicked."""
        if self._process_id is not None and not self.closed:
            with suppress(ProcessLookupError):
                os.kill(self._process_id, KILL)

    def _end(self) -> None:
        shared_chromium.leave(
            shared_chromium.Started(self._driver, self._browser, launch.is_headless(self._options), self._unboxed)
        )

    # Mouse

    def click(self, point: Point, button: Button, count: int) -> Outcome:
        return self._do(self._session.click(point, button, count))

    def move_to(self, point: Point) -> Outcome:
        return self._do(self._session.move(point))

    def drag(self, start: Point | None, end: Point) -> Outcome:
        return self._do(self._session.drag(start, end))

    def scroll(self, point: Point | None, right: int, down: int) -> Outcome:
        return self._do(self._session.scroll(point, right, down))

    # Keyboard

    def type_text(self, text: str) -> Outcome:
        return self._do(self._session.type_text(text))

    def press(self, keys: tuple[str, ...]) -> Outcome:
        if command := shortcuts.command(keys):
            return self._do(self._session.command(command))
        if number := shortcuts.tab_number(keys):
            return self.switch_tab(number)
        if instead := shortcuts.instead(keys):
            raise ActionRefused(f"{'+'.join(keys)} does nothing here. {instead}")
        return self._do(self._session.press(keys))

    # Secrets

    secrecy = ""

    def type_secret(self, secret: Secret) -> Outcome:
        self._untouched = False
        self._run(self._session.begin(), f"{secret} could not be typed")
        return self._do(self._session.type_secret(secret))

    def showing(self, secrets: Secrets) -> list[Box]:
        return self._run(self._session.showing(secrets), "The page cannot be searched")

    # Web

    def goto(self, url: str) -> Outcome:
        return self._do(self._session.goto(url))

    def go_back(self) -> Outcome:
        return self._do(self._session.command("back"))

    def reload(self) -> Outcome:
        return self._do(self._session.command("reload"))

    def new_tab(self, url: str | None) -> Outcome:
        return self._do(self._session.new_tab(url))

    def switch_tab(self, index: int) -> Outcome:
        return self._do(self._session.switch_tab(index))

    def close_tab(self) -> Outcome:
        return self._do(self._session.command("close tab"))

    def answer_dialog(self, accept: bool, text: str | None) -> Outcome:
        return self._do(self._session.answer_dialog(accept, text))

    def choose(self, value: str) -> Outcome:
        return self._do(self._session.choose(value))

    def choose_file(self, file: str) -> Outcome:
        return self._do(self._session.choose_file(file))

    async def _open_context(self) -> BrowserContext:
        if self._browser:
            return await launch.new_context(self._browser, self._options)
        self._browser, context, self._unboxed = await launch.start(self._driver.playwright, self._options)
        return context

    def _open(self, context: BrowserContext) -> None:
        """Starts a session at the start address."""
        try:
            self._session = self._run(
                Session.open(context, self._start, self._options), f"{self._start} cannot be opened"
            )
        except ActionRefused as refusal:
            location = self._options.location or self._start
            raise DeviceFailure(f"{location[:200]} cannot be opened. {refusal}") from refusal
        self._untouched = True

    def _do(self, work: Coroutine[Any, Any, str]) -> Outcome:
        return Outcome(" ".join(self._run(work, "The browser failed").split()))

    def _run(self, work: Coroutine[Any, Any, Answer], failed: str | None, within_s: float = CALL_S) -> Answer:
        """The result of work in Playwright's thread; with `failed`, Playwright's errors become ours."""
        if self.closed:
            work.close()
        self.require_open()
        try:
            return self._driver.run(work, within_s)
        except Error as error:
            if failed is None:
                raise
            raise DeviceFailure(f"{failed}: {cause(error)}") from error
        except TimeoutError as error:
            raise DeviceFailure(f"{failed or 'The page could not be asked'}: it does not answer.") from error


def _start_address(written: str | None) -> str:
    try:
        return full_address(written or "about:blank")
    except ValueError as error:
        raise DeviceFailure(f"The address cannot be opened: {error}. Pass another one with --address.") from error


def connect(options: DeviceOptions) -> Browser:
    """Opens the browser at the options' address.

    Raises:
        UsageError: no Chromium is installed. DeviceFailure: it does not start, or the address does not open.
    """
    return Browser(options)
