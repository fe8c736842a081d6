"""What the tests of the browser's behaviour share: a server of small pages, and questions to a browser."""

import base64
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from actions.geometry import Point
from devices.browser.device import Browser
from tasks.worlds.site_server import QuietHandler, serving

Open = Callable[..., Browser]
AT = Point(100, 130)
"""The middle of a button with this style."""
BUTTON = "style='position:absolute;left:50px;top:100px;width:100px;height:60px'"


class Reply(NamedTuple):
    """A whole answer of the server."""

    content: bytes = b""
    status: int = 200
    kind: str = "text/html; charset=utf-8"
    headers: tuple[tuple[str, str], ...] = ()
    drip_s: float = 0
    """Seconds between one byte and the next."""
    length: bool = True
    late_s: float = 0
    """Seconds before its first byte."""


class Site:
    """A server whose pages are put into it; `/never` gets no answer until the server ends."""

    def __init__(self, address: str, pages: dict[str, str | Reply]) -> None:
        self.address = address
        self.pages = pages
        self.asked: Callable[[str], None] = lambda path: None
        """Called with each path before it is answered."""
        self.passwords: dict[str, str] = {}
        """The name and password that a page wants, as `name:password`."""

    def add(self, path: str, page: str | Reply) -> str:
        """Serves a page and returns its address."""
        self.pages[path] = page
        return self.address + path

    @classmethod
    @contextmanager
    def served(cls) -> Iterator["Site"]:
        pages: dict[str, str | Reply] = {}
        ended = threading.Event()
        site = cls("", pages)

        class Handler(QuietHandler):
            def do_GET(self) -> None:
                path = self.path.split("?")[0]
                site.asked(path)
                if path.startswith("/never"):
                    ended.wait(120)
                    self.close_connection = True
                    return
                page = pages.get(path, Reply(b"<h1>Not here</h1>", 404))
                if path in site.passwords and self.headers["Authorization"] != basic(site.passwords[path]):
                    page = Reply(b"", 401, headers=(("WWW-Authenticate", 'Basic realm="Staff"'),))
                reply = page if isinstance(page, Reply) else Reply(f"<!DOCTYPE html>{page}".encode())
                ended.wait(reply.late_s)
                self.send_response(reply.status)
                self.send_header("Content-Type", reply.kind)
                if reply.length:
                    self.send_header("Content-Length", str(len(reply.content)))
                for name, value in reply.headers:
                    self.send_header(name, value)
                self.end_headers()
                try:
                    if not reply.drip_s:
                        self.wfile.write(reply.content)
                    else:
                        for byte in reply.content:
                            self.wfile.write(bytes([byte]))
                            ended.wait(reply.drip_s)
                except OSError:  # nobody waits for it any more
                    self.close_connection = True

        with serving(Handler) as address:
            try:
                site.address = address
                yield site
            finally:
                ended.set()


def basic(password: str) -> str:
    """How a browser sends a name and a password."""
    return f"Basic {base64.b64encode(password.encode()).decode()}"


def evaluate(browser: Browser, expression: str) -> Any:
    return browser.ask(lambda page: page.evaluate(expression))


def title(browser: Browser) -> str:
    return browser.ask(lambda page: page.title())


def text_once(browser: Browser, what: str, within_s: float = 10) -> str:
    """The observation's text once it contains this."""
    deadline = time.monotonic() + within_s
    while what not in (text := browser.observe().text):
        assert time.monotonic() < deadline, text
        time.sleep(0.05)
    return text
