"""A person pauses and stops a suite's run by files in its folder; messages are refused."""

import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import run_agent
from agent.control import Control
from agent.record import read_episode
from agent.terminal import Terminal
from tasks.harness.steering import NO_MESSAGES, ON_CLUSTER, steered

WITHIN_S = 60.0


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of one quick task."""
    runs = tmp_path_factory.mktemp("runs")
    words = ["--suite", "cards", "--engine", "scripted", "--limit", "1", "--runs", str(runs)]
    assert run_agent.main(words) in (0, 1)
    (folder,) = runs.iterdir()
    return folder


@pytest.fixture
def paused(whole: Path, tmp_path: Path) -> Path:
    """The same run before its task, and paused."""
    folder = shutil.copytree(whole, tmp_path / "run")
    (folder / "results.jsonl").unlink()
    Control(folder).pause()
    return folder


def meanwhile(does: Callable[[], None], folder: Path) -> threading.Thread:
    """Does something once the task waits, in another thread."""

    def wait() -> None:
        end = time.monotonic() + WITHIN_S
        while not list(folder.glob("*/run.json")) and time.monotonic() < end:
            time.sleep(0.02)
        does()

    thread = threading.Thread(target=wait)
    thread.start()
    return thread


def test_a_paused_task_waits_until_it_may_continue(paused: Path, capsys: pytest.CaptureFixture[str]) -> None:
    seen: list[bool] = []

    def proceed() -> None:
        control = Control(paused)
        control.send("take the other card")
        time.sleep(0.3)
        seen.append((paused / "results.jsonl").exists())
        control.proceed()

    for old in paused.glob("*/run.json"):
        shutil.rmtree(old.parent)
    person = meanwhile(proceed, paused)
    assert run_agent.main(["--resume", str(paused)]) in (0, 1)
    person.join()
    assert seen == [False] and (paused / "results.jsonl").exists()
    said = " ".join(capsys.readouterr().out.split())
    assert "Paused: you can use the device." in said and "The run continues." in said and NO_MESSAGES in said
    (task,) = (path.parent for path in paused.glob("*/run.json"))
    assert not any(step.observation.intervention for step in read_episode(task).steps)


def test_the_file_stop_ends_a_paused_suite_as_ctrl_c_does(paused: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for old in paused.glob("*/run.json"):
        shutil.rmtree(old.parent)
    person = meanwhile(lambda: (paused / "stop").touch(), paused)
    assert run_agent.main(["--resume", str(paused)]) == 130
    person.join()
    assert "Continue with:" in capsys.readouterr().out
    assert not (paused / "stop").exists() and not (paused / "results.jsonl").exists()


def test_a_pause_says_that_it_does_not_reach_the_tasks_of_a_cluster(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said, end = "", time.monotonic() + WITHIN_S
    with steered(tmp_path, Terminal(), on_cluster=True) as control:
        control.pause()
        while ON_CLUSTER not in " ".join(said.split()) and time.monotonic() < end:
            time.sleep(0.02)
            said += capsys.readouterr().out
        control.proceed()
    assert ON_CLUSTER in " ".join(said.split())
