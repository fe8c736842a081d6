"""Calls and places between tags: Qwen3.5's `<function=name><parameter=word>`, and the marks of grounding replies."""

import json
import re
from collections.abc import Set

from actions.action import Call
from prompts.reading.loose_json import Unreadable

FUNCTION = r"<function=(?P<function>[\w.\-]{1,61})>"
_PARAMETER = re.compile(r"\s*<parameter=([\w.\-]{1,61})>")
_END_OF_VALUE = "</parameter>"
_BEHIND_VALUE = re.compile(r"\s*(?:<|$)")
_NUMBER = r"\s{0,3}\d{1,6}(?:\.\d{1,9})?\s{0,3}"
_PLACE = re.compile(
    rf"<\|box_start\|>\s{{0,3}}(?P<box>\({_NUMBER},{_NUMBER}\)(?:,\s{{0,3}}\({_NUMBER},{_NUMBER}\))?)"
    rf"|\{{\s*\"x\"\s*:(?P<x>{_NUMBER}),\s*\"y\"\s*:(?P<y>{_NUMBER})\}}"
    rf"|\{{\s*\"coordinate\"\s*:\s*(?P<alone>\[{_NUMBER},{_NUMBER}\])\s*\}}"
    rf"|[\"'](?:bbox_2d|point_2d)[\"']\s{{0,3}}:\s{{0,3}}(?P<list>\[{_NUMBER},{_NUMBER}(?:,{_NUMBER},{_NUMBER})?,?\s{{0,3}}\])"
)
"""Qwen2-VL's box, Holo's and MAI-UI's object that is a place, Qwen2.5-VL's `bbox_2d` and `point_2d`."""
_BARE = re.compile(rf"\s*\[{{1,2}}({_NUMBER},{_NUMBER}(?:,{_NUMBER},{_NUMBER})?)\]{{1,2}}\s*")
"""The whole of a grounding reply of UI-Venus."""


def function_call(name: str, text: str, start: int) -> tuple[Call, int]:
    """The call whose parameters, all of them text, begin at `start`, behind its opening tag; and where it ends.

    Raises:
        Unreadable: a parameter never closes, or closes in its midst.
    """
    arguments: dict[str, object] = {}
    at = start
    while opened := _PARAMETER.match(text, at):
        end = text.find(_END_OF_VALUE, opened.end())
        if end < 0:
            raise Unreadable(f"the parameter {opened[1]} never closes", opened.end())
        arguments[opened[1]] = text[opened.end() : end].removeprefix("\n").removesuffix("\n")
        at = end + len(_END_OF_VALUE)
    if arguments and not _BEHIND_VALUE.match(text, at):
        raise Unreadable(f"a parameter's text holds {_END_OF_VALUE}, so it is not known where it ends", at)
    return Call(name, arguments), at


def with_values(call: Call, texts: Set[str]) -> Call:
    """The call with the JSON that its parameters hold; `texts` are those that are text whatever they look like."""
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


def _on_its_own(text: str, place: re.Match[str]) -> bool:
    """Whether a place stands in a line of its own or between tags: in the midst of a sentence it is talked about."""
    before = text[: place.start()].rpartition("\n")[2].rstrip()
    after = text[place.end() :].partition("\n")[0].lstrip()
    return before[-1:] in ("", ">", "`") and after[:1] in ("", "<", "`")


def marked_place(text: str) -> tuple[Call, int] | None:
    """A click at the one place that a grounding reply marks, and where it begins; None where none is marked.

    Raises:
        Unreadable: several are.
    """
    if bare := _BARE.fullmatch(text):
        return Call("click", {"point": f"[{bare[1]}]"}), 0
    places = [place for place in _PLACE.finditer(text) if place["box"] or place["list"] or _on_its_own(text, place)]
    if not places:
        return None
    if len(places) > 1:
        raise Unreadable(f"{len(places)} places are marked, and it is not said which is meant", places[1].start())
    found = places[0]
    point = found["box"] or found["list"] or found["alone"] or f"[{found['x']},{found['y']}]"
    return Call("click", {"point": point}), found.start()
