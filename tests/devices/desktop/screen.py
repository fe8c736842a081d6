"""The virtual screen that all tests of a process share."""

import atexit
import functools
import shutil

import pytest

from tasks.virtual_screen import NEEDED, Screen

APPLICATIONS = "xrandr xmodmap setxkbmap xev xcalc xterm mousepad pcmanfm gnome-calculator".split()


@functools.cache
def shared_screen() -> Screen:
    """The one screen of this test process: pyautogui binds to the first display that it sees."""
    missing = [program for program in (*NEEDED, *APPLICATIONS) if not shutil.which(program)]
    if missing:
        pytest.skip(f"needs {', '.join(missing)}")
    screen = Screen()
    atexit.register(screen.close)
    return screen
