"""AndroidWorld's agent interface and our runner of its tasks, on SimPhone behind a stand-in for its package."""

import hashlib
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from actions.action import Action, Outcome
from actions.control import Answer, Finish, Wait
from actions.errors import ActionRefused, DeviceFailure, UsageError
from actions.geometry import Point
from actions.keyboard import Press, Type
from actions.phone import Back, Enter, Home, OpenApp, Recents
from actions.touch import DoubleTap, LongPress, Swipe, Tap
from agent.episode import Ending, Episode, Step, Turn
from devices import Observation
from tasks.androidworld.actions import SPACE, AsyncEnvScreen, json_fields
from tasks.androidworld.agent import ScreenhandAgent
from tasks.suites import androidworld
from tasks.task import SuiteOptions
from tests.devices.simphone.driver import Phone
from tests.fakes.androidworld_env import SimPhoneEnv

STUB = Path(__file__).parents[1] / "fakes" / "androidworld_stub"


@pytest.fixture
def env(phone: Phone, monkeypatch: pytest.MonkeyPatch) -> Iterator[SimPhoneEnv]:
    monkeypatch.syspath_prepend(str(STUB))
    yield SimPhoneEnv(phone)
    for name in [name for name in sys.modules if name.split(".")[0] == "android_world"]:
        del sys.modules[name]


class Played:
    """A policy that plays actions, and then says something in plain words."""

    def __init__(self, actions: Sequence[Action], words: str = "") -> None:
        self._actions = iter(actions)
        self._words = words

    def act(self, instruction: str, steps: Sequence[Step], observation: Observation) -> Turn:
        action = next(self._actions, None)
        return Turn("" if action else self._words, "", action)


@pytest.mark.parametrize(
    ("action", "fields"),
    [
        (Tap(point=Point(3, 4)), {"action_type": "click", "x": 3, "y": 4}),
        (DoubleTap(point=Point(3, 4)), {"action_type": "double_tap", "x": 3, "y": 4}),
        (LongPress(point=Point(3, 4)), {"action_type": "long_press", "x": 3, "y": 4}),
        (Type(text="a b"), {"action_type": "input_text", "text": "a b"}),
        (OpenApp(app="Clock"), {"action_type": "open_app", "app_name": "Clock"}),
        (Home(), {"action_type": "navigate_home"}),
        (Back(), {"action_type": "navigate_back"}),
        (Enter(), {"action_type": "keyboard_enter"}),
        (Answer(text="7"), {"action_type": "answer", "text": "7"}),
        (Finish(status="success"), {"action_type": "status", "goal_status": "complete"}),
        (Finish(status="failure"), {"action_type": "status", "goal_status": "infeasible"}),
    ],
)
def test_each_action_has_its_json_action(action: Action, fields: dict[str, object]) -> None:
    assert json_fields(action) == fields
    assert type(action) in SPACE and Press not in SPACE


class Pinch(Action):
    """A gesture that AndroidWorld does not have."""


def test_a_gesture_that_androidworld_does_not_have_is_a_mistake_and_never_done(env: SimPhoneEnv) -> None:
    for action in (Pinch(), Recents(), Press(keys=("ctrl", "c"))):
        with pytest.raises(ActionRefused, match=f"no action for {type(action).__name__}"):
            json_fields(action)
    agent = ScreenhandAgent(env, lambda space: Played([Pinch()]), transition_pause=0)
    result = agent.step("Zoom out.")
    assert not result.done and env.done == []
    assert result.data["mistake"] == "AndroidWorld has no action for Pinch. Nothing was done; do it another way."


def test_an_agent_works_step_by_step_through_their_environment(env: SimPhoneEnv, phone: Phone) -> None:
    phone.open("settings")
    rows = {name: Point(*phone.find(name).middle) for name in ("open_network",)}
    phone.tap("open_network")
    rows["open_wifi"] = Point(*phone.find("open_wifi").middle)
    phone.tap("open_wifi")
    rows["wifi_on"] = Point(*phone.find("wifi_on").middle)
    phone.shell("cmd simphone reset")
    taps = [Tap(point=rows[name]) for name in ("open_network", "open_wifi", "wifi_on")]
    played = [OpenApp(app="Settings"), *taps, Finish(status="success", text="It is off.")]
    agent = ScreenhandAgent(env, lambda space: Played(played), transition_pause=0.3)
    agent.reset(go_home=True)
    agent.set_max_steps(10)
    results = [agent.step("Turn Wi-Fi off.") for _ in played]
    assert [result.done for result in results] == [False] * 4 + [True]
    assert phone.shell("settings get global wifi_on") == "0"
    assert env.done == ["reset True", "open_app", "click", "click", "click", "status"]
    assert all("step_number" not in result.data for result in results)
    assert results[0].data["screenshot"].size == (1080, 2400)


