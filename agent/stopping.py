"""`stoppable`: Ctrl-C, `kill` and a closed terminal stop the run in order, and end the process in any case.

A signal's handler runs only when the main thread executes Python code, which a large multiplication or a library call
may delay for long. A thread that reads the signals from a pipe ends the process even then.

`finishing` is for what such a signal completes.
"""

import os
import select
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

PATIENCE_S = 1.2
"""Time for closing the record and the device; in all, the process ends within two seconds."""
TOGETHER_S = 0.3
"""Signals within this time count as one: `timeout` and some terminals send theirs twice."""
STOPS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
ENDED = b"\0"
"""What goes through the signals' pipe at the end of the block; no signal has this number."""
SHOW_CURSOR = b"\x1b[?25h"
STOPPED_CODE = 130


@contextmanager
def stoppable(last_words: Callable[[], None]) -> Iterator[None]:
    """Lets a signal stop the block, if it runs in the main thread.

    The first signal raises KeyboardInterrupt there, and calls `last_words` in another thread. If the block has not
    ended after PATIENCE_S, the process ends. A second signal ends the process at once. In any other thread, which gets
    no signals, this does nothing.
    """
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "pthread_kill"):
        yield
        return
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    interrupt = _once()
    before = {number: signal.getsignal(number) for number in STOPS}
    attending = threading.Thread(target=_attend, args=(reading, last_words), name="stopping", daemon=True)
    attending.start()
    outer = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    try:
        for number in STOPS:
            if before[number] is not signal.SIG_IGN:  # ignored on purpose: nohup, or a shell's background job
                signal.signal(number, interrupt)
        yield
    finally:
        signal.set_wakeup_fd(outer)
        for number, handler in before.items():
            signal.signal(number, handler)
        os.write(writing, ENDED)  # closing it would not do: a child or a library may hold a copy
        attending.join()
        os.close(writing)
        os.close(reading)


@contextmanager
def finishing() -> Iterator[threading.Event]:
    """The first Ctrl-C, or signal to stop, sets the event and interrupts nothing; a second one ends the process."""
    asked = threading.Event()

    def finish(number: int, frame: FrameType | None) -> None:
        if asked.is_set():
            _end()
        asked.set()

    before = {number: signal.signal(number, finish) for number in STOPS}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _once() -> Callable[[int, FrameType | None], None]:
    """A handler that raises KeyboardInterrupt at its first call: the unwinding must not be interrupted again."""
    calls: list[int] = []

    def interrupt(number: int, frame: FrameType | None) -> None:
        calls.append(number)
        if len(calls) == 1:
            raise KeyboardInterrupt(f"stopped by {signal.Signals(number).name}")

    return interrupt


def _attend(reading: int, last_words: Callable[[], None]) -> None:
    """Waits for the first signal, and then for a second one, until the block ends."""
    if not _stopped(reading, None):
        return
    first = time.monotonic()
    threading.Thread(target=last_words, name="last words", daemon=True).start()
    while (left := first + PATIENCE_S - time.monotonic()) > 0:
        stopped = _stopped(reading, left)
        if stopped is False:
            return
        if stopped and time.monotonic() - first > TOGETHER_S:
            break
    _end()


def _stopped(reading: int, timeout_s: float | None) -> bool | None:
    """Waits for a signal (True), the end of the block (False), or the timeout (None)."""
    end = None if timeout_s is None else time.monotonic() + timeout_s
    while select.select([reading], [], [], None if end is None else max(0.0, end - time.monotonic()))[0]:
        came = os.read(reading, 1)
        if came[0] in STOPS:
            return True
        if came == ENDED:
            return False
    return None


def _end() -> None:
    """Ends the process, whatever its other threads do; its helper processes end with it."""
    for output in (1, 2):
        if os.isatty(output):  # a spinner may have hidden the cursor
            os.write(output, SHOW_CURSOR)
    os._exit(STOPPED_CODE)
