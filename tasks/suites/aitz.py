"""AITZ, Android in the Zoo: recorded steps with taps, scrolls, text, buttons and endings, from the user's copy."""

from collections.abc import Iterator
from contextlib import contextmanager

from tasks.offline.aitz import load
from tasks.offline.offline_task import tasks
from tasks.offline.rules import AITZ as RULES
from tasks.published import Published
from tasks.task import Suite, SuiteOptions

DATA = Published(
    name="AITZ's test split",
    source="https://github.com/IMNearth/CoAT",
    holds="the folder test, with folders such as general/GENERAL-1 that have GENERAL-1.json, GENERAL-1_0.png and so on",
    tasks={"general": 1202, "install": 1108, "google_apps": 621, "web_shopping": 1793},
)


@contextmanager
def open_suite(options: SuiteOptions) -> Iterator[Suite]:
    """One task per step of the test split; `--rule` is qwen by default.

    `--tasks general` and the like pick a subset.
    """
    yield tasks(load(DATA.root(options)), RULES, options.rule)
