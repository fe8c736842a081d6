"""`Driver`: Playwright in a thread of its own, so that every call to it has a deadline and events are always heard.

Playwright's synchronous interface has no deadline on a click or a question to a page, and hears of dialogs and
downloads only while it is called.
"""

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

from playwright.async_api import Error, Playwright, async_playwright

Result = TypeVar("Result")
START_S = 60.0
STOP_S = 10.0
RELEASE_S = 1.0
"""How long what is broken off may take to release keys and buttons."""


class Driver:
    """A running Playwright. Whoever started it stops it, once."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="playwright", daemon=True)
        self._thread.start()
        self.playwright: Playwright = self.run(async_playwright().start(), START_S)

    def run(self, work: Coroutine[Any, Any, Result], within_s: float) -> Result:
        """What the work returns. Broken off, by its deadline or by Ctrl-C, it may still release what it holds.

        Raises:
            TimeoutError: it took longer. Whatever else the work raises.
        """
        ended = threading.Event()

        async def told() -> Result:
            try:
                return await work
            finally:
                ended.set()

        future = asyncio.run_coroutine_threadsafe(told(), self._loop)
        try:
            return future.result(within_s)
        finally:
            if future.cancel():
                ended.wait(RELEASE_S)

    def begin(self, work: Coroutine[Any, Any, None]) -> None:
        """Begins work that nobody waits for, from any thread."""
        asyncio.run_coroutine_threadsafe(work, self._loop)

    def stop(self) -> None:
        """Ends Playwright and with it the browsers that it started; where they are gone already, nothing is left."""
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
