"""What keeps a page that reports without end (logs, errors, requests) or has endless lists from taking all the time."""

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from playwright.async_api import BrowserContext, Page

_SCRIPT = Path(__file__).with_name("quiet.js").read_text(encoding="utf-8")
AT_ONCE = 1000
PER_S = 50
"""A page may ask for so many things at once, and for so many more with every second."""
AT_LEAST = 100
"""So many of a new document are heard whatever the one before it has used up."""


async def attend(context: BrowserContext) -> None:
    """Leaves unreported what the context's pages log and which errors they do not handle, and endless lists closed."""
    await context.add_init_script(_SCRIPT)


class Heard:
    """The events of one page's requests, heard until it makes more of them than there is time for."""

    def __init__(self, page: Page, listeners: Mapping[Any, Callable[..., None]]) -> None:
        """Hears them. `listeners` are by the names of Playwright's events, `request` among them."""
        self._page = page
        self._listeners = {**listeners, "request": self._counted(listeners["request"])}
        self._left = float(AT_ONCE)
        self._counted_at = time.monotonic()
        self._hearing = False
        self.begin()

    def begin(self) -> None:
        """Hears them again: another document is shown."""
        self._left = max(self._left, AT_LEAST)
        if not self._hearing:
            self._hearing = True
            for name, listener in self._listeners.items():
                self._page.on(name, listener)

    def end(self) -> None:
        """Hears no more; Playwright sends only what somebody listens to."""
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
