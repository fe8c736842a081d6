"""Every task in OSWorld's shape can be done through the desktop device, and is not done by doing nothing."""

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from agent.episode import Ending, Episode
from agent.loop import run_episode
from devices import Environment
from devices.wrappers.settled import Settled
from model import profile
from tasks.harness.solution import SolutionPolicy
from tasks.osworld.agent import OSWorldAgent
from tasks.osworld.desktop_task import EXAMPLES, DesktopTask, tasks_on
from tasks.worlds.virtual_screen import Screen
from tests.devices.desktop.screen import shared_screen

MODEL = profile.load("qwen2.5-vl-7b")
SAMPLE = (
    "mousepad-line-numbers", "pcmanfm-copy", "xterm-executable", "calculator-multiply", "infeasible-picture",
    "bitmap-draw", "yad-hold",
)  # fmt: skip


def task_of(screen: Screen, kind: str, seed: int = 3) -> DesktopTask:
    return next(task for task in tasks_on(screen, range(seed, seed + 1)) if task.kind == kind)


def ended(ending: Ending) -> Episode:
    return Episode("", (), ending, "")


@pytest.mark.parametrize("kind", SAMPLE)
def test_a_task_is_not_done_at_the_start_and_done_by_its_solution(
    screen: Screen, desktop: Environment, kind: str
) -> None:
    task = task_of(screen, kind)
    instruction = task.setup(desktop)
    try:
        assert task.score(desktop, ended(Ending.FINISHED)).value == 0
        environment = Settled(desktop)
        policy = SolutionPolicy(MODEL, environment.action_space, task.solution(desktop))
        episode = run_episode(environment, policy, instruction, task.limits, lambda step: None)
        assert task.score(desktop, episode).value == 1, episode.answer
    finally:
        task.teardown(desktop)
    assert not task.home.exists() and screen.title() == ""


def test_osworlds_own_loop_does_a_task_with_our_agent(screen: Screen, desktop: Environment) -> None:
    """Seed 0 types a text with <. The code is run as OSWorld's machine does (`desktop_env/controllers/python.py`)."""
    task = task_of(screen, "mousepad-append", seed=0)
    instruction = task.setup(desktop)
    try:
        agent = OSWorldAgent(lambda space: SolutionPolicy(MODEL, space, task.solution(desktop)), "pyautogui")
        for _ in range(10):
            seen = io.BytesIO()
            Settled(desktop).observe().image.save(seen, "PNG")
            _, (code,) = agent.predict(instruction, {"screenshot": seen.getvalue()})
            if code == "DONE":
                break
            screen.run(sys.executable, "-c", f"import pyautogui; import time; pyautogui.FAILSAFE = False; {code}")
        assert code == "DONE" and task.evaluate() == 1
        assert "<" in (task.home / f"{task.particulars['NAME']}.txt").read_text()
    finally:
        task.teardown(desktop)


def test_giving_up_is_right_where_a_task_cannot_be_done_and_wrong_elsewhere(
    screen: Screen, desktop: Environment
) -> None:
    scores = {
        task.kind: task.score(desktop, ended(Ending.GAVE_UP)).value
        for task in tasks_on(screen, range(1))
        if task.kind.startswith(("infeasible", "xterm"))
    }
    assert scores == {
        "infeasible-mail": 1, "infeasible-picture": 1, "xterm-count": 0, "xterm-executable": 0, "xterm-folders": 0,
    }  # fmt: skip


def test_there_are_tasks_enough_and_a_seed_draws_their_particulars(screen: Screen) -> None:
    tasks = tasks_on(screen, range(2))
    assert len(tasks) >= 30 and len({task.id for task in tasks}) == len(tasks)
    instructions = {task.id: task.example.instruction for task in tasks}
    assert instructions == {task.id: task.example.instruction for task in tasks_on(screen, range(2))}
    assert instructions["calculator-multiply-0"] != instructions["calculator-multiply-1"]
    assert {task.kind for task in tasks} == {path.stem for path in EXAMPLES.glob("*.json")}
    assert not any("$" in instruction for instruction in instructions.values())


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1])
def test_the_whole_suite_is_solved_from_the_command_line(tmp_path: Path, seed: int) -> None:
    shared_screen()
    command = [sys.executable, "run_agent.py", "--suite", "desktop-sim", "--engine", "scripted", "--seed", str(seed)]
    done = subprocess.run(
        [*command, "--runs", str(tmp_path), "--json"], capture_output=True, text=True, check=False, timeout=600
    )
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    assert (summary["episodes"], summary["success_rate_strict"]) == (24, 1.0), summary["per_task"]


@pytest.mark.slow
def test_doing_nothing_scores_nothing_on_any_task(screen: Screen, desktop: Environment) -> None:
    for task in tasks_on(screen, range(1)):
        task.setup(desktop)
        try:
            assert task.score(desktop, ended(Ending.FINISHED)).value == 0, task.id
        finally:
            task.teardown(desktop)
