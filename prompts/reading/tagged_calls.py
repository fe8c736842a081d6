"""Calls and places between tags: Qwen3.5's `<function=name><parameter=word>`, and the marks of grounding replies."""

import json
import re
from collections.abc import Iterator, Mapping, Set

from actions.action import Call
from actions.geometry import THOUSANDTHS
from prompts.reading.alternatives import check_only
from prompts.reading.loose_json import Unreadable, add, read_value

FUNCTION = r"<function=(?P<function>[\w.\-]{1,61})>"
_PARAMETER = re.compile(r"\s*<parameter=([\w.\-]{1,61})>")
_END_OF_VALUE = "</parameter>"
_BEHIND_VALUE = re.compile(r"\s*(?:<|$)")
_NUMBER = r"\s{0,3}\d{1,6}(?:\.\d{1,9})?\s{0,3}"
_PAIR = rf"\({_NUMBER},{_NUMBER}\)"
_BOX = re.compile(
    rf"(?:<\|object_ref_start\|>[^<\n]{{0,200}}<\|object_ref_end\|>\s{{0,3}})?"
    rf"<\|box_start\|>\s{{0,3}}(?P<box>{_PAIR}(?:,\s{{0,3}}{_PAIR})?)(?:\s{{0,3}}<\|box_end\|>)?"
)
"""Qwen2-VL's own grounding form, whose numbers are thousandths of the picture's sides (the Qwen2-VL report)."""
_OBJECT = re.compile(r"\[\s{0,9}\{|\{")
_MARKS = ("bbox_2d", "point_2d")
"""Qwen2.5-VL's words for a place, possibly beside others such as `label`."""
_ALONE = (frozenset({"x", "y"}), frozenset({"coordinate"}))
"""The words of an object that is only a place, as in Holo and MAI-UI."""
_MOST_OBJECTS = 30
_BARE = re.compile(rf"\s*\[{{1,2}}({_NUMBER},{_NUMBER}(?:,{_NUMBER},{_NUMBER})?)\]{{1,2}}\s*")
"""The whole of a grounding reply of UI-Venus."""
_DENIAL = re.compile(
    r"\b(?:can(?:no|['\u2019])t|(?:could|did|do)(?: not|n['\u2019]t) (?:find|locate|see)|unable|no such|sorry)\b"
    r"|\b(?:there(?: is|['\u2019]s) no|not (?:found|visible|present|there)|does(?: not|n['\u2019]t) (?:exist|appear))\b"
    r"|\u65e0\u6cd5|\u4e0d\u5b58\u5728|\u6ca1\u6709|\u627e\u4e0d\u5230",
    re.IGNORECASE,
)
"""Words of a reply that denies finding the target."""


def function_call(name: str, text: str, start: int) -> tuple[Call, int]:
    """The call whose text parameters begin at `start`, after its opening tag; and its end.

    Raises:
        Unreadable: a parameter never closes, closes within its text, or is given twice.
    """
    arguments: dict[str, object] = {}
    at = start
    while opened := _PARAMETER.match(text, at):
        end = text.find(_END_OF_VALUE, opened.end())
        if end < 0:
            raise Unreadable(f"the parameter {opened[1]} never closes", opened.end())
        value = text[opened.end() : end].removeprefix("\n").removesuffix("\n")
        if not add(arguments, opened[1], value):
            raise Unreadable(f"the parameter {opened[1]} is given twice, with different values; give it once", at)
        at = end + len(_END_OF_VALUE)
    if arguments and not _BEHIND_VALUE.match(text, at):
        raise Unreadable(f"a parameter's text holds {_END_OF_VALUE}, so it is not known where it ends", at)
    return Call(name, arguments), at


def with_values(call: Call, texts: Set[str]) -> Call:
    """The call with its parameters parsed as JSON; `texts` are always text."""
    return call._replace(
        arguments={
            word: value if word in texts or not isinstance(value, str) else _value(value)
            for word, value in call.arguments.items()
        }
    )


def _value(written: str) -> object:
    try:
        return json.loads(written)
    except (ValueError, RecursionError):
        return written


def marked_place(text: str) -> tuple[Call, int] | None:
    """A click at the one place that a grounding reply marks, and its start; None if there is none.

    Only a place that ends its line counts, and unless it is a box it must also begin the line: within a sentence it is
    only mentioned. A reply that denies the target marks none.

    Raises:
        Unreadable: several are marked.
    """
    if bare := _BARE.match(text):
        check_only(text, bare.end())
        if bare.end() == len(text):
            return Call("click", {"point": f"[{bare[1]}]"}), 0
    boxes = [(Call("click", {"point": box["box"]}, THOUSANDTHS), *box.span()) for box in _BOX.finditer(text)]
    for box in boxes:
        check_only(text, box[2])
    places = [box for box in boxes if _ends_its_line(text, box[2])]
    places += [place for place in _objects(text) if _begins_its_line(text, place[1]) and _ends_its_line(text, place[2])]
    if not places:
        return None
    if _DENIAL.search(text, 0, places[0][1]) or _DENIAL.search(text, places[-1][2]):
        return None
    if len(places) > 1:
        raise Unreadable(f"{len(places)} places are marked, and it is not said which is meant", places[1][1])
    return places[0][:2]


def _objects(text: str) -> Iterator[tuple[Call, int, int]]:
    """The objects that are places, alone or in a list, each with the start and end of the object or list."""
    at = 0
    for _ in range(_MOST_OBJECTS):
        if not (opened := _OBJECT.search(text, at)):
            return
        try:
            value, at = read_value(text, opened.start())
        except Unreadable:
            at = opened.end()
            continue
        for place in value if isinstance(value, list) else [value]:
            if isinstance(place, Mapping) and (where := _where(place)):
                yield Call("click", where), opened.start(), at


def _where(place: Mapping[str, object]) -> dict[str, object] | None:
    """The words of an object that give a place; None if it gives something else."""
    words = {word: place[word] for word in _MARKS if word in place} or place
    if words is place and set(place) not in _ALONE:
        return None
    lists = [value for value in words.values() if isinstance(value, list)]
    numbers = [number for value in words.values() for number in (value if isinstance(value, list) else [value])]
    plain = all(isinstance(number, int | float) and number >= 0 for number in numbers)
    return dict(words) if plain and all(len(value) in (2, 4) for value in lists) else None


def _begins_its_line(text: str, start: int) -> bool:
    return text[:start].rpartition("\n")[2].rstrip()[-1:] in ("", ">", "`")


def _ends_its_line(text: str, end: int) -> bool:
    return text[end:].partition("\n")[0].lstrip()[:1] in ("", "<", "`", ".", "\u3002")
