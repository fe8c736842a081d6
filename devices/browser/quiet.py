"""Limits pages with endless reports (logs, errors, requests) or endless lists, which would use up all time."""

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from playwright.async_api import BrowserContext, Page

_SCRIPT = Path(__file__).with_name("quiet.js").read_text(encoding="utf-8")
AT_ONCE = 1000
PER_S = 50
"""The number of requests that a page may make at once, and per further second."""
AT_LEAST = 100
"""The number of requests of a new document that are always received."""


async def attend(context: BrowserContext) -> None:
    """Suppresses reports of the pages' logs and unhandled errors, and keeps endless lists closed."""
    await context.add_init_script(_SCRIPT)


class Heard:
    """The request events of one page, received until there are too many."""

    def __init__(self, page: Page, listeners: Mapping[Any, Callable[..., None]]) -> None:
        """Subscribes. `listeners` are by the names of Playwright's events, including `request`."""
        self._page = page
        self._listeners = {**listeners, "request": self._counted(listeners["request"])}
        self._left = float(AT_ONCE)
        self._counted_at = time.monotonic()
        self._hearing = False
        self.begin()

    def begin(self) -> None:
        """Subscribes again, for another document."""
        self._left = max(self._left, AT_LEAST)
        if not self._hearing:
            self._hearing = True
            for name, listener in self._listeners.items():
                self._page.on(name, listener)

    def end(self) -> None:
        """Unsubscribes; Playwright sends only subscribed events."""
        if self._hearing:
            self._hearing = False
            for name, listener in self._listeners.items():
                self._page.remove_listener(name, listener)

    def _counted(self, asked: Callable[..., None]) -> Callable[..., None]:
        def heard(*given: Any) -> None:
            now = time.monotonic()
            self._left = min(self._left + PER_S * (now - self._counted_at), AT_ONCE) - 1
            self._counted_at = now
            if self._left < 0:
                self.end()
            else:
                asked(*given)

        return heard
