"""`Host`: a server of pages that notes who asks for what, for tests of what pages reach; `Datagrams` counts UDP."""

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from http.server import ThreadingHTTPServer

from tasks.worlds.site_server import QuietHandler
from tests.devices.browser.at import Reply


class Host:
    """A server of pages under any name of this machine. It notes every connection, and every request with its host."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.pages: dict[str, str | Reply] = {}
        self.requests: list[str] = []
        """The method, the host without its port, and the path of each request, such as `GET a.localhost/x`."""
        self.connections = 0
        self.bodies: list[bytes] = []

    def at(self, name: str, path: str = "/") -> str:
        return f"http://{name}:{self.port}{path}"

    def asked(self, name: str) -> set[str]:
        """The paths that were requested under a name."""
        found = (request.partition(" ")[2].partition("/") for request in self.requests)
        return {f"/{path}".partition("?")[0] for host, _, path in found if host == name}


@contextmanager
def hosted() -> Iterator[Host]:
    """A running host, on all addresses of this machine."""

    class Handler(QuietHandler):
        def setup(self) -> None:
            super().setup()
            host.connections += 1

        def do_GET(self) -> None:
            name = (self.headers["Host"] or "").partition(":")[0]
            host.requests.append(f"{self.command} {name}{self.path}")
            host.bodies.append(self.rfile.read(int(self.headers["Content-Length"] or 0)))
            page = host.pages.get(self.path.partition("?")[0], f"<title>{self.path}</title>")
            reply = page if isinstance(page, Reply) else Reply(f"<!DOCTYPE html>{page}".encode())
            self.send_response(reply.status)
            for header in (("Content-Type", reply.kind), ("Content-Length", str(len(reply.content))), *reply.headers):
                self.send_header(*header)
            self.send_header("Access-Control-Allow-Origin", "*")
            self.end_headers()
            self.wfile.write(reply.content)

        do_POST = do_OPTIONS = do_GET

    with ThreadingHTTPServer(("", 0), Handler) as server:
        server.daemon_threads = True
        host = Host(server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield host
        finally:
            server.shutdown()
            thread.join()


class Datagrams:
    """A UDP port that counts what arrives."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.setblocking(False)
        self.port: int = self._socket.getsockname()[1]

    @property
    def waiting(self) -> bool:
        """Whether a datagram has arrived."""
        with suppress(BlockingIOError):
            self._socket.recv(2000)
            return True
        return False

    @classmethod
    @contextmanager
    def counted(cls) -> Iterator["Datagrams"]:
        port = cls()
        with closing(port._socket):
            yield port
