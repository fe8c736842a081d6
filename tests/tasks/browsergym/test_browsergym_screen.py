"""Our actions in BrowserGym's action language, and an agent's ways with it, without BrowserGym."""

import ast
import pickle
from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.action import Action, ActionSpace
from actions.control import Answer, Finish, Wait
from actions.errors import ActionRefused, DeviceFailure, UsageError
from actions.geometry import Point, Size
from actions.keyboard import Press, Type
from actions.mouse import Click, DoubleClick, Drag, MiddleClick, MoveTo, RightClick, Scroll, TripleClick
from actions.phone import Home
from actions.web import CloseTab, GoBack, Goto, NewTab, Reload, SwitchTab
from agent.policy import ModelPolicy
from model import profile
from model.engines.scripted import ScriptedEngine
from tasks.browsergym.agent import AgentArgs, BrowserGymAgent
from tasks.browsergym.screen import SPACE, BrowserGymScreen
from tests.fakes.openai_server import Ways, serving
from tests.prompts import random_actions

MODEL = profile.adjusted(profile.load("qwen2.5-vl-7b"), notation="tool_call")
AT = Point(30, 40)


def seen(**more: object) -> dict[str, Any]:
    picture = np.full((280, 560, 3), 255, np.uint8)
    return {"screenshot": picture, "goal": "Do it.", "goal_object": [{"type": "text", "text": "Do it."}], **more}


def screen() -> BrowserGymScreen:
    made = BrowserGymScreen()
    made.show(seen())
    return made


CASES: list[tuple[Action, list[str]]] = [
    (Click(point=AT), ["mouse_click(30, 40, 'left')"]),
    (RightClick(point=AT), ["mouse_click(30, 40, 'right')"]),
    (MiddleClick(point=AT), ["mouse_click(30, 40, 'middle')"]),
    (DoubleClick(point=AT), ["mouse_dblclick(30, 40, 'left')"]),
    (MoveTo(point=AT), ["mouse_move(30, 40)"]),
    (Drag(start=Point(1, 2), end=AT), ["mouse_drag_and_drop(1, 2, 30, 40)"]),
    (Drag(end=AT), ["mouse_drag_and_drop(280, 140, 30, 40)"]),
    (Scroll(direction="down", notches=3), ["scroll_at(280, 140, 0, 300)"]),
    (Scroll(direction="left", notches=2, point=AT), ["scroll_at(30, 40, -200, 0)"]),
    (Type(text="it's \"\n"), ["keyboard_type('it\\'s \"\\n')"]),
    (Press(keys=("ctrl", "a")), ["keyboard_press('Control+KeyA')"]),
    (Press(keys=("enter",)), ["keyboard_press('Enter')"]),
    (Goto(url="https://example.com/"), ["goto('https://example.com/')"]),
    (GoBack(), ["go_back()"]),
    (NewTab(url=None), ["new_tab()"]),
    (NewTab(url="about:blank"), ["new_tab()", "goto('about:blank')"]),
    (SwitchTab(index=2), ["tab_focus(1)"]),
    (CloseTab(), ["tab_close()"]),
    (Wait(seconds=1.5), ["noop(1500)"]),
    (Answer(text="7"), ["send_msg_to_user('7')"]),
    (Finish(status="success"), ["send_msg_to_user('Done.')"]),
    (Finish(status="failure", text="No such page."), ["report_infeasible('No such page.')"]),
]


@pytest.mark.parametrize(("action", "calls"), CASES, ids=[str(action) for action, _ in CASES])
def test_each_action_is_written_in_its_language(action: Action, calls: list[str]) -> None:
    made = screen()
    made.perform(action)
    assert made.calls == calls


@given(random_actions.actions(SPACE, Size(560, 280)))
def test_every_action_that_the_model_is_offered_is_written_or_refused_and_nothing_else(action: Action) -> None:
    made = screen()
    try:
        made.perform(action)
    except ActionRefused:
        assert not made.calls
    else:
        assert made.calls


def test_three_clicks_in_a_row_are_refused_even_where_a_gesture_asks_for_them() -> None:
    with pytest.raises(ActionRefused, match="3 clicks in a row"):
        TripleClick(point=AT).apply(screen())


