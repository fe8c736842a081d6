"""The virtual screen that all tests of a process share."""

import atexit
import functools

from tasks.suites.desktop_sim import APPLICATIONS
from tasks.worlds.virtual_screen import Screen, require

PROGRAMS = {
    "xrandr": "x11-xserver-utils", "xmodmap": "x11-xserver-utils", "setxkbmap": "x11-xkb-utils", "xev": "x11-utils",
    "xcalc": "x11-apps", **APPLICATIONS,
}  # fmt: skip
"""The programs that the tests use on it besides, and the Debian packages that they are in."""


@functools.cache
def shared_screen() -> Screen:
    """The one screen of this test process: pyautogui binds to the first display that it sees.

    Raises UsageError, which names the Debian packages, when a program is missing.
    """
    require(PROGRAMS)
    screen = Screen()
    atexit.register(screen.close)
    return screen


def pressed(screen: Screen) -> int:
    """The buttons and modifiers that the display holds for pressed, as X11's mask."""
    from Xlib import display  # bound to a display only when it is used

    from devices.desktop.display import reaching

    with reaching(screen.display):
        connection = display.Display(screen.display)
    mask = int(connection.screen().root.query_pointer().mask)
    connection.close()
    return mask & ~0x6010  # without the keyboard group and num lock
