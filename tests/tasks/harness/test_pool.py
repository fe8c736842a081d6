"""Workers: jobs shared out fairly, and a worker that hangs or dies costs its own job and nothing else."""

import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from actions.errors import UsageError
from tasks.harness.pool import Lost, State, Worker, WorkerLost, run_pool
from tasks.harness.process import ProcessWorker
from tasks.harness.results import Job, Result
from tasks.options import SuiteRunOptions
from tests.tasks.harness.test_results import result


class Hand:
    """A worker in a thread, whose jobs say what becomes of it."""

    def __init__(self, name: str, done: list[tuple[str, str]]) -> None:
        self._name, self._done = name, done
        self._said: list[Result | State] = [State.READY]
        self._died = False

    def begin(self, job: Job) -> None:
        threading.Thread(target=self._work, args=(job,), daemon=True).start()

    def _work(self, job: Job) -> None:
        if job.item.startswith("hang"):
            return
        if job.item.startswith("die"):
            self._died = True
            return
        time.sleep(0.15 if self._name == "slow" else 0.01)
        self._done.append((self._name, job.item))
        self._said.append(result(job.item))

    def poll(self) -> Result | State | None:
        if self._died:
            raise WorkerLost("it died")
        return self._said.pop(0) if self._said else None

    def kill(self) -> None:
        self._died = True


def test_a_free_worker_takes_the_next_job_so_that_a_slow_one_holds_up_nobody() -> None:
    done: list[tuple[str, str]] = []
    hires: list[Callable[[], Worker]] = [lambda: Hand("slow", done), lambda: Hand("quick", done)]
    jobs = [Job(f"a-{index}") for index in range(12)]
    made = list(run_pool(jobs, hires, lambda job: 9))
    assert sorted(each.job for each in made) == sorted(jobs)
    share = Counter(name for name, _ in done)
    assert share["quick"] > share["slow"] > 0, share


def test_what_hangs_or_dies_is_lost_alone_and_its_worker_replaced() -> None:
    hired: list[Hand] = []

    def hire() -> Worker:
        hired.append(Hand("any", []))
        return hired[-1]

    made = list(run_pool([Job("a"), Job("hang"), Job("b"), Job("die"), Job("c")], [hire], lambda job: 0.2))
    assert [each.job.item for each in made] == ["a", "hang", "b", "die", "c"]
    assert [each.why for each in made if isinstance(each, Lost)] == ["killed after 0.2 s", "it died"]
    assert len(hired) == 3


SUITE = """
[[tasks]]
id = "quick"
instruction = "Nothing."
address = "about:blank"
solution = [{ action = "Wait", arguments = { seconds = 0.1 } }]
checks = [{ kind = "url", equals = "about:blank" }]
[[tasks]]
id = "hang"
instruction = "Nothing."
address = "about:blank"
commands = [["sleep", "30"]]
solution = [{ action = "Wait", arguments = { seconds = 0.1 } }]
checks = [{ kind = "url", equals = "about:blank" }]
"""


def test_real_processes_are_killed_when_they_hang_and_when_they_die_it_is_told(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(SUITE)
    given = SuiteRunOptions(suite=str(tmp_path / "own.toml"), engine="scripted", headless=True)
    hired: list[ProcessWorker] = []

    def hire() -> Worker:
        hired.append(ProcessWorker(given, tmp_path / "run", None, tmp_path / "worker.log"))
        return hired[-1]

    made = []
    jobs = [Job("quick"), Job("hang"), Job("quick", 1)]
    for outcome in run_pool(jobs, [hire], lambda job: 1.5 if job.item == "hang" else 60):
        made.append(outcome)
        if len(made) == 2:
            assert len(hired) == 1 and hired[0].process_id is None, "the one that hung is gone"
    assert isinstance(made[0], Result) and isinstance(made[2], Result)
    assert (made[0].value, made[1], made[2].value) == (1.0, Lost(Job("hang"), "killed after 1.5 s"), 1.0)
    worker = ProcessWorker(given, tmp_path / "run", None, tmp_path / "worker.log")
    worker.begin(Job("hang"))
    while worker.poll() is not State.READY:
        time.sleep(0.02)
    assert worker.process_id is not None
    os.kill(worker.process_id, signal.SIGKILL)
    with pytest.raises(WorkerLost, match=r"exit code -9; see .*worker\.log"):
        while not worker.poll():
            time.sleep(0.02)
    worker.kill()


def test_what_no_worker_can_do_ends_the_run_with_the_reason(tmp_path: Path) -> None:
    given = SuiteRunOptions(suite=str(tmp_path / "gone.toml"), engine="scripted")
    with pytest.raises(UsageError, match=r"gone\.toml cannot be read"):
        list(run_pool([Job("a")], [lambda: ProcessWorker(given, tmp_path, None, tmp_path / "log")], lambda job: 60))


def test_the_time_of_a_pause_counts_for_no_job() -> None:
    end = time.monotonic() + 0.5
    begun = iter([False])
    paused: Callable[[], bool] = lambda: next(begun, True) and time.monotonic() < end  # noqa: E731
    (made,) = run_pool([Job("hang-0")], [lambda: Hand("quick", [])], lambda job: 0.05, paused)
    assert isinstance(made, Lost) and time.monotonic() >= end
