"""`Clock`: the time of an episode, which stands still while a person is waited for."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Clock:
    """Seconds since some moment, without the time within `stopped` blocks. Any thread may read it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._stops = 0
        self._stopped_at = 0.0
        self._lost_s = 0.0

    def now(self) -> float:
        with self._lock:
            return (self._stopped_at if self._stops else time.monotonic()) - self._lost_s

    @property
    def stands(self) -> bool:
        """Whether it stands still."""
        return self._stops > 0

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """It stands still within the block; blocks may be nested."""
        with self._lock:
            if not self._stops:
                self._stopped_at = time.monotonic()
            self._stops += 1
        try:
            yield
        finally:
            with self._lock:
                self._stops -= 1
                if not self._stops:
                    self._lost_s += time.monotonic() - self._stopped_at