def test_every_action_that_the_model_is_offered_can_be_done(env: SimPhoneEnv) -> None:
    screen = AsyncEnvScreen(env, env.get_state)
    at = Point(540, 1200)
    examples = (
        Tap(point=at), DoubleTap(point=at), LongPress(point=at), Swipe(start=at, end=Point(540, 600)), Type(text="a"),
        Home(), Back(), Enter(), OpenApp(app="Maps"), Wait(seconds=0.01), Answer(text="7"), Finish(status="success"),
    )  # fmt: skip
    assert {type(action) for action in examples} == set(SPACE.actions)
    for action in examples:
        assert isinstance(screen.perform(action), Outcome)


def test_an_answer_reaches_their_cache_and_a_swipe_their_adb(env: SimPhoneEnv, phone: Phone) -> None:
    played = [Swipe(start=Point(540, 1800), end=Point(540, 400)), Answer(text="It is 4.6.")]
    agent = ScreenhandAgent(env, lambda space: Played(played), "other", 0)
    assert not agent.step("How good is it?").done
    assert agent.step("How good is it?").done
    assert env.interaction_cache == "It is 4.6." and agent.name == "other"
    with pytest.raises(ValueError, match="non-negative"):
        ScreenhandAgent(env, lambda space: Played([]), transition_pause=-1)


def test_plain_words_are_no_answer_and_end_nothing(env: SimPhoneEnv) -> None:
    agent = ScreenhandAgent(env, lambda space: Played([], "It is 4.6."), transition_pause=0)
    results = [agent.step("How good is it?") for _ in range(3)]
    assert not any(result.done for result in results) and not env.interaction_cache
    assert "no action" in results[0].data["mistake"]


def test_their_tasks_run_with_their_seeds_their_budget_and_their_gate(env: SimPhoneEnv, phone: Phone) -> None:
    from android_world.env import env_launcher

    env_launcher.environment = env
    with androidworld.open_suite(SuiteOptions(seed=30, episodes=2)) as suite:
        assert [task.id for task in suite] == ["TellTheRating-0", "TellTheRating-1", "WifiOff-0", "WifiOff-1"]
        wifi = suite[2]
        assert wifi.limits.steps == 14 and suite[0].limits.steps == 30
        device = None  # the tasks are set up and scored through AndroidWorld's own environment
        goals = {task.setup(device) for task in suite if task.kind == "WifiOff"}  # type: ignore[arg-type]
        assert len(goals) == 2 and env.done == ["initialize_task", "reset True"] * 2
        phone.shell("settings put global wifi_on 0")
        said = {ending: wifi.score(device, Episode("", (), ending, "")).value for ending in Ending}  # type: ignore[arg-type]
        assert {ending for ending, value in said.items() if value} == {
            Ending.ANSWERED, Ending.FINISHED, Ending.FINISHED_UNVERIFIED, Ending.GAVE_UP
        }  # fmt: skip
        wifi.teardown(device)  # type: ignore[arg-type]
        assert phone.shell("settings get global wifi_on") == "1"
        rating = suite[0]
        with pytest.raises(DeviceFailure, match=r"could not score its task: RuntimeError: initialize_task"):
            rating.score(device, Episode("", (), Ending.FINISHED, ""))  # type: ignore[arg-type]
        assert rating.setup(device).startswith("How good")  # type: ignore[arg-type]
        assert env.done[-2:] == ["initialize_task", "reset False"] and "maps" in phone.shell("dumpsys window")
        for ending, value in ((Ending.FINISHED, 0), (Ending.ANSWERED, 1)):
            ended = Episode("", (), ending, "4.6 stars")
            assert rating.score(device, ended).value == value, ending  # type: ignore[arg-type]
        with pytest.raises(DeviceFailure, match=r"could not initialise its task: RuntimeError: .*already called"):
            rating.setup(device)  # type: ignore[arg-type]
        assert rating.setup(device), "a set-up that failed was torn down"  # type: ignore[arg-type]
    assert env.closed
    expected = int(hashlib.sha256(b"30_WifiOff_0").hexdigest(), 16) % 2**32
    assert androidworld.instance_seed(30, "WifiOff", 0) == expected


def test_without_an_emulator_its_ports_are_named(env: SimPhoneEnv) -> None:
    with (
        pytest.raises(DeviceFailure, match=r"could not reach its emulator \(ports 5554 and 8554"),
        androidworld.open_suite(SuiteOptions()),
    ):
        pass


def test_without_android_world_the_command_that_brings_it_is_named() -> None:
    with pytest.raises(UsageError, match="pip install git"), androidworld.open_suite(SuiteOptions()):
        pass
