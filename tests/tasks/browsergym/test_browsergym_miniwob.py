"""The agent in BrowserGym's real environments and in its and AgentLab's real runners, on Debian's Chromium.

BrowserGym wants Playwright 1.44, this project a newer one: these tests run in an environment of their own, which
`make test-browsergym` makes. A real `ModelPolicy` decides, over an engine that looks at the pixels of the prompt.
"""

import importlib.util
import json
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from actions.geometry import Point
from agent.policy import ModelPolicy
from model import profile
from model.engine import Completion, Picture, Prompt
from tasks import miniwob
from tasks.browsergym.agent import AgentArgs, BrowserGymAgent

pytestmark = [pytest.mark.browsergym, pytest.mark.filterwarnings("default")]

MODEL = profile.adjusted(profile.load("qwen2.5-vl-7b"), notation="tool_call")
Decide = Callable[[str, list[Point], int], dict[str, Any]]
"""What to do, from the goal, the middle of each thing on the page from top to bottom, and the number of the step."""


class PixelEngine:
    """An engine that reads the newest picture of its prompt, as a model would, and writes one call."""

    one_turn = True

    def __init__(self, decide: Decide) -> None:
        self._decide = decide
        self._step = 0

    def generate(self, prompt: Prompt, stop: tuple[str, ...], max_new_tokens: int) -> Completion:
        parts = [part for message in prompt.messages for part in message.parts]
        picture = [part for part in parts if isinstance(part, Picture)][-1]
        text = " ".join(part.text for part in parts if hasattr(part, "text"))
        call = {"name": "computer_use", "arguments": self._decide(text, things(picture), self._step)}
        self._step += 1
        return Completion(f"<tool_call>\n{json.dumps(call)}\n</tool_call>", (), 1, 1, cut_off=False)

    def count_tokens(self, text: str) -> int:
        return len(text) // 4

    def close(self) -> None:
        pass


def things(picture: Picture) -> list[Point]:
    """The middle of each band of rows with a mark within the task's area, from top to bottom, in the model's frame."""
    pixels = np.asarray(picture.image.convert("L"))
    area = pixels[: round(pixels.shape[0] * 0.97), : round(pixels.shape[1] * 0.48)] < 235
    rows = np.flatnonzero(area.any(axis=1))
    bands = np.split(rows, np.flatnonzero(np.diff(rows) > 3) + 1) if len(rows) else []
    found = []
    for band in bands:
        columns = np.flatnonzero(area[band[0] : band[-1] + 1].any(axis=0))
        found.append(Point(int(columns[0] + columns[-1]) // 2, int(band[0] + band[-1]) // 2))
    return found


def clicked(at: Point) -> dict[str, Any]:
    return {"action": "left_click", "coordinate": list(at)}


def press_it(goal: str, found: list[Point], step: int) -> dict[str, Any]:
    return clicked(found[-1])


def fill_in(goal: str, found: list[Point], step: int) -> dict[str, Any]:
    word = re.findall(r'Enter "(\w+)"', goal)[-1]
    return [clicked(found[-2]), {"action": "type", "text": word}, clicked(found[-1])][step]


def give_up(goal: str, found: list[Point], step: int) -> dict[str, Any]:
    return {"action": "terminate", "status": "failure"}


@dataclass
class PixelArgs(AgentArgs):
    """Makes agents that see pixels; `how` names a function of this module, so that it can be recorded."""

    how: str = "press_it"

    def make_agent(self) -> BrowserGymAgent:
        return BrowserGymAgent(lambda space: ModelPolicy(MODEL, PixelEngine(globals()[self.how]), space))


@pytest.fixture(autouse=True)
def browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The pages, and Debian's Chromium where Playwright looks for its own."""
    if importlib.util.find_spec("browsergym") is None:
        pytest.skip("browsergym-miniwob is not installed here: make test-browsergym")
    import playwright

    listed = Path(playwright.__file__).parent / "driver" / "package" / "browsers.json"
    revisions = {one["name"]: one["revision"] for one in json.loads(listed.read_text())["browsers"]}
    place = tmp_path / "browsers" / f"chromium-{revisions['chromium']}" / "chrome-linux" / "chrome"
    place.parent.mkdir(parents=True)
    chromium = shutil.which("chromium")
    assert chromium, "no Chromium is installed"
    place.symlink_to(chromium)
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path / "browsers"))
    monkeypatch.setenv("MINIWOB_URL", f"{(miniwob.html() / 'miniwob').as_uri()}/")


