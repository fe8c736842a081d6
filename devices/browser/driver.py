"""`Driver`: Playwright in its own thread, so that every call has a deadline and events are always received.

Playwright's synchronous interface has no deadline on a click or an evaluation, and receives dialogs and downloads only
during a call.
"""

import asyncio
import os
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from playwright.async_api import Browser, Error, Playwright, async_playwright

Result = TypeVar("Result")
START_S = 60.0
STOP_S = 10.0
ANSWER_S = 10.0
RELEASE_S = 1.0
"""How long interrupted work may take to release keys and buttons."""
NODE_OPTIONS = "NODE_OPTIONS"
SMALL_NODE = "--max-semi-space-size=1"
"""For Playwright's own process, through which every picture passes: less room, in MiB, for what it will soon drop."""
_starting = threading.Lock()


class Driver:
    """A running Playwright. Its starter stops it, once."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="playwright", daemon=True)
        self._thread.start()
        with _small_node():
            self.playwright: Playwright = self.run(async_playwright().start(), START_S)

    def run(self, work: Coroutine[Any, Any, Result], within_s: float) -> Result:
        """The work's result. Interrupted by its deadline or by Ctrl-C, the work may still release keys and buttons.

        Raises:
            TimeoutError: it took longer. The work's own errors are raised too.
        """
        ended = threading.Event()

        async def guarded() -> Result:
            try:
                return await work
            finally:
                ended.set()

        future = asyncio.run_coroutine_threadsafe(guarded(), self._loop)
        try:
            return future.result(within_s)
        finally:
            if future.cancel():
                ended.wait(RELEASE_S)

    def begin(self, work: Coroutine[Any, Any, None]) -> None:
        """Starts work without waiting for it, from any thread."""
        asyncio.run_coroutine_threadsafe(work, self._loop)

    def reaches(self, browser: Browser, patient: bool = False) -> bool:
        """Whether a browser still answers; a just killed one may still seem connected.

        With `patient`, one that is only silent counts as reached: it may be stopped, or slow.
        """
        try:
            self.run(_asked(browser), ANSWER_S)
        except Error:
            return False
        except TimeoutError:
            return patient
        return True

    def stop(self) -> None:
        """Ends Playwright and the browsers that it started. A second call does nothing."""
        if self._loop.is_closed():
            return
        try:
            self.run(self._stopped(), STOP_S)
        except (Error, TimeoutError):
            pass
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _stopped(self) -> None:
        await self.playwright.stop()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)


async def _asked(browser: Browser) -> None:
    await (await browser.new_browser_cdp_session()).detach()


@contextmanager
def _small_node() -> Iterator[None]:
    """Playwright's process takes its options only from our environment; what the user has set there prevails."""
    with _starting:
        given = os.environ.get(NODE_OPTIONS)
        os.environ[NODE_OPTIONS] = f"{SMALL_NODE} {given or ''}".strip()
        try:
            yield
        finally:
            if given is None:
                del os.environ[NODE_OPTIONS]
            else:
                os.environ[NODE_OPTIONS] = given
