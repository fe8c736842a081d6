"""Mouse actions: the `Mouse` protocol and Click, DoubleClick, RightClick, MiddleClick, MoveTo, Drag, Scroll."""

from typing import Literal, Protocol

from pydantic import Field

from actions.action import Action, Outcome
from actions.geometry import Point
from actions.points import ModelPoint

Button = Literal["left", "right", "middle"]


class Mouse(Protocol):
    """A pointer with three buttons and a wheel. Points are screen pixels; the default is the pointer's position."""

    def click(self, point: Point, button: Button, count: int) -> Outcome: ...

    def move_to(self, point: Point) -> Outcome: ...

    def drag(self, start: Point | None, end: Point) -> Outcome: ...

    def scroll(self, point: Point | None, right: int, down: int) -> Outcome:
        """Turns the wheel by notches, negative to the left or up."""
        ...


class Click(Action):
    """Click the left mouse button at a point."""

    point: ModelPoint = Field(description="The point to click, (x, y).")

    def apply(self, device: Mouse) -> Outcome:
        return device.click(self.point, "left", count=1)


class DoubleClick(Action):
    """Double-click the left mouse button at a point."""

    point: ModelPoint = Field(description="The point to double-click, (x, y).")

    def apply(self, device: Mouse) -> Outcome:
        return device.click(self.point, "left", count=2)


class RightClick(Action):
    """Click the right mouse button at a point, for a context menu."""

    point: ModelPoint = Field(description="The point to right-click, (x, y).")

    def apply(self, device: Mouse) -> Outcome:
        return device.click(self.point, "right", count=1)


class MiddleClick(Action):
    """Click the middle mouse button at a point."""

    point: ModelPoint = Field(description="The point to middle-click, (x, y).")

    def apply(self, device: Mouse) -> Outcome:
        return device.click(self.point, "middle", count=1)


class MoveTo(Action):
    """Move the mouse pointer to a point without clicking, for what appears on hover."""

    point: ModelPoint = Field(description="The point to move to, (x, y).")

    def apply(self, device: Mouse) -> Outcome:
        return device.move_to(self.point)


class Drag(Action):
    """Hold the left mouse button down at one point, move to another, and release it there."""

    start: ModelPoint | None = Field(
        default=None, description="Where to press, (x, y); by default the pointer's place."
    )
    end: ModelPoint = Field(description="Where to release, (x, y).")

    def apply(self, device: Mouse) -> Outcome:
        return device.drag(self.start, self.end)


class Scroll(Action):
    """Turn the mouse wheel. `down` shows what is further down."""

    direction: Literal["up", "down", "left", "right"] = Field(description="Where to scroll.")
    notches: int = Field(default=5, ge=1, le=50, description="How far, in wheel notches of about 100 pixels.")
    point: ModelPoint | None = Field(
        default=None, description="Over which point, (x, y); by default the pointer's place."
    )

    def apply(self, device: Mouse) -> Outcome:
        step = -self.notches if self.direction in ("up", "left") else self.notches
        sideways = self.direction in ("left", "right")
        return device.scroll(self.point, right=step if sideways else 0, down=0 if sideways else step)


MOUSE: tuple[type[Action], ...] = (Click, DoubleClick, RightClick, MiddleClick, MoveTo, Drag, Scroll)
