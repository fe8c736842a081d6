"""A virtual screen of the tests' own: Xvfb, openbox and a session bus, with real applications on it."""

import atexit
import contextlib
import functools
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple, Self, TypeVar

import pytest

from actions.geometry import Point

NEEDED = (
    "Xvfb openbox dbus-daemon xdotool xclip xrandr xprop xwininfo xmodmap setxkbmap xev xcalc xterm mousepad pcmanfm "
    "gnome-calculator"
).split()
SILENT = subprocess.DEVNULL
Found = TypeVar("Found")


class Window(NamedTuple):
    """An application's window: where its content is on the screen."""

    id: str
    left: int
    top: int
    width: int
    height: int

    def at(self, across: float, down: float) -> Point:
        """A point at these parts, 0 to 1, of its width and height."""
        return Point(self.left + round(self.width * across), self.top + round(self.height * down))


class Screen:
    """One running virtual screen. Its applications live in a home folder of their own."""

    def __init__(self, size: str = "1280x800") -> None:
        self._running: list[subprocess.Popen[bytes]] = []
        self.home = Path(tempfile.mkdtemp(prefix="screen-"))
        reading, writing = os.pipe()
        server = ["Xvfb", "-displayfd", str(writing), "-screen", "0", f"{size}x24", "-nolisten", "tcp", "-noreset"]
        self._running.append(subprocess.Popen(server, pass_fds=(writing,), stdout=SILENT, stderr=SILENT))
        os.close(writing)
        with os.fdopen(reading) as answer:
            self.display = f":{answer.readline().strip()}"
        bus = f"unix:path={self.home}/bus"
        self.environ = {
            "PATH": os.environ["PATH"], "HOME": str(self.home), "DISPLAY": self.display, "XAUTHORITY": os.devnull,
            "XDG_SESSION_TYPE": "x11", "NO_AT_BRIDGE": "1", "LC_ALL": "C.UTF-8", "DBUS_SESSION_BUS_ADDRESS": bus,
        }  # fmt: skip
        self.start("dbus-daemon", "--session", "--nofork", f"--address={bus}")
        self.start("openbox")
        until(lambda: "_NET_SUPPORTING_WM_CHECK(WINDOW)" in self.run("xprop", "-root", "_NET_SUPPORTING_WM_CHECK"))

    def start(self, *command: str) -> subprocess.Popen[bytes]:
        """Starts a program that `close` ends."""
        program = subprocess.Popen(command, env=self.environ, cwd=self.home, stdout=SILENT, stderr=SILENT)
        self._running.append(program)
        return program

    def run(self, *command: str) -> str:
        """What a program that ends by itself prints."""
        done = subprocess.run(
            command,
            env=self.environ,
            stdout=subprocess.PIPE,
            stderr=SILENT,
            timeout=20,
            check=False,
            text=True,
            errors="replace",
        )
        return done.stdout

    @contextlib.contextmanager
    def showing(self, title: str, *command: str) -> Iterator[Window]:
        """Runs an application, and waits until its window, which has this in its title, has the focus."""
        program = self.start(*command)
        try:
            yield self.window(title)
        finally:
            program.kill()
            program.wait()
            self._running.remove(program)
            until(lambda: "0x" not in self.run("xprop", "-root", "_NET_CLIENT_LIST"))
            # openbox leaves it there, and the next window may well get the same id before it has the focus
            self.run("xprop", "-root", "-remove", "_NET_ACTIVE_WINDOW")

    def window(self, title: str) -> Window:
        """The window with this in its title, once it has the focus."""
        until(lambda: title in self.title())
        found = self.run("xdotool", "getactivewindow").strip()
        told = self.run("xwininfo", "-id", found)
        names = ("Absolute upper-left X", "Absolute upper-left Y", "Width", "Height")
        numbers = [re.search(rf"{name}: +(-?\d+)", told) for name in names]
        return Window(found, *(int(number[1]) for number in numbers if number))

    def title(self) -> str:
        """The title of the window that has the focus."""
        return self.run("xdotool", "getactivewindow", "getwindowname").strip()

    def copy(self, text: str) -> None:
        """Puts a text on the clipboard."""
        subprocess.run(
            ["xclip", "-selection", "clipboard"], env=self.environ, input=text.encode(), stdout=SILENT, check=True
        )

    def copied(self, selection: str = "clipboard") -> str:
        """The text on the clipboard."""
        return self.run("xclip", "-selection", selection, "-out")

    def close(self) -> None:
        for program in reversed(self._running):
            program.kill()
            program.wait()
        shutil.rmtree(self.home, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@functools.cache
def shared_screen() -> Screen:
    """The one screen of this test process: pyautogui binds to the first display that it sees."""
    missing = [program for program in NEEDED if not shutil.which(program)]
    if missing:
        pytest.skip(f"needs {', '.join(missing)}")
    screen = Screen()
    atexit.register(screen.close)
    return screen


def until(condition: Callable[[], Found], patience_s: float = 10.0) -> Found:
    """What the condition returns once that is true.

    Raises:
        TimeoutError: it did not come true in time.
    """
    deadline = time.monotonic() + patience_s
    while not (found := condition()):
        if time.monotonic() > deadline:
            raise TimeoutError("it did not come true")
        time.sleep(0.03)
    return found
