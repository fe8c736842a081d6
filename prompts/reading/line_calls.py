"""Calls that are a line: Step-GUI's `key:value` between tabs, and OS-Atlas's `CLICK <point>[[x,y]]</point>`."""

import re
from collections.abc import Set

from actions.action import Call
from prompts.reading.positional import named_by_kind
from prompts.vocabulary.names import spelled

_TABBED = re.compile(r"^(?=[^\n]*\t)(?:[^\n]*\t)?action:[^\n]*", re.MULTILINE)
_ATLAS = re.compile(
    r"^(?P<label>[^\S\n]*actions?:\s*)?(?P<name>[A-Z]{3,12}(?:_[A-Z]{2,9})?)[^\S\n]*"
    r"(?:<point>\s*(?P<point>\[\[[^\n]{1,60}?\]\])\s*</point>|\[(?P<text>[^\n]*)\])?[^\S\n]*$",
    re.MULTILINE | re.IGNORECASE,
)


def line_call(text: str, verbs: Set[str]) -> tuple[Call, int, int] | None:
    """The first call in one of these line forms, with its start and end; None if there is none."""
    if tabbed := _TABBED.search(text):
        pairs = (pair.partition(":") for pair in tabbed[0].split("\t"))
        values = {word.strip(): value.strip() for word, _, value in pairs if value.strip()}
        name = values.pop("action", "")
        if spelled(name) in verbs:
            given = {word: value for word, value in values.items() if word not in ("explain", "summary", "cot")}
            return Call(name, given), tabbed.start(), tabbed.end()
    for line in _ATLAS.finditer(text):
        name, point, said = line["name"], line["point"], line["text"]
        alone = point is None and said is None
        if (
            not name.isupper()
            or spelled(name) not in verbs
            or (alone and not line["label"] and line[0] != text.strip())
        ):
            continue
        arguments = {"point": point.replace("[[", "[").replace("]]", "]")} if point else {}
        arguments |= named_by_kind(name, [said]) if said else {}
        return Call(name, arguments), line.start(), line.end()
    return None
