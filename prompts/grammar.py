"""The patterns of valid calls: regular expressions that hold an engine to an action space while it writes a call.

They use what every engine of regular expressions has: classes, groups, alternatives and `?`, `*`, `+`. Calls are as the
notations write them, with the fields in the order in which they were described; points lie in the frame.
"""

import json
import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from actions.action import Action, ActionSpace
from actions.errors import UsageError
from actions.geometry import PARTS, UP_TO_999, Size
from actions.keyboard import NAMED_KEYS, Press
from actions.mouse import Scroll
from prompts import schema
from prompts.vocabulary.functions import BUTTONS, FUNCTIONS, MOST_NOTCHES, NOTCH, Gesture, chosen

_HEX = "[0-9a-fA-F]"
_CHARACTER = (
    r"""([^"\\\x00-\x1f]|\\["\\/bfnrt]"""
    rf"|\\u([0-9abcefABCEF]{_HEX}|[dD][0-7]){_HEX}{_HEX}"
    rf"|\\u[dD][89abAB]{_HEX}{_HEX}\\u[dD][c-fC-F]{_HEX}{_HEX})"
)
"""Of a JSON string. What its escapes write is whole characters: a surrogate comes with its other half."""
_POSITIVE = f"[1-9]{'[0-9]?' * 14}"
"""A whole number that a double holds exactly."""
_INTEGER = f"-?(0|{_POSITIVE})"
_SCALAR = rf'("{_CHARACTER}*"|{_INTEGER}(\.[0-9]+)?|true|false|null)'
"""A value of which no more is known."""
_KEY = "|".join([*NAMED_KEYS, "[a-z0-9]"])


class Field(NamedTuple):
    """An argument: its name, the pattern of its JSON value, and whether it must be given."""

    name: str
    value: str
    required: bool

    def __str__(self) -> str:
        return f'"{self.name}": {self.value}'


def fields(kind: type[Action], frame: Size) -> list[Field]:
    """The arguments of an action."""
    told = schema.parameters(kind)
    properties, required = told["properties"], told["required"]
    assert isinstance(properties, Mapping) and isinstance(required, list)
    whole_specs = kind.model_json_schema().get("properties", {})
    bounds = {
        name: {bound: spec[bound] for bound in ("minLength", "minimum") if bound in spec}
        for name, spec in whole_specs.items()
    }
    if kind is Press:
        return [Field("keys", rf'\["({_KEY})"(, "({_KEY})")?\]', True)]
    return [Field(name, _value({**spec, **bounds[name]}, frame), name in required) for name, spec in properties.items()]


def gesture_fields(gesture: Gesture, frame: Size) -> list[Field]:
    """The arguments with which `computer_use` and `mobile_use` mean an action, its own name first."""
    ours = {field.name: field for field in fields(gesture.action, frame)}
    found = [Field("action", f'"{gesture.name}"', True)]
    if gesture.name == "system_button":
        found.append(Field("button", f'"{BUTTONS[gesture.action.__name__]}"', True))
    for word, name in gesture.words.items():
        value, required = ours[name].value, ours[name].required
        if gesture.action is Scroll and name == "notches":
            value, required = f"-?({whole(MOST_NOTCHES)}){'0' * (len(str(NOTCH)) - 1)}", True
        if gesture.action is Press and word == "text":
            value = f'"({_KEY})(\\+({_KEY}))?"'
        found.append(Field(word, value, required))
    return found


def functions(space: ActionSpace, frame: Size) -> list[tuple[str, type[Action], str]]:
    """The functions of the `<tool_call>` notation: name, the action that is meant, and the pattern of its arguments."""
    name = chosen(space)
    gestures = [gesture for gesture in FUNCTIONS[name] if gesture.action in space] if name else []
    covered = {gesture.action for gesture in gestures}
    return [
        *((name or "", gesture.action, one_object(gesture_fields(gesture, frame))) for gesture in gestures),
        *((kind.__name__, kind, one_object(fields(kind, frame))) for kind in space.actions if kind not in covered),
    ]


