"""The suites, one module each, found by file name, with dashes for underscores."""

import importlib
from contextlib import AbstractContextManager
from pathlib import Path
from types import ModuleType

from actions.errors import UsageError
from tasks.published import Published
from tasks.task import Suite, SuiteOptions


def names() -> list[str]:
    """The names of the suites."""
    modules = (path.stem for path in Path(__file__).parent.glob("*.py") if path.stem != "__init__")
    return sorted(module.replace("_", "-") for module in modules)


def data_of(name: str) -> Published | None:
    """The published data set that a suite needs; None if it needs none. Raises UsageError like `open_suite`."""
    data: Published | None = getattr(find(name), "DATA", None)
    return data


def by_others(name: str) -> bool:
    """Whether a suite is a benchmark that others published. Raises UsageError like `open_suite`."""
    return data_of(name) is not None or bool(getattr(find(name), "BY_OTHERS", False))


def open_suite(name: str, options: SuiteOptions) -> AbstractContextManager[Suite]:
    """The tasks of that suite, for the duration of the block: a suite may serve its own pages.

    Raises:
        UsageError: there is no suite of that name, or a rule is named for one that has none to choose from.
    """
    module = find(name)
    if options.rule is not None and not hasattr(module, "RULES"):
        raise UsageError(f"The suite {name} has no rules to choose from. Leave --rule out.")
    suite: AbstractContextManager[Suite] = module.open_suite(options)
    return suite


def find(name: str) -> ModuleType:
    name = name.replace("_", "-")
    if name not in names():
        raise UsageError(f"There is no suite {name!r}. The suites are: {', '.join(names())}.")
    return importlib.import_module(f"{__package__}.{name.replace('-', '_')}")
