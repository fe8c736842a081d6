"""`FunctionTask`: a sample as an episode with one step per expected call."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from actions.action import Action
from actions.errors import UsageError
from agent.episode import Episode, Turn
from agent.loop import Limits
from devices import DeviceOptions, Environment
from devices.functions import Functions
from tasks.functions.samples import Sample
from tasks.functions.scoring import Called, attempts, right_calls
from tasks.task import Score

PICTURES = Path(__file__).parent / "pictures"


@dataclass(frozen=True)
class FunctionTask:
    """One picture and its expected calls; each step is an attempt at one of them."""

    sample: Sample

    device: ClassVar[str] = "functions"

    @property
    def id(self) -> str:
        return self.sample.id

    @property
    def kind(self) -> str:
        return self.sample.kind

    @property
    def options(self) -> DeviceOptions:
        return DeviceOptions(address=str(PICTURES / f"{self.sample.id}.png"))

    @property
    def limits(self) -> Limits:
        return Limits(steps=len(self.sample.gold), seconds=600, no_call_is_step=False)

    def setup(self, environment: Environment) -> str:
        environment.reset()
        return self.sample.query

    def ended(self, environment: Environment) -> bool:
        if not isinstance(environment, Functions):
            raise UsageError(f"This task runs on the functions device, not on {type(environment).__name__}.")
        return len(environment.done) >= len(self.sample.gold)

    def called(self, turns: Sequence[Turn]) -> Called:
        """The expected calls and the calls of these turns."""
        return Called(self.sample.kind, self.sample.gold, attempts(turns))

    def score(self, environment: Environment, episode: Episode) -> Score:
        """The fraction of the calls that were made exactly."""
        right = right_calls(self.called([step.turn for step in episode.steps]))
        return Score(right / len(self.sample.gold), f"{right} of {len(self.sample.gold)} calls are as expected")

    def teardown(self, environment: Environment) -> None:
        pass

    def solution(self, environment: Environment) -> Iterator[Action]:
        yield from self.sample.gold
