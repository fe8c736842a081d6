"""`GroundingTask`: an item as an episode of one step on a still picture, or of two, the second on an enlarged part."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from actions.action import Action
from actions.control import Finish
from actions.errors import UsageError
from actions.geometry import Point, Size
from actions.mouse import Click
from agent.episode import Episode, Turn
from agent.loop import Limits
from devices import DeviceOptions, Environment
from devices.still import Still, on_the_whole, part_around
from tasks.grounding.item import Item, Verdict, judge
from tasks.grounding.target import BoxTarget
from tasks.task import Score, Suite

ASKED = "Click on the element that this means: {instruction}"
DECLINE = "{asked}\nIf nothing on the screen is meant, end the task with status failure."


@dataclass(frozen=True)
class GroundingTask:
    """One picture, one call. The score depends on the point of that call, in whole pixels of the original picture."""

    item: Item
    may_decline: bool = False
    """Whether the set has items to decline; the prompt then mentions it."""
    zoom: bool = False
    """Whether to ask twice: on the whole picture, and on the part around the first point."""
    asked: str = ASKED

    device: ClassVar[str] = "still"

    @property
    def limits(self) -> Limits:
        return Limits(steps=2 if self.zoom else 1, seconds=600, no_calls=1)

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
        _still(environment).zooms = self.zoom
        environment.reset()
        asked = self.asked.format(instruction=self.item.instruction)
        return DECLINE.format(asked=asked) if self.may_decline else asked

    def ended(self, environment: Environment) -> bool:
        return bool(_still(environment).done)

    def score(self, environment: Environment, episode: Episode) -> Score:
        said = meant([step.turn for step in episode.steps], episode.steps[0].observation.screen)
        verdict = judge(self.item.target, said)
        target = self.item.target.box if isinstance(self.item.target, BoxTarget) else None
        return Score(float(verdict is Verdict.CORRECT), verdict.value, target)

    def teardown(self, environment: Environment) -> None:
        pass

    def solution(self, environment: Environment) -> Iterator[Action]:
        inside = self.item.target.inside
        if inside is None:
            yield Finish(status="failure", text="Nothing on the screen is meant.")
        else:
            at = Point(round(inside.x), round(inside.y))
            yield Click(point=at)
            part = _still(environment).part
            if part:
                yield Click(point=Point(at.x - part.left, at.y - part.top))


def meant(turns: Sequence[Turn], size: Size) -> Turn:
    """The scored turn, which is the last one, with its action mapped to the whole picture."""
    first, last = turns[0], turns[-1]
    if last is first or first.action is None or last.action is None:
        return last
    part = part_around(next(iter(first.action.points().values())), size)
    return replace(last, action=on_the_whole(last.action, part))


def _still(environment: Environment) -> Still:
    if not isinstance(environment, Still):
        raise UsageError(f"This task runs on the still device, not on {type(environment).__name__}.")
    return environment


def tasks(items: Iterable[Item], may_decline: bool = False, zoom: bool = False) -> Suite:
    """The items as tasks.

    Raises:
        UsageError: two of them have the same id, or there are none.
    """
    suite = [GroundingTask(item, may_decline, zoom) for item in items]
    seen: set[str] = set()
    for task in suite:
        if task.id in seen:
            raise UsageError(f"Two items have the id {task.id!r}. Remove the copy from the data.")
        seen.add(task.id)
    if not suite:
        raise UsageError("The data contain no items.")
    return suite
