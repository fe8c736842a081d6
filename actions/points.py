"""`ModelPoint` and `ModelPath`: points read from the many forms that models write."""

import re
from collections.abc import Mapping
from typing import Annotated

from pydantic import BeforeValidator

from actions.geometry import Box, Point

_FAR = 1e15
"""No screen is this large: a larger number, infinity or NaN is not a coordinate."""
_NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?")
# What may stand around the numbers of a point: brackets, separators, tags and the letters x and y. Anything else
# ("top left, 3") is not a point.
_FRAME_OF_A_POINT = re.compile(
    r"[\s()\[\]{}<>,;:='\"/|_\uff08\uff09\uff0c\uff1a]|point|b?box|start|end|[xy][12]?", re.IGNORECASE
)


def read_point(value: object) -> object:
    """A point from a pair, a box (its centre), a mapping, or text that contains one of these.

    Raises:
        ValueError: there are not two or four numbers, there are words between them, or they are two points that are
            no corners of a box.
    """
    if value is None or isinstance(value, Point):
        return value
    numbers = _numbers(value)
    if len(numbers) == 2:
        return Point(*numbers)
    if len(numbers) == 4:
        box = Box(*numbers)
        if isinstance(value, list) and len(value) == 2 and (box.left > box.right or box.top > box.bottom):
            raise ValueError("these are two points, and one is needed, (x, y)")
        return box.centre
    raise ValueError("a point is two numbers, (x, y)")


def _numbers(value: object) -> list[float]:
    """All numbers of a value in reading order; none if it contains anything else."""
    if isinstance(value, bool):
        return []
    if isinstance(value, int | float):
        return [float(value)] if abs(value) < _FAR else []
    if isinstance(value, str):
        rest = _FRAME_OF_A_POINT.sub("", _NUMBER.sub("", value))
        return [] if rest else [float(number) for number in _NUMBER.findall(re.sub(r"(?<=[xy])[12]", "", value))]
    if isinstance(value, Mapping):
        return [number for key in sorted(value, key=_axis_order) for number in _numbers(value[key])]
    if isinstance(value, list | tuple):
        return [number for part in value for number in _numbers(part)]
    return []


def _axis_order(key: object) -> str:
    """`x, y` and `x1, y1, x2, y2` in this order, in whatever order they were written."""
    word = str(key).strip().casefold()
    return word[1:] + word[:1]


ModelPoint = Annotated[Point, BeforeValidator(read_point)]
"""A point field: validated from anything `read_point` reads."""


def read_path(value: object) -> object:
    """Points from a list of them, or from text that contains their numbers.

    Raises:
        ValueError: as `read_point` does, or a number is left over.
    """
    if isinstance(value, list | tuple) and not any(isinstance(part, int | float) for part in value):
        return tuple(read_point(part) for part in value)
    numbers = _numbers(value)
    if not numbers or len(numbers) % 2:
        raise ValueError("a path is a list of points, [[x, y], [x, y]]")
    return tuple(map(Point, numbers[::2], numbers[1::2]))


ModelPath = Annotated[tuple[Point, ...], BeforeValidator(read_path)]
"""Several points: validated from anything `read_path` reads."""
