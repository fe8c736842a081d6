"""`misfits`: what a suite file asks for that cannot be, such as a check on the wrong device or a missing picture."""

import difflib
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import get_args, get_type_hints

import devices
from actions.geometry import Size
from tasks.scripted.checks import DEVICES, Check, ElementCheck, RegionCheck
from tasks.scripted.schema import DescribedTask, Move, Server, SuiteFile, TaskLimits

_DESKTOP_PAGE = Size(1280, 800)
"""The browser's viewport where a task gives none."""
_CLASSES = (SuiteFile, DescribedTask, TaskLimits, Move, Server, *get_args(get_args(Check)[0]))
_NAMES = {field.alias or name for kind in _CLASSES for name, field in kind.model_fields.items()}
KEYS = sorted(_NAMES | {"variables", "rows"})
"""Every key that a suite file can have somewhere."""
Place = Sequence[str | int]


def alike(word: str, known: Iterable[str]) -> str:
    """A question about the nearest of the known words, if one is near: "; did you mean 'steps'?"."""
    near = difflib.get_close_matches(word, list(known), 1)
    return f"; did you mean {near[0]!r}?" if near else ""


def misfits(suite: SuiteFile, folder: Path) -> Iterator[tuple[Place, str]]:
    """What cannot be, each with its place in the file; paths are below `folder`."""
    seen: set[str] = set()
    for index, task in enumerate(suite.tasks):
        place = ("tasks", index)
        if task.id in seen:
            yield (*place, "id"), f"there is another task {task.id!r}. Give each its own id."
        seen.add(task.id)
        if task.device not in devices.names():
            yield (*place, "device"), f"there is no device {task.device!r}{alike(task.device, devices.names())}"
        elif task.adb and task.device != "android":
            yield (*place, "adb"), f"`adb` is for a phone, and the device of {task.id!r} is {task.device}."
        yield from _page(task, suite.pages, folder, place)
        for number, check in enumerate(task.checks):
            yield from _check(check, task, folder, (*place, "checks", number))
        for number, move in enumerate(task.solution):
            yield from _move(move, task, (*place, "solution", number))


def _page(task: DescribedTask, pages: Path | None, folder: Path, place: Place) -> Iterator[tuple[Place, str]]:
    if pages is None or not (folder / pages).is_dir() or not (task.address or "").startswith("/"):
        return
    path = re.split(r"[?#]", task.address or "")[0].lstrip("/")
    if not (folder / pages / path).exists():
        yield (*place, "address"), f"there is no page {path} in {folder / pages}."


def _check(check: Check, task: DescribedTask, folder: Path, place: Place) -> Iterator[tuple[Place, str]]:
    kind = check.kind
    if task.device not in (possible := DEVICES.get(kind, (task.device,))):
        yield place, f"a check of the kind {kind} is for {' and '.join(possible)}, and the device is {task.device}."
    if isinstance(check, RegionCheck) and not (folder / check.picture).is_file():
        yield (*place, "picture"), f"there is no picture {folder / check.picture}."
    if isinstance(check, ElementCheck) and check.role is not None and check.role not in (roles := _roles()):
        yield (*place, "role"), f"there is no role {check.role!r}{alike(check.role, roles)}"


def _move(move: Move, task: DescribedTask, place: Place) -> Iterator[tuple[Place, str]]:
    """A point that is off the page; the sizes of other devices are known when they are opened."""
    if task.device != "browser":
        return
    size = task.viewport or _DESKTOP_PAGE
    for name, value in move.arguments.items():
        if not (isinstance(value, list | tuple) and len(value) == 2):
            continue
        x, y = value
        numbers = isinstance(x, int | float) and isinstance(y, int | float)
        if numbers and not (0 <= x < size.width and 0 <= y < size.height):
            yield (*place, "arguments", name), f"the point ({x}, {y}) is off the page, which is {size}."


def _roles() -> frozenset[str]:
    """The ARIA roles that Playwright finds elements by."""
    from playwright.async_api import Page

    return frozenset(get_args(get_type_hints(Page.get_by_role)["role"]))