def pointing(space: ActionSpace) -> type[Action]:
    """The action that only says where.

    Raises:
        UsageError: the space has none.
    """
    for kind in space.actions:
        required = schema.parameters(kind)["required"]
        if required == ["point"] and list(kind.model_fields) == ["point"]:
            return kind
    names = ", ".join(kind.__name__ for kind in space.actions)
    raise UsageError(f"None of the actions {names} takes a point and nothing else. Ground on a device with a screen.")


def any_of(patterns: Iterable[str]) -> str:
    """The pattern of one of several."""
    return f"({'|'.join(patterns)})"


def one_object(found: list[Field]) -> str:
    """The pattern of a JSON object with these fields in this order, those that need not be there optional."""
    first = next((index for index, field in enumerate(found) if field.required), None)
    if first is None:
        starts = (str(field) + _others(found[index + 1 :]) for index, field in enumerate(found))
        return rf"\{{{any_of(starts)}?\}}" if found else r"\{\}"
    before = "".join(f"({field}, )?" for field in found[:first])
    return rf"\{{{before}{found[first]}{_others(found[first + 1 :])}\}}"


def _others(found: Iterable[Field]) -> str:
    return "".join(f", {field}" if field.required else f"(, {field})?" for field in found)


def place(frame: Size) -> tuple[str, str]:
    """The patterns of a point's two numbers."""
    if frame == PARTS:
        part = r"(0(\.[0-9][0-9]?[0-9]?[0-9]?)?|1(\.0)?)"
        return part, part
    beyond = 0 if frame == UP_TO_999 else 1
    return f"(0|{whole(frame.width - beyond)})", f"(0|{whole(frame.height - beyond)})"


def whole(highest: int) -> str:
    """The pattern of the numbers from 1 to `highest`, written without leading zeros."""
    digits = str(highest)
    shorter = ["[1-9]" + "[0-9]" * extra for extra in range(len(digits) - 1)]
    lower = [
        f"{digits[:place]}[{int(place == 0)}-{int(digit) - 1}]" + "[0-9]" * (len(digits) - place - 1)
        for place, digit in enumerate(digits)
        if int(digit) > int(place == 0)
    ]
    return "|".join([*shorter, *lower, digits])


def _value(spec: Mapping[str, object], frame: Size) -> str:
    """The pattern of a field's JSON value, by its schema."""
    if "enum" in spec and isinstance(spec["enum"], list):
        return any_of(re.escape(json.dumps(value)) for value in spec["enum"])
    match spec.get("type"), spec.get("items"):
        case "array", {"type": "number"}:
            return rf"\[{', '.join(place(frame))}\]"
        case (("array" | "object"), _):
            return _compound(spec, frame)
        case "string", _:
            return f'"{_CHARACTER}{"+" if spec.get("minLength") else "*"}"'
        case "boolean", _:
            return "(true|false)"
        case (("integer" | "number"), _) if isinstance(highest := spec.get("maximum"), int | float):
            return f"({whole(int(highest))})"
        case "integer", _:
            return _POSITIVE if spec.get("minimum") == 1 else _INTEGER
        case "number", _:
            return _INTEGER + r"(\.[0-9]+)?"
    return _SCALAR


def _compound(spec: Mapping[str, object], frame: Size) -> str:
    """The pattern of a list or an object, by its schema."""
    if spec["type"] == "array":
        items = spec.get("items")
        one = _value(items, frame) if isinstance(items, Mapping) else _SCALAR
        return rf"\[({one}(, {one})*)?\]"
    inner, required = spec.get("properties"), spec.get("required")
    if isinstance(inner, Mapping):
        needed = required if isinstance(required, list) else []
        return one_object([Field(name, _value(field, frame), name in needed) for name, field in inner.items()])
    return rf'\{{("{_CHARACTER}+": {_SCALAR}(, "{_CHARACTER}+": {_SCALAR})*)?\}}'
