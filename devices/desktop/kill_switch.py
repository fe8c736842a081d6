"""The kill switch: the mouse pushed into a corner of the desktop, or a signal, stops the run like Ctrl-C.

The device never moves the pointer into a corner itself, so a pointer that enters one was moved by the user. SIGTERM
(what `kill` sends) and SIGHUP (what a closing terminal sends) become a `KeyboardInterrupt` too, so that keys are
released and the record is complete.
"""

import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

POLL_S = 0.02
"""How often the watcher looks at the pointer; a tenth of the promised delay."""


class KillSwitch:
    """Watches from its construction, which must happen in the main thread, until `close`.

    `pulled` reports whether the pointer is in a corner; it is called from the switch's own thread. `lost` are its
    errors when the display is gone: the watching then ends, and the device reports the loss itself.
    """

    def __init__(self, pulled: Callable[[], bool], lost: tuple[type[Exception], ...]) -> None:
        self._pulled = pulled
        self._lost = lost
        self._closed = threading.Event()
        self._before: dict[int, Any] = {signal.SIGTERM: signal.signal(signal.SIGTERM, _interrupt)}
        if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # nohup ignores it
            self._before[signal.SIGHUP] = signal.signal(signal.SIGHUP, _interrupt)
        self._thread = threading.Thread(target=self._watch, name="kill-switch", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stops watching and restores the signal handlers. A second call does nothing."""
        self._closed.set()
        self._thread.join()
        while self._before:
            signal.signal(*self._before.popitem())

    def _watch(self) -> None:
        armed = False  # a pointer that was in a corner before the run does not stop it
        while not self._closed.wait(POLL_S):
            try:
                pulled = self._pulled()
            except self._lost:
                return
            if pulled and armed:
                _stop_the_main_thread()
            armed = not pulled


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt(f"stopped by {signal.Signals(number).name}")


def _stop_the_main_thread() -> None:
    """Interrupts the main thread even while it waits for a model server or sleeps.

    A real signal ends such a wait. It is SIGTERM, not SIGINT, because a shell starts its background jobs with SIGINT
    ignored. Windows cannot send one to a thread; there a wait for the network must end first.
    """
    ident = threading.main_thread().ident
    if hasattr(signal, "pthread_kill") and ident is not None:
        signal.pthread_kill(ident, signal.SIGTERM)
    else:
        signal.raise_signal(signal.SIGINT)
