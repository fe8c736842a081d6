"""`run_task` (set-up, the one loop, score, teardown) and `run_suite` (every task in an environment of its own)."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from actions.action import Action, Outcome, Stop
from actions.errors import EpisodeFailure, RecordFailure
from agent.episode import Ending, Episode, Step
from agent.loop import Limits, Policy, run_episode
from agent.record import Recorder, unused
from devices import Environment
from devices.wrappers import Wrapped
from tasks.task import Suite, Task, TaskResult


class Setting(NamedTuple):
    """What a task runs in: the bare device to set up and score, the environment the actor has, and the actor."""

    device: Environment
    environment: Environment
    policy: Policy
    limits: Limits | None = None
    """Instead of the task's own."""


OpenSetting = Callable[[Task], AbstractContextManager[Setting]]
OpenRecord = Callable[[Task, str, Setting, Path], Recorder]
"""Starts the record of a task with this instruction in this folder."""


class _UntilEnded(Wrapped):
    """An environment that ends the episode when the task says that it is over."""

    def __init__(self, environment: Environment, ended: Callable[[], bool]) -> None:
        super().__init__(environment)
        self._ended = ended

    def perform(self, action: Action) -> Outcome:
        outcome = self.inner.perform(action)
        if outcome.stop is None and self._ended():
            return Outcome(f"{outcome.text} The task is over.".strip(), Stop.FINISHED)
        return outcome


def run_suite(
    suite: Suite, open_setting: OpenSetting, open_record: OpenRecord, on_step: Callable[[Step], None], folder: Path
) -> Iterator[TaskResult]:
    """The results, as they come. Each task has a run folder below `folder`, named by its id; Ctrl-C ends the suite.

    Raises:
        RecordFailure: the disk does not take the record.
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
        EpisodeFailure: the device could not be set up or scored, or the record not written.
    """
    instruction = task.setup(setting.device)
    try:
        recorder = open_record(task, instruction, setting, folder)

        def recorded(step: Step) -> None:
            recorder.on_step(step)
            on_step(step)

        environment = _UntilEnded(setting.environment, lambda: task.ended(setting.device))
        episode = run_episode(environment, setting.policy, instruction, setting.limits or task.limits, recorded)
        unscored = episode.ending in (Ending.FAILED, Ending.STOPPED)
        score = None if unscored else task.score(setting.device, episode)
        recorder.finish(episode, score.value if score else None, score.why if score else "")
    finally:
        task.teardown(setting.device)
    return TaskResult(task.id, episode, score)


def suite_folder(runs: Path, suite: str, now: datetime) -> Path:
    """A new folder's path for a run of a suite."""
    return unused(runs, f"{now:%Y%m%d-%H%M%S}-suite-{suite}")
