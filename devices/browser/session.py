"""`Session`: one context with its tabs, from the start address on, and all actions in it.

All of it runs in the driver's thread. Each method returns a report; the next look shows the page's reaction.
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

from playwright.async_api import BrowserContext, Error, Page

from actions.action import Action
from actions.errors import ActionRefused, BrowserEnded
from actions.geometry import Box, Point
from actions.mouse import Button, MainButton
from actions.secrets import Secret, Secrets
from actions.web import Goto, NewTab, SwitchTab
from devices import DeviceOptions
from devices.browser import fields, gestures, launch, navigation, permissions, quiet, secrets, shortcuts, touching
from devices.browser.addresses import full_address, is_file
from devices.browser.downloads import Downloads
from devices.browser.events import quoted
from devices.browser.frames import Frames
from devices.browser.gate import Gate, NotOpen
from devices.browser.holding import Holding
from devices.browser.looking import Look, look
from devices.browser.tab import NoAnswer, Tab
from devices.browser.tabs import Tabs
from devices.browser.uploads import Uploads, receivers
from devices.browser.watching import PageWatch
from devices.rules.places import Detail, Place

BUSY = "The page has not dealt with the last input yet. Nothing was done. Wait, or use Reload, GoBack or CloseTab."
OPEN_S = 20.0
"""How long the only tab may take to open."""
OPENINGS = 2
"""How often the start page is reopened between two actions."""


class Session:
    """A context that was opened at a start address."""

    def __init__(self, context: BrowserContext, start: str, options: DeviceOptions, gate: Gate) -> None:
        self.context = context
        self.notes = gate.notes
        self.downloads = Downloads(launch.downloads_of(options), self.notes, Secrets(options.secrets))
        self._uploads = Uploads(options.uploads)
        self._options = options
        self._start = start
        self._gate = gate
        gate.held.clear()
        self._tabs = Tabs(context, self.notes, self.downloads, self._uploads, gate, self._made)
        size = launch.viewport_of(options)
        self._pointer = Point(size.width // 2, size.height // 2)
        self.holding = Holding(self._tab, self._input)
        self._came_from: str | None = None
        self.at_the_start = ""
        """The events during the opening of the first page, which the first look alone does not pass on."""
        self._openings = 0
        """How often the start page was reopened since the last action."""
        self._secret_typed = False
        self._shown: list[Box] = []
        """Where the page showed a secret when it last answered."""

    @classmethod
    async def open(cls, context: BrowserContext, start: str, options: DeviceOptions, gate: Gate) -> "Session":
        """A session at the options' location, else at the start address. Raises ActionRefused if it does not open."""
        session = cls(context, start, options, gate)
        await quiet.attend(context)
        await permissions.attend(context, options.permit, session.notes)
        tab = session._tabs.current or await session._tabs.open()
        await navigation.goto(session._tabs, tab, session._opening(tab))
        await session._tabs.note_empty(tab)
        session.at_the_start = session.notes.text()
        return session

    @classmethod
    async def join(cls, page: Page, options: DeviceOptions, gate: Gate) -> "Session":
        """A session on an open page, at its current address."""
        session = cls(page.context, page.url, options, gate)
        session._tabs.show(next(tab for tab in session._tabs.all if tab.page is page))
        return session

    @property
    def open_tabs(self) -> int:
        """How many tabs are open now; the next look opens one if none is."""
        return len(self._tabs.all)

    def watch(self) -> PageWatch:
        """What notes the input of a person in its tabs."""
        return PageWatch(self.context, self._tabs)

    async def page(self) -> Page:
        """The current page."""
        return (await self._tab()).page

    async def look(self) -> Look:
        while True:
            await self._tab()
            with suppress(NoAnswer):  # the last tab closed or crashed meanwhile
                return await look(self._tabs, self._came_from)

    async def frames(self) -> Frames | None:
        """What the current tab draws from now on; None where Chromium does not say."""
        return await Frames.begin(self._tabs)

    async def begin(self) -> None:
        """Clears the notes from before this action; those from the start reach the model with its first result."""
        self._came_from = (await self._tab()).address
        self._openings = 0
        self.notes.clear()
        if self.at_the_start:
            self.notes.add("events at the start", self.at_the_start)
            self.at_the_start = ""

    async def click(self, point: Point, button: MainButton, count: int) -> str:
        tab = await self._tab()
        self._pointer = point
        if tab.dialog:
            answer = tab.dialog.clicked(point, launch.viewport_of(self._options))
            if answer is not None:
                await self._tabs.answer_dialog(tab, answer)
            return ""
        if button == "right":
            return await self._right_click(tab, point)
        if self._options.mobile and button == "left" and count == 1:
            return await self._input(gestures.tap, point)
        return await self._input(partial(gestures.click, button=button, count=count), point)

    async def move(self, point: Point) -> str:
        self._pointer = point
        return await self._input(gestures.move, point)

    async def drag(self, start: Point | None, path: Sequence[Point], button: MainButton) -> str:
        begin, self._pointer = start or self._pointer, path[-1]
        return await self._input(partial(gestures.drag, button=button), begin, *path)

    async def hold_button(self, point: Point | None, button: Button) -> str:
        self._pointer = point or self._pointer
        return await self.holding.hold_button(self._pointer, button)

    async def release_button(self, point: Point | None, button: Button) -> str:
        self._pointer = point or self._pointer
        return await self.holding.release_button(self._pointer, button)

    async def scroll(self, point: Point | None, right: int, down: int) -> str:
        at = self._pointer = point or self._pointer
        return await self._input(partial(gestures.scroll, right=right, down=down), at)

    async def type_text(self, text: str) -> str:
        tab = await self._tab()
        typed = f"{len(text)} characters were typed."
        if tab.dialog:
            if (written := text.rstrip("\n")) or tab.dialog.type != "prompt":  # Enter alone changes no text
                tab.dialog.type_text(written)
            if text.endswith("\n"):
                await self._tabs.answer_dialog(tab, accept=True)
            return typed
        await self._ready(tab)
        field = await fields.focused(tab)
        after = await self._input(lambda page: gestures.type_text(page, text))
        if tab.handling_input:
            return f"{typed} The page has not handled all of them yet."
        lost = tab.responding and not field.takes_text
        nowhere = "No field had the focus, so they may have gone nowhere." if lost else ""
        return f"{typed} {nowhere} {after}"

    async def type_secret(self, secret: Secret) -> str:
        tab = await self._without_dialog()
        await self._ready(tab)
        self._secret_typed = True
        return await secrets.type_secret(tab, secret)

    async def showing(self, values: Secrets) -> list[Box]:
        """Where the current picture shows a secret, in input pixels.

        Where the page does not answer, because a dialog is open or it is busy, that is where it was before; once a
        secret was typed, it may be anywhere in the page.
        """
        tab, screen = await self._tab(), launch.viewport_of(self._options)
        if tab.dialog is None and (found := await secrets.showing(tab, values)) is not None:
            self._shown = found
            return found
        behind = secrets.outside(tab.dialog, screen) if self._secret_typed else self._shown
        return [*behind, *(secrets.in_dialog(tab.dialog, screen, values) if tab.dialog else ())]

    async def press(self, keys: tuple[str, ...]) -> str:
        tab = await self._tab()
        if tab.dialog:
            await self._tabs.answer_dialog(tab, tab.dialog.pressed(keys))
            return ""
        after = await self._input(lambda page: gestures.press(page, keys))
        return f"{shortcuts.page_only(keys)} {after}"

    async def goto(self, url: str) -> str:
        tab = await self._without_dialog()
        return await navigation.goto(self._tabs, tab, self._allowed(url, tab))

    async def command(self, command: shortcuts.Command) -> str:
        """Performs a button or a shortcut of the browser."""
        tabs = self._tabs.all
        match command:
            case "close tab":
                return await navigation.close(self._tabs, await self._tab())
            case "new tab":
                return await self.new_tab(None)
            case "next tab" | "previous tab":
                step = 1 if command == "next tab" else -1
                return await self.switch_tab((tabs.index(await self._tab()) + step) % len(tabs) + 1)
            case "reload":
                return await navigation.reload(self._tabs, await self._without_dialog())
            case "back" | "forward":
                return await navigation.travel(self._tabs, await self._without_dialog(), command == "back")

    async def new_tab(self, url: str | None) -> str:
        address = self._allowed(url, await self._tab()) if url else None
        tab = await self._tabs.open()
        return await navigation.goto(self._tabs, tab, address) if address else ""

    async def switch_tab(self, index: int) -> str:
        tabs = self._tabs.all
        if index > len(tabs):
            raise ActionRefused(f"There is no tab {index}; {len(tabs)} are open: {await self._tabs.titles()}.")
        self._tabs.show(tabs[index - 1])
        await tabs[index - 1].ask(tabs[index - 1].page.bring_to_front())
        return ""

    async def answer_dialog(self, accept: bool, text: str | None) -> str:
        tab = await self._tab()
        if not tab.dialog:
            raise ActionRefused("No dialog is open.")
        if text is not None and (text or tab.dialog.type == "prompt"):
            tab.dialog.type_text(text)
        await self._tabs.answer_dialog(tab, accept)
        return f"The dialog was {'accepted' if accept else 'dismissed'}."

    async def choose(self, value: str) -> str:
        tab = await self._without_dialog()
        await self._ready(tab)
        return await fields.choose(tab, value)

    async def choose_file(self, file: str) -> str:
        tab = await self._without_dialog()
        path = self._uploads.path(file)
        chooser, tab.chooser = tab.chooser, None
        if chooser is None:
            raise ActionRefused("The page asks for no file. Click its button for choosing one first.")
        try:
            for address in await receivers(chooser):
                if not self._gate.opens(address):
                    raise NotOpen(f"The file would go to {quoted(address)}, another site. Nothing was given.")
            await chooser.set_files(path)
        except Error as error:
            raise ActionRefused(f"The page did not take {file!r}: {navigation.cause(error)}") from error
        return f"The page was given {file!r}."

    async def touches(self, action: Action, detail: Detail) -> tuple[Place, ...]:
        """The places that an action touches now. Raises ActionRefused if it cannot be done now."""
        tab = await self._tab()
        if isinstance(action, Goto | NewTab):
            return (Place(self._address(action.url, tab) if action.url else ""),)
        if isinstance(action, SwitchTab):
            return tuple(Place(tab.address) for tab in self._tabs.all[action.index - 1 : action.index])
        if not tab.dialog:
            await self._ready(tab)
        return await touching.touched(tab, action, detail, self._pointer, self._options)

    async def named(self, role: str, name: str) -> tuple[Place, ...]:
        """The elements of the page that have this role and name; none while a dialog is open."""
        tab = await self._tab()
        return () if tab.dialog else tuple(await touching.named(tab, role, name))

    async def dialog_message(self) -> str | None:
        """What the open dialog says; None if none is open."""
        tab = await self._tab()
        return tab.dialog.message if tab.dialog else None

    async def _input(self, gesture: Callable[..., Coroutine[Any, Any, None]], *points: Point) -> str:
        """Makes a gesture at points of the picture; returns the focused field's state that no picture shows."""
        tab = await self._tab()
        await self._ready(tab)
        try:
            at = await tab.in_page(*points) if points and self._options.mobile else points
            await tab.give(gesture(tab.page, *at))
        except NoAnswer:  # it opened a dialog, is busy or gone: the next look reports it
            return ""
        return fields.described(await fields.focused(tab))

    async def _right_click(self, tab: Tab, point: Point) -> str:
        await self._ready(tab)
        await fields.watch_menu(tab)
        report = await self._input(partial(gestures.click, button="right", count=1), point)
        return report or await fields.menu_report(tab)

    async def _tab(self) -> Tab:
        """The current tab; if the last one closed or crashed, a new one with the start page.

        If the start page repeatedly ends, or no longer opens, an empty tab replaces it.
        """
        while not (tab := self._tabs.current):
            try:
                tab = await asyncio.wait_for(self._tabs.open(), OPEN_S)
            except (Error, TimeoutError) as error:
                raise BrowserEnded("The browser ended, or its last tab was closed.") from error
            self._openings += 1
            if self._openings > OPENINGS:
                self.notes.add("empty tabs", "The start page does not stay, so an empty tab is shown. Use Goto.")
                continue
            self.notes.add("tabs opened at the start page", "No tab was left, so the start page was opened again.")
            try:
                await navigation.goto(self._tabs, tab, self._start)
            except ActionRefused as refusal:
                self.notes.add("empty tabs", f"{refusal} The tab is empty. Use Goto.")
        return tab

    async def _ready(self, tab: Tab) -> None:
        """Raises ActionRefused if a dialog is open, or earlier input is still being handled."""
        if tab.dialog:
            raise ActionRefused(str(tab.dialog))
        if not await tab.idle():
            raise ActionRefused(BUSY)

    async def _without_dialog(self) -> Tab:
        tab = await self._tab()
        if tab.dialog:
            raise ActionRefused(str(tab.dialog))
        return tab

    def _allowed(self, url: str, tab: Tab) -> str:
        """The full address. Raises ActionRefused: it is none. NotOpen: it is denied."""
        address = self._address(url, tab)
        self._gate.require(address)
        return address

    def _address(self, url: str, tab: Tab) -> str:
        """The full address. Raises ActionRefused: it is none."""
        try:
            return full_address(url, tab.address, files=is_file(self._start))
        except ValueError as error:
            raise ActionRefused(f"The address was not opened: {error}.") from error

    def _opening(self, tab: Tab) -> str:
        """The page of a run that continues or whose browser ended, if it may be opened, else the start address."""
        if self._options.location:
            with suppress(ActionRefused):
                return self._allowed(self._options.location, tab)
        return self._start

    def _made(self, page: Page, opener: Tab | None) -> Tab:
        return Tab(page, opener, self._options.patience_s, launch.metrics_of(self._options))
