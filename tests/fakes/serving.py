"""A server of the standard library's, serving from a thread for as long as it is asked."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def base_url(server: socketserver.TCPServer, stopped: threading.Event) -> Iterator[str]:
    """The base URL of the server while it serves. `stopped` is set first, so that an answer in progress can end."""
    with server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/v1"
        finally:
            stopped.set()
            server.shutdown()
            thread.join()
