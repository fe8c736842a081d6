"""`misfits`: what a suite file asks for that cannot be, such as a check on the wrong device or a missing picture."""

import difflib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import get_args, get_type_hints

import devices
from actions.action import ActionSpace, Call
from actions.control import CONTROL
from actions.errors import ModelMistake, UsageError
from actions.geometry import Size, Viewport
from actions.holding import HOLDING
from actions.keyboard import KEYBOARD
from actions.mouse import MOUSE
from actions.phone import PHONE
from actions.secrets import read_secret
from actions.touch import TOUCH
from actions.web import UPLOAD, WEB
from agent.answers import read_schema
from devices.rules.policy_file import read_policy
from tasks.learned.file import path_of
from tasks.scripted.checks import DEVICES, Check, ElementCheck, RegionCheck, TextCheck
from tasks.scripted.schema import DescribedTask, Move, Server, SuiteFile, TaskLimits
from tasks.worlds import printed

ENDINGS = frozenset({".toml", ".yaml", ".yml"})
"""What the name of a suite file ends with."""
_ANY = Size(100_000, 100_000)
"""More than any screen."""
_SPACES = {
    "browser": ActionSpace(MOUSE, KEYBOARD, HOLDING, WEB, UPLOAD, CONTROL),
    "desktop": ActionSpace(MOUSE, KEYBOARD, HOLDING, CONTROL),
    "android": ActionSpace(TOUCH, KEYBOARD, PHONE, CONTROL),
}
_CLASSES = (SuiteFile, DescribedTask, TaskLimits, Move, Server, *get_args(get_args(Check)[0]))
_NAMES = {field.alias or name for kind in _CLASSES for name, field in kind.model_fields.items()}
KEYS = sorted(_NAMES | {"rows"})
"""Every key that a suite file can have somewhere."""
Place = Sequence[str | int]


def alike(word: str, known: Iterable[str]) -> str:
    """A question about the nearest of the known words, if one is near: "; did you mean 'steps'?"."""
    near = difflib.get_close_matches(word, list(known), 1)
    return f"; did you mean {near[0]!r}?" if near else ""


def misfits(suite: SuiteFile, folder: Path) -> Iterator[tuple[Place, str]]:
    """What cannot be, each with its place in the file; paths are below `folder`."""
    yield from _files(suite, folder, ())
    for number, other in enumerate(suite.include):
        if other.suffix not in ENDINGS:
            yield ("include", number), f"{other} is no suite file: it must end with {', '.join(sorted(ENDINGS))}."
        elif not (folder / other).is_file():
            there = [path.name for path in (folder / other).parent.glob("*.*")]
            yield ("include", number), f"there is no file {folder / other}{alike(other.name, there)}"
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
        yield from _files(task, folder, place)
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


def _files(part: SuiteFile | DescribedTask, folder: Path, place: Place) -> Iterator[tuple[Place, str]]:
    """Files and variables that cannot be read."""
    if fault := _fault(lambda: part.policy and read_policy(folder / part.policy)):
        yield (*place, "policy"), fault
    for spec in part.secrets:
        if fault := _fault(partial(read_secret, spec, folder)):
            yield (*place, "secrets"), fault
    if isinstance(part, DescribedTask) and (path := part.answer_schema):
        if fault := _fault(lambda: read_schema(folder / path)):
            yield (*place, "answer_schema"), fault
    if isinstance(part, DescribedTask) and part.learned and not (run := path_of(part.learned, folder)).is_file():
        yield (*place, "learned"), f"there is no learned run {run}. Keep one with --learn {run.stem}."


def _fault(read: Callable[[], object]) -> str:
    """Why something cannot be read; empty if it can."""
    try:
        read()
    except UsageError as error:
        return str(error)
    return ""


def _check(check: Check, task: DescribedTask, folder: Path, place: Place) -> Iterator[tuple[Place, str]]:
    kind = check.kind
    if task.device not in devices.names():
        return
    if task.device not in (possible := DEVICES.get(kind, (task.device,))):
        yield place, f"a check of the kind {kind} is for {' and '.join(possible)}, and the device is {task.device}."
    if isinstance(check, TextCheck) and task.device == "desktop" and not printed.available():
        yield place, printed.NEEDED
    if isinstance(check, RegionCheck) and not (folder / check.picture).is_file():
        yield (*place, "picture"), f"there is no picture {folder / check.picture}."
    if isinstance(check, ElementCheck) and check.role is not None and check.role not in (roles := _roles()):
        yield (*place, "role"), f"there is no role {check.role!r}{alike(check.role, roles)}"


def _move(move: Move, task: DescribedTask, place: Place) -> Iterator[tuple[Place, str]]:
    """An action that the device does not have, or a point off the page; other screens' sizes are not known yet."""
    if (space := _SPACES.get(task.device)) is None:
        return
    if move.action not in (known := [kind.__name__ for kind in space.actions]):
        meant = alike(move.action, known) or f". The actions are: {', '.join(known)}."
        yield (*place, "action"), f"there is no action {move.action!r} on the device {task.device}{meant}"
        return
    size = (task.viewport or devices.PAGE) if task.device == "browser" else _ANY
    try:
        space.decode(Call(move.action, move.arguments), Viewport(size, size))
    except ModelMistake as mistake:
        yield (*place, "arguments"), of_solution(mistake)


def of_solution(mistake: ModelMistake) -> str:
    """What is wrong with an action of a solution, whose points are not those of a picture that a model is sent."""
    said = str(mistake).removesuffix(" Nothing was done.")
    on_screen = said.replace("outside the image", "outside the screen")
    return said if on_screen == said else f"{on_screen} Points of a solution are in pixels of the screen."


def _roles() -> frozenset[str]:
    """The ARIA roles that Playwright finds elements by."""
    from playwright.async_api import Page

    return frozenset(get_args(get_type_hints(Page.get_by_role)["role"]))
