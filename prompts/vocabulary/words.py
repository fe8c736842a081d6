"""The models' words for arguments, and their forms of values."""

import re
from collections.abc import Mapping, Set
from itertools import chain

from actions.action import Action
from actions.geometry import Box, Point
from actions.keyboard import read_keys
from actions.points import read_path, read_point
from prompts.reading.loose_json import Unreadable
from prompts.vocabulary.names import spelled

FIELDS: Mapping[str, tuple[str, ...]] = {
    "point": (
        "coordinate", "coordinates", "position", "location", "pos", "target", "point_2d", "bbox", "bbox_2d", "box",
        "start_box", "element",
    ),
    "start": (
        "coordinate", "coordinates", "start_box", "start_point", "from", "point", "point1", "start_coordinate",
        "from_coord",
    ),
    "end": ("coordinate2", "end_box", "end_point", "to", "point2", "end_coordinate", "to_coord"),
    "text": ("content", "value", "string", "input", "answer", "message", "return"),
    "question": ("text", "message", "content", "value"),
    "keys": ("key", "text", "hotkey", "combination"),
    "modifiers": (
        "modifier", "modifier_key", "modifier_keys", "held_keys", "hold_keys", "hold_key", "hold", "keys", "key",
        "text",
    ),
    "via": ("path", "points", "waypoints"),
    "app": ("text", "app_name", "name", "package", "value"),
    "url": ("text", "address", "link"),
    "seconds": ("duration", "time", "value"),
    "index": ("tab",),
    "notches": ("amount", "clicks"),
    "status": ("goal_status",),
}  # fmt: skip
"""Words by our field. A word refers to a field that the action has; if there are two, `given` decides."""
POINTS = ("point", "start", "end")
EITHER = frozenset({"coordinate", "coordinates"})
"""They mean the start of a drag whose end has another word, and else the end of one that starts at the pointer."""
CHOICES: Mapping[str, Mapping[str, str]] = {
    "direction": {},
    "button": {"wheel": "middle"},
    "status": {
        **dict.fromkeys(("fail", "failed", "infeasible", "impossible", "incomplete", "false"), "failure"),
        **dict.fromkeys(("successful", "succeeded", "done", "finished", "complete", "completed", "true"), "success"),
    },
}
"""Fields with enumerated values in any case, and synonyms of these values."""
WHY = frozenset({"reason", "summary", "explanation", "conclusion"})
SPARE = WHY | {
    "time", "duration", "interval", "delay", "timeout", "tween", "pause", "logscreenshot", "id", "step", "label",
    "thought", "thoughts", "thinking", "reasoning", "rationale", "description", "comment", "note", "observation",
    "plan", "analysis", "confidence", "elementname", "elementdescription", "explain", "fact", "intent", "goal",
}  # fmt: skip
"""Words, as `spelled`, about speed, reason or purpose, without effect on the action."""
AS_EVER = frozenset({("button", "left"), ("clicks", "1"), ("numclicks", "1"), ("count", "1"), ("presses", "1")})
"""Words, as `spelled`, with their default values."""
PAIRS: Mapping[str, tuple[str, str]] = {"coordinate": ("x", "y"), "start": ("x1", "y1"), "end": ("x2", "y2")}
"""Pairs of words that together form a point."""

ENTERS = frozenset({"pressenter", "enter", "submit"})
"""Words, as `spelled`, for the Enter key behind a text."""
CLEARS = frozenset({"clear", "cleartext", "deleteexistingtext", "clearfirst", "overwrite"})
"""Words, as `spelled`, for a text that is typed over what is there."""
ARGUMENTS = (
    frozenset(map(spelled, {"action", *FIELDS, *chain(*FIELDS.values()), *chain(*PAIRS.values())})) | ENTERS | CLEARS
) - SPARE
"""All words for arguments, as `spelled`, without those that models also use for reasons and identifiers."""
_PLACES = frozenset(map(spelled, FIELDS["point"]))
_STATUS = frozenset(map(spelled, ("status", *FIELDS["status"])))
_WORD = re.compile(r"[^\W\d_xyXY]|[^\W\d_]{2}|\A\D*\Z")
"""A word within a text, other than the name of a coordinate, or a text without numbers."""
_SECONDS = re.compile(r"\s*(\d{1,4}(?:\.\d{1,9})?)\s*(?:s|seconds?)?\s*")


