"""`PageWatch`: notes what a person does in the tabs of a browser's window.

A script in a separate world of each frame (watching.js) reports the person's input through a binding that only this
world has, so a page can neither forge a step nor see that one is noted. What a person does in the window around the
pages is read off the browser's own history, dialogs and tabs.
"""

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, Literal

from playwright.async_api import BrowserContext, CDPSession, Error, Frame, Page
from pydantic import BaseModel, ConfigDict, ValidationError

from actions.action import Action
from actions.errors import DeviceFailure
from actions.geometry import Point
from actions.keyboard import Press, read_keys
from actions.web import AnswerDialog, CloseTab, GoBack, Goto, NewTab, SwitchTab
from devices.browser import shortcuts
from devices.browser.gestures import scroll
from devices.browser.tab import Tab
from devices.browser.tabs import Tabs
from devices.browser.worlds import frames
from devices.watching import Done, Shown
from devices.watching.gestures import Gestures

WORLD = "screenhand-watching"
BINDING = "screenhandReport"
TYPED = ("typed", "generated", "keyword", "auto_bookmark")
"""Chromium's names for the reasons of a navigation that are the person's, outside of any page."""
CAUSED_S = 0.7
"""A tab that closes, or goes back, so soon after input in a page did so by itself."""
PRESSES = ("Enter", " ")
"""Keys, besides those that type, by which a page may be left or closed."""
ASK_S = 2.0
_HERE = Path(__file__).parent
_TEXT = "() => document.body ? document.body.innerText : ''"


class _Report(BaseModel):
    """A report of watching.js. Everything in it but the person's input is text of a page."""

    model_config = ConfigDict(strict=True)

    kind: Literal["down", "up", "wheel", "turn", "text", "secret", "key", "chosen"]
    at: float
    host: str
    x: float = 0.0
    y: float = 0.0
    right: int = 0
    down: int = 0
    button: Literal["left", "middle", "right"] = "left"
    held: list[str] = []
    key: str = ""
    field: str = ""
    text: str = ""
    words: list[str] = []

    @property
    def described(self) -> str:
        """The element in words: `button 'Pay'`."""
        role, name = [*self.words, "", ""][:2] if len(self.words) != 1 else ("", self.words[0])
        return f"{role} {name!r}".strip() if name else role


