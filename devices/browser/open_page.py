"""`OpenPage`: a page that the caller has open in Playwright's synchronous interface, used here and left open.

A second client joins its browser, so that everything works as in our own browser: pictures, settling, dialogs, new
tabs, downloads. This client's state ends with it. The page's permissions stay unchanged.
"""

import contextlib
from typing import Any

from playwright.async_api import Browser as Chromium
from playwright.async_api import BrowserContext, Error, Page
from playwright.sync_api import Page as SyncPage

from actions.errors import BrowserEnded, UsageError
from actions.geometry import Size
from devices import DeviceOptions
from devices.browser.device import Browser
from devices.browser.driver import STOP_S, Driver
from devices.browser.running import Running
from devices.browser.session import Session

TITLE = "screenhand"
SHOWN = """() => ({
    width: innerWidth, height: innerHeight, scale: devicePixelRatio,
    touch: matchMedia("(hover: none) and (pointer: coarse)").matches,
})"""


class OpenPage(Browser):
    """The tabs of an open page's context, that page first. Open and close it in the page's own thread."""

    def __init__(self, page: SyncPage, options: DeviceOptions) -> None:
        """Raises UsageError: the page is closed or in no Chromium. DeviceFailure: its browser cannot be joined."""
        browser = page.context.browser
        if page.is_closed() or browser is None or browser.browser_type.name != "chromium":
            raise UsageError("The page must be open, in a Chromium that Playwright has launched.")
        shown = page.evaluate(SHOWN)
        like_it = {
            "viewport": Size(shown["width"], shown["height"]),
            "scale": shown["scale"],
            "mobile": shown["touch"],
        }
        self._prepare(options.model_copy(update=like_it), page.url)
        self._theirs = browser
        target = _target_of(page)
        endpoint = browser.bind(TITLE)["endpoint"]
        self._running = Running(Driver())
        try:
            joining = self._running.driver.playwright.chromium.connect(endpoint)
            self._running.browser = self._run(joining, "The page cannot be joined")
            found = self._run(_page_of(self._running.browser, target), "The page cannot be found")
            self._session = self._run(Session.join(found, self._options, self._gate), "The page cannot be joined")
        except BaseException:
            self.close()
            raise

    def _restart(self, ended: BrowserEnded) -> None:
        """The browser is the caller's."""
        raise ended

    def open_sites(self, instruction: str, asking: bool) -> str:
        """The site of the open page counts as named: its owner has opened it, possibly after this was made."""
        return super().open_sites(f"{instruction} {self._run(self._session.page(), 'The page is gone').url}", False)

    @property
    def lost(self) -> str:
        """Its owner has it open."""
        return ""

    def reset(self) -> None:
        """Returns to the address at its opening."""
        if not self._untouched:
            self._do(self._session.goto(self._start))

    def abort(self) -> None:
        """Leaves the caller's browser: pending calls fail, and nothing more is done there."""
        if self._running.browser and not self.closed:
            self._running.driver.begin(self._running.browser.close())

    def _end(self) -> None:
        if self._running.browser:
            with contextlib.suppress(Error, TimeoutError):
                self._running.driver.run(self._running.browser.close(), STOP_S)
        self._running.driver.stop()
        with contextlib.suppress(Error):  # the browser was closed meanwhile
            self._theirs.unbind()


def _target_of(page: SyncPage) -> str:
    """Chromium's identifier of the page."""
    session = page.context.new_cdp_session(page)
    answer = session.send("Target.getTargetInfo")
    session.detach()
    return str(answer["targetInfo"]["targetId"])


async def _page_of(browser: Chromium, target: str) -> Page:
    """The page of that name. Raises Error if there is none."""
    for context in browser.contexts:
        for page in context.pages:
            if await _is(context, page, target):
                return page
    raise Error("it is not among the pages of its browser")


async def _is(context: BrowserContext, page: Page, target: str) -> bool:
    session = await context.new_cdp_session(page)
    answer: dict[str, Any] = await session.send("Target.getTargetInfo")
    await session.detach()
    return bool(answer["targetInfo"]["targetId"] == target)
