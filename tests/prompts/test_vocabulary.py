"""What models call things is read as what we call them, and what is not known stays for the action space to judge."""

from pathlib import Path

import pytest

from actions.action import Action, ActionSpace, Call
from actions.control import ASK, CONTROL, Answer, Finish
from actions.errors import ModelMistake
from actions.geometry import Point, Size, Viewport
from actions.keyboard import KEYBOARD, Press, Type
from actions.mouse import MOUSE, Click, DoubleClick, Drag, RightClick, Scroll
from actions.phone import PHONE as BUTTONS
from actions.phone import Back, OpenApp, Recents
from actions.touch import TOUCH, LongPress, Swipe, Tap
from actions.web import WEB, Goto
from prompts.reading.loose_json import Unreadable
from prompts.vocabulary import Vocabulary
from prompts.vocabulary.names import spelled, words_in

DESKTOP = ActionSpace(MOUSE, KEYBOARD, WEB, CONTROL, ASK)
PHONE = ActionSpace(TOUCH, KEYBOARD, BUTTONS, CONTROL, ASK)


def the_one(calls: list[Call]) -> Call:
    (call,) = calls
    return call


SAME = Viewport(frame=Size(1000, 1000), screen=Size(1000, 1000))


@pytest.mark.parametrize(
    ("call", "action"),
    [
        (Call("left_click", {"coordinate": [10, 20]}), Click(point=Point(10, 20))),
        (Call("CLICK", {"x": 10, "y": 20}), Click(point=Point(10, 20))),
        (Call("double click", {"position": [10, 20]}), DoubleClick(point=Point(10, 20))),
        (Call("left_click_drag", {"x1": 1, "y1": 2, "x2": 3, "y2": 4}), Drag(start=Point(1, 2), end=Point(3, 4))),
        (Call("drag", {"start_box": "(1,2)", "end_box": "(3,4)"}), Drag(start=Point(1, 2), end=Point(3, 4))),
        (Call("type", {"content": "hi"}), Type(text="hi")),
        (Call("hotkey", {"key": "ctrl c"}), Press(keys=("ctrl", "c"))),
        (Call("key", {"text": "Return"}), Press(keys=("enter",))),
        (Call("press", {"keys": ["CTRL", "Shift", "T"]}), Press(keys=("ctrl", "shift", "t"))),
        (Call("press", {"keys": "ctrl++"}), Press(keys=("ctrl", "+"))),
        (Call("press", {"keys": "-"}), Press(keys=("-",))),
        (Call("press", {"keys": " "}), Press(keys=("space",))),
        (Call("visit_url", {"link": "a.example"}), Goto(url="a.example")),
        (Call("terminate", {"status": "success"}), Finish(status="success")),
        (Call("answer", {"text": "42"}), Answer(text="42")),
        (Call("Scroll", {"direction": "DOWN", "amount": "3"}), Scroll(direction="down", notches=3)),
        (
            Call("scroll", {"pixels": -250.5, "coordinate": [5, 6]}),
            Scroll(direction="down", notches=3, point=Point(5, 6)),
        ),
        (Call("hscroll", {"pixels": -200}), Scroll(direction="left", notches=2)),
        (Call("left_click_drag", {"coordinate": [5, 6]}), Drag(end=Point(5, 6))),
        (
            Call("left_click_drag", {"coordinate": [5, 6], "start_coordinate": [1, 2]}),
            Drag(start=Point(1, 2), end=Point(5, 6)),
        ),
        (
            Call("left_click_drag", {"coordinate2": [5, 6], "coordinate": [1, 2]}),
            Drag(start=Point(1, 2), end=Point(5, 6)),
        ),
        (Call("dragTo", {"x": 5, "y": 6}), Drag(end=Point(5, 6))),
        (Call("click", {"x": 5, "y": 6, "button": "right", "interval": 0.1}), RightClick(point=Point(5, 6))),
        (Call("Type", {"text": "a", "content": "a"}), Type(text="a")),
        (Call("key", {"keys": ["ctrl+shift+t"]}), Press(keys=("ctrl", "shift", "t"))),
        (
            Call("terminate", {"status": "Fail", "reason": "no such page"}),
            Finish(status="failure", text="no such page"),
        ),
        (Call("left_click", {"coordinate": [5, 6], "status": "success", "time": 2}), Click(point=Point(5, 6))),
        (Call("computer_use", {"coordinate": [5, 6], "action": "left_click"}), Click(point=Point(5, 6))),
        (Call("computer_use", {"coordinate": [5, 6]}), Click(point=Point(5, 6))),
        (Call("computer_use", {"action": "answer", "text": "42"}), Answer(text="42")),
    ],
)
def test_other_words_for_actions_and_arguments_are_understood(call: Call, action: Action) -> None:
    assert DESKTOP.decode(the_one(Vocabulary(DESKTOP).ours(call)), SAME) == action


