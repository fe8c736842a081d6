"""`Gate`: judges every page and file that Chromium is about to open, before anything is sent.

It intercepts documents for the whole browser: addresses, links, forms, scripts, popups from their first request on,
downloads, and every redirect. Where somebody can be asked, a page waits until they are.
"""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

from playwright.async_api import Browser as Chromium
from playwright.async_api import CDPSession, Error

from actions.errors import ActionRefused
from devices.browser.addresses import is_file
from devices.browser.events import Notes, quoted
from devices.browser.proxy import Proxy
from devices.rules.sited import Held
from devices.rules.sites import NOT_ALLOWED, Sites
from devices.rules.verdict import ALLOWED, Decision

_DOCUMENTS = {"patterns": [{"urlPattern": "*", "resourceType": "Document", "requestStage": "Request"}]}
PROXY_FAILED = "ERR_SOCKS_CONNECTION"
"""The names of Chromium's errors about whatever its proxy could not do."""
MOST_HELD = 5
"""How many pages may wait for an answer at once; further ones are refused."""


class NotOpen(ActionRefused):
    """The address, or one that it leads to, is not open. That is the user's decision, not a mistake of the model."""


class Gate:
    """The sites that are open, and what happens to pages of others."""

    def __init__(self, sites: Sites, notes: Notes) -> None:
        """Refusals are noted in `notes`."""
        self.sites = sites
        self.notes = notes
        self.asking = False
        """Whether somebody will call `answer`."""
        self.held: list[Held] = []
        """Pages that wait for it."""
        self.on_held: Callable[[], None] = lambda: None
        """Called when another page waits."""
        self.refusals = 0
        """How many pages were refused so far."""
        self.last_refusal = ""
        self._proxy: Proxy | None = None
        self._browser: Chromium | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._asking: CDPSession | None = None
        self._under_way: set[asyncio.Task[None]] = set()

    def open_way_out(self) -> None:
        """Starts the proxy, unless it would let everything through."""
        if self.sites.needs_proxy:
            self._proxy = Proxy(lambda: self.sites, self._not_sent)

    def close_way_out(self) -> None:
        """Ends the proxy."""
        if self._proxy:
            self._proxy.close()

    @property
    def way_out(self) -> str | None:
        """The address of the proxy that contexts use, if there is one."""
        return self._proxy.address if self._proxy else None

    async def attend(self, browser: Chromium) -> None:
        """Begins to judge what this browser opens."""
        if browser is self._browser:
            return
        self._browser, self._loop = browser, asyncio.get_running_loop()
        self._asking = await browser.new_browser_cdp_session()
        self._asking.on("Fetch.requestPaused", lambda event: self._start(self._judge(event)))
        await self._asking.send("Fetch.enable", _DOCUMENTS)

    async def leave(self) -> None:
        """Ends judging, because other pages will use this browser."""
        if self._asking:
            with suppress(Error):
                await self._asking.detach()

    def require(self, url: str) -> None:
        """Raises NotOpen if the address may not be opened, not even by asking the user."""
        verdict = self.sites.page(url)
        if verdict.decision is Decision.DENY or (verdict.decision is Decision.ASK and not self.asking):
            raise NotOpen(refusal(url, verdict.rule))

    def opens(self, url: str) -> bool:
        """Whether the address opens without a question."""
        return self.sites.page(url).decision is Decision.ALLOW

    def actual(self, said: str, url: str) -> str:
        """Chromium's error about a URL, with the cause that only the proxy knows."""
        if self._proxy is None or PROXY_FAILED not in said:
            return said
        return f"net::{self._proxy.failure(url)}"

    async def answer(self, held: Held, allowed: bool, why: str) -> None:
        """Lets a waiting page open, and from now on its site, or refuses both."""
        self.held.remove(held)
        if allowed:
            self.sites = self.sites.opening(held.url)
            await self._open(held)
        else:
            self.sites = self.sites.closing(held.url)
            await self._refuse(held, f"{NOT_ALLOWED}. {why}".rstrip(" ."))

    async def _judge(self, event: dict[str, Any]) -> None:
        url = event["request"]["url"]
        verdict = self.sites.page(url)
        if verdict.decision is not Decision.ALLOW and await self._target(event["frameId"]) is None:
            verdict = self.sites.file(url) if is_file(url) else ALLOWED  # a frame within a page
        held = Held(url, verdict.rule, event["requestId"], event["frameId"])
        if verdict.decision is Decision.ALLOW:
            await self._open(held)
        elif verdict.decision is Decision.ASK and self.asking and len(self.held) < MOST_HELD:
            self.held.append(held)
            self.on_held()
        else:
            await self._refuse(held, verdict.rule)

    async def _open(self, held: Held) -> None:
        await self._send("Fetch.continueRequest", {"requestId": held.request})

    async def _refuse(self, held: Held, why: str) -> None:
        """Cancels a request: the page before it stays, and a popup that has shown nothing closes."""
        self.refusals += 1
        self.last_refusal = refusal(held.url, why)
        self.notes.add("pages that were not opened", self.last_refusal)
        target = await self._target(held.frame)
        await self._send("Fetch.failRequest", {"requestId": held.request, "errorReason": "Aborted"})
        if target and not target["url"]:
            await self._send("Target.closeTarget", {"targetId": held.frame})

    async def _target(self, frame: str) -> dict[str, Any] | None:
        """The tab whose page a frame is; None if it is a frame within a page, or gone."""
        answer = await self._send("Target.getTargetInfo", {"targetId": frame})
        info: dict[str, Any] = answer.get("targetInfo", {})
        return info if info.get("type") == "page" else None

    async def _send(self, method: str, given: dict[str, Any]) -> dict[str, Any]:
        """Chromium's answer; empty if what it is about is gone."""
        assert self._asking is not None, "it judges only what it attends"
        try:
            answer: dict[str, Any] = await self._asking.send(method, given)
        except Error:
            return {}
        return answer

    def _not_sent(self, said: str) -> None:
        """Notes what the proxy refused, which it says in its own thread."""
        assert self._loop is not None, "nothing is sent before there is a browser"
        with suppress(RuntimeError):  # the loop has ended, and with it the browser
            self._loop.call_soon_threadsafe(self.notes.add, "requests that were refused", said)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)


def refusal(url: str, why: str) -> str:
    """The report on an address that was not opened."""
    return f"{quoted(url)} was not opened: {why}."
