"""`Requests`: the pending requests of pages."""

import time

from playwright.async_api import Page, Request

SHOWN_TYPES = frozenset({"document", "stylesheet", "image", "font", "script", "xhr", "fetch"})
"""Playwright's types of requests whose answers a page may show, without streams and beacons."""
YOUNG_S = 2.0
"""An older request counts as held open (long polling), and is no longer awaited."""


class Requests:
    """The pending requests, by page."""

    def __init__(self) -> None:
        self._under_way: dict[Request, tuple[Page, float]] = {}

    def asked(self, page: Page, request: Request) -> None:
        if request.resource_type in SHOWN_TYPES:
            self._under_way[request] = (page, time.monotonic())

    def answered(self, request: Request) -> None:
        self._under_way.pop(request, None)

    def loading(self, page: Page) -> bool:
        """Whether the page has a pending request of the last two seconds."""
        since = time.monotonic() - YOUNG_S
        self._under_way = {request: begun for request, begun in self._under_way.items() if begun[1] > since}
        return any(asking is page for asking, _ in self._under_way.values())
