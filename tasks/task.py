"""`Task`, `Score` and `TaskResult`: something to do that can be set up and scored."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from actions.action import Action
from agent.episode import Episode
from agent.loop import Limits
from devices import DeviceOptions, Environment


class Score(NamedTuple):
    """How well a task was done, 0 to 1, and how that was found out."""

    value: float
    why: str


class Task(Protocol):
    """One task of a suite. The environments it is given are the bare devices of its kind, without wrappers."""

    @property
    def id(self) -> str: ...

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


Suite = Sequence[Task]


@dataclass(frozen=True)
class TaskResult:
    """A task, what happened, and its score; None where something but the actor failed, so nothing can be scored."""

    task: str
    episode: Episode
    score: Score | None
