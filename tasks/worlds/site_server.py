"""Serves the project's own small website on loopback, for suites and demonstrations."""

import http.server
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

SITE = Path(__file__).parent / "site"
USERS = {"ada": "lovelace", "grace": "hopper", "alan": "turing"}
"""The site's users and their passwords."""


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    """The library's file handler, without log lines on the terminal."""

    def log_message(self, format: str, *args: object) -> None:
        pass


class SiteHandler(QuietHandler):
    """Serves the site's files."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments, directory=str(SITE))


@contextmanager
def site() -> Iterator[str]:
    """The site's address, such as http://127.0.0.1:41234, for the duration of the block."""
    with serving(SiteHandler) as address:
        yield address


@contextmanager
def serving(handler: Callable[..., http.server.BaseHTTPRequestHandler], host: str = "127.0.0.1") -> Iterator[str]:
    """The address of a server with this handler, on a loopback address, for the duration of the block."""
    with http.server.ThreadingHTTPServer((host, 0), handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://{host}:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()