class PageWatch:
    """Notes input in every tab of a context; its methods run in Playwright's thread."""

    def __init__(self, context: BrowserContext, tabs: Tabs) -> None:
        self._context = context
        self._tabs = tabs
        self._gestures = Gestures()
        self._history: dict[Page, tuple[int, int]] = {}
        """The place in its history, and the entry there, of each tab."""
        self._input_s = 0.0
        """When the last input was made that a page may act on, in seconds since 1970."""
        self._waiting: asyncio.Queue[Coroutine[Any, Any, None]] = asyncio.Queue()
        self._worker: asyncio.Task[None] | None = None

    @property
    def over(self) -> bool:
        """Whether no tab is left."""
        return not self._tabs.all

    @property
    def done(self) -> list[Done]:
        return self._gestures.done

    async def begin(self) -> None:
        self._worker = asyncio.ensure_future(self._work())
        for tab in self._tabs.all:
            await self._attach(tab.page)
        self._context.on("page", self._opened)

    async def end(self) -> None:
        """Waits for what was reported and ends."""
        self._context.remove_listener("page", self._opened)
        await self.caught_up()
        if self._worker:
            self._worker.cancel()
        while not self._waiting.empty():
            self._waiting.get_nowait().close()

    async def caught_up(self) -> None:
        """Waits until all reports so far are noted."""
        try:
            async with asyncio.timeout(ASK_S):
                await self._waiting.join()
        except TimeoutError:
            pass

    async def shown(self) -> Shown | None:
        tab = self._tabs.current
        if tab is None:
            return None
        async with frames(tab) as worlds:
            text = await tab.ask(worlds[0].ask(_TEXT), ASK_S) if worlds else None
        if text is None:
            return None
        title, address = await tab.information()
        lines = (" ".join(line.split()) for line in str(text).splitlines())
        return Shown(address, title, tuple(filter(None, lines)))

    async def _work(self) -> None:
        """Deals with reports one after the other, in the order in which they came."""
        while True:
            work = await self._waiting.get()
            try:
                await work
            except (Error, ValidationError, ValueError):
                pass  # a frame that is gone by now, or what is no report
            finally:
                self._waiting.task_done()

    def _opened(self, page: Page) -> None:
        self._waiting.put_nowait(self._attach_new(page))

    async def _attach_new(self, page: Page) -> None:
        opened = await page.opener() is None
        if opened and not self._commanded("new tab"):
            self._gestures.add(NewTab())
        await self._attach(page)
        if opened and page.url.startswith(("http:", "https:")):  # the person was quicker
            self._gestures.add(Goto(url=page.url))

    async def _attach(self, page: Page) -> None:
        session = await self._context.new_cdp_session(page)
        await self._listen(page, session, None)
        session.on("Page.javascriptDialogClosed", partial(self._answered, page))
        self._history[page] = await _place(session)
        page.on("framenavigated", partial(self._navigated, page, session))
        page.on("close", self._closed)
        for frame in page.frames[1:]:
            await self._attach_frame(page, frame)

    async def _attach_frame(self, page: Page, frame: Frame) -> None:
        """Listens in a frame that has a process of its own; other frames belong to their page's."""
        try:
            session = await self._context.new_cdp_session(frame)
        except Error:
            return
        await self._listen(page, session, frame)

    async def _listen(self, page: Page, session: CDPSession, frame: Frame | None) -> None:
        contexts: dict[int, str] = {}

        def created(event: dict[str, Any]) -> None:
            context = event["context"]
            if context["name"] == WORLD:
                contexts[context["id"]] = context["auxData"]["frameId"]

        def called(event: dict[str, Any]) -> None:
            if event["name"] == BINDING and (place := contexts.get(event["executionContextId"])):
                self._waiting.put_nowait(self._reported(page, session, frame, place, event["payload"]))

        session.on("Runtime.executionContextCreated", created)
        session.on("Runtime.bindingCalled", called)
        await session.send("Page.enable")
        await session.send("Runtime.enable")
        await session.send("Runtime.addBinding", {"name": BINDING, "executionContextName": WORLD})
        touched = (_HERE / "touching.js").read_text(encoding="utf-8")
        script = (_HERE / "watching.js").read_text(encoding="utf-8")
        script = script.replace("TOUCHED;", f"{touched.strip()};", 1).replace("REPORT;", f"{BINDING};", 1)
        given = {"source": script, "worldName": WORLD, "runImmediately": True}
        await session.send("Page.addScriptToEvaluateOnNewDocument", given)

    async def _reported(
        self, page: Page, session: CDPSession, frame: Frame | None, frame_id: str, payload: str
    ) -> None:
        made = _Report.model_validate_json(payload)
        if made.kind != "key" or made.key in PRESSES:
            self._input_s = made.at
        self._shown_from(page)
        words, gestures = made.described, self._gestures
        match made.kind:
            case "down":
                gestures.press_button(await _on_page(session, frame, frame_id, made), made.button, made.held, words)
            case "up":
                gestures.release_button(await _on_page(session, frame, frame_id, made), made.at)
            case "wheel":
                gestures.scroll(await _on_page(session, frame, frame_id, made), made.right, made.down)
            case "turn":  # what the page then gets is reported as "wheel"
                point = await _on_page(session, frame, frame_id, made)
                await scroll(page, point, right=made.right, down=made.down)
            case "text":
                gestures.type(made.text, words)
            case "secret":
                gestures.type_secret(made.text, made.host, made.field, words)
            case "key" if not _of_browser(made):
                gestures.press(made.key, made.held, words)
            case "chosen":
                gestures.choose(made.text, made.field, words)

    def _shown_from(self, page: Page) -> None:
        """Input in another tab than the device shows: the person has switched to it."""
        tab = self._tab(page)
        if tab and tab is not self._tabs.current:
            self._gestures.add(SwitchTab(index=self._tabs.all.index(tab) + 1))
            self._tabs.show(tab)

    def _navigated(self, page: Page, session: CDPSession, frame: Frame) -> None:
        if frame is page.main_frame:
            self._waiting.put_nowait(self._read_history(page, session))
        else:
            self._waiting.put_nowait(self._attach_frame(page, frame))

    async def _read_history(self, page: Page, session: CDPSession) -> None:
        """Notes a navigation that the person made in the browser's own controls."""
        caused = time.time() - self._input_s < CAUSED_S
        before, self._history[page] = self._history[page], await _place(session)
        history = await session.send("Page.getNavigationHistory")
        entry = history["entries"][history["currentIndex"]]
        if self._history[page][0] < before[0]:
            if not (caused or self._commanded("back")):
                self._gestures.add(GoBack())
        elif self._history[page][1] != before[1] and entry["transitionType"] in TYPED:
            self._shown_from(page)
            self._gestures.add(Goto(url=entry["userTypedURL"] or entry["url"]))

    def _answered(self, page: Page, event: dict[str, Any]) -> None:
        tab = self._tab(page)
        if tab is None or tab.dialog is None:
            return
        asked, tab.dialog = tab.dialog, None
        text = event.get("userInput") if asked.type == "prompt" and event["result"] else None
        answer = AnswerDialog(answer="accept" if event["result"] else "dismiss", text=text)
        self._waiting.put_nowait(self._noted(answer, f"dialog {asked.message[:60]!r}"))

    async def _noted(self, action: Action, words: str) -> None:
        """Notes an action after what was reported before it: while a dialog is open, a page tells no places."""
        self._gestures.add(action, words)

    def _commanded(self, command: shortcuts.Command) -> bool:
        """Whether the last thing that was done is the browser's shortcut for this."""
        last = self._gestures.done[-1].action if self._gestures.done else None
        return isinstance(last, Press) and shortcuts.command(last.keys) == command

    def _tab(self, page: Page) -> Tab | None:
        return next((tab for tab in self._tabs.all if tab.page is page), None)

    def _closed(self, _page: Page) -> None:
        caused = time.time() - self._input_s < CAUSED_S
        if self._tabs.all and not (
            caused or self._commanded("close tab")
        ):  # else the window was closed, which is the end
            self._gestures.add(CloseTab())


