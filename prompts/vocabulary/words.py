"""The words that models use for arguments, and the ways in which they write the values."""

import re
from collections.abc import Mapping, Set

from actions.action import Action
from actions.keyboard import read_keys
from actions.points import read_point
from prompts.vocabulary.names import spelled

FIELDS: Mapping[str, tuple[str, ...]] = {
    "point": (
        "coordinate", "coordinates", "position", "location", "pos", "target", "point_2d", "bbox", "bbox_2d", "box",
        "start_box", "element",
    ),
    "start": (
        "coordinate", "coordinates", "start_box", "start_point", "from", "point", "point1", "start_coordinate",
    ),
    "end": ("coordinate2", "end_box", "end_point", "to", "point2", "end_coordinate"),
    "text": ("content", "value", "string", "input", "answer", "message"),
    "question": ("text", "message"),
    "keys": ("key", "text", "hotkey", "combination"),
    "app": ("text", "app_name", "name", "package"),
    "url": ("text", "address", "link"),
    "seconds": ("duration", "time"),
    "index": ("tab",),
    "notches": ("amount", "clicks"),
    "status": ("goal_status",),
}  # fmt: skip
"""By our field. A word means the fields that an action has; where it may be two of them, `given` decides."""
POINTS = ("point", "start", "end")
EITHER = frozenset({"coordinate", "coordinates"})
"""They mean the start of a drag whose end has another word, and else the end of one that starts at the pointer."""
CHOICES: Mapping[str, Mapping[str, str]] = {
    "direction": {},
    "status": {
        **dict.fromkeys(("fail", "failed", "infeasible", "impossible", "incomplete", "false"), "failure"),
        **dict.fromkeys(("successful", "succeeded", "done", "finished", "complete", "completed", "true"), "success"),
    },
}
"""Fields whose values are words of a short list, written in any case, and other words for these values."""
WHY = frozenset({"reason", "summary", "explanation", "conclusion"})
SPARE = WHY | {
    "time", "duration", "interval", "delay", "timeout", "tween", "pause", "logscreenshot", "id", "step", "label",
    "thought", "thoughts", "thinking", "reasoning", "rationale", "description", "comment", "note", "observation",
    "plan", "analysis", "confidence", "elementdescription",
}  # fmt: skip
"""Words, as `spelled`, that say how fast, why or what for, and nothing of what to do."""
PAIRS: Mapping[str, tuple[str, str]] = {"coordinate": ("x", "y"), "start": ("x1", "y1"), "end": ("x2", "y2")}
"""What two numbers that stand alone mean together."""


_SECONDS = re.compile(r"\s*(\d{1,4}(?:\.\d{1,9})?)\s*(?:s|seconds?)?\s*")


def words_of(field: str) -> tuple[str, ...]:
    """Our word for a field, and then the others."""
    return (field, *FIELDS.get(field, ()))


class Words:
    """The words for the arguments of one action."""

    def __init__(self, kind: type[Action]) -> None:
        fields = kind.model_fields
        self._field = {spelled(word): name for name in reversed([*FIELDS]) if name in fields for word in FIELDS[name]}
        either = "end" in fields and "start" in fields and not fields["start"].is_required()
        self.open = EITHER if either else frozenset()
        self._field |= {spelled(name): name for name in fields} | {name: name for name in fields}

    def __contains__(self, word: str) -> bool:
        return spelled(word) in self._field

    def may_mean(self, word: str, field: str) -> bool:
        """Whether a word means a field, in some call."""
        name = spelled(word)
        return self._field.get(word, self._field.get(name)) == field or (name in self.open and field == "end")

    def means(self, word: str) -> bool:
        """Whether a word of a call says something about what this action does, a part of a point included."""
        return word in self or any(word in pair and joined in self for joined, pair in PAIRS.items())

    def given(self, arguments: Mapping[str, object]) -> dict[str, object]:
        """The arguments under the names of our fields, in the form that the fields have.

        What is given twice counts as it is given last. A spare word is dropped; one that is not known stays, and so
        does a value that cannot be read: the action space judges them.
        """
        found: dict[str, object] = {}
        plain = {spelled(word) for word in arguments}
        ended = any(self._field.get(word) == "end" and word not in self.open for word in plain | self._joined(plain))
        for word, value in self._with_pairs(arguments).items():
            name = spelled(word)
            field = "end" if name in self.open and not ended else self._field.get(word, self._field.get(name))
            if field:
                found[field] = _plain(field, value)
            elif not _spare(name, value):
                found[word] = value
        return found

    def _joined(self, words: Set[str]) -> set[str]:
        return {word for word, pair in PAIRS.items() if word in self and words >= set(pair)}

    def _with_pairs(self, arguments: Mapping[str, object]) -> dict[str, object]:
        """The arguments, and each two numbers that stand alone as the point that they are."""
        rest = dict(arguments)
        joined = {word: [rest.pop(part) for part in PAIRS[word]] for word in PAIRS if word in self._joined(set(rest))}
        return joined | rest


def _spare(word: str, value: object) -> bool:
    """Whether an argument that the action does not have can be passed over: it changes nothing of what to do."""
    if value in (None, "", [], {}) or word in SPARE:
        return True
    return word == "status" and _plain("status", str(value)) == "success"


def _plain(field: str, value: object) -> object:
    """A value in the form of its field; the value itself where it cannot be read."""
    try:
        if field in POINTS and value is not None:
            return _pair(value)
        if field == "keys":
            return _keys(value)
    except ValueError:
        return value
    if field == "seconds" and isinstance(value, str) and (number := _SECONDS.fullmatch(value)):
        return float(number[1])
    if field in CHOICES and isinstance(value, str):
        word = value.strip().lower()
        return CHOICES[field].get(word, word)
    return value


def _pair(value: object) -> object:
    point = read_point(value)
    return [int(part) if float(part).is_integer() else part for part in point] if isinstance(point, tuple) else value


def _keys(value: object) -> object:
    """The names of the keys of `ctrl+c`, `["ctrl+c"]` or `["ctrl", "c"]`."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    keys = read_keys(value)
    return list(keys) if isinstance(keys, tuple) and keys else value
