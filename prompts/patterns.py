"""Regular expressions for the values of arguments as JSON, in the forms in which models write them and we read them."""

import json
import re
from collections.abc import Iterable, Mapping

from actions.geometry import PARTS, Size
from actions.keyboard import MODIFIERS, NAMED_KEYS, SPELLINGS
from prompts.vocabulary.words import CHOICES

_HEX = "[0-9a-fA-F]"
CHARACTER = (
    r"""([^"\\\x00-\x1f]|\\["\\/bfnrt]"""
    rf"|\\u([0-9abcefABCEF]{_HEX}|[dD][0-7]){_HEX}{_HEX}"
    rf"|\\u[dD][89abAB]{_HEX}{_HEX}\\u[dD][c-fC-F]{_HEX}{_HEX})"
)
"""Of a JSON string. What its escapes write is whole characters: a surrogate comes with its other half."""
DECIMALS = r"\.[0-9]{1,17}"
"""Behind a number: as many as a double has."""
_POSITIVE = "[1-9][0-9]{0,14}"
"""A whole number that a double holds exactly."""
NUMBER = f"-?(0|{_POSITIVE})({DECIMALS})?"
NOT_ZERO = f"-?{_POSITIVE}({DECIMALS})?"
STRING = f'"{CHARACTER}*"'
_APART = "(, ?| )"
"""What stands between the two numbers of a point in a text."""
_OPENS, _CLOSES = r"(<point>|<box>|\(|\[)?", r"(</point>|</box>|\)|\])?"
_PARTED = ("page_up", "page_down", "caps_lock", "print_screen", "context_menu", "space_bar", "prt_sc", "pg_up", "pg_dn")
"""Names of keys that are often written as two words."""
_SIDES = "(_?([lL][eE][fF][tT]|[rR][iI][gG][hH][tT]|[lL]|[rR]))?"
_MOST_KEYS = 5
_CHORD_CHARACTER = r'([!#-*,./0-\[\]-~À-ÿ]|\\["\\])'
"""A key that types one character, within a text that joins several."""


def exactly(text: str) -> str:
    """The pattern of this text and no other."""
    return "".join(r"\n" if letter == "\n" else letter if letter.isalnum() else re.escape(letter) for letter in text)


def any_of(patterns: Iterable[str]) -> str:
    """The pattern of one of several."""
    return f"({'|'.join(patterns)})"


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


def place(frame: Size) -> tuple[str, str]:
    """The patterns of a point's two numbers as we write them."""
    if frame == PARTS:
        part = r"(0(\.[0-9][0-9]?[0-9]?[0-9]?)?|1(\.0)?)"
        return part, part
    return f"(0|{whole(frame.width - 1)})", f"(0|{whole(frame.height - 1)})"


def pair(frame: Size, before: str = "", between: str = ", ", after: str = "") -> str:
    """The pattern of two numbers within the frame, its far edges included, with a text around and between them.

    Where both are below 2, they are whole: other such numbers are parts of the sides, which only their own frame takes.
    """
    if frame == PARTS:
        part = rf"(0({DECIMALS})?|1(\.0)?)"
        return f"{before}{part}{between}{part}{after}"
    large = ["[2-9]" + whole(side - 1).removeprefix("[1-9]") for side in frame]
    x, y = (rf"([01]|({big})({DECIMALS})?|{side}(\.0)?)" for big, side in zip(large, frame, strict=True))
    beyond = [rf"(({big})({DECIMALS})?|{side}(\.0)?)" for big, side in zip(large, frame, strict=True)]
    small = rf"[01]{DECIMALS}"
    return f"{before}({x}{between}{y}|{small}{between}{beyond[1]}|{beyond[0]}{between}{small}){after}"


def point(frame: Size) -> str:
    """The pattern of a point: two numbers, a box, names for them, or a text that holds these."""
    two, corner = pair(frame), _corner(frame, ", ")
    text, text_corner = pair(frame, between=_APART), _corner(frame, _APART)
    return any_of(
        (
            rf"\[{two}(, {corner})?\]",
            pair(frame, r'\{"x": ', ', "y": ', r"\}"),
            rf'"{_OPENS}{text}({_CLOSES}{_APART}{_OPENS}{text_corner})?{_CLOSES}"',
        )
    )


