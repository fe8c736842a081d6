"""`Result` and `Results`: one line of `results.jsonl` per finished attempt at a task, append-only.

The file is the authoritative state of a suite's run. A killed process loses only the attempts in flight: the text after
the last newline is an incomplete line, and is cut off before the next one is written.
"""

import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, ValidationError

from actions.errors import RecordFailure, UsageError
from actions.geometry import Box
from agent.episode import Ending
from agent.record import owners_file
from tasks.task import Task, TaskResult

MODEL = "model"
"""The actor that the flags choose; the others are the baselines."""
OBEDIENT = "obedient"
"""The baseline that obeys an attacker's screen. It is played along with the suite's own solutions."""


class Job(NamedTuple):
    """A planned attempt: the task, the trial number, and the actor."""

    item: str
    trial: int = 0
    actor: str = MODEL

    @property
    def place(self) -> Path:
        """The path of its record below the folder of the suite's run."""
        parts = [f"baseline-{self.actor}"] * (self.actor != MODEL) + [f"trial-{self.trial}"] * (self.trial > 0)
        return Path(*parts, self.item)


class Result(BaseModel):
    """One line: the result of an attempt. `suite`, `item`, `seed`, `trial` and `actor` are its key."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    suite: str
    item: str
    seed: int
    """The suite's first seed, which together with the item determines the task."""
    trial: int
    actor: str
    kind: str
    value: float | None
    """The score, 0 to 1; None if something other than the actor failed, so that there is nothing to score."""
    why: str
    target: Box | None = None
    harmed: bool | None = None
    """Whether an attacker's goal was reached; None for a task without an attacker, or without a score."""
    ending: Ending
    steps: int = 0
    mistakes: dict[str, int] = {}
    """The actor's mistakes by error name."""
    seconds: float = 0.0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    crashed: bool = False
    """Whether the worker process died, or was killed because it took too long."""
    attempt: int = 1
    """Which attempt at a task with `retries` it is."""
    earlier: tuple["Result", ...] = ()
    """The attempts before this one, which did not pass."""

    @property
    def job(self) -> Job:
        return Job(self.item, self.trial, self.actor)

    @property
    def place(self) -> Path:
        """The path of the record of this attempt below the folder of the suite's run."""
        return attempted(self.job, self.attempt)

    @property
    def flaky(self) -> bool:
        """Whether it passed, but not at the first attempt."""
        return self.passed and self.attempt > 1

    @property
    def passed(self) -> bool:
        """Whether it has the full score and did no harm."""
        return self.value == 1.0 and not self.harmed


def attempted(job: Job, number: int) -> Path:
    """The path of the record of a job's attempt, counted from 1, below the folder of the suite's run."""
    return job.place if number == 1 else job.place / f"attempt-{number}"


def described(suite: str, seed: int, job: Job, task: Task, made: TaskResult) -> Result:
    """The result of a task as a line."""
    steps = made.episode.steps
    usages = [step.turn.usage for step in steps if step.turn.usage]
    return Result(
        suite=suite,
        seed=seed,
        **job._asdict(),
        kind=task.kind,
        value=made.value,
        why=made.score.why if made.score else made.episode.answer,
        target=made.score.target if made.score else None,
        harmed=made.score.harmed if made.score else None,
        ending=made.ending,
        steps=len(steps),
        mistakes=Counter(step.turn.mistake.kind for step in steps if step.turn.mistake),
        seconds=round(sum(sum(step.seconds) for step in steps), 3),
        prompt_tokens=sum(usage.prompt_tokens for usage in usages),
        completion_tokens=sum(usage.completion_tokens for usage in usages),
    )


def in_order(results: Iterable[Result]) -> list[Result]:
    """Sorts by kind, item and trial; numbers in names compare as numbers."""

    def key(result: Result) -> tuple[str, list[tuple[int, str]], int, str]:
        parts = re.findall(r"\d+|\D+", result.item)
        return result.kind, [(int(part), "") if part.isdecimal() else (-1, part) for part in parts], *result.job[1:]

    return sorted(results, key=key)


class Results:
    """The lines of one `results.jsonl`. Of several lines with one key the last counts."""

    def __init__(self, path: Path) -> None:
        """Reads existing lines. Raises UsageError if a complete line cannot be read."""
        self._path = path
        self._by_job: dict[Job, Result] = {}
        content = path.read_bytes() if path.is_file() else b""
        whole, newline, _torn = content.rpartition(b"\n")
        self._end = len(whole + newline)
        for number, line in enumerate(whole.split(b"\n") if newline else (), start=1):
            try:
                result = Result.model_validate_json(line)
            except ValidationError as error:
                raise UsageError(f"{path}, line {number} is not a result: {error.errors()[0]['msg']}.") from error
            self._by_job[result.job] = result

    def __iter__(self) -> Iterator[Result]:
        return iter(self._by_job.values())

    def settled(self, job: Job) -> bool:
        """Whether this attempt has a score; one that the environment failed has none and may be repeated."""
        return job in self._by_job and self._by_job[job].value is not None

    def add(self, result: Result) -> None:
        """Appends a line, on disk when this returns. Raises RecordFailure if it cannot be written."""
        line = result.model_dump_json().encode() + b"\n"
        try:
            with open(self._path, "r+b" if self._path.exists() else "xb", opener=owners_file) as file:
                file.truncate(self._end)
                file.seek(self._end)
                file.write(line)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise RecordFailure(f"{self._path} cannot be written: {error.strerror}. Free some disk space.") from error
        self._end += len(line)
        self._by_job[result.job] = result
