"""Calls that are a line: Step-GUI's `key:value` between tabs, and OS-Atlas's `CLICK <point>[[x,y]]</point>`."""

import re
from collections.abc import Set

from actions.action import Call
from prompts.reading.positional import named_by_kind
from prompts.vocabulary.names import spelled

_TABBED = re.compile(r"^(?=[^\n]*\t)(?:[^\n]*\t)?(action:[^\n]*)", re.MULTILINE)
_PROSE = ("explain", "summary", "cot")
"""Fields that describe the call."""
_BEGINS_PROSE = re.compile(rf"\t(?:{'|'.join(_PROSE)}):")
IN_CAPITALS = re.compile(r"[A-Z]{3,12}(?:_[A-Z]{2,9})?")
"""A name in OS-Atlas's form."""
_LIST = re.compile(r"^\s{0,9}actions:", re.MULTILINE | re.IGNORECASE)
_ATLAS = re.compile(
    rf"^(?P<label>[^\S\n]*actions?:\s*)?(?P<name>{IN_CAPITALS.pattern})[^\S\n]*"
    r"(?:<point>\s*(?P<point>\[\[[^\n<]{1,60}?\]\])\s*</point>|\[(?P<text>[^\n]*)\])?[^\S\n]*$",
    re.MULTILINE | re.IGNORECASE,
)

IN_LINE = re.compile(r"\b([A-Z]{3,12}(?:_[A-Z]{2,9})?)[^\S\n]*<point>|\baction:([A-Z]{3,12})[^\S\n]*\t")
"""One of these within a line."""


def line_call(text: str, verbs: Set[str], at: int) -> tuple[Call, int, int] | None:
    """The first call from `at` on in one of these line forms, with its start and end; None if there is none."""
    found = [call for find in (_tabbed, _atlas) if (call := find(text, verbs, at))]
    return min(found, key=lambda call: call[1], default=None)


def goes_on(text: str, at: int, start: int) -> bool:
    """Whether a line at `start` goes on OS-Atlas's list of actions, whose last one ended at `at`."""
    return _LIST.search(text, 0, at) is not None and not text[at:start].strip()


def _tabbed(text: str, verbs: Set[str], at: int) -> tuple[Call, int, int] | None:
    for tabbed in _TABBED.finditer(text, at):
        pairs = (pair.partition(":") for pair in tabbed[1].split("\t"))
        values = {word.strip(): value.strip() for word, _, value in pairs if value.strip()}
        name = values.pop("action", "")
        if spelled(name) in verbs:
            given = {word: value for word, value in values.items() if word not in _PROSE}
            prose = _BEGINS_PROSE.search(tabbed[1])
            return Call(name, given), tabbed.start(1), tabbed.start(1) + prose.start() if prose else tabbed.end()
    return None


def _atlas(text: str, verbs: Set[str], at: int) -> tuple[Call, int, int] | None:
    for line in _ATLAS.finditer(text, at):
        name, point, said = line["name"], line["point"], line["text"]
        alone = point is None and said is None
        if (
            not name.isupper()
            or spelled(name) not in verbs
            or (alone and not line["label"] and line[0] != text.strip() and not goes_on(text, at, line.start()))
        ):
            continue
        arguments = {"point": point.replace("[[", "[").replace("]]", "]")} if point else {}
        arguments |= named_by_kind(name, [said]) if said else {}
        return Call(name, arguments), line.start(), line.end()
    return None
