"""Pages in a real Chromium, through Playwright. Its screen is the viewport in CSS pixels, at any device scale.

Without a display, or with `headless`, there is no window. The next look reports what a page does on its own (dialogs,
popups, downloads); a page that does not respond, crashes or closes does not end the run.
"""

from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from io import BytesIO
from typing import Any, TypeVar

from PIL import Image
from playwright.async_api import BrowserContext, Page

from actions.action import Action, ActionSpace, Outcome, Permit
from actions.control import CONTROL
from actions.errors import ActionRefused, BrowserEnded, DeviceFailure, UsageError
from actions.geometry import Box, Point, Size
from actions.holding import HOLDING
from actions.keyboard import KEYBOARD, held
from actions.mouse import MOUSE, Button, MainButton
from actions.secrets import Secret, Secrets
from actions.web import UPLOAD, WEB
from devices import Closing, DeviceOptions, Observation
from devices.browser import launch, shortcuts
from devices.browser.addresses import full_address
from devices.browser.driver import Driver
from devices.browser.events import Notes, quoted
from devices.browser.frames import Drawing
from devices.browser.gate import Gate, NotOpen
from devices.browser.looking import Look
from devices.browser.running import CALL_S, Running
from devices.browser.secrets import read_site
from devices.browser.session import Session
from devices.browser.watching import watching
from devices.rules.places import Detail, Place
from devices.rules.sited import Held
from devices.rules.sites import Sites
from devices.watching import Watch

Answer = TypeVar("Answer")
ASK_S = 30.0
DOWNLOADS_S = 60.0
"""How long to wait for downloads at the end."""
EMPTY = "about:blank"
LOST = "The browser ended during this action, so it is not known whether it was done."