def _corner(frame: Size, between: str) -> str:
    """The pattern of a box's other corner, so far off that the middle is no part of the sides."""
    if frame == PARTS:
        return pair(frame, between=between)
    far = [f"(([3-9]{whole(side - 1).removeprefix('[1-9]')})({DECIMALS})?|{side})" for side in frame]
    x, y = (f"([0-2]|{each})" for each in far)
    return f"({far[0]}{between}{y}|{x}{between}{far[1]})"


def keys() -> str:
    """The pattern of up to five keys: a list of them, or a text that joins them."""
    named = any_of((*map(_key, (*NAMED_KEYS, *SPELLINGS)), any_of(map(_key, _MODIFIERS)) + _SIDES))
    more = f"{{0,{_MOST_KEYS - 1}}}"
    listed = f'"({named}|{CHARACTER})"'
    chord = f"({named}|{_CHORD_CHARACTER})"
    last = r"[+\-]"
    text = rf'"({chord}( ?[+\-] ?| )){more}({chord}|{last})"'
    return rf"(\[({listed}, ){more}{listed}\]|\[{text}\]|{text})"


_MODIFIERS = (*MODIFIERS, "control", "super", "win", "cmd", "command", "option")


def _key(name: str) -> str:
    """The name of a key in any case; one of two words may have `_` between them."""
    parted = next((way for way in _PARTED if way.replace("_", "") == name), name)
    return "".join("_?" if letter == "_" else _letter(letter) for letter in parted)


def _letter(letter: str) -> str:
    return f"[{letter}{letter.upper()}]" if letter.isalpha() else re.escape(letter)


def choice(field: str, values: Iterable[object]) -> str:
    """The pattern of one of some values. Those of `CHOICES` may be of any usual case, and other words mean them."""
    if field not in CHOICES:
        return any_of(re.escape(json.dumps(value)) for value in values)
    others = CHOICES[field]
    words = [*map(str, values), *(word for word, value in others.items() if value in values)]
    cases = [case for word in words for case in (word, word.capitalize(), word.upper())]
    return f'"{any_of(cases)}"'


def value(field: str, spec: Mapping[str, object], frame: Size, strict: bool) -> str:
    """The pattern of a field's JSON value, by its schema; unless it is strict, a text may hold a number.

    Raises:
        TypeError: no pattern is known for such values.
    """
    if isinstance(values := spec.get("enum"), list):
        return choice(field, values)
    match spec.get("type"), spec.get("items"):
        case "array", {"type": "number"}:
            return point(frame)
        case "array", _:
            return keys()
        case "string", _:
            return f'"{CHARACTER}{"+" if spec.get("minLength") else "*"}"'
        case "boolean", _:
            return "(true|false)"
        case ("integer" | "number") as kind, _:
            number = _number(kind == "integer", spec)
            return number if strict else f'({number}|"{number}")'
    raise TypeError(f"no pattern is known for the values of {dict(spec)}")


def _number(integer: bool, spec: Mapping[str, object]) -> str:
    """A number within the bounds that our actions have: none, at least 1, or more than 0 up to a highest."""
    highest, whole_only = spec.get("maximum"), r"(\.0)?"
    if spec.get("minimum") == 0:
        return f"(0|{_POSITIVE}){whole_only}"
    if not isinstance(highest, int | float):
        return (
            _POSITIVE + whole_only
            if spec.get("minimum") == 1
            else f"-?(0|{_POSITIVE})" + whole_only
            if integer
            else NUMBER
        )
    if integer:
        return f"({whole(int(highest))}){whole_only}"
    return rf"(({whole(int(highest) - 1)})({DECIMALS})?|0\.[0-9]{{0,16}}[1-9]|{int(highest)}(\.0)?)"
