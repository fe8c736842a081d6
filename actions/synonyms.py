"""The other words that models use: spellings of names, synonyms of arguments, and the many ways to write a point."""

import re
from collections.abc import Collection, Mapping
from typing import Annotated

from pydantic import BeforeValidator

from actions.geometry import Box, Point

# A synonym stands for the first of these fields that the action has and the call does not give.
_FIELDS: Mapping[str, tuple[str, ...]] = {
    "coordinate": ("point", "start", "end"),
    "coordinates": ("point", "start"),
    "position": ("point",),
    "location": ("point",),
    "pos": ("point",),
    "target": ("point",),
    "point2d": ("point",),
    "bbox": ("point",),
    "bbox2d": ("point",),
    "box": ("point",),
    "startbox": ("point", "start"),
    "startpoint": ("start",),
    "from": ("start",),
    "point": ("start",),
    "point1": ("start",),
    "startcoordinate": ("start",),
    "coordinate2": ("end",),
    "endbox": ("end",),
    "endpoint": ("end",),
    "to": ("end",),
    "point2": ("end",),
    "endcoordinate": ("end",),
    "content": ("text",),
    "value": ("text",),
    "string": ("text",),
    "input": ("text",),
    "answer": ("text",),
    "message": ("text", "question"),
    "text": ("question", "keys", "app", "url"),
    "key": ("keys",),
    "hotkey": ("keys",),
    "combination": ("keys",),
    "duration": ("seconds",),
    "time": ("seconds",),
    "address": ("url",),
    "link": ("url",),
    "appname": ("app",),
    "name": ("app",),
    "package": ("app",),
    "tab": ("index",),
    "status": ("status",),
    "goalstatus": ("status",),
    "amount": ("notches",),
    "clicks": ("notches",),
}

_AXES = frozenset({"x", "y", "x1", "y1", "x2", "y2"})
_CHOICES = ("direction", "status")
"""Arguments whose values are words of a short list, written in lower case."""
_FAR = 1e15
"""No screen is this large: a number beyond it, infinite or none at all (NaN) is no coordinate."""
_NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?")
# What may stand around the numbers of a point: brackets, separators, tags and the letters x and y. Anything else
# ("top left, 3") is no point.
_FRAME_OF_A_POINT = re.compile(
    r"[\s()\[\]{}<>,;:='\"/|_\uff08\uff09\uff0c\uff1a]|point|box|start|end|[xy][12]?", re.IGNORECASE
)


def spelled(name: str) -> str:
    """The name without case, blanks, dashes and underscores: `double_click` and `DoubleClick` are one word."""
    return re.sub(r"[\s_\-.]", "", name).casefold()


def means(word: str, fields: Collection[str]) -> bool:
    """Whether a word of a call stands for one of these fields, or for a part of a point."""
    plain = spelled(word)
    if plain in fields or any(field in fields for field in _FIELDS.get(plain, ())):
        return True
    return word in _AXES and bool({"point", "start", "end"} & set(fields))


def renamed(arguments: Mapping[str, object], fields: Collection[str]) -> dict[str, object]:
    """The arguments under the field names of an action that has these fields; unknown words stay as they are."""
    known: dict[str, object] = {}
    strange: dict[str, object] = {}
    for word, value in arguments.items():
        plain = spelled(word)
        if plain in _CHOICES and isinstance(value, str):
            value = value.strip().lower()
        (known if plain in fields else strange)[plain if plain in fields else word] = value
    _join_axes(strange, known, fields)
    for word, value in strange.items():
        candidates = (field for field in _FIELDS.get(spelled(word), ()) if field in fields and field not in known)
        known[next(candidates, word)] = value
    return known


def _join_axes(strange: dict[str, object], known: dict[str, object], fields: Collection[str]) -> None:
    """Puts `x` and `y` (and `x1` .. `y2`) that stand alone together as the point they are."""
    for suffix, names in (("", ("point", "start")), ("1", ("start",)), ("2", ("end",))):
        field = next((name for name in names if name in fields and name not in known), None)
        if field and f"x{suffix}" in strange and f"y{suffix}" in strange:
            known[field] = (strange.pop(f"x{suffix}"), strange.pop(f"y{suffix}"))


def read_point(value: object) -> object:
    """A point out of what models write for one: a pair, a box (its centre), a mapping, or text that holds these.

    Raises:
        ValueError: there are not two or four numbers, or words stand among them.
    """
    if value is None or isinstance(value, Point):
        return value
    numbers = _numbers(value)
    if len(numbers) == 2:
        return Point(*numbers)
    if len(numbers) == 4:
        return Box(*numbers).centre
    raise ValueError("a point is two numbers, (x, y)")


def _numbers(value: object) -> list[float]:
    """All numbers of a value in reading order, or none where it holds anything else."""
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
    """`x, y` and `x1, y1, x2, y2` in that order, whatever the order they were written in."""
    word = spelled(str(key))
    return word[1:] + word[:1]


ModelPoint = Annotated[Point, BeforeValidator(read_point)]
"""A point field: validated from anything `read_point` reads."""
