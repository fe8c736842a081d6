"""AITZ, Android in the Zoo: recorded steps with taps, scrolls, text, buttons and endings, from the user's copy."""

from collections.abc import Iterator
from contextlib import contextmanager

from tasks.grounding.annotations import data_root
from tasks.offline.aitz import load
from tasks.offline.rules import AITZ
from tasks.offline.task import tasks
from tasks.task import Suite, SuiteOptions


@contextmanager
def open_suite(options: SuiteOptions) -> Iterator[Suite]:
    """One task per step below the folder, which should be the test split's; `--rule` is qwen by default.

    `--tasks general` and the like pick a subset.
    """
    yield tasks(load(data_root(options, "AITZ")), AITZ, options.rule)
