"""The suites there are, one module each, found by file name, with dashes for underscores."""

import importlib
from contextlib import AbstractContextManager
from pathlib import Path

from actions.errors import UsageError
from tasks.task import Suite, SuiteOptions


def names() -> list[str]:
    """The suites there are."""
    modules = (path.stem for path in Path(__file__).parent.glob("*.py") if path.stem != "__init__")
    return sorted(module.replace("_", "-") for module in modules)


def open_suite(name: str, options: SuiteOptions) -> AbstractContextManager[Suite]:
    """The tasks of that suite, for as long as the block runs: a suite may serve pages of its own.

    Raises:
        UsageError: there is no suite of that name.
    """
    name = name.replace("_", "-")
    if name not in names():
        raise UsageError(f"There is no suite {name!r}. The suites are: {', '.join(names())}.")
    suite: AbstractContextManager[Suite] = importlib.import_module(f"tasks.suites.{name.replace('-', '_')}").open_suite(
        options
    )
    return suite
