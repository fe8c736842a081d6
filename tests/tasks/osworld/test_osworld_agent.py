"""Our policy behind OSWorld's agent interface, in both of its action spaces."""

import ast
import contextlib
import io
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from actions.action import Action, ActionSpace
from actions.control import Answer, Finish, Wait
from actions.errors import ActionRefused, DeviceFailure, UsageError
from actions.geometry import Point, Size
from actions.keyboard import Press, Type
from actions.mouse import Click, DoubleClick, Drag, MiddleClick, MoveTo, RightClick, Scroll
from agent.episode import Step, Turn
from agent.policy import ModelPolicy
from devices import Observation
from model import profile
from model.engines.scripted import ScriptedEngine
from tasks.osworld.actions import SPACE, code, computer_13
from tasks.osworld.agent import OSWorldAgent
from tests.prompts import random_actions

MODEL = profile.load("qwen2.5-vl-7b")
AT = Point(30, 40)
PLACE = {"x": 30, "y": 40}


def screenshot() -> bytes:
    png = io.BytesIO()
    Image.new("RGB", (560, 560), "grey").save(png, "PNG")
    return png.getvalue()


def agent_saying(*replies: str, action_space: Any = "pyautogui") -> OSWorldAgent:
    left = iter(replies)

    def policy(space: ActionSpace) -> ModelPolicy:
        return ModelPolicy(MODEL, ScriptedEngine(left, MODEL), space)

    return OSWorldAgent(policy, action_space)


def called(name: str, **arguments: object) -> str:
    given = ", ".join(f'"{key}": {str(value) if isinstance(value, list) else chr(34) + str(value) + chr(34)}'
                      for key, value in arguments.items())  # fmt: skip
    return f'<tool_call>\n{{"name": "computer_use", "arguments": {{"action": "{name}", {given}}}}}\n</tool_call>'


CASES: list[tuple[Action, list[dict[str, Any]], str]] = [
    (Click(point=AT), [{"action_type": "CLICK", "parameters": {**PLACE, "button": "left", "num_clicks": 1}}],
     "pyautogui.click(30, 40, button='left')"),
    (MiddleClick(point=AT), [{"action_type": "CLICK", "parameters": {**PLACE, "button": "middle", "num_clicks": 1}}],
     "pyautogui.click(30, 40, button='middle')"),
    (DoubleClick(point=AT), [{"action_type": "DOUBLE_CLICK", "parameters": PLACE}], "pyautogui.doubleClick(30, 40)"),
    (RightClick(point=AT), [{"action_type": "RIGHT_CLICK", "parameters": PLACE}], "pyautogui.rightClick(30, 40)"),
    (MoveTo(point=AT), [{"action_type": "MOVE_TO", "parameters": PLACE}], "pyautogui.moveTo(30, 40)"),
    (Drag(start=Point(1, 2), end=AT),
     [{"action_type": "MOVE_TO", "parameters": {"x": 1, "y": 2}}, {"action_type": "DRAG_TO", "parameters": PLACE}],
     "pyautogui.moveTo(1, 2); pyautogui.dragTo(30, 40, duration=1.0, button='left')"),
    (Scroll(direction="down", notches=3), [{"action_type": "SCROLL", "parameters": {"dy": -3}}],
     "pyautogui.scroll(-3)"),
    (Scroll(direction="right", notches=2, point=AT),
     [{"action_type": "MOVE_TO", "parameters": PLACE}, {"action_type": "SCROLL", "parameters": {"dx": 2}}],
     "pyautogui.moveTo(30, 40); pyautogui.hscroll(2)"),
    (Type(text="it's\n"), [{"action_type": "TYPING", "parameters": {"text": "it's\n"}}],
     "pyautogui.write(\"it's\\n\")"),
    (Press(keys=("meta",)), [{"action_type": "PRESS", "parameters": {"key": "win"}}], "pyautogui.press('win')"),
    (Press(keys=("ctrl", "s")), [{"action_type": "HOTKEY", "parameters": {"keys": ["ctrl", "s"]}}],
     "pyautogui.hotkey('ctrl', 's')"),
    (Press(keys=("'",)), [{"action_type": "TYPING", "parameters": {"text": "'"}}], 'pyautogui.write("\'")'),
    (Wait(seconds=60), [{"action_type": "WAIT"}], "WAIT"),
    (Finish(status="success"), [{"action_type": "DONE"}], "DONE"),
    (Finish(status="failure"), [{"action_type": "FAIL"}], "FAIL"),
    (Answer(text="42"), [{"action_type": "DONE"}], "DONE"),
]  # fmt: skip


