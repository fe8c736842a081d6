"""`Tab`: one page; every call to it has a deadline, whatever its scripts do."""

import asyncio
import base64
from collections.abc import Awaitable, Coroutine
from typing import Any, TypeVar

from playwright.async_api import CDPSession, Dialog, Error, FileChooser, Page

from actions.geometry import Point
from devices.browser.dialogs import OpenDialog

Answer = TypeVar("Answer")
AGAIN_S = 0.03
HURRY_S = 0.5
"""The deadline for a page that did not respond last time, and for calls that need no answer from its scripts."""
TITLE = 60
EMPTY_S = 2.0
"""A new page may take longer to answer its first question."""
EMPTY = """/^https?:$/.test(location.protocol) && document.body?.childNodes.length === 0
    && performance.getEntriesByType("navigation")[0]?.decodedBodySize === 0"""


class NoAnswer(Exception):
    """The page did not answer: its scripts keep it busy, a dialog is open, or it is gone."""


class Tab:
    """A page and what is known about it without a call."""

    def __init__(self, page: Page, opener: "Tab | None", patience_s: float, metrics: dict[str, Any] | None) -> None:
        """`metrics` are the arguments of CDP's Emulation.setDeviceMetricsOverride; None without emulation."""
        self.page = page
        self.opener = opener
        self.dialog: OpenDialog | None = None
        self.chooser: FileChooser | None = None
        self.crashed = False
        self.closing = False
        """Whether we closed it, if its page allows that."""
        self.loading = True
        """Whether its document is still loading, as far as is known; `still_loading` asks the page."""
        self.checked_empty = False
        self.responding = True
        """Whether the last question was answered in time, or has been since."""
        self.painting = True
        """Whether the last request for a picture succeeded."""
        self.casts = 0
        """How often frames were requested; a new request ends the one before."""
        self.navigations = 0
        self.address = page.url
        """The page's address; if none opened, the requested one."""
        self.status: int | None = None
        """The status of the server's last answer to a request for its page."""
        self.asked = False
        """Whether its page was requested since our last navigation began. Until the server answers, Chromium passes no
        question on to the page, so silence then does not mean that it is busy."""
        self.muted = False
        """Whether its dialogs are dismissed at once, because it has shown too many."""
        self.dialogs = 0
        """The dialogs of the present series; input begins a new one."""
        self._patience_s = patience_s
        self._metrics = metrics
        self._interrupted = asyncio.Event()
        self._under_way: set[asyncio.Future[Any]] = set()
        self._inputs: set[asyncio.Future[None]] = set()
        self._late: asyncio.Future[Any] | None = None
        """The last question that was not answered in time."""
        self._session: CDPSession | None = None
        self._site = ""

    @property
    def gone(self) -> bool:
        return self.crashed or self.page.is_closed()

    def begin_page(self, url: str) -> None:
        """Another page, or another part of the page, is shown."""
        self.loading, self.checked_empty = True, False
        self.navigations += 1
        if not url.startswith("chrome-error:"):
            self.address = url
        site = "/".join(url.split("/")[:3])
        if site != self._site:
            self._site, self.muted = site, False

    async def still_loading(self) -> bool:
        """Whether its document is incomplete."""
        if self.loading:
            state = await self.ask(self._value("document.readyState"))
            self.loading = state == "loading"
        return self.loading

    async def empty(self) -> bool:
        """Whether the server answered with an empty page; true once per page. Without an answer it asks again."""
        if self.checked_empty:
            return False
        empty = await self.ask(self._value(EMPTY), EMPTY_S)
        self.checked_empty = empty is not None
        return empty is True

    async def _value(self, expression: str) -> object:
        """The value of an expression. Playwright's own `evaluate` counts as a user gesture, after which a page may open
        new tabs; this does not.
        """
        answer = await (await self.session()).send(
            "Runtime.evaluate", {"expression": expression, "returnByValue": True}
        )
        return answer["result"].get("value")

    def open_dialog(self, dialog: Dialog) -> None:
        self.dialog = OpenDialog(dialog)
        self.interrupt()

    async def ended(self) -> None:
        """Waits until it is gone or a dialog is open."""
        while not (self.gone or self.dialog):
            self._interrupted.clear()
            await self._interrupted.wait()

    def interrupt(self) -> None:
        """Ends all waiting for this page's answers: a dialog opened, it is gone, or the user is to be asked."""
        self._interrupted.set()

    async def give(self, gesture: Coroutine[Any, Any, None]) -> None:
        """Sends input and waits until the page has handled it. Raises as `answered` does."""
        self.dialogs = 0
        work = asyncio.ensure_future(gesture)
        self._inputs.add(work)
        work.add_done_callback(self._inputs.discard)
        await self.answered(work)

    async def answered(self, question: Awaitable[Answer], within_s: float | None = None) -> Answer:
        """The page's answer, by default within its patience.

        Raises:
            NoAnswer: no answer in that time, or the page is gone or opened a dialog. The work continues when it can.
            Error: Playwright's error about an existing page.
        """
        work = asyncio.ensure_future(question)
        if self.gone or self.dialog:
            work.cancel()
            raise NoAnswer
        self._interrupted.clear()
        self._keep(work)
        interruption = asyncio.ensure_future(self._interrupted.wait())
        now = asyncio.get_running_loop().time
        begun = now()
        try:  # the patience is back once the page answers what it was asked before
            while (
                not (work.done() or interruption.done()) and (left := begun + (within_s or self.patience_s) - now()) > 0
            ):
                await asyncio.wait({work, interruption}, timeout=left, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            work.cancel()
            await asyncio.wait({work}, timeout=HURRY_S)
            raise
        finally:
            interruption.cancel()
        if not work.done():
            self.responding = self._interrupted.is_set()
            self._late = work
            raise NoAnswer
        try:
            return work.result()
        except Error as error:
            if self.gone:
                raise NoAnswer from error
            raise

    @property
    def patience_s(self) -> float:
        return self._patience_s if self.responding else HURRY_S

    async def within(self, question: Awaitable[Any], seconds: float) -> None:
        """Waits for an optional answer, at most this long."""
        await asyncio.wait({self.begin(question)}, timeout=seconds)

    def begin(self, question: Awaitable[Answer]) -> "asyncio.Future[Answer]":
        """Asks for what is not waited for."""
        return self._keep(asyncio.ensure_future(question))

    def _keep(self, work: "asyncio.Future[Answer]") -> "asyncio.Future[Answer]":
        """Lets work continue in the background."""
        self._under_way.add(work)
        work.add_done_callback(self._forget)
        return work

    def _forget(self, work: "asyncio.Future[Any]") -> None:
        self._under_way.discard(work)
        answered = not work.cancelled() and work.exception() is None  # an error of background work is ignored
        if answered and work is self._late:
            self.responding = True

    async def ask(self, question: Awaitable[Answer], within_s: float = HURRY_S) -> Answer | None:
        """The page's answer, or None if it does not answer or the answer is unreadable."""
        try:
            return await self.answered(question, within_s)
        except (NoAnswer, Error, ValueError):  # Playwright reads dates and numbers that a page may have forged
            return None

    @property
    def handling_input(self) -> bool:
        """Whether the page has not handled all input yet."""
        return bool(self._inputs)

    async def idle(self) -> bool:
        """Waits, within the limit, until the page has handled all input; whether it has."""
        if self._inputs:
            await asyncio.wait(self._inputs, timeout=self.patience_s)
        return not self.handling_input

    async def responds(self) -> bool:
        """Whether the page answers now."""
        if self.dialog or self.gone:
            return False
        self.responding = await self.ask(self._value("true"), 2 * HURRY_S) is True
        return self.responding

    async def information(self) -> tuple[str, str]:
        """Its title and address as the browser knows them, without asking the page."""
        try:
            async with asyncio.timeout(HURRY_S):
                session = await self.session()
                info = (await session.send("Target.getTargetInfo"))["targetInfo"]
        except (Error, TimeoutError):
            return "", self.page.url
        return str(info["title"]), str(info["url"])

    async def session(self) -> CDPSession:
        """Chromium's own protocol for this page.

        Each client of it has its own emulation. A picture has the pixels of its client's emulation, and taking one
        restores that: without the metrics, a page on a phone or at another scale would be laid out anew.
        """
        if self._session is None:
            session = await self.page.context.new_cdp_session(self.page)
            if self._metrics:
                await session.send("Emulation.setDeviceMetricsOverride", self._metrics)
            self._session = session
        return self._session

    async def in_page(self, *shown: Point) -> list[Point]:
        """Converts points of the picture to the page's own pixels, from the visible top left corner.

        A phone shows a wide page smaller, and a page larger on request. Raises NoAnswer.
        """
        scale = await self.ask(self._shown_scale(), self.patience_s)
        if scale is None:
            raise NoAnswer
        return [Point(x / scale, y / scale) for x, y in shown]

    async def _shown_scale(self) -> float:
        metrics = await (await self.session()).send("Page.getLayoutMetrics")
        return float(metrics["cssVisualViewport"]["scale"])

    async def capture(self) -> bytes:
        """A PNG of the current frame.

        Raises:
            NoAnswer: the page paints nothing new, because it is busy, has a dialog open, or is gone.
        """
        if self.dialog:
            raise NoAnswer
        patience_s = self.patience_s if self.painting else HURRY_S
        try:
            picture = await self.answered(self._captured(patience_s), patience_s)
        except (NoAnswer, Error):
            self.painting = False
            await self.responds()
            raise
        self.responding = self.painting = True
        return picture

    async def _captured(self, within_s: float) -> bytes:
        """Waits for a picture: between two documents Chromium has none for a moment."""
        until = asyncio.get_running_loop().time() + within_s
        while True:
            try:
                session = await self.session()
                asked = {"format": "png", "optimizeForSpeed": True}
                return base64.b64decode((await session.send("Page.captureScreenshot", asked))["data"])
            except Error:
                if self.gone or asyncio.get_running_loop().time() > until:
                    raise
                await asyncio.sleep(AGAIN_S)

    async def painted(self) -> bytes | None:
        """The last painted frame, which also exists for a busy page and for one with a dialog."""
        frames: asyncio.Queue[str] = asyncio.Queue()

        def framed(event: dict[str, Any]) -> None:
            frames.put_nowait(event["data"])

        try:
            async with asyncio.timeout(HURRY_S):
                session = await self.session()
                self.casts += 1
                session.on("Page.screencastFrame", framed)
                try:
                    await session.send("Page.startScreencast", {"format": "png"})
                    return base64.b64decode(await frames.get())
                finally:
                    session.remove_listener("Page.screencastFrame", framed)
                    await self.within(session.send("Page.stopScreencast"), HURRY_S)
        except (Error, TimeoutError):
            return None
