"""`GroundingTask`: an item as an episode of one step on a still picture."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from actions.action import Action
from actions.control import Finish
from actions.errors import UsageError
from actions.geometry import Point
from actions.mouse import Click
from agent.episode import Episode
from agent.loop import Limits
from devices import DeviceOptions, Environment
from devices.still import Still
from tasks.grounding.item import Item, Verdict, judge
from tasks.grounding.target import BoxTarget
from tasks.task import Score, Suite

ASKED = "Click on the element that this means: {instruction}"
DECLINE = "{asked}\nIf nothing on the screen is meant, end the task with status failure."


@dataclass(frozen=True)
class GroundingTask:
    """One picture, one call. What counts is the point of that call, in whole pixels of the original picture."""

    item: Item
    may_decline: bool = False
    """Whether the set has items to decline, so that the model is told of it."""

    device: ClassVar[str] = "still"
    limits: ClassVar[Limits] = Limits(steps=1, seconds=600)

    @property
    def id(self) -> str:
        return self.item.id

    @property
    def kind(self) -> str:
        return self.item.group

    @property
    def options(self) -> DeviceOptions:
        return DeviceOptions(address=str(self.item.picture))

    def setup(self, environment: Environment) -> str:
        environment.reset()
        asked = ASKED.format(instruction=self.item.instruction)
        return DECLINE.format(asked=asked) if self.may_decline else asked

    def ended(self, environment: Environment) -> bool:
        if not isinstance(environment, Still):
            raise UsageError(f"This task runs on the still device, not on {type(environment).__name__}.")
        return bool(environment.done)

    def score(self, environment: Environment, episode: Episode) -> Score:
        turn = episode.steps[-1].turn
        verdict = judge(self.item.target, turn.action, turn.mistake)
        target = self.item.target.box if isinstance(self.item.target, BoxTarget) else None
        return Score(float(verdict is Verdict.CORRECT), verdict.value, target)

    def teardown(self, environment: Environment) -> None:
        pass

    def solution(self, environment: Environment) -> Iterator[Action]:
        inside = self.item.target.inside
        if inside is None:
            yield Finish(status="failure", text="Nothing on the screen is meant.")
        else:
            yield Click(point=Point(round(inside.x), round(inside.y)))


def tasks(items: Iterable[Item], may_decline: bool = False) -> Suite:
    """The items as tasks.

    Raises:
        UsageError: two of them have the same id, or there are none.
    """
    suite = [GroundingTask(item, may_decline) for item in items]
    seen: set[str] = set()
    for task in suite:
        if task.id in seen:
            raise UsageError(f"Two items have the id {task.id!r}. Remove the copy from the data.")
        seen.add(task.id)
    if not suite:
        raise UsageError("The data hold no items.")
    return suite
