"""`Task`, `Score` and `TaskResult`: something to do that can be set up and scored."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol

from actions.action import Action
from actions.errors import UsageError
from actions.geometry import Box
from agent.episode import Ending, Episode
from agent.loop import Limits
from devices import DeviceOptions, Environment


class Score(NamedTuple):
    """How well a task was done, 0 to 1, and how that was found out."""

    value: float
    why: str
    target: Box | None = None
    """Where on the last screen the right point lies, in its input's pixels, where the task knows; for the report."""


class Task(Protocol):
    """One task of a suite. The environments it is given are the bare devices of its kind, without wrappers."""

    @property
    def id(self) -> str:
        """Unlike that of any other task of the suite, and usable as a folder's name."""
        ...

    @property
    def kind(self) -> str:
        """What it has in common with the same task drawn with other seeds; `--tasks` picks by it."""
        ...

    @property
    def device(self) -> str:
        """The kind of device it runs on."""
        ...

    @property
    def options(self) -> DeviceOptions:
        """How that device is opened."""
        ...

    @property
    def limits(self) -> Limits: ...

    def setup(self, environment: Environment) -> str:
        """Brings the device to where the task starts, and returns the instruction."""
        ...

    def ended(self, environment: Environment) -> bool:
        """Whether the task is over whatever the actor thinks: a page that accepts one answer, for example."""
        ...

    def score(self, environment: Environment, episode: Episode) -> Score:
        """Read from the device's state, not from what the actor claims."""
        ...

    def teardown(self, environment: Environment) -> None: ...

    def solution(self, environment: Environment) -> Iterator[Action]:
        """Actions in screen pixels that solve it, each computed from the device's state when it is asked for."""
        ...


@dataclass(frozen=True)
class SeededTask:
    """What the tasks have in common that a kind and a seed name, that last until the actor ends, and leave nothing."""

    kind: str
    seed: int

    @property
    def id(self) -> str:
        return f"{self.kind}-{self.seed}"

    def ended(self, environment: Environment) -> bool:
        return False

    def teardown(self, environment: Environment) -> None:
        pass


Suite = Sequence[Task]


class SuiteOptions(NamedTuple):
    """What may be said of a suite when it is opened; a suite ignores what means nothing to it."""

    seed: int = 0
    """The first seed."""
    episodes: int | None = None
    """How many tasks of each kind, with one seed after the other; None is as many as the suite has by itself."""
    data_root: Path | None = None
    """Where the data of a published benchmark lie."""
    rule: str | None = None
    """Which of a benchmark's rules decides what is right."""
    zoom: bool = False
    """Whether grounding is asked again on the part of the picture around the first point."""

    def seeds(self, default: int = 1) -> range:
        """The seeds, where the suite by itself has `default` of them."""
        return range(self.seed, self.seed + (self.episodes or default))


def chosen(rules: Mapping[str, object], name: str | None) -> str:
    """The name of the rule that `--rule` picks, by default the first. Raises UsageError when there is none of it."""
    if name is not None and name not in rules:
        raise UsageError(f"There is no rule {name!r}. The rules are: {', '.join(rules)}.")
    return name or next(iter(rules))


@dataclass(frozen=True)
class TaskResult:
    """A task, what happened, and its score; None where something but the actor failed, so nothing can be scored."""

    task: str
    episode: Episode
    score: Score | None

    @property
    def ending(self) -> Ending:
        return self.episode.ending

    @property
    def value(self) -> float | None:
        return self.score.value if self.score else None
