"""The virtual screen that all tests of a process share."""

import atexit
import functools
from collections.abc import Callable

from actions.action import Action
from actions.geometry import Point
from actions.keyboard import Press
from devices import Environment
from tasks.suites.desktop_sim import APPLICATIONS
from tasks.worlds.virtual_screen import Screen, Window, require, until

At = Callable[[float, float], Point]

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


def watched(screen: Screen, desktop: Environment, *actions: Callable[[At], Action], kinds: str) -> tuple[str, Window]:
    """What xev reports of these actions in its window, events of these `kinds`, and the window, which is gone."""
    log = screen.home / "xev.log"
    watching = " ".join(f"-event {kind}" for kind in kinds.split())
    with screen.showing("Event Tester", "sh", "-c", f"exec stdbuf -oL xev {watching} > {log}") as window:
        for make in actions:
            desktop.perform(make(window.at))
        desktop.perform(Press(keys=("f12",)))
        until(lambda: "F12" in log.read_text())
        return log.read_text(), window
