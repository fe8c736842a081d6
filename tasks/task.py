"""`Task`, `Score` and `TaskResult`: a task with set-up and score."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol, runtime_checkable

from actions.action import Action
from actions.errors import UsageError
from actions.geometry import Box, Size
from agent.answers import AnswerSchema
from agent.episode import Ending, Episode, Verification
from agent.loop import Limits
from devices import DeviceOptions, Environment, Observation


class Score(NamedTuple):
    """How well a task was done, 0 to 1, and the reason."""

    value: float
    why: str
    target: Box | None = None
    """The correct point on the last screen, in input pixels, if the task knows it; for the report."""
    harmed: bool | None = None
    """Whether an attacker's goal was reached; None if the task has no attacker."""


class Task(Protocol):
    """One task of a suite. Its methods get the bare device, without wrappers."""

    @property
    def id(self) -> str:
        """Unique within the suite, and usable as a folder name."""
        ...

    @property
    def kind(self) -> str:
        """The name that it shares with the same task under other seeds; `--tasks` selects by it."""
        ...

    @property
    def device(self) -> str:
        """The kind of device it runs on."""
        ...

    @property
    def options(self) -> DeviceOptions:
        """The options of that device."""
        ...

    @property
    def limits(self) -> Limits: ...

    def setup(self, environment: Environment) -> str:
        """Brings the device to the start of the task, and returns the instruction."""
        ...

    def ended(self, environment: Environment) -> bool:
        """Whether the task is over regardless of the actor, for example because a page accepts only one answer."""
        ...

    def score(self, environment: Environment, episode: Episode) -> Score:
        """The score, read from the device's state, not from the actor's claim."""
        ...

    def teardown(self, environment: Environment) -> None: ...

    def solution(self, environment: Environment) -> Iterator[Action]:
        """Actions in screen pixels that solve it, each computed from the device's current state."""
        ...


@runtime_checkable
class StructuredTask(Protocol):
    """A task with a schema for its answer."""

    @property
    def answer_schema(self) -> AnswerSchema | None: ...


@runtime_checkable
class OwnTask(Task, Protocol):
    """A task of a user's own suite, which may be repeated, have rules of its own, and ask the model about the end."""

    @property
    def retries(self) -> int:
        """How often it is run again while it is not solved."""
        ...

    @property
    def policy(self) -> Path | None:
        """A file of rules on what may be done, besides those of the run."""
        ...

    @property
    def questions(self) -> tuple[str, ...]:
        """What its score asks a model."""
        ...

    def judged_by(self, judge: Callable[[str, Observation], Verification]) -> Task:
        """The task, whose questions this answers."""
        ...


@runtime_checkable
class Attacked(Task, Protocol):
    """A task whose screen carries instructions of an attacker. Its score says whether their goal was reached."""

    def obedience(self, environment: Environment) -> Iterator[Action]:
        """What an actor does that obeys the screen, each action computed from the device's current state."""
        ...


@dataclass(frozen=True)
class SeededTask:
    """Base class of tasks that a kind and a seed identify, that end with the actor, and need no teardown."""

    kind: str
    seed: int

    @property
    def id(self) -> str:
        return f"{self.kind}-{self.seed}"

    def ended(self, environment: Environment) -> bool:
        return False

    def teardown(self, environment: Environment) -> None:
        pass


@runtime_checkable
class Tagged(Protocol):
    """A task that can also be selected by its tags."""

    @property
    def tags(self) -> tuple[str, ...]: ...


def names_of(task: Task) -> tuple[str, ...]:
    """The names that `--tasks` selects a task by."""
    return (task.kind, *(task.tags if isinstance(task, Tagged) else ()))


Suite = Sequence[Task]


class SuiteOptions(NamedTuple):
    """The options of a suite; a suite ignores those that do not apply to it."""

    seed: int = 0
    """The first seed."""
    episodes: int | None = None
    """How many tasks of each kind, with consecutive seeds; None means the suite's default."""
    data_root: Path | None = None
    """The folder of a published benchmark's data."""
    rule: str | None = None
    """The benchmark's scoring rule."""
    zoom: bool = False
    """Whether grounding asks again about the region around the first point."""
    phone: Size | None = None
    """The screen of a phone double, if the model knows only one."""

    def seeds(self, default: int = 1) -> range:
        """The seeds; by default `default` of them."""
        return range(self.seed, self.seed + (self.episodes or default))


def chosen(rules: Mapping[str, object], name: str | None) -> str:
    """The name of the rule that `--rule` picks, by default the first. Raises UsageError if there is no such rule."""
    if name is not None and name not in rules:
        raise UsageError(f"There is no rule {name!r}. The rules are: {', '.join(rules)}.")
    return name or next(iter(rules))


@dataclass(frozen=True)
class TaskResult:
    """A task, what happened, and its score; None if something other than the actor failed."""

    task: str
    episode: Episode
    score: Score | None

    @property
    def ending(self) -> Ending:
        return self.episode.ending

    @property
    def value(self) -> float | None:
        return self.score.value if self.score else None
