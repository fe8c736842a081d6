"""Tasks in the style of OSWorld: real Debian applications on a virtual screen, scored by OSWorld's evaluator functions.

They are our own tasks: OSWorld's machine image and files are not included, and a score does not predict OSWorld's.
The applications run as the user, in their own home folder, but a terminal can reach all other folders.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from tasks.osworld.desktop_task import tasks_on
from tasks.task import Suite, SuiteOptions
from tasks.worlds.virtual_screen import Screen, require

APPLICATIONS = {name: name for name in ("mousepad", "pcmanfm", "xterm", "gnome-calculator", "yad")} | {
    "bitmap": "x11-apps"
}
"""The programs of the tasks, and their Debian packages."""


@contextmanager
def open_suite(options: SuiteOptions) -> Iterator[Suite]:
    """Every task with each seed, on one screen: pyautogui binds to the first one of its process.

    Raises:
        UsageError: a program is missing.
    """
    require(APPLICATIONS)
    with Screen() as screen:
        yield tasks_on(screen, options.seeds())
