"""`run_task` (set-up, the one loop, score, teardown) and `run_suite` (every task in its own environment)."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from actions.action import Action, Outcome, Stop
from actions.errors import DeviceFailure, EpisodeFailure, RecordFailure, TimeUp
from actions.secrets import Secrets
from agent.deadline import deadline
from agent.episode import Ending, Episode, Step
from agent.loop import Limits, Policy, run_episode
from agent.record import Recorder, new_folder
from devices import Environment
from devices.rules.sited import Sited
from devices.wrappers import Wrapped
from tasks.task import Score, Suite, Task, TaskResult

AROUND_S = 120.0
"""The time limit of a task's set-up, score and teardown, each."""


class Setting(NamedTuple):
    """The bare device to set up and score a task, the actor's environment, and the actor."""

    device: Environment
    environment: Environment
    policy: Policy
    limits: Limits | None = None
    """Limits that replace the task's own."""
    secrets: Secrets = Secrets()
    """What is masked in all that is recorded."""


OpenSetting = Callable[[Task], AbstractContextManager[Setting]]
OpenRecord = Callable[[Task, str, Setting, Path], Recorder]
"""Starts the record of a task with this instruction in this folder."""


class _UntilEnded(Wrapped):
    """An environment that ends the episode when the task is over."""

    def __init__(self, environment: Environment, ended: Callable[[], bool]) -> None:
        super().__init__(environment)
        self._ended = ended

    def perform(self, action: Action) -> Outcome:
        outcome = self.inner.perform(action)
        if outcome.stop is None and self._ended():
            return outcome._replace(text=f"{outcome.text} The task is over.".strip(), stop=Stop.FINISHED)
        return outcome


def run_suite(
    suite: Suite, open_setting: OpenSetting, open_record: OpenRecord, on_step: Callable[[Step], None], folder: Path
) -> Iterator[TaskResult]:
    """Yields the results. Each task has a run folder below `folder`, named after its id; Ctrl-C ends the suite.

    Raises:
        RecordFailure: the record cannot be written.
    """
    for task in suite:
        try:
            with open_setting(task) as setting:
                result = run_task(task, setting, open_record, on_step, folder / task.id)
        except RecordFailure:
            raise
        except EpisodeFailure as failure:
            episode = Episode("", (), Ending.FAILED, f"{type(failure).__name__}: {failure}")
            result = TaskResult(task.id, episode, None)
        yield result
        if result.episode.ending is Ending.STOPPED:
            return


def run_task(
    task: Task, setting: Setting, open_record: OpenRecord, on_step: Callable[[Step], None], folder: Path
) -> TaskResult:
    """Runs one task, recorded. An episode that failed or was stopped has no score.

    Raises:
        EpisodeFailure: the device could not be set up or scored, or the record could not be written.
    """
    device = setting.device
    with _bounded(device, "set-up"):
        instruction = task.setup(device)
        if isinstance(device, Sited):
            device.open_sites(instruction, asking=False)
    try:
        with open_record(task, instruction, setting, folder) as recorder:

            def recorded(step: Step) -> None:
                recorder.on_step(step)
                on_step(step)

            environment = _UntilEnded(setting.environment, lambda: task.ended(device))
            policy, limits = recorder.noting(setting.policy), setting.limits or task.limits
            episode = run_episode(environment, policy, instruction, limits, recorded)
            score = _scored(task, device, episode)
            recorder.finish(episode, score.value if score else None, score.why if score else "")
    finally:
        with _bounded(device, "teardown"):
            task.teardown(device)
    return TaskResult(task.id, episode, score)


def _scored(task: Task, device: Environment, episode: Episode) -> Score | None:
    if episode.ending in (Ending.FAILED, Ending.STOPPED):
        return None
    with _bounded(device, "score"):
        return task.score(device, episode)


@contextmanager
def _bounded(device: Environment, what: str) -> Iterator[None]:
    """Raises DeviceFailure if the device blocks: it may hang since the episode."""
    try:
        with deadline(device, AROUND_S):
            yield
    except TimeUp as over:
        raise DeviceFailure(f"The {what} of the task did not end within {AROUND_S:g} s: the device hangs.") from over


def suite_folder(runs: Path, suite: str, now: datetime) -> Path:
    """A new folder for a run of a suite."""
    return new_folder(runs, f"{now:%Y%m%d-%H%M%S}-suite-{suite}")