class _Watch:
    """What a person does in a browser's window, for the thread that records it."""

    def __init__(self, pages: PageWatch, run: Callable[[Coroutine[Any, Any, Any]], Any]) -> None:
        self._pages = pages
        self._run = run

    @property
    def over(self) -> bool:
        return self._pages.over

    def shown(self) -> Shown | None:
        with suppress(DeviceFailure):  # the window was closed
            shown: Shown | None = self._run(self._pages.shown())
            return shown
        return None

    def done(self) -> Sequence[Done]:
        with suppress(DeviceFailure):
            self._run(self._pages.caught_up())
        return self._pages.done


@contextmanager
def watching(pages: PageWatch, run: Callable[[Coroutine[Any, Any, Any]], Any]) -> Iterator[_Watch]:
    """Notes input for the duration of the block; `run` runs work in Playwright's thread, or raises DeviceFailure."""
    run(pages.begin())
    try:
        yield _Watch(pages, run)
    finally:
        with suppress(DeviceFailure):
            run(pages.end())


def _of_browser(made: _Report) -> bool:
    """Whether a key is a shortcut of the window that does nothing for a model, such as the one to its address."""
    try:
        keys = read_keys([*made.held, made.key])
    except ValueError:
        return False
    return isinstance(keys, tuple) and bool(shortcuts.instead(keys))


async def _place(session: CDPSession) -> tuple[int, int]:
    history = await session.send("Page.getNavigationHistory")
    index = history["currentIndex"]
    return index, history["entries"][index]["id"]


async def _on_page(session: CDPSession, frame: Frame | None, frame_id: str, made: _Report) -> Point:
    """The place of a report in the page, in input pixels; its own coordinates are those of its frame."""
    x, y = made.x, made.y
    if frame is not None:
        box = await (await frame.frame_element()).bounding_box()
        x, y = (x + box["x"], y + box["y"]) if box else (x, y)
    tree = (await session.send("Page.getFrameTree"))["frameTree"]["frame"]
    if frame_id != tree["id"]:
        owner = await session.send("DOM.getFrameOwner", {"frameId": frame_id})
        model = await session.send("DOM.getBoxModel", {"backendNodeId": owner["backendNodeId"]})
        x, y = x + model["model"]["content"][0], y + model["model"]["content"][1]
    return Point(round(x, 1), round(y, 1))
