"""`deadline`: interrupts an episode when its time is over, in the middle of a step if necessary.

The time is that of the environment's clock, which stands still while a person is waited for.
"""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from actions.errors import DeviceFailure, EngineFailure, TimeUp
from devices import Environment

STANDING_S = 0.1
"""How often a clock that stands still is read again."""
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
    strike = _Strike(environment, environment.clock.now() + seconds)
    timer = threading.Thread(target=strike.wait, name="deadline", daemon=True)
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
        if timer.ident is not None:
            timer.join()  # so that no signal arrives after its handler is removed
        if strike.signals:
            signal.signal(signal.SIGALRM, before)


class _Strike:
    """Interrupts the thread that created it at the deadline, unless its block is `over` before."""

    def __init__(self, environment: Environment, end: float) -> None:
        """`end` is a time of the environment's clock."""
        self._environment = environment
        self._end = end
        self._broken_into = False
        self.signals = threading.current_thread() is threading.main_thread() and hasattr(signal, "pthread_kill")
        self.over = threading.Event()
        self.fallen = False

    def wait(self) -> None:
        """Waits for the deadline or the end of the block, in a thread of its own."""
        clock = self._environment.clock
        while (left := self._end - clock.now()) > 0:
            if self.over.wait(min(max(left, STANDING_S) if clock.stands else left, threading.TIMEOUT_MAX)):
                return
        self._fall()

    def _fall(self) -> None:
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
