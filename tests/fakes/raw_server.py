"""A server below HTTP: it reads each complete request and then sends given bytes at a given pace."""

import contextlib
import re
import socketserver
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from tests.fakes.serving import base_url

Answer = Callable[[], Iterable[bytes]]
"""What is sent for one request, piece by piece; then the connection closes."""
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"


def pieces(*parts: bytes) -> Answer:
    """These parts at once."""
    return lambda: parts


def trickle(head: bytes, byte: bytes, pause_s: float) -> Answer:
    """The head, then one byte again and again."""

    def sent() -> Iterator[bytes]:
        yield head
        while True:
            time.sleep(pause_s)
            yield byte

    return sent


@contextmanager
def sending(answer: Answer, dies: bool = False) -> Iterator[str]:
    """The base URL of a server that answers every request so, or one request if it `dies`."""

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            length = 0
            while (line := self.rfile.readline()) not in (b"\r\n", b""):
                if found := re.match(rb"content-length: *(\d+)", line, re.IGNORECASE):
                    length = int(found[1])
            self.rfile.read(length)
            if dies:
                server.shutdown()
                server.server_close()
            with contextlib.suppress(OSError):  # the client has heard enough
                for piece in answer():
                    self.wfile.write(piece)
                    self.wfile.flush()
                    if stopped.is_set():
                        return

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True

    stopped = threading.Event()
    server = Server(("127.0.0.1", 0), Handler)
    with base_url(server, stopped) as url:
        yield url
