"""The pattern of a call: whatever matches it reads as a call that decodes, and what the notation writes matches it."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actions.action import ActionSpace
from actions.control import CONTROL
from actions.errors import UsageError
from actions.geometry import Size, Viewport
from actions.keyboard import KEYBOARD
from actions.mouse import MOUSE, Click
from actions.phone import PHONE
from actions.touch import TOUCH, Tap
from actions.web import WEB
from devices.functions import FUNCTIONS
from prompts import grammar, notations

FRAME = Size(364, 1008)
VIEWPORT = Viewport(FRAME, Size(1080, 2400))
SPACES = [
    ActionSpace(MOUSE, KEYBOARD, WEB, CONTROL),
    ActionSpace(TOUCH, KEYBOARD, PHONE, CONTROL),
    ActionSpace(FUNCTIONS, CONTROL),
]
NAMES = ("function_args", "tool_call")


@pytest.mark.parametrize("space", SPACES)
@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_whatever_matches_decodes(data: st.DataObject, name: str, space: ActionSpace) -> None:
    notation = notations.load(name, space)
    held = notation.grammar(FRAME)
    assert held is not None
    call = data.draw(st.from_regex(re.compile(held.pattern), fullmatch=True))
    reply = notation.read_reply(f"I see. {held.keyword}{call}")
    assert reply.thought == "I see." and reply.call is not None
    space.decode(reply.call, VIEWPORT)


@pytest.mark.parametrize("name", [*NAMES, "ui_tars"])
@pytest.mark.parametrize(("space", "kind"), [(SPACES[0], Click), (SPACES[1], Tap)])
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_pointing_leaves_only_the_point(
    data: st.DataObject, name: str, space: ActionSpace, kind: type[Click | Tap]
) -> None:
    notation = notations.load(name, space)
    held = notation.pointing(FRAME)
    assert held.keyword == ""
    reply = notation.read_reply(data.draw(st.from_regex(re.compile(held.pattern), fullmatch=True)))
    assert reply.call is not None and isinstance(space.decode(reply.call, VIEWPORT), kind)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("space", SPACES)
def test_every_action_can_be_called(name: str, space: ActionSpace) -> None:
    notation = notations.load(name, space)
    held = notation.grammar(FRAME)
    assert held is not None
    for kind in space.actions:
        values: dict[str, object] = {
            "point": [363, 1007],
            "start": [0, 0],
            "end": [9, 10],
            "text": 'a \\ "b"\n中',
            "url": "x.org",
        }
        values |= {
            "app": "Maps",
            "keys": ["ctrl", "c"],
            "direction": "up",
            "status": "failure",
            "index": 2,
            "answer": "accept",
        }
        others: dict[object, object] = {str: 'café "中"', float: -1234.5, int: 2024, bool: True}
        fields = {
            field: values.get(field, others.get(info.annotation))
            for field, info in kind.model_fields.items()
            if info.is_required()
        }
        call = space.encode(kind.model_validate(fields), Viewport(FRAME, FRAME))
        written = notation.write_call(call)
        if "ctrl+c" not in written:  # computer_use takes a list of keys
            assert re.fullmatch(re.escape(held.keyword) + held.pattern, written), written


@given(st.integers(1, 20_000), st.integers(0, 30_000))
def test_whole_numbers_up_to_a_highest(highest: int, number: int) -> None:
    assert bool(re.fullmatch(grammar.whole(highest), str(number))) == (1 <= number <= highest)
    assert not re.fullmatch(grammar.whole(highest), f"0{number}")


def test_a_space_without_a_pointer_cannot_point() -> None:
    with pytest.raises(UsageError, match="takes a point"):
        notations.load("tool_call", ActionSpace(CONTROL)).pointing(FRAME)
