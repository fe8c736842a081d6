"""`deadline`: ends what an episode is doing once its time is over, in the middle of a step if need be."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from actions.errors import DeviceFailure, EngineFailure, TimeUp
from devices import Environment

GRACE_S = 1.0
"""How long what was broken into may take to unwind (a button has to be released); then the device is aborted."""


@contextmanager
def deadline(environment: Environment, seconds: float) -> Iterator[None]:
    """Ends the block once these seconds are over.

    In the main thread a signal breaks into whatever the block waits for, be it a device or a model. What does not react
    to that, and a block in another thread, is ended by aborting the environment: there a model's own time-out holds.

    Raises:
        TimeUp: the time was over, or is so from the start.
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
        strike.over.set()  # again, as the first time may be what was broken into
        timer.cancel()
        timer.join()  # so that no signal is on its way when its handler goes
        if strike.signals:
            signal.signal(signal.SIGALRM, before)


class _Strike:
    """What happens at a deadline to the thread that made this, unless it is `over` with its block before."""

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
        """The handler of the signal: raises once, and not where the block is left already."""
        if not self._broken_into and not self.over.is_set():
            self._broken_into = True
            raise TimeUp
