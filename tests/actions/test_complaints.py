"""A wrong argument is reported in our own words, for every kind of fault and every action."""

import re

import pytest

from actions.action import ActionSpace, Call
from actions.control import ASK, CONTROL
from actions.errors import InvalidArguments
from actions.geometry import Size, Viewport
from actions.keyboard import KEYBOARD
from actions.mouse import MOUSE
from actions.phone import PHONE
from actions.touch import TOUCH
from actions.web import WEB

SPACE = ActionSpace(MOUSE, TOUCH, KEYBOARD, PHONE, WEB, CONTROL, ASK)
SAME = Viewport(Size(1000, 1000), Size(1000, 1000))
WRONG: tuple[object, ...] = (
    "", "nothing", "x" * 20_000, None, True, -1, 0, 1.5, 10**9, float("nan"), float("inf"), [], [[]], ["a"] * 9, {},
    {"a": 1},
)  # fmt: skip
LIBRARY = re.compile(
    r"Input should|Field required|Extra inputs|after validation|valid string|unable to parse|Value error|Tuple|pydantic"
)
"""Words of pydantic's."""


def complaints(call: Call) -> list[str]:
    try:
        SPACE.decode(call, SAME)
    except InvalidArguments as mistake:
        return [str(mistake)]
    return []


@pytest.mark.parametrize("kind", SPACE.actions, ids=lambda kind: kind.__name__)
def test_no_wrong_value_of_any_argument_is_told_in_the_words_of_a_library(kind: type) -> None:
    fields = SPACE.actions[SPACE.actions.index(kind)].model_fields
    calls = [Call(kind.__name__, {field: value}) for field in (*fields, "colour") for value in WRONG]
    texts = [text for call in (Call(kind.__name__, {}), *calls) for text in complaints(call)]
    assert len(texts) >= len(WRONG)
    assert [
        text for text in texts if LIBRARY.search(text) or "cannot be used" in text or "{" in text.split("(got")[0]
    ] == []


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (Call("Press", {"keys": []}), "Press: keys: must not be empty (got ())."),
        (Call("Press", {"keys": ["a"] * 6}), "Press: keys: must have at most 5 parts (got"),
        (Call("Type", {"text": ""}), "Type: text: must not be empty (got '')."),
        (
            Call("Click", {"point": [1, 2], "colour": "red"}),
            "Click: colour: is no argument of this action (got 'red').",
        ),
        (Call("Click", {}), "Click: point: is missing."),
        (Call("Scroll", {"direction": "in"}), "Scroll: direction: must be 'up', 'down', 'left' or 'right' (got 'in')."),
        (Call("Scroll", {"direction": "up", "notches": 99}), "Scroll: notches: must be at most 50 (got 99)."),
        (Call("Scroll", {"direction": "up", "notches": "x"}), "Scroll: notches: must be a whole number (got 'x')."),
        (Call("Wait", {"seconds": 0}), "Wait: seconds: must be more than 0"),
        (Call("Click", {"point": [1]}), "Click: point: a point is two numbers, (x, y) (got [1])."),
    ],
)
def test_a_wrong_argument_is_named_with_its_value_and_what_it_must_be(call: Call, said: str) -> None:
    (text,) = complaints(call)
    assert text.startswith(said)
