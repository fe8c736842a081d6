"""The pattern of a call: whatever matches it reads as a call that decodes, and what is read matches it."""

import json
import random
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from re import _parser as sre  # type: ignore[attr-defined]
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from actions.action import Action, ActionSpace
from actions.control import CONTROL
from actions.errors import ModelMistake, UsageError
from actions.geometry import PARTS, THOUSANDTHS, Size, Viewport
from actions.mouse import Click
from actions.touch import Tap
from model.engine import Grammar
from prompts import grammar, notations, patterns
from prompts.notations import Notation
from prompts.vocabulary.functions import chosen
from prompts.vocabulary.names import NAMES, spellings
from prompts.vocabulary.words import SPARE, words_of
from tests.prompts.spaces import KINDS_OF_DEVICE

FRAME = Size(364, 1008)
FRAMES = (FRAME, THOUSANDTHS, PARTS)
SCREEN = Size(1080, 2400)
NASTY = "aé{}[ *<1中,'…\u2028“ABC"
HELD = ("function_args", "tool_call")
WRITTEN = {
    "function_args": "*FUNCTION*: {name}\n*ARGS*: {arguments}",
    "tool_call": '<tool_call>\n{{"name": "{name}", "arguments": {arguments}}}\n</tool_call>',
}


@cache
def loaded(name: str, device: str) -> Notation:
    return notations.load(name, KINDS_OF_DEVICE[device])


@cache
def held(name: str, device: str, frame: Size) -> Grammar:
    found = loaded(name, device).grammar(frame)
    assert found is not None
    return found


def decoded(notation: Notation, text: str, frame: Size) -> list[Action]:
    """What a reply means. Raises ModelMistake."""
    reply = notation.read_reply(text)
    return [notation.space.decode(call, Viewport(frame, SCREEN)) for call in (reply.call, *reply.others)]