class Browser(Closing):
    """One browser with its tabs; the newest tab is shown and acted on."""

    def __init__(self, options: DeviceOptions, downloads_s: float = DOWNLOADS_S) -> None:
        """Opens the options' address; at the end, waits up to `downloads_s` for downloads.

        Raises:
            UsageError: there is no Chromium, or a secret is for no host. DeviceFailure: it does not start, or the
                address does not open.
        """
        self._prepare(options, _start_address(options.address), downloads_s)
        self._gate.open_way_out()
        self._running = Running.spare(options)
        try:
            try:
                self._begin(options.location)
            except BrowserEnded as ended:
                self._restart(ended)
        except BaseException:
            self.close()
            raise

    def _prepare(self, options: DeviceOptions, start: str, downloads_s: float = DOWNLOADS_S) -> None:
        """Sets the state before the browser exists. Raises UsageError: one of the options' sites is none."""
        self.action_space = ActionSpace(MOUSE, KEYBOARD, HOLDING, WEB, UPLOAD if options.uploads else (), CONTROL)
        for secret in options.secrets:
            read_site(secret)
        self._options = options
        self._start = start
        self._downloads_s = downloads_s
        self._notes = Notes()
        self._gate = Gate(_sites(options, start), self._notes)
        self._seen_at = options.location or start
        """The address of the last look."""
        self._untouched = True
        self._acted = False
        self._asked = False
        """Whether a task may have prepared its page (`ask`), so that opening it again would not restore it."""
        self._restarts = 0
        """How often it was started again since the last action that it survived."""
        self._aborted = False

    @property
    def remarks(self) -> tuple[str, ...]:
        return tuple(filter(None, (self._running.remark, self._session.at_the_start)))

    @property
    def unfinished(self) -> str:
        return self._session.downloads.unfinished

    @property
    def lost(self) -> str:
        gone = "Other tabs and unsaved input" if self._options.user_data else "Other tabs, unsaved input and logins"
        return f"The browser was started anew. {gone} are lost."

    def reset(self) -> None:
        """A fresh context at the start address; a persistent profile keeps what it knows.

        A page that nothing has looked at or used since it was opened stays.
        """
        if self._untouched:
            return
        self._notes.clear()
        location = self._options.location
        self._seen_at, self._acted, self._asked, self._restarts = location or self._start, False, False, 0
        context = self._session.context
        try:
            if self._options.user_data:
                self._open(context, location)
            else:
                self._run(context.close(), "The browser cannot be reset")
                self._begin(location)
        except BrowserEnded as ended:
            self._restart(ended)

    def observe(self) -> Observation:
        """The current page; `text` reports what happened on its own since the last action."""
        self._untouched = False
        seen = self._look()
        self._seen_at = seen.tab.address
        size = launch.viewport_of(self._options)
        pixels = Size(round(size.width * self._options.scale), round(size.height * self._options.scale))
        image = Image.open(BytesIO(seen.png)) if seen.png else Image.new("RGB", pixels, "white")
        png = seen.png if image.mode == "RGB" else None
        image = image.convert("RGB")
        if not seen.fresh and image.size != pixels:  # a frame of a page without a new picture has its own size
            image, png = image.resize(pixels), None
        if seen.dialog:
            image, png = seen.dialog.drawn_into(image, size), None
        return Observation(image, size, seen.text, loading=seen.loading, location=seen.tab.address, png=png)

    @contextmanager
    def drawing(self) -> Iterator[Drawing | None]:
        running = self._running

        def run(work: Coroutine[Any, Any, Answer]) -> Answer:
            if self._running is not running:
                work.close()
                raise BrowserEnded("The browser that drew ended.")
            return self._run(work, "The page gives no frames")

        frames = None
        with suppress(DeviceFailure):  # the next look deals with that
            frames = run(self._session.frames())
        try:
            yield Drawing(frames, run) if frames else None
        finally:
            with suppress(DeviceFailure):
                if frames:
                    run(frames.end())

    def perform(self, action: Action) -> Outcome:
        outcome = self._act(lambda: action.apply(self), type(action).__name__)
        if outcome.stop is None:
            return outcome
        unfinished = self._run(self._session.downloads.wait(self._downloads_s), "Waiting for downloads failed")
        return outcome._replace(text=f"{outcome.text} {unfinished}".strip())

    def touches(self, action: Action, detail: Detail) -> tuple[Place, ...]:
        """Reading an element takes a few milliseconds, so its texts are always there. See devices/rules/places.py."""
        try:
            return self._run(self._session.touches(action, detail), "The page could not be inspected")
        except BrowserEnded as ended:
            self._restart(ended)
            raise ActionRefused("The browser ended, and was started again. Nothing was done. Look again.") from ended

    def watched(self) -> AbstractContextManager[Watch]:
        """Notes what a person does in the window. See devices/watching. Raises UsageError: there is no window."""
        if launch.is_headless(self._options):
            raise UsageError("There is no window to use: no display. Set DISPLAY, and leave out --headless.")
        return watching(self._session.watch(), lambda work: self._run(work, "The pages cannot be watched"))

    def named(self, role: str, name: str) -> tuple[Place, ...]:
        """See devices/rules/places.py."""
        return self._run(self._session.named(role, name), "The page could not be searched")

    def dialog_message(self) -> str | None:
        """What the page's open dialog says, during which the page answers nothing; None if none is open."""
        return self._run(self._session.dialog_message(), "The page cannot be asked")

    def ask(self, question: Callable[[Page], Awaitable[Answer]], within_s: float = ASK_S) -> Answer:
        """Evaluates a question on Playwright's current page, for set-up and scoring.

        Raises:
            Error: Playwright's error. DeviceFailure: the page does not answer in time, or the browser is gone.
        """
        self._untouched, self._asked = False, True

        async def answer() -> Answer:
            return await question(await self._session.page())

        return self._run(answer(), None, within_s)

    def release(self) -> None:
        if not self.closed:
            with suppress(DeviceFailure):  # a browser that is gone holds nothing
                self._run(self._session.holding.release(), "The keys cannot be released")

    def abort(self) -> None:
        """Ends Chromium: pending calls fail at once, and nothing more is typed or clicked."""
        self._aborted = True
        if not self.closed:
            self._running.kill()

    def open_sites(self, instruction: str, asking: bool) -> str:
        """Opens the sites that an instruction names as well; returns what is open, for the user, if that is limited.

        With `asking`, pages of other sites wait for `answer`; else they are refused.
        """
        self._gate.sites, self._gate.asking = self._gate.sites.naming(instruction), asking
        return self._gate.sites.described(asking)

    def held(self) -> Held | None:
        """The first page that waits for the user's answer."""
        return next(iter(self._gate.held), None)

    def answer(self, held: Held, allowed: bool, why: str) -> None:
        """The user's answer, see devices/rules/sited.py."""
        self._untouched = False
        self._run(self._gate.answer(held, allowed, why), "The page cannot be opened")

    def _end(self) -> None:
        with suppress(DeviceFailure):  # the browser has ended
            self._running.run(self._gate.leave(), "The browser does not answer", ASK_S)
        self._gate.close_way_out()
        self._running.leave(self._options)

    # Mouse

    def click(self, point: Point, button: MainButton, count: int) -> Outcome:
        return self._do(self._session.click(point, button, count))

    def move_to(self, point: Point) -> Outcome:
        return self._do(self._session.move(point))

    def drag(self, start: Point | None, path: Sequence[Point], button: MainButton) -> Outcome:
        return self._do(self._session.drag(start, path, button))

    def scroll(self, point: Point | None, right: int, down: int) -> Outcome:
        return self._do(self._session.scroll(point, right, down))

    def hold_button(self, point: Point | None, button: Button) -> Outcome:
        return self._do(self._session.hold_button(point, button))

    def release_button(self, point: Point | None, button: Button) -> Outcome:
        return self._do(self._session.release_button(point, button))

    # Keyboard

    def type_text(self, text: str) -> Outcome:
        return self._do(self._session.type_text(text))

    def press(self, keys: tuple[str, ...], seconds: float) -> Outcome:
        if command := shortcuts.command(keys):
            return self._do(self._session.command(command))
        if number := shortcuts.tab_number(keys):
            return self.switch_tab(number)
        if instead := shortcuts.instead(keys):
            raise ActionRefused(f"{'+'.join(keys)} does nothing here. {instead}")
        if seconds:
            with held(self, keys):
                self._run(self._session.holding.repeat(keys[-1], seconds), "The keys cannot be held")
            return Outcome()
        return self._do(self._session.press(keys))

    def hold_keys(self, keys: tuple[str, ...]) -> Outcome:
        return self._do(self._session.holding.hold_keys(keys))

    def release_keys(self, keys: tuple[str, ...]) -> Outcome:
        return self._do(self._session.holding.release_keys(keys))

    # Secrets

    secrecy = ""

    def type_secret(self, secret: Secret) -> Outcome:
        return self._act(lambda: self._do(self._session.type_secret(secret)), f"Typing {secret}")

    def showing(self, secrets: Secrets) -> list[Box]:
        try:
            return self._run(self._session.showing(secrets), "The page cannot be searched")
        except BrowserEnded as ended:
            self._restart(ended)
            return [Box(0, 0, *launch.viewport_of(self._options))]

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

    def _act(self, act: Callable[[], Outcome], what: str) -> Outcome:
        """Acts. If the browser ends meanwhile, starts it again."""
        self._untouched, self._acted = False, True
        try:
            self._run(self._session.begin(), f"{what} could not be done")
            outcome = act()
            if not self._session.open_tabs:
                self._running.require()
        except BrowserEnded as ended:
            self._restart(ended)
            return Outcome(LOST, certain=False)
        self._restarts = 0
        return outcome

    def _look(self) -> Look:
        while True:
            try:
                seen = self._run(self._session.look(), "The page gives no picture")
                if seen.png is None:
                    self._running.require(patient=True)
                return seen
            except BrowserEnded as ended:
                self._restart(ended)

    def _begin(self, location: str | None) -> None:
        """Opens a location, else the start address, in a new context, and in a new Chromium if none runs."""
        context = self._running.new_context(self._options, self._gate)
        if self._aborted:  # meanwhile
            self._running.kill()
        self._open(context, location)

    def _open(self, context: BrowserContext, location: str | None) -> None:
        """Starts a session at a location, else at the start address."""
        address = location or self._start
        options = self._options.model_copy(update={"location": location})
        try:
            self._session = self._run(
                Session.open(context, self._start, options, self._gate), f"{address[:200]} cannot be opened"
            )
        except ActionRefused as refusal:
            raise DeviceFailure(f"{address[:200]} cannot be opened. {refusal}") from refusal
        self._untouched = True

    def _restart(self, ended: BrowserEnded) -> None:
        """Starts a new browser where this one was; if that ends too, at the start page, and then with an empty tab.

        Raises BrowserEnded if the state of the page could not be restored, or if each of them ends.
        """
        addresses = (self._seen_at, self._start, EMPTY)
        self._notes.drop("tabs that closed")  # they closed with the browser
        while not (self._asked or self._aborted) and self._restarts < len(addresses):
            address = addresses[self._restarts]
            self._restarts += 1
            self._running.stop()
            self._running = Running(Driver())
            try:
                self._begin(address)
            except DeviceFailure:  # the page no longer opens, or ends this browser too
                continue
            where = "with an empty tab; use Goto" if address == EMPTY else f"at {quoted(address)}"
            self._notes.add("restarts", f"The browser ended unexpectedly, and goes on {where}. {self.lost}")
            # After an action the next look passes the notes on.
            self._session.at_the_start = "" if self._acted else self._notes.text()
            self._untouched = False
            return
        raise BrowserEnded(_for_good(ended, self._restarts)) from ended

    def _do(self, work: Coroutine[Any, Any, str]) -> Outcome:
        try:
            return Outcome(" ".join(self._run(work, "The browser failed").split()))
        except NotOpen as denied:
            return Outcome(str(denied), permit=Permit.DENIED)

    def _run(self, work: Coroutine[Any, Any, Answer], failed: str | None, within_s: float = CALL_S) -> Answer:
        """The result of work in Playwright's thread, as `Running.run`."""
        if self.closed:
            work.close()
        self.require_open()
        return self._running.run(work, failed, within_s)


def _for_good(ended: BrowserEnded, restarts: int) -> str:
    if not restarts:
        return f"{ended} What it held cannot be restored. Run again."
    return (
        f"{ended} It was started again {restarts} times and ended each time. This machine may be short of memory: "
        "close other programs and run again."
    )


def _sites(options: DeviceOptions, start: str) -> Sites:
    """The sites of a run. Raises UsageError: one is none."""
    try:
        sites = Sites.of(
            start,
            options.sites,
            options.denied_sites,
            options.asked_sites,
            options.allowed_sites,
            options.other_sites,
        )
        if options.location and options.location.startswith(("http:", "https:")):
            return sites.opening(options.location)  # the run that continues was allowed to go there
    except ValueError as error:
        raise UsageError(f"A site is not valid: {error}.") from error
    return sites


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
