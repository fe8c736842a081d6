"""A page in a real Chromium, through Playwright. Its screen is the viewport in CSS pixels, at any device scale.

Without a display, or with `headless`, there is no window. A native `<select>` list is not in a headless picture; after
a click on the field, arrow keys and Enter choose from it.
"""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BytesIO

from PIL import Image
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Error, Page, TimeoutError, sync_playwright

from actions.action import Action, ActionSpace, Outcome
from actions.control import CONTROL
from actions.errors import ActionRefused, DeviceFailure
from actions.geometry import Point, Size
from actions.keyboard import KEYBOARD
from actions.mouse import MOUSE, Button
from actions.web import WEB
from devices import Closing, DeviceOptions, Observation
from devices.chromium import kept, launch
from devices.chromium.addresses import full_address, is_file
from devices.chromium.happenings import Happenings
from devices.chromium.keys import playwright_key

LOAD_TIMEOUT_MS = 30_000
LOOK_TIMEOUT_MS = 15_000
NOTCH_PX = 100
DRAG_STEPS = 12
INSERTED_CHARACTERS = 200
"""A longer line is inserted at once, as if pasted, instead of key by key."""
KILL = getattr(signal, "SIGKILL", signal.SIGTERM)  # on Windows SIGTERM is what ends a process at once
HAS_FOCUS = "document.activeElement !== null && document.activeElement !== document.body"


