"""MiniWoB++ from the PyPI package `miniwob` (MIT): where its pages are, and oracles that know what to do there."""

import importlib.util
import re
from pathlib import Path

from actions.errors import UsageError
from actions.geometry import Size

SCREEN = Size(168, 224)
"""The task area of 160 by 210 pixels with a margin, in whole patches of 28 pixels."""
FLIGHT_SCREEN = Size(392, 672)
"""The same of FlightWoB's 375 by 667 pixels."""
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
    """The folder to serve, with `miniwob/TASK.html` below it. Raises UsageError when the package is missing."""
    return package() / "html"


def tasks() -> list[str]:
    """The tasks that the package registers as environments. Raises UsageError when the package is missing."""
    registered = (package() / "registration.py").read_text(encoding="utf-8")
    return re.findall(r'id="miniwob/(.+)-v1"', registered)


def oracles() -> str:
    """The script that gives a task's page `miniwob.next()`: what to do next, as `oracles/page.js` describes it."""
    first = _ORACLES / "page.js"
    others = sorted(path for path in _ORACLES.glob("*.js") if path != first)
    return "\n".join(path.read_text(encoding="utf-8") for path in (first, *others))


def path_of(task: str) -> str:
    """The page of a task, as seen from the folder to serve."""
    return f"flight/{task.removeprefix('flight.')}/wrapper.html" if is_flight(task) else f"miniwob/{task}.html"


def screen_of(task: str) -> Size:
    """How much of its page is shown."""
    return FLIGHT_SCREEN if is_flight(task) else SCREEN


def is_flight(task: str) -> bool:
    """Whether it is one of the three larger pages of FlightWoB."""
    return task.startswith("flight.")
