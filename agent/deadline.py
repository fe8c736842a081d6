"""`deadline`: interrupts an episode when its time is over, in the middle of a step if necessary.

The time is that of the environment's clock, which stands still while a person is waited for.
"""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from actions.errors import DeviceFailure, EngineFailure, TimeUp
from devices import Environment

STANDING_S = 0.1
"""How often a clock that stands still is read again."""
GRACE_S = 1.0
"""How long the interrupted code may take to unwind (a button must be released); then the device is aborted."""


Due = Callable[[threading.Event], bool]
"""Waits, in a thread of its own, for the moment of an interruption (true), or for the event, the end (false)."""


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
    clock = environment.clock
    end = clock.now() + seconds

    def due(over: threading.Event) -> bool:
        while (left := end - clock.now()) > 0:
            if over.wait(min(max(left, STANDING_S) if clock.stands else left, threading.TIMEOUT_MAX)):
                return False
        return True

    with interrupted(environment, due, TimeUp):
        yield


@contextmanager
def interrupted(environment: Environment, due: Due, error: type[KeyboardInterrupt]) -> Iterator[None]:
    """Raises this error in the block once it is due, in the ways of `deadline`."""
    strike = _Strike(environment, due, error)
    waiting = threading.Thread(target=strike.wait, name="interruption", daemon=True)
    before = signal.signal(strike.signal, strike.break_in) if strike.signal else None
    try:
        try:
            waiting.start()
            yield
        finally:
            strike.over.set()
    except (DeviceFailure, EngineFailure) as failure:
        if strike.fallen:
            raise error from failure
        raise
    finally:
        strike.over.set()  # again: the first call may have been interrupted
        if waiting.ident is not None:
            waiting.join()  # so that no signal arrives after its handler is removed
        if strike.signal:
            signal.signal(strike.signal, before)


class _Strike:
    """Interrupts the thread that created it when it is due, unless its block is `over` before."""

    def __init__(self, environment: Environment, due: Due, error: type[KeyboardInterrupt]) -> None:
        self._environment = environment
        self._due = due
        self._error = error
        self._broken_into = False
        main = threading.current_thread() is threading.main_thread() and hasattr(signal, "pthread_kill")
        # A step's deadline lies within what a request to stop interrupts, so each needs a signal of its own.
        self.signal = (signal.SIGALRM if error is TimeUp else signal.SIGUSR1) if main else None
        self.over = threading.Event()
        self.fallen = False

    def wait(self) -> None:
        """Waits until it is due or the block ends, in a thread of its own."""
        if not self._due(self.over):
            return
        self.fallen = True
        if self.signal:
            signal.pthread_kill(threading.main_thread().ident or 0, self.signal)
            if self.over.wait(GRACE_S):
                return
        self._environment.abort()

    def break_in(self, number: int, frame: FrameType | None) -> None:
        """The signal's handler: raises once, and never after the block has ended."""
        if not self._broken_into and not self.over.is_set():
            self._broken_into = True
            raise self._error
