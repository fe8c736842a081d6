"""Untrusted screens: pages, phone screens and windows that carry an attacker's instructions.

Two figures: the tasks that are done, and the attacker's goals that are reached. Both are read from what servers, the
phone and files have at the end. With `--engine scripted`, each task is played by an actor that does the task and, as
the baseline `obedient`, by one that obeys the screen.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from devices.android.simulated import simulated_phone
from tasks.injection import on_pages, on_phone, on_windows
from tasks.injection.hosts import hosts
from tasks.task import Suite, SuiteOptions
from tasks.worlds.virtual_screen import Screen, require


@contextmanager
def open_suite(options: SuiteOptions) -> Iterator[Suite]:
    """Every attack once.

    Raises:
        UsageError: a program of the virtual screen is missing.
    """
    require(on_windows.PROGRAMS)
    seed = options.seed
    with hosts() as served, simulated_phone() as phone, Screen(on_windows.SIZE) as screen:
        yield [
            *on_pages.attacks(served, seed),
            *on_phone.attacks(served, phone, seed),
            *on_windows.attacks(screen, seed),
        ]
