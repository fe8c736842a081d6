"""`deadline`: interrupts an episode when its time is over, in the middle of a step if necessary."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from actions.errors import DeviceFailure, EngineFailure, TimeUp
from devices import Environment

GRACE_S = 1.0
"""How long the interrupted code may take to unwind (a button must be released); then the device is aborted."""


@contextmanager
def deadline(environment: Environment, seconds: float) -> Iterator[None]:
    """Interrupts the block after this many seconds.

    In the main thread a signal interrupts whatever the block waits for, a device or a model. A block that does not
    react to it, or that runs in another thread, is ended by aborting the environment; a model's request then ends by
    its own timeout.

    Raises:
        TimeUp: the time is over, or was over from the start.
    """
    if seconds <= 0:
        raise TimeUp
    strike = _Strike(environment)
    timer = threading.Timer(min(seconds, threading.TIMEOUT_MAX), strike.fall)
    timer.daemon = True
    before = signal.signal(signal.SIGALRM, strike.break_in) if strike.signals else None
    try:
        try:
            timer.start()
            yield
        finally:
            strike.over.set()
    except (DeviceFailure, EngineFailure) as failure:
        if strike.fallen:
            raise TimeUp from failure
        raise
    finally:
        strike.over.set()  # again: the first call may have been interrupted
        timer.cancel()
        timer.join()  # so that no signal arrives after its handler is removed
        if strike.signals:
            signal.signal(signal.SIGALRM, before)


class _Strike:
    """Interrupts the thread that created it at the deadline, unless its block is `over` before."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._broken_into = False
        self.signals = threading.current_thread() is threading.main_thread() and hasattr(signal, "pthread_kill")
        self.over = threading.Event()
        self.fallen = False

    def fall(self) -> None:
        """Runs in the timer's thread."""
        self.fallen = True
        if self.signals:
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGALRM)
            if self.over.wait(GRACE_S):
                return
        self._environment.abort()

    def break_in(self, number: int, frame: FrameType | None) -> None:
        """The signal's handler: raises once, and never after the block has ended."""
        if not self._broken_into and not self.over.is_set():
            self._broken_into = True
            raise TimeUp
