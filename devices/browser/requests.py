"""`Requests`: what pages have asked servers for and not got yet."""

import time

from playwright.async_api import Page, Request

SHOWN_TYPES = frozenset({"document", "stylesheet", "image", "font", "script", "xhr", "fetch"})
"""Playwright's types of requests whose answers a page may show. Streams and beacons are not among them."""
YOUNG_S = 2.0
"""An older request is taken for one that is held open (long polling), and no longer waited for."""


class Requests:
    """The requests under way, by page."""

    def __init__(self) -> None:
        self._under_way: dict[Request, tuple[Page, float]] = {}

    def asked(self, page: Page, request: Request) -> None:
        if request.resource_type in SHOWN_TYPES:
            self._under_way[request] = (page, time.monotonic())

    def answered(self, request: Request) -> None:
        self._under_way.pop(request, None)

    def loading(self, page: Page) -> bool:
        """Whether the page has asked for something in the last two seconds and not got it yet."""
        since = time.monotonic() - YOUNG_S
        self._under_way = {request: begun for request, begun in self._under_way.items() if begun[1] > since}
        return any(asking is page for asking, _ in self._under_way.values())
