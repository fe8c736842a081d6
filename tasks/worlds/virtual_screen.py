"""`Screen`: a virtual screen with real applications: Xvfb, openbox and a session bus."""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple, TypeVar

from actions.errors import DeviceFailure, UsageError
from actions.geometry import Point
from devices import Closing
from devices.tether import tethered

NEEDED = {
    "Xvfb": "xvfb", "openbox": "openbox", "dbus-daemon": "dbus-daemon", "xdotool": "xdotool", "xclip": "xclip",
    "xprop": "x11-utils", "xwininfo": "x11-utils",
}  # fmt: skip
"""The programs of a virtual screen, and their Debian packages."""
SILENT = subprocess.DEVNULL
HOME = "screen-"
"""The home folders of screens are called this, the number of their process, and something random."""
Found = TypeVar("Found")


class Window(NamedTuple):
    """An application's window: the position of its content on the screen."""

    id: str
    left: int
    top: int
    width: int
    height: int

    def at(self, across: float, down: float) -> Point:
        """A point at these fractions, 0 to 1, of its width and height."""
        return Point(self.left + round(self.width * across), self.top + round(self.height * down))


class Screen(Closing):
    """One running virtual screen. Its applications have their own home folder."""

    def __init__(self, size: str = "1280x800") -> None:
        """Raises UsageError if one of its programs is missing."""
        require(NEEDED)
        self._programs: list[subprocess.Popen[bytes]] = []
        _remove_left_homes()
        self.home = Path(tempfile.mkdtemp(prefix=f"{HOME}{os.getpid()}-"))
        with contextlib.ExitStack() as opened:  # ends all of it, even if a signal interrupts the cleanup
            opened.callback(shutil.rmtree, self.home, ignore_errors=True)
            self.display = opened.enter_context(x_server(f"{size}x24"))
            bus = f"unix:path={self.home}/bus"
            self.environ = {
                "PATH": os.environ["PATH"], "HOME": str(self.home), "DISPLAY": self.display, "XAUTHORITY": os.devnull,
                "XDG_SESSION_TYPE": "x11", "NO_AT_BRIDGE": "1", "LC_ALL": "C.UTF-8", "DBUS_SESSION_BUS_ADDRESS": bus,
            }  # fmt: skip
            opened.callback(_end, self._begin(("dbus-daemon", "--session", "--nofork", f"--address={bus}"), self.home))
            opened.callback(_end, self._begin(("openbox",), self.home))
            until(lambda: "_NET_SUPPORTING_WM_CHECK(WINDOW)" in self.run("xprop", "-root", "_NET_SUPPORTING_WM_CHECK"))
            self._opened = opened.pop_all()

    def start(self, *command: str, home: Path | None = None) -> subprocess.Popen[bytes]:
        """Starts a program that `clear` or `close` ends, in the screen's home folder or another one."""
        program = self._begin(command, home or self.home)
        self._programs.append(program)
        return program

    def run(self, *command: str, home: Path | None = None) -> str:
        """The output of a program that ends by itself.

        Raises:
            DeviceFailure: it is missing, or takes more than 20 s.
        """
        where = home or self.home
        try:
            done = subprocess.run(
                command,
                env=self.environ | {"HOME": str(where)},
                cwd=where,
                stdout=subprocess.PIPE,
                stderr=SILENT,
                timeout=20,
                check=False,
                text=True,
                errors="replace",
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise DeviceFailure(f"{' '.join(command)} cannot be run on the virtual screen: {error}.") from error
        return done.stdout

    @contextlib.contextmanager
    def showing(self, title: str, *command: str) -> Iterator[Window]:
        """Runs an application, and waits until its window with this title has the focus."""
        self.start(*command)
        try:
            yield self.window(title)
        finally:
            self.clear()

    def clear(self) -> None:
        """Ends the applications and their children, and waits until no window is left."""
        self._end_programs()
        until(self._emptied)
        # openbox leaves it there, and the next window may well get the same id before it has the focus
        self.run("xprop", "-root", "-remove", "_NET_ACTIVE_WINDOW")

    def window(self, title: str) -> Window:
        """The window with this text in its title, once it has the focus."""
        until(lambda: title in self.title())
        return self.geometry(self.run("xdotool", "getactivewindow").strip())

    def geometry(self, window: str) -> Window:
        """The window with this id, and where it is."""
        listing = self.run("xwininfo", "-id", window)
        names = ("Absolute upper-left X", "Absolute upper-left Y", "Width", "Height")
        numbers = [re.search(rf"{name}: +(-?\d+)", listing) for name in names]
        return Window(window, *(int(number[1]) for number in numbers if number))

    def activate(self, title: str) -> None:
        """Focuses the window with this text in its title, once it exists."""

        def active() -> bool:
            if title not in self.title():
                found = self.run("xdotool", "search", "--onlyvisible", "--name", re.escape(title)).split()
                self.run("xdotool", "windowactivate", *found[:1])
            return title in self.title()

        until(active)

    def title(self) -> str:
        """The title of the focused window."""
        return self.run("xdotool", "getactivewindow", "getwindowname").strip()

    def copy(self, text: str) -> None:
        """Sets the clipboard's text."""
        subprocess.run(
            ["xclip", "-selection", "clipboard"], env=self.environ, input=text.encode(), stdout=SILENT, check=True
        )

    def copied(self, selection: str = "clipboard") -> str:
        """The text on the clipboard."""
        return self.run("xclip", "-selection", selection, "-out")

    def _end(self) -> None:
        with self._opened:
            self._end_programs()

    def _end_programs(self) -> None:
        while self._programs:
            _end(self._programs.pop())

    def _begin(self, command: tuple[str, ...], home: Path) -> subprocess.Popen[bytes]:
        environ = self.environ | {"HOME": str(home)}
        try:  # its own process group, so that its children can be ended with it
            return subprocess.Popen(
                tethered(command), env=environ, cwd=home, stdout=SILENT, stderr=SILENT, start_new_session=True
            )
        except OSError as error:
            raise DeviceFailure(f"{command[0]} cannot be started on the virtual screen: {error}.") from error

    def _emptied(self) -> bool:
        """Whether no window is left; asks remaining ones to close."""
        left = re.findall(r"0x[0-9a-f]+", self.run("xprop", "-root", "_NET_CLIENT_LIST"))
        for window in left:
            self.run("xdotool", "windowkill", window)
        return not left


def require(programs: Mapping[str, str]) -> None:
    """Raises UsageError, with the Debian packages, if one of these programs is missing."""
    missing = [program for program in programs if not shutil.which(program)]
    if missing:
        packages = " ".join(dict.fromkeys(programs[program] for program in missing))
        raise UsageError(f"The virtual screen needs {', '.join(missing)}: sudo apt-get install {packages}")


def until(condition: Callable[[], Found], patience_s: float = 30.0) -> Found:
    """The condition's value once it is true.

    Raises:
        DeviceFailure: it did not come true in time.
    """
    deadline = time.monotonic() + patience_s
    while not (found := condition()):
        if time.monotonic() > deadline:
            raise DeviceFailure(f"The virtual screen did not reach the expected state within {patience_s:g} s.")
        time.sleep(0.03)
    return found


@contextlib.contextmanager
def x_server(screen: str, *flags: str) -> Iterator[str]:
    """Runs Xvfb on a free display and yields its name; `screen` is a size and depth such as 1280x800x24."""
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", screen, "-nolisten", "tcp", "-noreset", *flags]
    server = subprocess.Popen(
        tethered(command), pass_fds=(writing,), stdout=SILENT, stderr=SILENT, start_new_session=True
    )
    try:
        os.close(writing)
        with os.fdopen(reading) as answer:
            yield f":{answer.readline().strip()}"
    finally:
        _end(server)


def _end(program: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(program.pid, signal.SIGKILL)
    program.kill()
    program.wait()


def _remove_left_homes() -> None:
    """Removes the home folders that killed runs of this user have left."""
    for home in Path(tempfile.gettempdir()).glob(f"{HOME}[0-9]*-*"):
        process = int(home.name.removeprefix(HOME).split("-")[0])
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            shutil.rmtree(home, ignore_errors=True)  # those of other users stay, as they are not ours to remove
        except OSError:  # it runs, for another user
            continue