def test_the_wheel_turns_where_the_pointer_was_brought_to() -> None:
    made = screen()
    for action in (Click(point=AT), Scroll(direction="up", notches=1)):
        made.perform(action)
    assert made.calls[-1] == "scroll_at(30, 40, 0, -100)"


@pytest.mark.parametrize("action", [TripleClick(point=AT, modifiers=("ctrl",)), Home(), Reload()])
def test_what_the_language_does_not_have_is_refused(action: Action) -> None:
    made = screen()
    with pytest.raises(ActionRefused, match="BrowserGym has no action for"):
        made.perform(action)
    assert made.calls == []


@given(st.text(min_size=1, max_size=200))
def test_typed_text_is_only_ever_a_literal(text: str) -> None:
    made = screen()
    made.perform(Type(text=text))
    (call,) = made.calls
    assert "\n" not in call
    tree = ast.parse(call, mode="eval").body
    assert isinstance(tree, ast.Call) and ast.unparse(tree.func) == "keyboard_type"
    assert [ast.literal_eval(argument) for argument in tree.args] == [text]


def agent_saying(replies: Iterable[str]) -> BrowserGymAgent:
    left = iter(replies)

    def policy(space: ActionSpace) -> ModelPolicy:
        return ModelPolicy(MODEL, ScriptedEngine(left, MODEL), space)

    return BrowserGymAgent(policy)


def called(action: str, **arguments: object) -> str:
    fields = ", ".join(f'"{key}": {str(value).lower() if isinstance(value, bool) else value!r}'.replace("'", '"')
                       for key, value in {"action": action, **arguments}.items())  # fmt: skip
    return f'<tool_call>\n{{"name": "computer_use", "arguments": {{{fields}}}}}\n</tool_call>'


def test_an_episode_goes_on_after_a_mistake_and_ends_as_declared() -> None:
    replies = [called("left_click", coordinate=[140, 70]), called("fly"), called("terminate", status="success")]
    agent = agent_saying(replies)
    said = [agent.get_action(agent.obs_preprocessor(seen(dom_object={}, axtree_object={}))) for _ in range(4)]
    assert [action for action, _ in said] == [
        "mouse_click(140, 70, 'left')",
        "noop(0)",
        "send_msg_to_user('Done.')",
        None,
    ]
    assert [info["extra_info"]["reply"] for _, info in said[:3]] == replies
    assert "fly" in said[1][1]["extra_info"]["mistake"] and said[3][1] == {}


def test_mistakes_in_a_row_end_it_without_a_claim() -> None:
    agent = agent_saying([called("fly")] * 9)
    assert [agent.get_action(seen())[0] for _ in range(4)] == ["noop(0)", "noop(0)", None, None]


def test_an_error_of_their_browser_reaches_the_model() -> None:
    class Listening:
        def act(self, instruction: str, steps: Any, observation: Any) -> Any:
            outcomes.extend(step.outcome.text for step in steps)
            return ModelPolicy(MODEL, ScriptedEngine([called("wait", time=1)], MODEL), SPACE).act("", [], observation)

    outcomes: list[str] = []
    agent = BrowserGymAgent(lambda space: Listening())
    agent.get_action(seen(last_action_error=""))
    agent.get_action(seen(last_action_error="TimeoutError: Timeout 500ms exceeded."))
    assert outcomes == ["It failed: TimeoutError: Timeout 500ms exceeded."]


def test_agentlabs_arguments_make_agents_that_ask_a_server_and_can_be_recorded() -> None:
    with serving(Ways(replies=[called("left_click", coordinate=[140, 70])])) as address:
        arguments = AgentArgs(server=address, notation="tool_call")
        assert pickle.loads(pickle.dumps(arguments)) == arguments
        for _ in range(2):
            action, info = arguments.make_agent().get_action(seen())
            assert action == "mouse_click(140, 70, 'left')" and info["stats"]["prompt_tokens"] > 0


def test_what_cannot_be_given_to_the_model_is_said_so() -> None:
    agent = agent_saying([called("wait", time=1)])
    with pytest.raises(UsageError, match="pictures"):
        agent.get_action(seen(goal_object=[{"type": "image_url", "image_url": "data:"}]))
    with pytest.raises(DeviceFailure, match="no screenshot"):
        agent.get_action(seen(screenshot=None))