def words_of(field: str) -> tuple[str, ...]:
    """Our word for a field, then its synonyms."""
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

    def means(self, word: str) -> bool:
        """Whether a word belongs to this action, including a coordinate of a point."""
        return word in self or any(word in pair and joined in self for joined, pair in PAIRS.items())

    def given(self, arguments: Mapping[str, object]) -> dict[str, object]:
        """The arguments under our field names, in the fields' form.

        A superfluous word is dropped; unknown words and unreadable values stay: the action space
        judges them.

        Raises:
            Unreadable: two words of one field say different things.
        """
        found: dict[str, object] = {}
        said: dict[str, tuple[str, object]] = {}
        plain = {spelled(word) for word in arguments}
        ended = any(self._field.get(word) == "end" and word not in self.open for word in plain | self._joined(plain))
        for word, label, value in self._with_pairs(arguments):
            name = spelled(word)
            field = "end" if name in self.open and not ended else self._field.get(word, self._field.get(name))
            if field == "modifiers" and value in (None, "", []):
                continue
            if field:
                said[field] = _agreed(field, said[field], (label, value)) if field in said else (label, value)
                found[field] = _plain(field, said[field][1])
            elif not _spare(name, value) and not (name in _PLACES and _in_words(value)):
                found[word] = value
        return found

    def _joined(self, words: Set[str]) -> set[str]:
        return {word for word, pair in PAIRS.items() if word in self and words >= set(pair)}

    def _with_pairs(self, arguments: Mapping[str, object]) -> list[tuple[str, str, object]]:
        """The arguments, each with the model's words for it; pairs of coordinates are combined to points, first."""
        rest = dict(arguments)
        joined = [
            (word, " and ".join(PAIRS[word]), [rest.pop(part) for part in PAIRS[word]])
            for word in PAIRS
            if word in self._joined(set(rest))
        ]
        return [*joined, *((word, word, value) for word, value in rest.items())]


def _in_words(value: object) -> bool:
    """Whether a value only describes a place in words, such as Holo's `element`, and gives no numbers of it."""
    return isinstance(value, str) and bool(_WORD.search(value)) and isinstance(_plain("point", value), str)


def _agreed(field: str, first: tuple[str, object], second: tuple[str, object]) -> tuple[str, object]:
    """The more specific of two words for a field, with its value. Raises Unreadable if they differ."""
    (_, one), (_, other) = first, second
    if (field in POINTS and _in_words(other)) or other in (None, "", [], {}):
        return first
    if (field in POINTS and _in_words(one)) or one in (None, "", [], {}) or _plain(field, one) == _plain(field, other):
        return second
    if field in POINTS and (boxed := _boxed(first, second) or _boxed(second, first)):
        return boxed
    raise Unreadable(
        f"{first[0]} ({str(one)[:40]}) and {second[0]} ({str(other)[:40]}) say different things; give one of them", 0
    )


def _boxed(box: tuple[str, object], point: tuple[str, object]) -> tuple[str, object] | None:
    """The point, if the box contains it."""
    sides, place = box[1], _plain("point", point[1])
    if not isinstance(sides, list) or len(sides) != 4 or not isinstance(place, list):
        return None
    if not all(isinstance(side, int | float) for side in sides):
        return None
    return point if Box(*sides).holds(Point(*place)) else None


def _spare(word: str, value: object) -> bool:
    """Whether an argument that the action lacks can be ignored, because it does not affect the action."""
    if value is False or value in (None, "", [], {}) or word in SPARE or (word, str(value).lower()) in AS_EVER:
        return True
    return word in _STATUS and _plain("status", str(value)) != "failure"  # a failure contradicts the action


def _plain(field: str, value: object) -> object:
    """A value in its field's form; unchanged if it cannot be read."""
    try:
        if field in POINTS and value is not None:
            return _pair(value)
        if field in ("keys", "modifiers"):
            return _keys(value)
        if field == "via":
            path = read_path(value)
            return [_pair(point) for point in path] if isinstance(path, tuple) else value
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
