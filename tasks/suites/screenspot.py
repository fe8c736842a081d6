"""ScreenSpot: GUI grounding on phones, desktops and the web, from the user's copy of its three lists and pictures."""

from collections.abc import Iterator
from contextlib import contextmanager

from tasks.grounding.annotations import data_root
from tasks.grounding.screenspot_family import load
from tasks.grounding.task import tasks
from tasks.task import Suite, SuiteOptions


@contextmanager
def open_suite(options: SuiteOptions) -> Iterator[Suite]:
    """One task per item; `--tasks mobile`, `desktop` or `web` picks a platform."""
    yield tasks(load(data_root(options, "ScreenSpot"), suffix=""), zoom=options.zoom)
