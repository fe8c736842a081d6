"""Deadlines for calls to an X server, which have none of their own: a stopped server would block them for ever."""

import contextlib
import os
import re
import socket
import stat
import threading
from collections.abc import Callable, Iterator

ANSWER_S = 10.0
"""How long an X server may be silent on a quiet machine."""
MOST_S = 60.0
"""The same on a busy one, where the server itself waits for a processor."""
LOOK_S = 0.5


def patience_s() -> float:
    """How long an X server may be silent now."""
    busy = os.getloadavg()[0] / (os.cpu_count() or 1)
    return max(ANSWER_S, min(ANSWER_S * busy, MOST_S))


def break_off(display: str) -> None:
    """Ends every connection of this process to the X server, so that every waiting call fails at once.

    It finds them by their sockets, because xcb does not report a connection that is still being opened.
    """
    number = int(re.search(r":(\d+)", display)[1])  # type: ignore[index]  # it was opened, so it has one
    for name in os.listdir("/dev/fd"):
        with contextlib.suppress(OSError):
            if stat.S_ISSOCK(os.fstat(int(name)).st_mode):
                with socket.socket(fileno=os.dup(int(name))) as found:
                    if _leads_to(found, number):
                        found.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def within(display: str) -> Iterator[None]:
    """Breaks the connections to the display if the block takes longer."""
    timer = threading.Timer(patience_s(), break_off, (display,))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()


class Guard:
    """Breaks the connections to a display once its server has been silent for too long, until closed."""

    def __init__(self, display: str, silent_s: Callable[[], float]) -> None:
        """`silent_s` returns for how long the server has not answered a constantly repeated query."""
        self._display = display
        self._silent_s = silent_s
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="x11-guard", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._closed.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._closed.wait(LOOK_S):
            if self._silent_s() > patience_s():
                break_off(self._display)
                return


def _leads_to(found: socket.socket, number: int) -> bool:
    """Whether a socket leads to the X server of that number: a local socket, or port 6000 and up."""
    peer = found.getpeername()
    if found.family == socket.AF_UNIX:
        return os.fsdecode(peer).endswith(f"/.X11-unix/X{number}")
    return found.family in (socket.AF_INET, socket.AF_INET6) and peer[1] == 6000 + number