@pytest.fixture
def episode() -> Iterator[Callable[[str, Decide], dict[str, Any]]]:
    """Runs an episode of a task as BrowserGym's runner does."""
    import browsergym.miniwob
    import gymnasium

    opened = []

    def run(task: str, decide: Decide) -> dict[str, Any]:
        agent = BrowserGymAgent(lambda space: ModelPolicy(MODEL, PixelEngine(decide), space))
        env = gymnasium.make(
            f"{browsergym.miniwob.__name__.split('.')[0]}/{task}", action_mapping=agent.action_set.to_python_code
        )
        opened.append(env)
        obs, _ = env.reset(seed=7)
        came: dict[str, Any] = {"reward": 0.0, "terminated": False, "actions": [], "errors": []}
        while not came["terminated"] and len(came["actions"]) < 6:
            action, _ = agent.get_action(agent.obs_preprocessor(obs))
            came["actions"].append(action)
            if action is None:
                break
            obs, came["reward"], came["terminated"], _, came["info"] = env.step(action)
            came["errors"].append(obs["last_action_error"])
        return came

    yield run
    for env in opened:
        env.close()


def test_a_button_is_pressed_where_the_screenshot_shows_it(episode: Callable[..., dict[str, Any]]) -> None:
    came = episode("miniwob.click-test", press_it)
    assert (came["reward"], came["terminated"], came["errors"]) == (1.0, True, [""])
    assert came["info"]["task_info"]["RAW_REWARD_GLOBAL"] == 1


def test_a_text_is_typed_into_a_field(episode: Callable[..., dict[str, Any]]) -> None:
    came = episode("miniwob.enter-text", fill_in)
    assert (came["reward"], came["errors"]) == (1.0, ["", "", ""])
    assert came["actions"][1].startswith("keyboard_type('")


def test_giving_up_ends_the_episode_without_a_reward(episode: Callable[..., dict[str, Any]]) -> None:
    came = episode("miniwob.click-test", give_up)
    assert (came["reward"], came["terminated"]) == (0.0, True)
    assert came["actions"] == ["report_infeasible('It cannot be done.')"]


@pytest.mark.parametrize(
    "text", ['it\'s "#1"', "a\nmouse_click(1, 2)", "\\'); goto('x')", "naïve 😀 # no comment", "''"]
)
def test_its_language_reads_a_text_as_one_call(text: str) -> None:
    from browsergym.core.action.parsers import highlevel_action_parser

    from actions.keyboard import Type
    from tasks.browsergym.screen import BrowserGymScreen

    screen = BrowserGymScreen()
    screen.perform(Type(text=text))
    ((name, arguments),) = highlevel_action_parser.parse_string(screen.calls[0], parse_all=True).as_list()
    assert (name, arguments) == ("keyboard_type", [text])


@pytest.mark.parametrize("runner", ["browsergym.experiments", "agentlab.experiments.loop"])
def test_the_runners_of_browsergym_and_agentlab_record_a_solved_episode(
    runner: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip(runner)
    loop = importlib.import_module(runner)
    counting = importlib.import_module(loop.ExpArgs.__module__)
    monkeypatch.setattr(counting, "count_tokens", len)  # theirs fetches a tokenizer from the network
    importlib.import_module("browsergym.miniwob")
    arguments = loop.ExpArgs(
        agent_args=PixelArgs(), env_args=loop.EnvArgs("miniwob.click-test", task_seed=7, max_steps=3)
    )
    arguments.prepare(tmp_path)
    arguments.run()
    (summary,) = tmp_path.rglob("summary_info.json")
    figures = json.loads(summary.read_text())
    assert (figures["cum_reward"], figures["n_steps"], figures["err_msg"]) == (1.0, 1, None)
    assert figures["terminated"] is True and figures["stats.cum_prompt_tokens"] == 1