@pytest.mark.parametrize(("action", "fields", "line"), CASES, ids=[str(action) for action, *_ in CASES])
def test_each_action_in_both_action_spaces(action: Action, fields: list[dict[str, Any]], line: str) -> None:
    assert computer_13(action) == fields
    assert "; ".join(map(code, fields)) == line


@given(random_actions.actions(SPACE, Size(560, 560)))
def test_every_action_that_the_model_is_offered_is_written_or_refused_and_nothing_else(action: Action) -> None:
    with contextlib.suppress(ActionRefused):
        assert computer_13(action)


class Pinch(Action):
    """A gesture that OSWorld does not have."""


@pytest.mark.parametrize("space", ["pyautogui", "computer_13"])
def test_a_gesture_that_osworld_does_not_have_is_a_mistake_and_not_a_wait(space: Any) -> None:
    class Pinching:
        def act(self, instruction: str, steps: Sequence[Step], observation: Observation) -> Turn:
            outcomes.extend(step.outcome.text for step in steps)
            return Turn("pinch", "", Pinch())

    outcomes: list[str] = []
    agent = OSWorldAgent(lambda _: Pinching(), space)
    seen = {"screenshot": screenshot()}
    assert [agent.predict("Zoom out.", seen) for _ in range(2)] == [("pinch", [])] * 2
    assert outcomes == ["OSWorld has no action for Pinch. Nothing was done; do it another way."]


HOSTILE = st.text(
    st.sampled_from("\"'\\;()<>{}$#`\n\t rm%{}import os") | st.characters(codec="ascii", min_codepoint=32)
)


@given(HOSTILE.filter(lambda text: text and "\x7f" not in text))
def test_typed_text_is_only_ever_a_literal_in_the_code(text: str) -> None:
    """The code holds nothing but calls of write with one string and of hotkey for <, and they type that text."""
    fields = computer_13(Type(text=text))
    typed = ""
    for statement in ast.parse("; ".join(map(code, fields))).body:
        assert isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call)
        arguments = [ast.literal_eval(argument) for argument in statement.value.args]
        if ast.unparse(statement.value.func) == "pyautogui.hotkey":
            assert arguments == ["shift", ","]
            typed += "<"
        else:
            assert ast.unparse(statement.value.func) == "pyautogui.write"
            typed += arguments[0]
    assert typed == text


@pytest.mark.parametrize("action", [Type(text="naïve"), Press(keys=("é",)), Type(text="a\x1bb")])
def test_what_its_keyboard_would_leave_out_is_refused(action: Action) -> None:
    with pytest.raises(ActionRefused, match="Nothing was typed"):
        computer_13(action)


def test_an_episode_goes_on_after_mistakes_and_ends_as_declared() -> None:
    replies = [called("left_click", coordinate=[140, 280]), called("type", text="é"), called("fly"),
               called("terminate", status="failure")]  # fmt: skip
    for space, click, fail in (
        ("pyautogui", "pyautogui.click(140, 280, button='left')", "FAIL"),
        (
            "computer_13",
            {"action_type": "CLICK", "parameters": {"x": 140, "y": 280, "button": "left", "num_clicks": 1}},
            {"action_type": "FAIL"},
        ),
    ):
        agent = agent_saying(*replies, action_space=space)
        agent.reset(object(), vm_ip="127.0.0.1")
        answers = [agent.predict("Do it.", {"screenshot": screenshot()}) for _ in replies]
        assert [response for response, _ in answers] == replies
        assert [actions for _, actions in answers] == [[click], [], [], [fail]]


def test_plain_words_end_nothing_and_reset_forgets_the_episode() -> None:
    agent = agent_saying("It is done.", "It is done.", called("wait", time="2"))
    seen = {"screenshot": screenshot(), "accessibility_tree": None}
    assert [agent.predict("Do it.", seen) for _ in range(2)] == [("It is done.", [])] * 2
    agent.reset()
    assert agent.predict("Do another.", seen)[1] == ["WAIT"]


def test_a_missing_screenshot_and_an_unknown_action_space_are_told() -> None:
    with pytest.raises(DeviceFailure, match="no screenshot"):
        agent_saying("unused").predict("Do it.", {"screenshot": None})
    with pytest.raises(UsageError, match="claude_computer_use"):
        agent_saying(action_space="claude_computer_use")
