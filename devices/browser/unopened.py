"""`Unopened`: new tabs without a page, which Playwright does not report.

A link may open a tab whose server does not answer, or answers with no page (204). The tab is there and empty.
"""

import time

from playwright.async_api import BrowserContext, CDPSession

from devices.browser.requests import YOUNG_S

_PAGES = {"filter": [{"type": "page"}]}


class Unopened:
    """The tabs of one context without a page."""

    def __init__(self, context: BrowserContext) -> None:
        self._context = context
        self._asking: CDPSession | None = None
        self._since: dict[str, float] = {}
        self._reported: set[str] = set()
        self._had_page: set[str] = set()
        """Tabs that reload have no address for a moment, but they are not new."""

    async def count(self) -> tuple[int, int]:
        """The number of tabs to report, each once from its second look on, and of those that may soon get a page."""
        if self._asking is None:
            self._asking = await self._opened()
        targets = (await self._asking.send("Target.getTargets", _PAGES))["targetInfos"]
        urls = {one["targetId"]: one["url"] for one in targets if one.get("browserContextId") == self._id}
        self._had_page = {target for target, url in urls.items() if url or target in self._had_page}
        empty = urls.keys() - self._had_page
        new = (empty & self._since.keys()) - self._reported
        self._reported |= new
        now = time.monotonic()
        self._since = {target: self._since.get(target, now) for target in empty}
        return len(new), sum(now - since < YOUNG_S for since in self._since.values())

    async def _opened(self) -> CDPSession:
        browser = self._context.browser
        assert browser is not None, "a persistent context has one too"
        page = await self._context.new_cdp_session(self._context.pages[0])
        self._id = (await page.send("Target.getTargetInfo"))["targetInfo"].get("browserContextId")
        await page.detach()
        return await browser.new_browser_cdp_session()