@pytest.mark.parametrize(
    ("call", "action"),
    [
        (Call("click", {"coordinate": [5, 6]}), Tap(point=Point(5, 6))),
        (Call("swipe", {"coordinate": [5, 6], "coordinate2": [7, 8]}), Swipe(start=Point(5, 6), end=Point(7, 8))),
        (
            Call("Scroll", {"direction": "down", "notches": 1, "point": [50, 400]}),
            Swipe(start=Point(50, 400), end=Point(50, 100)),
        ),
        (Call("scroll", {"pixels": 300, "coordinate": [50, 400]}), Swipe(start=Point(50, 400), end=Point(50, 700))),
        (Call("long_press", {"coordinate": [5, 6], "time": 2}), LongPress(point=Point(5, 6), seconds=2)),
        (Call("open", {"text": "Maps"}), OpenApp(app="Maps")),
        (Call("open_app", {"app_name": "Maps"}), OpenApp(app="Maps")),
        (Call("system_button", {"button": "menu"}), Recents()),
        (Call("mobile_use", {"action": "system_button", "button": "Back"}), Back()),
    ],
)
def test_a_phones_words_are_understood(call: Call, action: Action) -> None:
    assert PHONE.decode(the_one(Vocabulary(PHONE).ours(call)), SAME) == action


def test_a_function_without_its_action_is_named_and_not_called_unknown() -> None:
    with pytest.raises(Unreadable, match="what computer_use is to do, is missing"):
        Vocabulary(DESKTOP).ours(Call("computer_use", {"text": "pizza"}))


@pytest.mark.parametrize(
    "arguments",
    [
        {"text": "a", "content": "b"},
        {"text": "a", "coordinate": [5, 6], "point": [7, 8]},
        {"text": "a", "coordinate": [5, 6], "x": 7, "y": 8},
        {"text": "a", "coordinate": [5, 6], "bbox": [10, 10, 20, 20]},
    ],
)
def test_two_words_that_say_different_things_are_a_mistake(arguments: dict[str, object]) -> None:
    with pytest.raises(Unreadable, match="say different things"):
        Vocabulary(DESKTOP).ours(Call("type", arguments))


@pytest.mark.parametrize(
    "call",
    [
        Call("click", {"coordinate": [5, 6], "button": "fourth"}),
        Call("click", {"coordinate": [5, 6], "button": "right", "clicks": 2}),
        Call("click", {"coordinate": [5, 6], "colour": "red"}),
    ],
)
def test_what_would_change_the_meaning_is_not_dropped(call: Call) -> None:
    with pytest.raises(ModelMistake):
        DESKTOP.decode(the_one(Vocabulary(DESKTOP).ours(call)), SAME)


def test_every_name_means_an_action_of_some_space_however_it_is_spelled() -> None:
    for vocabulary in (Vocabulary(DESKTOP), Vocabulary(PHONE)):
        for kind in vocabulary.space.actions:
            for name in vocabulary.names(kind):
                words = words_in(name)
                ways = (name, "_".join(words), "-".join(words).upper(), " ".join(words).title(), "".join(words).lower())
                assert all(vocabulary.kind(way) is kind for way in ways)
                assert spelled(name) in vocabulary.verbs


def test_names_are_taught_in_this_room_alone() -> None:
    for path in (Path(__file__).parent.parent.parent / "actions").glob("*.py"):
        assert "aliases" not in path.read_text(encoding="utf-8"), (
            f"{path.name}: move them to prompts/vocabulary/names.py"
        )


def test_a_message_names_the_words_that_say_different_things() -> None:
    call = Call("computer_use", {"action": "left_click", "x": 1, "y": 2, "coordinate": [3, 4]})
    with pytest.raises(Unreadable) as caught:
        Vocabulary(DESKTOP).ours(call)
    assert str(caught.value) == "x and y ([1, 2]) and coordinate ([3, 4]) say different things; give one of them"