class Sampler:
    """Texts that match a pattern, drawn evenly over its alternatives; hypothesis needs seconds for patterns so long."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def text(self, pattern: str) -> str:
        return "".join(self._texts(sre.parse(pattern)))

    def _texts(self, parsed: Iterable[Any]) -> Iterator[str]:
        for op, value in parsed:
            match str(op):
                case "LITERAL":
                    yield chr(value)
                case "IN":
                    yield self._character(value)
                case "BRANCH":
                    yield from self._texts(self._random.choice(value[1]))
                case "SUBPATTERN":
                    yield from self._texts(value[-1])
                case "MAX_REPEAT":
                    least, most, repeated = value
                    for _ in range(self._random.randint(least, min(int(most), least + 2))):
                        yield from self._texts(repeated)
                case _:
                    raise NotImplementedError(f"{op} in a pattern")

    def _character(self, classes: Sequence[Any]) -> str:
        if str(classes[0][0]) == "NEGATE":  # a character of a text
            return self._random.choice(NASTY)
        kind, value = self._random.choice(classes)
        return chr(value if str(kind) == "LITERAL" else self._random.randint(*value))


@pytest.mark.parametrize("device", KINDS_OF_DEVICE)
@pytest.mark.parametrize("name", HELD)
@pytest.mark.parametrize("frame", FRAMES)
def test_whatever_matches_decodes(frame: Size, name: str, device: str) -> None:
    sampler, notation = Sampler(1), loaded(name, device)
    for call in grammar.calls(notation.vocabulary, frame):
        for _ in range(5):
            called, arguments = sampler.text(call.name), sampler.text(call.arguments)
            text = f"I see. {WRITTEN[name].format(name=called, arguments=arguments)}"
            assert notation.read_reply(text).thought == "I see."
            assert decoded(notation, text, frame), text


VALUES: dict[str, tuple[object, ...]] = {
    "point": ([3, 4], [3.5, 4.0], [0.5, 300], [0, 1000], (3, 4, 5, 6), {"x": 3, "y": 4}, "(3, 4)",
              "<point>3 4</point>"),
    "text": ("pizza", 'a "b" \\ {c} </tool_call> *RESULT*', "中文 🍕\n", "\x1f\u2028", "é"),
    "keys": (
        ["ctrl", "shift", "t"], ["Return"], "ctrl+shift+t", "ctrl c", "Page_Down", ["+"], "ctrl++", "-", "/",
        ["Control_L", "c"],
        "win", ["F5"], "super+shift+s", ["ctrl+alt+Delete"], ["ä"], "ctrl+,", ["ctrl", "-"],
    ),
    "seconds": (2, 2.5, "3", 0.25, 10.0), "notches": (3, 4.0, "5"), "direction": ("up", "DOWN", "Left"),
    "status": ("success", "Failure", "fail", "done"), "index": (2, 3.0), "pixels": (-250.5, 100, -3),
    "button": ("Back", "home", "left", "right"), "presses": (2,), "flag": (True, False), "spare": ("because", 2, 0.5),
    "url": ("a.example/?q=1",), "app": ("Maps",), "question": ("Which?",), "answer": ("accept", "dismiss"),
    "value": ("Two",),
    "action": (3,), "symbol": ("+", "10"),
}  # fmt: skip
OTHERS: dict[str, tuple[object, ...]] = {
    "<class 'str'>": VALUES["text"], "<class 'bool'>": (True,), "<class 'int'>": (2, 3.0), "<class 'float'>": (2, -2.5),
}  # fmt: skip
VALUES |= {"start": VALUES["point"], "end": VALUES["point"]}


@st.composite
def random_calls(draw: st.DrawFn, notation: Notation) -> tuple[str, dict[str, object]]:
    """A call of some action in any of the words that models use: most of them are read, and some are not."""
    kind = draw(st.sampled_from(notation.space.actions))
    name = draw(st.sampled_from(spellings(draw(st.sampled_from((kind.__name__, *NAMES.get(kind.__name__, ())))))))
    given: dict[str, object] = {}
    for field, info in kind.model_fields.items():
        if draw(st.integers(0, 9)) < (9 if info.is_required() else 4):
            values = VALUES.get(field) or OTHERS.get(str(info.annotation), (1,))
            given[draw(st.sampled_from(words_of(field)))] = draw(st.sampled_from(values))
    more = (*SPARE, "status", "pixels", "button", "presses", "press_enter", "clear", "coordinate", "start_coordinate")
    for word in draw(st.lists(st.sampled_from(more), max_size=2)):
        kinds = {"press_enter": "flag", "clear": "flag", "coordinate": "point", "start_coordinate": "point"}
        values = VALUES[kinds.get(word, word if word in VALUES else "spare")]
        given.setdefault(word, draw(st.sampled_from(values)))
    if (function := chosen(notation.space)) and draw(st.booleans()):
        name, given = function, {"action": name, **given}
    return name, dict(draw(st.permutations(list(given.items()))))


@pytest.mark.parametrize("device", KINDS_OF_DEVICE)
@pytest.mark.parametrize("name", HELD)
@settings(max_examples=120, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_whatever_is_read_matches(data: st.DataObject, name: str, device: str) -> None:
    notation = loaded(name, device)
    called, arguments = data.draw(random_calls(notation))
    written = json.dumps(arguments, ensure_ascii=data.draw(st.booleans()))
    text = WRITTEN[name].format(name=called, arguments=written)
    try:
        decoded(notation, text, FRAME)
    except ModelMistake:
        assume(False)
    assert allows(name, device).fullmatch(text), text


@cache
def allows(name: str, device: str) -> re.Pattern[str]:
    found = held(name, device, FRAME)
    return re.compile(re.escape(found.keyword) + found.pattern)


@pytest.mark.parametrize("name", notations.names())
@pytest.mark.parametrize(("device", "kind"), [("browser", Click), ("phone", Tap)])
@pytest.mark.parametrize("frame", FRAMES)
def test_pointing_leaves_only_the_point(frame: Size, device: str, kind: type[Action], name: str) -> None:
    notation = loaded(name, device)
    pointing = notation.pointing(frame)
    assert pointing.keyword == ""
    for seed in range(20):
        (action,) = decoded(notation, Sampler(seed).text(pointing.pattern), frame)
        assert isinstance(action, kind)


@given(st.integers(1, 20_000), st.integers(0, 30_000))
def test_whole_numbers_up_to_a_highest(highest: int, number: int) -> None:
    assert bool(re.fullmatch(patterns.whole(highest), str(number))) == (1 <= number <= highest)
    assert not re.fullmatch(patterns.whole(highest), f"0{number}")


def test_a_space_without_a_pointer_cannot_point() -> None:
    with pytest.raises(UsageError, match="takes a point"):
        notations.load("tool_call", ActionSpace(CONTROL)).pointing(FRAME)
