"""MiniWoB++ from the PyPI package `miniwob` (MIT): its pages, and oracles that solve them."""

import importlib.util
import re
from pathlib import Path

from actions.errors import UsageError
from actions.geometry import Size

SCREEN = Size(168, 224)
"""The task area of 160x210 pixels plus a margin, in whole patches of 28 pixels."""
FLIGHT_SCREEN = Size(392, 672)
"""The same for FlightWoB's 375x667 pixels."""
_ORACLES = Path(__file__).parent / "oracles"


def package() -> Path:
    """The folder of the package, whose Python is not imported.

    Raises:
        UsageError: the package is missing.
    """
    found = importlib.util.find_spec("miniwob")
    if found is None or found.origin is None:
        raise UsageError("MiniWoB++'s pages are missing. Install them with: pip install '.[bench]'")
    return Path(found.origin).parent


def html() -> Path:
    """The folder to serve, with `miniwob/TASK.html` below it. Raises UsageError if the package is missing."""
    return package() / "html"


def tasks() -> list[str]:
    """The tasks that the package registers as environments. Raises UsageError if the package is missing."""
    registered = (package() / "registration.py").read_text(encoding="utf-8")
    return re.findall(r'id="miniwob/(.+)-v1"', registered)


def oracles() -> str:
    """The script that defines `miniwob.next()`, the next step, in a task's page; see `oracles/page.js`."""
    first = _ORACLES / "page.js"
    others = sorted(path for path in _ORACLES.glob("*.js") if path != first)
    return "\n".join(path.read_text(encoding="utf-8") for path in (first, *others))


def path_of(task: str) -> str:
    """The page of a task, relative to the served folder."""
    return f"flight/{task.removeprefix('flight.')}/wrapper.html" if is_flight(task) else f"miniwob/{task}.html"


def screen_of(task: str) -> Size:
    """The visible size of its page."""
    return FLIGHT_SCREEN if is_flight(task) else SCREEN


def is_flight(task: str) -> bool:
    """Whether it is one of FlightWoB's three larger pages."""
    return task.startswith("flight.")
