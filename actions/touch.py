"""Touch actions: the `Touch` protocol and Tap, DoubleTap, LongPress, Swipe, DragAndDrop; group `TOUCH`."""

from typing import Protocol

from pydantic import Field

from actions.action import Action, Outcome
from actions.geometry import Point
from actions.points import ModelPoint


class Touch(Protocol):
    """A touch screen. Points are screen pixels."""

    def tap(self, point: Point, count: int) -> Outcome: ...

    def hold(self, point: Point, seconds: float) -> Outcome: ...

    def swipe(self, start: Point, end: Point, seconds: float) -> Outcome: ...

    def drag_and_drop(self, start: Point, end: Point) -> Outcome:
        """Holds a point until it is grabbed, as a long press does, moves to another, and lifts the finger there."""
        ...


class Tap(Action):
    """Tap the screen at a point."""

    point: ModelPoint = Field(description="The point to tap, (x, y).")

    def apply(self, device: Touch) -> Outcome:
        return device.tap(self.point, count=1)


class DoubleTap(Action):
    """Tap twice quickly at a point."""

    point: ModelPoint = Field(description="The point to tap twice, (x, y).")

    def apply(self, device: Touch) -> Outcome:
        return device.tap(self.point, count=2)


class LongPress(Action):
    """Press a point and hold it."""

    point: ModelPoint = Field(description="The point to hold, (x, y).")
    seconds: float = Field(default=1.0, gt=0, le=10, description="How long to hold it.")

    def apply(self, device: Touch) -> Outcome:
        return device.hold(self.point, self.seconds)


class Swipe(Action):
    """Move a finger over the screen from one point to another. To see what is further down, swipe upwards."""

    start: ModelPoint = Field(description="The point where the finger goes down, (x, y).")
    end: ModelPoint = Field(description="The point where the finger is lifted, (x, y).")

    def apply(self, device: Touch) -> Outcome:
        return device.swipe(self.start, self.end, seconds=0.4)


class DragAndDrop(Action):
    """Hold something until it can be moved, move it to another point, and drop it."""

    start: ModelPoint = Field(description="The point to hold, (x, y).")
    end: ModelPoint = Field(description="The point to drop it at, (x, y).")

    def apply(self, device: Touch) -> Outcome:
        return device.drag_and_drop(self.start, self.end)


TOUCH: tuple[type[Action], ...] = (Tap, DoubleTap, LongPress, Swipe, DragAndDrop)
