"""A mistake is reported in the terms of the answered prompt."""

import pytest

from actions.errors import InvalidArguments, MalformedReply, ModelMistake, NoCall, UnknownAction
from actions.geometry import Viewport
from prompts import notations
from tests.prompts.reading_of import FRAME, SPACES, notation

WAYS = {
    "function_args": "*FUNCTION*: {name}\n*ARGS*: {arguments}",
    "tool_call": '<tool_call>\n{{"name": "{name}", "arguments": {arguments}}}\n</tool_call>',
}


def mistake_of(name: str, space: str, text: str) -> tuple[type[ModelMistake], str]:
    style = notation(name, space)
    with pytest.raises(ModelMistake) as caught:
        SPACES[space].decode(style.read_reply(text).call, Viewport(FRAME, FRAME), style.term)
    return type(caught.value), str(caught.value)


@pytest.mark.parametrize(
    ("name", "space", "arguments", "said"),
    [
        ("tool_call", "browser", '{"action": "left_click"}', "left_click: coordinate: is missing."),
        ("tool_call", "phone", '{"action": "swipe", "coordinate": [1, 2]}', "swipe: coordinate2: is missing."),
        ("tool_call", "browser", '{"action": "wait", "time": -1}', "wait: time: "),
        ("tool_call", "browser", '{"action": "scroll", "coordinate": [1, 2]}', "scroll: pixels: is missing."),
        ("function_args", "browser", '{"action": "scroll"}', "Scroll: direction: is missing."),
        (
            "tool_call",
            "browser",
            '{"action": "left_click", "coordinate": [9000, 1]}',
            "left_click: coordinate (9000, 1) ",
        ),
        ("function_args", "browser", '{"action": "left_click"}', "Click: point: is missing."),
        ("function_args", "phone", '{"action": "swipe", "coordinate": [1, 2]}', "Swipe: end: is missing."),
        ("ui_tars", "browser", '{"action": "left_click"}', "click: start_box: is missing."),
    ],
)
def test_wrong_arguments_have_the_names_of_the_prompt(name: str, space: str, arguments: str, said: str) -> None:
    function = "mobile_use" if space == "phone" else "computer_use"
    kind, text = mistake_of(name, space, WAYS["tool_call"].format(name=function, arguments=arguments))
    assert kind is InvalidArguments and text.startswith(said)


@pytest.mark.parametrize(
    ("name", "offered"),
    [
        (
            "tool_call",
            "left_click, double_click, right_click, middle_click, mouse_move, left_click_drag, scroll, type, key",
        ),
        ("function_args", "Click, DoubleClick, RightClick, MiddleClick, MoveTo, Drag, Scroll, Type, Press"),
        ("ui_tars", "click, left_double, right_single, MiddleClick, MoveTo, drag, scroll, type, hotkey"),
    ],
)
def test_an_unknown_action_is_answered_with_those_of_the_prompt(name: str, offered: str) -> None:
    kind, text = mistake_of(name, "browser", WAYS["function_args"].format(name="Fly", arguments="{}"))
    assert kind is UnknownAction
    beginning, _, listed = text.removesuffix(".").partition(" The actions are: ")
    assert beginning == "There is no action 'Fly'."
    assert [name for name in listed.split(", ") if name in offered.split(", ")] == offered.split(", ")


@pytest.mark.parametrize("name", notations.names())
def test_a_function_without_an_action_does_exist_and_lacks_its_action(name: str) -> None:
    call = WAYS["tool_call"].format(name="computer_use", arguments='{"text": "pizza"}')
    kind, text = mistake_of(name, "browser", call)
    assert kind is MalformedReply and "`action`, which says what computer_use is to do, is missing" in text
    assert "no action 'computer_use'" not in text and "Write a call as" in text


@pytest.mark.parametrize(
    ("name", "space", "ends"),
    [
        ("function_args", "browser", "call Answer or Finish"),
        ("tool_call", "browser", "call computer_use with action answer or computer_use with action terminate"),
        ("tool_call", "phone", "call mobile_use with action answer or mobile_use with action terminate"),
        ("ui_tars", "browser", "call Answer or finished"),
    ],
)
def test_a_reply_without_a_call_is_told_how_to_call_and_how_to_end(name: str, space: str, ends: str) -> None:
    kind, text = mistake_of(name, space, "I will click it now.")
    assert kind is NoCall and "Write a call as" in text and text.endswith(f"To end the task, {ends}.")