class Browser(Closing):
    """One browser with its tabs; the newest tab is the one that is shown and acted on."""

    def __init__(self, options: DeviceOptions) -> None:
        """Raises UsageError without a Chromium, DeviceFailure when it does not start or the address does not open."""
        self.action_space = ActionSpace(MOUSE, KEYBOARD, WEB, CONTROL)
        self._options = options
        self._start = self._start_address()
        spare = kept.take(None if options.user_data else launch.is_headless(options))
        self._playwright = spare.playwright if spare else sync_playwright().start()
        self._browser: Chromium | None = spare.browser if spare else None
        self._closed = False
        self._process_id: int | None = None
        try:
            with _translated("Chromium does not start"):
                if self._browser:
                    self._context = launch.new_context(self._browser, options)
                else:
                    self._browser, self._context = launch.start(self._playwright, options)
            with _translated("Chromium does not answer"):
                self._process_id = launch.process_id(self._context)
            self._attend()
            self._open()
        except BaseException:
            self.close()
            raise

    @property
    def page(self) -> Page:
        """The page that is shown.

        Raises:
            DeviceFailure: it crashed, or no tab is left, or the browser is closed.
        """
        if self._closed:
            raise DeviceFailure("The browser is closed. Open another one.")
        if self._happenings.crashed:
            raise DeviceFailure("The page crashed. Run again; if it crashes each time, the page needs more memory.")
        self._untouched = False
        current = self._happenings.current
        if current is None or current.is_closed():
            with _translated("The browser is gone"):
                left = self._context.pages
            if not left:
                raise DeviceFailure("The browser or its last tab was closed. Run again, and leave the window open.")
            current = self._happenings.current = left[-1]
        return current

    def reset(self) -> None:
        """A fresh context at the start address; a persistent profile keeps what it knows.

        Where nothing has looked at the page or used it since it was opened, it stays as it is.
        """
        if self._untouched:
            return
        with _translated("The browser cannot be reset"):
            if self._browser:
                self._context.close()
                self._context = launch.new_context(self._browser, self._options)
                self._attend()
        self._open()

    def observe(self) -> Observation:
        """The page as it is shown; `text` tells what happened on its own since the last action."""
        page = None
        loading = self._happenings.loading()
        while page is not self.page:  # a tab that opened during the look is the one to look at
            page = self.page
            with _translated("The page gives no picture"):
                png = self._picture(page)
                told = " ".join([*self._happenings.notes, self._tabs(page)]).strip()
        size = page.viewport_size or launch.viewport_of(self._options)._asdict()
        image = Image.open(BytesIO(png)).convert("RGB")
        loading |= self._happenings.loading()  # what came during the look may not be in the picture
        return Observation(image, Size(size["width"], size["height"]), told, loading=loading)

    def _picture(self, page: Page) -> bytes:
        """A PNG of the page. Between two documents Chromium has none for a moment, which is waited for."""
        deadline = time.monotonic() + LOOK_TIMEOUT_MS / 1000
        while True:
            try:
                return page.screenshot(animations="allow", caret="initial", timeout=LOOK_TIMEOUT_MS)
            except Error as error:
                if "Unable to capture" not in error.message or time.monotonic() > deadline:
                    raise
                page.wait_for_timeout(30)

    def perform(self, action: Action) -> Outcome:
        self._happenings.notes.clear()
        with _translated(f"{type(action).__name__} could not be done"):
            return action.apply(self)

    def abort(self) -> None:
        """Ends Chromium: what was asked of it fails at once, and nothing more is typed or clicked."""
        if self._process_id is not None and not self._closed:
            with suppress(ProcessLookupError):
                os.kill(self._process_id, KILL)

    def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        kept.leave(kept.Started(self._playwright, self._browser, launch.is_headless(self._options)))

    # Mouse

    def click(self, point: Point, button: Button, count: int) -> Outcome:
        self._pointer = point
        if self._options.mobile and button == "left" and count == 1:
            self.page.touchscreen.tap(point.x, point.y)
        else:
            self.page.mouse.click(point.x, point.y, button=button, click_count=count)
        return Outcome()

    def move_to(self, point: Point) -> Outcome:
        self._pointer = point
        self.page.mouse.move(point.x, point.y)
        return Outcome()

    def drag(self, start: Point | None, end: Point) -> Outcome:
        mouse = self.page.mouse
        mouse.move(*(start or self._pointer))
        self._pointer = end
        try:
            mouse.down()
            mouse.move(end.x, end.y, steps=DRAG_STEPS)
        finally:
            mouse.up()
        return Outcome()

    def scroll(self, point: Point | None, right: int, down: int) -> Outcome:
        if point:
            self._pointer = point
        self.page.mouse.move(*self._pointer)
        self.page.mouse.wheel(right * NOTCH_PX, down * NOTCH_PX)
        return Outcome()

    # Keyboard

    def type_text(self, text: str) -> Outcome:
        keyboard = self.page.keyboard
        focused = self.page.evaluate(HAS_FOCUS)
        for index, line in enumerate(text.replace("\r\n", "\n").split("\n")):
            if index:
                keyboard.press("Enter")
            if len(line) > INSERTED_CHARACTERS:
                keyboard.insert_text(line)
            elif line:
                keyboard.type(line)
        told = f"{len(text)} characters were typed."
        return Outcome(told if focused else f"{told} No field had the focus, so they may have gone nowhere.")

    def press(self, keys: tuple[str, ...]) -> Outcome:
        keyboard = self.page.keyboard
        held: list[str] = []
        try:
            for key in map(playwright_key, keys):
                held.append(key)
                keyboard.down(key)
        except Error as error:
            if "Unknown key" in error.message:
                raise ActionRefused(f"The key {held.pop()!r} is not on this keyboard. Use Type for text.") from error
            raise
        finally:
            for key in reversed(held):
                keyboard.up(key)
        return Outcome()

    # Web

    def goto(self, url: str) -> Outcome:
        address = self._allowed(url)
        try:
            self.page.goto(address, wait_until="domcontentloaded", timeout=LOAD_TIMEOUT_MS)
        except Error as error:
            if "Download is starting" in error.message:
                return Outcome("The address is a download.")
            raise ActionRefused(f"{address} did not open: {_cause(error)}") from error
        return Outcome()

    def go_back(self) -> Outcome:
        if self.page.evaluate("history.length") < 2:
            raise ActionRefused("There is no previous page.")
        try:
            self.page.go_back(wait_until="commit", timeout=LOAD_TIMEOUT_MS)
        except TimeoutError as error:
            raise ActionRefused(f"The previous page did not open: {_cause(error)}") from error
        return Outcome()

    def new_tab(self, url: str | None) -> Outcome:
        address = self._allowed(url) if url else None
        self._happenings.current = self._context.new_page()
        self._happenings.notes.clear()
        return self.goto(address) if address else Outcome()

    def switch_tab(self, index: int) -> Outcome:
        pages = self._context.pages
        if index > len(pages):
            raise ActionRefused(f"There is no tab {index}; {len(pages)} are open: {self._titles()}.")
        self._happenings.current = pages[index - 1]
        self.page.bring_to_front()
        return Outcome()

    def _attend(self) -> None:
        self._happenings = Happenings(self._context, launch.downloads_of(self._options))

    def _open(self) -> None:
        """Shows the start address in the context's only tab."""
        size = launch.viewport_of(self._options)
        self._pointer = Point(size.width // 2, size.height // 2)
        with _translated(f"{self._start} cannot be opened"):
            page = self._context.pages[0] if self._context.pages else self._context.new_page()
            self._happenings.current = page
            page.goto(self._start, wait_until="domcontentloaded", timeout=LOAD_TIMEOUT_MS)
            self._happenings.notes.clear()
        self._untouched = True

    def _start_address(self) -> str:
        try:
            return full_address(self._options.address or "about:blank")
        except ValueError as error:
            raise DeviceFailure(f"The address cannot be opened: {error}. Pass another one with --address.") from error

    def _allowed(self, url: str) -> str:
        """The full address. Files are open only to a session that began at one. Raises ActionRefused."""
        try:
            address = full_address(url, self.page.url, files=is_file(self._start))
        except ValueError as error:
            raise ActionRefused(f"The address was not opened: {error}.") from error
        if is_file(address) and not is_file(self._start):
            raise ActionRefused("Files of this machine are not opened here.")
        return address

    def _tabs(self, page: Page) -> str:
        pages = self._context.pages
        if len(pages) < 2 or page not in pages:
            return ""
        return f"This is tab {pages.index(page) + 1} of {len(pages)}: {self._titles()}."

    def _titles(self) -> str:
        return ", ".join(f"{number} {page.title()[:60]!r}" for number, page in enumerate(self._context.pages, start=1))


@contextmanager
def _translated(failed: str) -> Iterator[None]:
    """Playwright's errors as ours, where nothing better is known of them."""
    try:
        yield
    except Error as error:
        raise DeviceFailure(f"{failed}: {_cause(error)}") from error


def _cause(error: Error) -> str:
    """The first line of what Playwright says, which holds the cause."""
    return error.message.splitlines()[0][:300]


def connect(options: DeviceOptions) -> Browser:
    """Opens the browser at the options' address.

    Raises:
        UsageError: no Chromium is installed. DeviceFailure: it does not start, or the address does not open.
    """
    return Browser(options)
