"""`Tabs`: the open pages of a context, the current one, and events of the pages."""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from playwright.async_api import (
    BrowserContext,
    Dialog,
    Error,
    FileChooser,
    Frame,
    Page,
    Request,
    Response,
)  # fmt: skip

from devices.browser.addresses import program_scheme
from devices.browser.dialogs import IN_A_ROW
from devices.browser.downloads import Downloads
from devices.browser.events import Notes, quoted
from devices.browser.gate import Gate
from devices.browser.net_errors import NO_PAGE, meaning
from devices.browser.quiet import Heard
from devices.browser.requests import Requests
from devices.browser.tab import HURRY_S, TITLE, Tab
from devices.browser.unopened import Unopened
from devices.browser.uploads import Uploads

MOST = 20
"""Further tabs are closed at once."""
LISTED = 8
OPEN_S = 5.0
"""How long a new tab may take to open; then a tab that blocks the browser is closed."""
ROW_S = 10.0
"""A dialog that opens sooner after the last answer, without new input, belongs to the same series: a slow model has no
time to leave before the next one."""


class Tabs:
    """The tabs, in order of opening; a new one is shown, and when it closes, its opener."""

    def __init__(
        self,
        context: BrowserContext,
        notes: Notes,
        downloads: Downloads,
        uploads: Uploads,
        gate: Gate,
        made: Callable[[Page, Tab | None], Tab],
    ) -> None:
        self.context = context
        self.all: list[Tab] = []
        self.shown_before: list[Tab] = []
        """The tabs in the order in which they were shown, the current one last."""
        self.requests = Requests()
        self._unopened = Unopened(context)
        self._heard: dict[Tab, Heard] = {}
        self._held: list[Page] | None = None
        """Pages that appeared while we opened a tab."""
        self.notes = notes
        self._downloads = downloads
        self._uploads = uploads
        self.gate = gate
        gate.on_held = self._interrupt
        self._made = made
        self._answered_at = 0.0
        self._background: set[asyncio.Task[None]] = set()
        for page in context.pages:
            self._add(page)
        context.on("page", self._opened)

    @property
    def current(self) -> Tab | None:
        """The current tab; None if none is left."""
        shown = [tab for tab in self.shown_before if tab in self.all]
        return shown[-1] if shown else self.all[-1] if self.all else None

    def show(self, tab: Tab) -> None:
        self.shown_before = [*(one for one in self.shown_before if one in self.all and one is not tab), tab]

    async def open(self) -> Tab:
        """Opens a tab and shows it. Raises Error."""
        arrived: list[Page] = []
        self._held = arrived
        try:
            page = await self.context.new_page()
        finally:
            self._held = None
        for other in arrived:
            if other is not page:
                self._opened(other)
        tab = self._add(page)
        self.show(tab)
        return tab

    async def close(self, tab: Tab, ask: bool = False) -> None:
        """Closes a tab; with `ask`, only if its page does not object."""
        tab.closing = True
        if not ask:
            self._forget(tab)
        closed = asyncio.ensure_future(tab.ended())
        with contextlib.suppress(Error, TimeoutError):
            async with asyncio.timeout(tab.patience_s):
                await tab.page.close(run_before_unload=ask)
                await closed  # with `ask`, a page closes later than Chromium reports
        closed.cancel()

    async def replace(self, tab: Tab) -> Tab:
        """Replaces an unresponsive tab by a new one.

        If a page keeps the browser busy with its reports, the tab does not open before that page is closed: first this
        one, then the others.

        Raises:
            Error: no tab opens. TimeoutError: no tab opens in time.
        """
        place = self.all.index(tab) if tab in self.all else len(self.all)
        opening = asyncio.ensure_future(self.open())
        await asyncio.wait({opening}, timeout=OPEN_S)  # first, as a window closes with its last tab
        await self.close(tab)
        others = list(self.all)
        while others and not (await asyncio.wait({opening}, timeout=2 * OPEN_S))[0]:
            await self.close(others.pop())
        fresh = await asyncio.wait_for(opening, 4 * OPEN_S)
        self.all.remove(fresh)
        self.all.insert(place, fresh)
        return fresh

    async def opening(self) -> bool:
        """Whether a new tab may get its page soon; notes once that it has none yet."""
        try:
            async with asyncio.timeout(HURRY_S):
                new, young = await self._unopened.count()
        except (Error, TimeoutError):
            return False
        for _ in range(new):
            said = (
                "A new tab has no page: its server has not answered yet, or answered with none (204), or its link "
                "leads to another program, which is not opened."
            )
            self.notes.add("new tabs without a page", said)
        return young > 0

    async def note_empty(self, tab: Tab) -> None:
        """Notes, once for each page, that the server answered with an empty one."""
        if await tab.empty():
            self.notes.add("empty answers", "The server answered with an empty page.")

    async def report(self) -> str:
        """The number and titles of the tabs, if there are several, and those with a waiting dialog."""
        if len(self.all) < 2:
            return ""
        here = self.current
        number = next((index for index, tab in enumerate(self.all, start=1) if tab is here), 0)
        waiting = [index for index, tab in enumerate(self.all, start=1) if tab.dialog and tab is not here]
        dialogs = f" A dialog is open in tab {', '.join(map(str, waiting[:LISTED]))}." if waiting else ""
        return f"This is tab {number} of {len(self.all)}: {await self.titles()}.{dialogs}"

    async def titles(self) -> str:
        """The tabs' numbers and titles."""
        listed = await asyncio.gather(*(tab.information() for tab in self.all[:LISTED]))
        more = f" and {len(self.all) - LISTED} more" if len(self.all) > LISTED else ""
        return ", ".join(f"{at} {quoted(title, TITLE)}" for at, (title, _) in enumerate(listed, start=1)) + more

    async def answer_dialog(self, tab: Tab, accept: bool) -> None:
        """Answers the tab's dialog."""
        dialog, tab.dialog = tab.dialog, None
        if dialog:
            await dialog.answer(accept)
            self._answered_at = asyncio.get_running_loop().time()

    def _opened(self, page: Page) -> None:
        """Shows a new tab or popup, because its opener continues there."""
        if self._held is not None:
            self._held.append(page)
            return
        if len(self.all) >= MOST:
            self.notes.add("new tabs that were closed at once", f"A new tab was closed at once: {MOST} are open.")
            self._in_background(page.close())
            return
        opener = self.current
        tab = self._add(page, opener)
        self.show(tab)
        self.notes.add("new tabs", "A new tab opened and is shown.")

    def _add(self, page: Page, opener: Tab | None = None) -> Tab:
        tab = self._made(page, opener)
        self.all.append(tab)
        # The file chooser's listener must exist before the first click: enabling it takes the browser a while.
        page.on("filechooser", partial(self._file_asked, tab))
        page.on("dialog", partial(self._dialog, tab))
        page.on("download", self._downloads.begin)
        page.on("crash", partial(self._crashed, tab))
        page.on("close", partial(self._closed, tab))
        page.on("framenavigated", partial(self._navigated, tab))
        self._heard[tab] = Heard(
            page,
            {
                "request": partial(self._requested, tab),
                "requestfinished": self.requests.answered,
                "requestfailed": partial(self._failed, tab),
                "response": partial(self._response, tab),
            },
        )
        return tab

    def _forget(self, tab: Tab, crashed: bool = False) -> None:
        tab.crashed = tab.crashed or crashed
        if tab in self.all:
            self.all.remove(tab)
            self._heard.pop(tab).end()
        tab.interrupt()

    def _closed(self, tab: Tab, _page: Page) -> None:
        if tab not in self.all:
            return
        was_shown = tab is self.current
        self._forget(tab)
        if not was_shown or tab.closing:
            return
        if tab.opener in self.all:
            self.show(tab.opener)
        back = "the tab that opened it" if tab.opener in self.all else "the one before" if self.all else "none other"
        self.notes.add("tabs that closed", f"The tab closed itself; {back} is shown.")

    def _crashed(self, tab: Tab, _page: Page) -> None:
        """A crash ends one tab, and others only if they share its process."""
        if tab not in self.all:
            return
        self._forget(tab, crashed=True)
        self.notes.add("pages that crashed", f"The page {quoted(tab.page.url)} crashed, and its tab was closed.")
        self._in_background(tab.page.close())

    def _navigated(self, tab: Tab, frame: Frame) -> None:
        if frame is tab.page.main_frame:
            tab.begin_page(frame.url)
            if tab in self._heard:
                self._heard[tab].begin()

    def _dialog(self, tab: Tab, dialog: Dialog) -> None:
        now = asyncio.get_running_loop().time()
        tab.dialogs = tab.dialogs + 1 if now - self._answered_at < ROW_S else 1
        tab.muted = tab.muted or tab.dialogs > IN_A_ROW
        if tab.muted and dialog.type != "beforeunload":
            said = f"The page's dialog {quoted(dialog.message)} was dismissed unseen: it has shown {IN_A_ROW} in a row."
            self.notes.add("dialogs that were dismissed", said)
            self._answered_at = now
            self._in_background(dialog.dismiss())
        else:
            tab.open_dialog(dialog)

    def _file_asked(self, tab: Tab, chooser: FileChooser) -> None:
        tab.chooser = chooser
        self.notes.add("requests for a file", f"The page asks for a file to upload. {self._uploads.listed()}")

    def _requested(self, tab: Tab, request: Request) -> None:
        self.requests.asked(tab.page, request)
        if request.is_navigation_request() and (scheme := program_scheme(request.url)):
            said = f"The page leads to another program ({scheme}:), which was not opened."
            self.notes.add("attempts to open a program", said)
        tab.asked = tab.asked or _is_page_of(tab, request)

    def _response(self, tab: Tab, response: Response) -> None:
        if not _is_page_of(tab, response.request):
            return
        tab.status = response.status
        if response.status >= 400:
            status = f"{response.status} {response.status_text}".strip()[:60]
            self.notes.add("pages with an error", f"The server answered {status} for {quoted(response.url)}.")
        elif response.status in NO_PAGE:
            said = f"The server answered {quoted(response.url)} with no page ({response.status})."
            self.notes.add("empty answers", said)

    def _failed(self, tab: Tab, request: Request) -> None:
        self.requests.answered(request)
        if request.failure and "ERR_ABORTED" not in request.failure and _is_page_of(tab, request):
            failure = meaning(self.gate.actual(request.failure, request.url))
            self.notes.add("pages that did not open", f"{quoted(request.url)} did not open: {failure}.")
            tab.address = request.url

    def _interrupt(self) -> None:
        """A page waits for the user: nothing that waits for a page may keep them from being asked."""
        for tab in self.all:
            tab.interrupt()

    def _in_background(self, work: Coroutine[Any, Any, None]) -> None:
        """Works in the background; a page that is gone is ignored."""

        async def done() -> None:
            with contextlib.suppress(Error):
                await work

        task = asyncio.ensure_future(done())
        self._background.add(task)
        task.add_done_callback(self._background.discard)


def _is_page_of(tab: Tab, request: Request) -> bool:
    """Whether a request is for the tab's main document."""
    try:
        return request.is_navigation_request() and request.frame is tab.page.main_frame
    except Error:  # a page that does not exist yet, or a service worker
        return False
