"""`Task`, `Score` and `TaskResult`: an instruction that can be set up and scored."""

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
    """One task of a suite."""

    @property
    def id(self) -> str: ...

    @property
    def instruction(self) -> str: ...

    @property
    def device(self) -> str: ...

    @property
    def options(self) -> DeviceOptions: ...

    @property
    def limits(self) -> Limits: ...

    def setup(self, environment: Environment) -> None:
        """Brings the device to where the task starts."""
        ...

    def ended(self, environment: Environment) -> bool:
        """Whether the task itself is over, whatever the actor thinks: a page that accepts one answer, for example."""
        ...

    def score(self, environment: Environment, episode: Episode) -> Score:
        """Read from the device's state, not from what the actor claims."""
        ...

    def teardown(self, environment: Environment) -> None: ...

    def solution(self, environment: Environment) -> Iterator[Action]:
        """Actions in screen pixels that solve it, each computed from the device's state when it is asked for."""
        ...


@dataclass(frozen=True)
class TaskResult:
    """A task, what happened, and its score; None where the environment failed and there is nothing to score."""

    task: str
    instruction: str
    episode: Episode
    score: Score | None


Suite = Sequence[Task]
