"""AITZ, Android in the Zoo: recorded steps with taps, scrolls, text, buttons and endings, from the user's copy."""

from collections.abc import Iterator
from contextlib import contextmanager

from tasks.offline.aitz import load
from tasks.offline.rules import AITZ
from tasks.offline.task import tasks
from tasks.published import ALL, Published
from tasks.task import Suite, SuiteOptions

DATA = Published(
    name="AITZ's test split",
    source="https://github.com/IMNearth/CoAT",
    holds="folders such as general/GENERAL-1 with GENERAL-1.json and GENERAL-1_0.png, _1.png and so on",
    tasks={ALL: 4724},
)


@contextmanager
def open_suite(options: SuiteOptions) -> Iterator[Suite]:
    """One task per step below the folder, which should be the test split's; `--rule` is qwen by default.

    `--tasks general` and the like pick a subset.
    """
    yield tasks(load(DATA.root(options)), AITZ, options.rule)
