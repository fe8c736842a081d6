"""Tasks in OSWorld's manner: real Debian applications on a virtual screen, scored by OSWorld's evaluator functions.

They are our own and not OSWorld's, whose machine image and files are not here; a score says nothing about OSWorld's.
The applications run as the user, in a home folder of their own, but nothing keeps a terminal from the other folders.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from tasks.osworld.desktop_task import tasks_on
from tasks.task import Suite, SuiteOptions
from tasks.worlds.virtual_screen import Screen, require

APPLICATIONS = {name: name for name in ("mousepad", "pcmanfm", "xterm", "gnome-calculator")}
"""The programs that the tasks are done with, and the Debian packages that they are in."""


@contextmanager
def open_suite(options: SuiteOptions) -> Iterator[Suite]:
    """Every task with each seed, on one screen: pyautogui binds to the first that its process sees.

    Raises:
        UsageError: a program is missing.
    """
    require(APPLICATIONS)
    with Screen() as screen:
        yield tasks_on(screen, options.seeds())
