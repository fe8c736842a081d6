"""MiniWoB++ by pixels: what is shown, what counts, and that its tasks can be solved through the real path."""

import json
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import devices
from actions.errors import UsageError
from actions.web import Goto
from agent.episode import Ending, Episode
from devices import Environment
from tasks import miniwob, suites
from tasks.harness.baselines import IdlePolicy
from tasks.task import SuiteOptions, Task, TaskResult
from tasks.worlds.pages import evaluate
from tests.tasks.test_suites import run, solving

SAMPLE = (
    "click-dialog", "choose-list", "login-user", "use-slider", "scroll-text", "drag-box",
)  # fmt: skip


@pytest.fixture(scope="module")
def solvable() -> list[str]:
    """The tasks with an oracle, as the oracles list them."""
    with shown("click-test", 0) as (device, _):
        script = json.dumps(miniwob.oracles())
        return list(evaluate(device, f"(episode.next({script}), Object.keys(frames[0].miniwob.oracles))"))


@contextmanager
def shown(kind: str, seed: int, rule: str | None = None) -> Iterator[tuple[Environment, Task]]:
    """An episode that can be set up, and the browser for it."""
    with suites.open_suite("miniwob", SuiteOptions(seed, rule=rule)) as suite:
        task = next(task for task in suite if task.kind == kind)
        with devices.connect(task.device, task.options.model_copy(update={"headless": True})) as device:
            task.setup(device)
            yield device, task


def scores(results: list[TaskResult]) -> dict[str, float | str]:
    return {result.task: result.score.value if result.score else result.episode.answer for result in results}


def test_a_sample_of_pages_is_solved_by_their_oracles_through_the_real_path(tmp_path: Path) -> None:
    solved = scores(run("miniwob", 3, tmp_path, solving, kinds=SAMPLE))
    assert solved == {f"{kind}-3": 1.0 for kind in SAMPLE}


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_every_page_with_an_oracle_is_solved_by_it(tmp_path: Path, solvable: list[str], seed: int) -> None:
    results = scores(run("miniwob", seed, tmp_path, solving, kinds=solvable))
    assert {task: score for task, score in results.items() if score != 1.0} == {}
    assert len(results) >= 80


def test_doing_nothing_scores_nothing(tmp_path: Path) -> None:
    idle = run("miniwob", 0, tmp_path, lambda task, environment: IdlePolicy(), kinds=["login-user"])
    assert scores(idle) == {"login-user-0": 0.0}


def test_leaving_the_page_is_a_failure_and_no_accident(tmp_path: Path) -> None:
    with shown("click-test", 0) as (device, task):
        device.perform(Goto(url="about:blank"))
        assert task.ended(device)
        assert task.score(device, Episode("", (), Ending.FINISHED, ""))[:2] == (0.0, "the page was left")


@pytest.mark.parametrize(("rule", "values"), [(None, (0, 0, 1)), ("binary", (0, 0, 1)), ("positive", (0, 1, 1))])
def test_a_partial_reward_counts_only_under_the_rule_of_browsergym(rule: str | None, values: tuple[int, ...]) -> None:
    for raw, value in zip((-0.5, 0.5, 1), values, strict=True):
        with shown("click-test", 0, rule) as (device, task):
            evaluate(device, f"frames[0].core.endEpisode({raw})")
            score = task.score(device, Episode("", (), Ending.FINISHED, ""))
            assert (score.value, score.why) == (value, f"raw reward {raw:g}")


def test_an_unknown_rule_is_refused_with_those_there_are() -> None:
    with pytest.raises(UsageError, match="binary, positive"), shown("click-test", 0, "lax"):
        pass


def test_neither_the_instruction_nor_the_reward_is_on_the_picture() -> None:
    with shown("click-button", 0) as (device, task):
        assert re.fullmatch(r'Click on the "\w+" button\.', task.setup(device))
        seen = device.observe()
        assert seen.screen == miniwob.SCREEN and seen.image.size == miniwob.SCREEN
        assert len(seen.image.crop((0, 0, 160, 48)).getcolors() or ()) == 1, "the place of the instruction is blank"
        assert len(seen.image.crop((162, 0, 168, 224)).getcolors() or ()) == 1, "the margin is blank"


def test_a_seed_draws_the_page_and_another_seed_another_page() -> None:
    with shown("click-shape", 0) as (device, task):
        again = task.setup(device), device.observe()
        assert (task.setup(device), device.observe()) == again
    with shown("click-shape", 1) as (device, task):
        assert (task.setup(device), device.observe()) != again


def test_the_tasks_are_those_that_the_package_registers(solvable: list[str]) -> None:
    tasks = miniwob.tasks()
    assert len(tasks) == len(set(tasks)) == 128
    assert all((miniwob.html() / miniwob.path_of(task)).is_file() for task in tasks)
    assert len(solvable) >= 80 and set(solvable) <= set(tasks)


def test_seeds_and_episodes_make_the_suite() -> None:
    with suites.open_suite("miniwob", SuiteOptions(seed=5, episodes=2)) as suite:
        assert len(suite) == 256 and suite[0].id.endswith("-5") and suite[-1].id.endswith("-6")
        addresses = {task.options.address for task in suite}
        assert len(addresses) == 256 and all("seed=test%3A" in str(address) for address in addresses)


def test_a_missing_package_is_answered_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "miniwob", None)
    with pytest.raises(UsageError, match=r"pip install '\.\[bench\]'"), suites.open_suite("miniwob", SuiteOptions()):
        pass
