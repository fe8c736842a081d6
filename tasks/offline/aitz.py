"""Android in the Zoo (IMNearth/CoAT): one JSON file per episode, its fields partly JSON within strings.

Coordinates are y before x: `result_touch_yx` and `result_lift_yx` in fractions of the sides, `ui_positions` as y, x,
height, width in pixels. A dual point is a tap at its end if both ends are within 0.04, else a scroll, which is vertical
if |dy| >= 0.9 |dx|; scrolling up moves the finger up.
"""

import math
from collections.abc import Iterator
from pathlib import Path

from PIL import Image
from pydantic import BaseModel, Json, TypeAdapter

from actions.action import Action
from actions.control import Finish
from actions.errors import UsageError
from actions.geometry import Box, Point, Size
from actions.keyboard import Type
from actions.phone import Back, Enter, Home
from actions.touch import Tap
from tasks.grounding.annotations import read_list
from tasks.offline.rules import enlarged
from tasks.offline.step import TYPED_NOTHING, Element, Seen, StepRecord, straight_swipe

TAP = 0.04
UPRIGHT = 0.9
ROUNDING = 1e-9
"""Tolerance for binary rounding of a distance that is exactly at a limit in decimals."""
TYPE, DUAL_POINT = 3, 4
PLAIN: dict[int, Action] = {
    5: Back(),
    6: Home(),
    7: Enter(),
    10: Finish(status="success"),
    11: Finish(status="failure"),
}


class _Step(BaseModel):
    episode_id: str
    step_id: int
    instruction: str
    ui_positions: Json[list[tuple[float, float, float, float]]] | list[tuple[float, float, float, float]]
    ui_text: Json[list[str]] | list[str]
    result_action_type: int
    result_action_text: str
    result_touch_yx: Json[tuple[float, float]] | tuple[float, float]
    result_lift_yx: Json[tuple[float, float]] | tuple[float, float]
    image_path: str


def load(root: Path) -> Iterator[StepRecord]:
    """The steps of every episode below the folder, or below its `test` if it has both splits.

    The group is the first folder of `image_path`.

    Raises:
        UsageError: there is none, an episode does not match the format, or a picture's size cannot be read.
    """
    test = root / "test"
    paths = [
        path for path in sorted((test if test.is_dir() else root).rglob("*.json")) if path.stem == path.parent.name
    ]
    if not paths:
        raise UsageError(f"There is no episode below {root}: a folder NAME with NAME.json and NAME_0.png, as in CoAT.")
    for path in paths:
        yield from _episode(path, read_list(path, TypeAdapter(list[_Step])))


def _episode(path: Path, steps: list[_Step]) -> Iterator[StepRecord]:
    history: tuple[Action, ...] = ()
    for index, step in enumerate(sorted(steps, key=lambda step: step.step_id)):
        shown = path.parent / Path(step.image_path).name
        size = _size(shown)
        gold = _gold(step, size, f"{path}, step {index}")
        yield StepRecord(
            episode=step.episode_id,
            index=index,
            group=step.image_path.split("/")[0],
            goal=step.instruction,
            instruction="",
            picture=shown,
            seen=_seen(step, size, gold),
            gold=gold,
            history=history,
        )
        history = (*history, gold)


def _gold(step: _Step, size: Size, where: str) -> Action:
    if step.result_action_type in PLAIN:
        return PLAIN[step.result_action_type]
    if step.result_action_type == TYPE:
        return Type(text=step.result_action_text) if step.result_action_text else TYPED_NOTHING
    if step.result_action_type == DUAL_POINT:
        return dual_point(step.result_touch_yx, step.result_lift_yx, size)
    raise UsageError(f"{where}: an action of type {step.result_action_type} is not one of AITZ's.")


def dual_point(touch_yx: tuple[float, float], lift_yx: tuple[float, float], size: Size) -> Action:
    """The tap or scroll of two ends, y before x in fractions of the sides."""
    down, right = lift_yx[0] - touch_yx[0], lift_yx[1] - touch_yx[1]
    if math.hypot(down, right) <= TAP + ROUNDING:
        lift = Point(min(round(lift_yx[1] * size.width), size.width - 1), round(lift_yx[0] * size.height))
        return Tap(point=Point(lift.x, min(lift.y, size.height - 1)))
    if abs(down) >= UPRIGHT * abs(right) - ROUNDING:
        return straight_swipe("down" if down > 0 else "up", size)
    return straight_swipe("right" if right > 0 else "left", size)


def _seen(step: _Step, size: Size, gold: Action) -> Seen:
    """The screen; candidates are the elements that contain the recorded point when enlarged."""
    boxes = [Box(x, y, x + width, y + height) for y, x, height, width in step.ui_positions]
    candidates = tuple(box for box in boxes if isinstance(gold, Tap) and enlarged(box).holds(gold.point))
    return Seen(size, candidates, tuple(map(Element, boxes, step.ui_text)))


def _size(path: Path) -> Size:
    try:
        with Image.open(path) as image:
            return Size(*image.size)
    except OSError as error:
        raise UsageError(
            f"The screenshot {path} cannot be opened: {error.strerror or error}. Fetch it again."
        ) from error
