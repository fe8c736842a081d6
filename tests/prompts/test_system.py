"""The system text names what a space has, and nothing that it has not."""

import json

import pytest

from actions.action import Action, ActionSpace, Call
from actions.errors import UsageError
from actions.geometry import Size
from actions.mouse import Click
from prompts import notations, words
from tests.prompts.reading_of import SPACES, notation

FRAME = Size(644, 448)
NAMES = notations.names()


class Hit(Action):
    """Take another card."""


class Stand(Action):
    """Take no more cards."""


CARDS = ActionSpace((Hit, Stand))


def functions(text: str) -> dict[str, dict[str, object]]:
    """The functions between the `<tools>` tags, by name."""
    lines = text.split("<tools>\n")[1].split("\n</tools>")[0].splitlines()
    return {tool["function"]["name"]: tool["function"] for tool in map(json.loads, lines)}


@pytest.mark.parametrize("name", NAMES)
def test_a_space_without_points_is_told_nothing_of_an_image(name: str) -> None:
    text = notations.load(name, CARDS).system(FRAME)
    assert "Take another card." in text
    assert "644" not in text


def test_a_notation_that_there_is_not_is_answered_with_those_there_are() -> None:
    with pytest.raises(UsageError, match=r"no notation 'morse'.*function_args"):
        notations.load("morse", CARDS)


@pytest.mark.parametrize("name", NAMES)
def test_an_action_of_any_space_is_written_and_read(name: str) -> None:
    style = notations.load(name, CARDS)
    call = Call("Hit", {})
    assert style.read_reply(style.write_call(call)).call == call


def test_a_space_without_a_screen_has_a_function_for_each_action() -> None:
    assert list(functions(notations.load("tool_call", CARDS).system(FRAME))) == ["Hit", "Stand"]


def test_the_screen_s_function_offers_only_what_the_space_has() -> None:
    found = functions(notations.load("tool_call", ActionSpace((Click,))).system(FRAME))
    assert list(found) == ["computer_use"]
    parameters = found["computer_use"]["parameters"]
    assert isinstance(parameters, dict)
    assert parameters["properties"]["action"]["enum"] == ["left_click"]
    assert list(parameters["properties"]) == ["action", "text", "coordinate"]


@pytest.mark.parametrize(
    ("space", "names"),
    [
        (
            "browser",
            [
                "computer_use",
                "Goto",
                "GoBack",
                "Reload",
                "NewTab",
                "SwitchTab",
                "CloseTab",
                "AnswerDialog",
                "Choose",
                "AskUser",
            ],
        ),
        ("desktop", ["computer_use", "AskUser"]),
        ("phone", ["mobile_use", "DoubleTap", "AskUser"]),
    ],
)
def test_what_the_screen_s_function_lacks_is_a_function_of_its_own(space: str, names: list[str]) -> None:
    found = functions(notation("tool_call", space).system(FRAME))
    assert next(iter(found)) == names[0] and [name for name in found if name in names] == names
    assert not {"Click", "Drag", "Scroll", "Type", "Press", "Wait", "Tap", "Swipe", "Home", "Finish"} & found.keys()
    keys = ["name_for_human", "name", "description", "parameters", "args_format"]
    assert all(list(function) == keys for function in found.values())


@pytest.mark.parametrize("space", SPACES)
def test_every_action_is_listed_with_its_fields(space: str) -> None:
    text = notation("function_args", space).system(FRAME)
    for action in SPACES[space].actions:
        assert f"### {action.__name__}\n\n{action.__name__}: " in text
        assert all(f'"name": "{field}"' in text for field in action.model_fields)


def test_only_the_growing_turn_has_a_stop_string() -> None:
    growing, chat = notation("function_args", "browser"), notation("tool_call", "browser")
    assert (growing.stop, growing.one_turn) == (("*RESULT*",), True)
    assert (chat.stop, chat.one_turn) == ((), False)


def test_the_brief_system_text_is_the_line_that_was_trained() -> None:
    assert words("brief") == "Act on the page."
