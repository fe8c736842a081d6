"""`Keys`: what a person presses at the terminal while a run goes on: `p` pauses it, `m` sends a message to the model.

The terminal then hands over each key at once and does not show it. Ctrl-C stays Ctrl-C. Every way out of the program
but a SIGKILL restores the terminal; a question to the person (`agent.terminal.ask`) gets it back for its answer.
"""

import contextlib
import os
import re
import select
import sys
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Self

from actions.errors import RecordFailure
from agent.control import Control

if TYPE_CHECKING:
    from agent.terminal import Terminal

try:
    import termios
    import tty
except ImportError:  # Windows has no such terminals: there the files of `Control` remain
    termios = None  # type: ignore[assignment]

AGAIN_S = 0.5
"""How often it is checked whether the terminal is still in this mode: a shell changes it when the run is suspended."""
_SEQUENCE = re.compile(r"\x1b(?:O.|\[[0-?]*[ -/]*[@-~])")
"""A function key or an arrow, as terminals send it."""


class Keys:
    """Listens within a `with` block, if the program is in the foreground of a terminal."""

    _listening: "Keys | None" = None
    """The one that listens: a process has one terminal."""

    def __init__(self, control: Control, console: "Terminal", messages: bool = True) -> None:
        """`messages` is whether the model reads any."""
        self._control = control
        self._console = console
        self._messages = messages
        self._reading = threading.RLock()
        self._free = threading.Event()
        self._free.set()

    def __enter__(self) -> Self:
        stdin = sys.stdin
        self._fd = stdin.fileno() if termios and stdin is not None and stdin.isatty() else -1
        if self._fd < 0 or not self._in_front():
            return self
        self._before: list[Any] = termios.tcgetattr(self._fd)
        self._wake, self._waker = os.pipe()
        self._over = threading.Event()
        self._set_mode(keys=True)
        message = " m to send a message to the model," if self._messages else ""
        self._console.print(f"Press p to pause,{message} Ctrl-C to stop.", style="dim")
        Keys._listening = self
        self._thread = threading.Thread(target=self._listen, name="keys", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        if Keys._listening is not self:
            return
        Keys._listening = None
        self._over.set()
        self._interrupt()
        self._thread.join()
        self._set_mode(keys=False)
        os.close(self._wake)
        os.close(self._waker)

    @classmethod
    def release(cls) -> None:
        """Restores the terminal, from any thread: the process is about to end."""
        if cls._listening:
            cls._listening._set_mode(keys=False)

    @classmethod
    @contextlib.contextmanager
    def suspended(cls) -> Iterator[None]:
        """Within the block the terminal reads lines, as usual, and what was pressed before is forgotten.

        A person who is writing a message is waited for.
        """
        keys = cls._listening
        if keys is None:
            yield
            return
        keys._free.clear()
        keys._interrupt()
        with keys._reading:
            keys._set_mode(keys=False)
            termios.tcflush(keys._fd, termios.TCIFLUSH)
            try:
                yield
            finally:
                if cls._listening is keys:
                    keys._set_mode(keys=True)
                keys._free.set()

    def _listen(self) -> None:
        with contextlib.suppress(OSError, termios.error):  # the terminal is gone
            while not self._over.is_set():
                with self._reading:
                    for key in self._pressed():
                        if key == "p":
                            self._toggle_pause()
                        if key == "m" and self._messages:
                            self._send_message()
                            break
                self._free.wait()

    def _pressed(self) -> str:
        """The next keys, without those that send a sequence; empty after a while, or when it is interrupted."""
        in_front = self._in_front()
        if in_front and termios.tcgetattr(self._fd)[3] & termios.ICANON:
            self._set_mode(keys=True)
        ready = self._ready(in_front, AGAIN_S)
        if self._fd not in ready or not self._in_front():
            return ""
        if not (keys := self._read()):
            raise OSError("the terminal was closed")
        return _SEQUENCE.sub("", keys)

    def _toggle_pause(self) -> None:
        with contextlib.suppress(RecordFailure):  # the run itself reports it
            if self._control.paused:
                self._control.proceed()
            else:
                self._control.pause()
                self._console.print("It pauses after this step.")

    def _send_message(self) -> None:
        if self._console.spinning:
            self._console.spinning.stop()
        self._set_mode(keys=False)
        self._console.print("Message to the model: ", end="")
        line = ""
        while not line.endswith("\n") and not self._over.is_set():
            if self._fd in self._ready(True, AGAIN_S):
                line += self._read() or "\n"  # the end of the input
        self._set_mode(keys=True)
        message = line.strip()
        if message:
            with contextlib.suppress(RecordFailure):
                self._control.send(message)
                self._console.print("The model reads it with its next prompt.")

    def _ready(self, in_front: bool, seconds: float) -> list[int]:
        """What can be read: the terminal, if the program is in its foreground, or the request to look again."""
        ready = select.select([self._wake, *([self._fd] if in_front else [])], [], [], seconds)[0]
        if self._wake in ready:
            os.read(self._wake, 64)
        return ready

    def _read(self) -> str:
        return os.read(self._fd, 4096).decode("utf-8", "replace")

    def _interrupt(self) -> None:
        os.write(self._waker, b"!")

    def _in_front(self) -> bool:
        """Whether the terminal takes changes and input from this process; a background job would be suspended."""
        try:
            return os.tcgetpgrp(self._fd) == os.getpgrp()
        except OSError:  # the terminal is gone, or is not the one that controls this process
            return False

    def _set_mode(self, keys: bool) -> None:
        if not self._in_front():
            return
        with contextlib.suppress(termios.error):  # the terminal is gone
            if keys:
                tty.setcbreak(self._fd, termios.TCSADRAIN)
            else:
                termios.tcsetattr(self._fd, termios.TCSADRAIN, self._before)
