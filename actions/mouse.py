"""Mouse actions: the `Mouse` protocol, the clicks, MoveTo, Drag and Scroll; group `MOUSE`."""

from collections.abc import Sequence
from typing import Literal, Protocol

from pydantic import Field

from actions.action import Action, Outcome
from actions.geometry import Point
from actions.keyboard import HoldsKeys, Modifiers, held
from actions.points import ModelPath, ModelPoint

MainButton = Literal["left", "right", "middle"]
Button = Literal["left", "right", "middle", "back", "forward"]


class Mouse(HoldsKeys, Protocol):
    """A pointer with three buttons and a wheel. Points are screen pixels; the default is the pointer's position.

    Keys are held only for actions with modifiers.
    """

    def click(self, point: Point, button: MainButton, count: int) -> Outcome: ...

    def move_to(self, point: Point) -> Outcome: ...

    def drag(self, start: Point | None, path: Sequence[Point], button: MainButton) -> Outcome:
        """Presses the button at the start, moves along the path, and releases it at the path's last point."""
        ...

    def scroll(self, point: Point | None, right: int, down: int) -> Outcome:
        """Turns the wheel by notches, negative to the left or up."""
        ...


class Click(Action):
    """Click the left mouse button at a point."""

    point: ModelPoint = Field(description="The point to click, (x, y).")
    modifiers: Modifiers = ()

    def apply(self, device: Mouse) -> Outcome:
        with held(device, self.modifiers):
            return device.click(self.point, "left", count=1)


class DoubleClick(Action):
    """Double-click the left mouse button at a point."""

    point: ModelPoint = Field(description="The point to double-click, (x, y).")
    modifiers: Modifiers = ()

    def apply(self, device: Mouse) -> Outcome:
        with held(device, self.modifiers):
            return device.click(self.point, "left", count=2)


class TripleClick(Action):
    """Triple-click the left mouse button at a point, to select a line or a paragraph."""

    point: ModelPoint = Field(description="The point to triple-click, (x, y).")
    modifiers: Modifiers = ()

    def apply(self, device: Mouse) -> Outcome:
        with held(device, self.modifiers):
            return device.click(self.point, "left", count=3)


class RightClick(Action):
    """Click the right mouse button at a point, for a context menu."""

    point: ModelPoint = Field(description="The point to right-click, (x, y).")
    modifiers: Modifiers = ()

    def apply(self, device: Mouse) -> Outcome:
        with held(device, self.modifiers):
            return device.click(self.point, "right", count=1)


class MiddleClick(Action):
    """Click the middle mouse button at a point."""

    point: ModelPoint = Field(description="The point to middle-click, (x, y).")
    modifiers: Modifiers = ()

    def apply(self, device: Mouse) -> Outcome:
        with held(device, self.modifiers):
            return device.click(self.point, "middle", count=1)


class MoveTo(Action):
    """Move the mouse pointer to a point without clicking, for what appears on hover."""

    point: ModelPoint = Field(description="The point to move to, (x, y).")

    def apply(self, device: Mouse) -> Outcome:
        return device.move_to(self.point)


class Drag(Action):
    """Hold a mouse button down at one point, move to another, and release it there."""

    start: ModelPoint | None = Field(
        default=None, description="Where to press, (x, y); by default the pointer's place."
    )
    end: ModelPoint = Field(description="Where to release, (x, y).")
    via: ModelPath = Field(default=(), max_length=100, description="Points to move through before it, in order.")
    button: MainButton = Field(default="left", description="The button.")
    modifiers: Modifiers = ()

    def apply(self, device: Mouse) -> Outcome:
        with held(device, self.modifiers):
            return device.drag(self.start, (*self.via, self.end), self.button)


class Scroll(Action):
    """Turn the mouse wheel. `down` shows what is further down."""

    direction: Literal["up", "down", "left", "right"] = Field(description="Where to scroll.")
    notches: int = Field(default=5, ge=1, le=50, description="How far, in wheel notches of about 100 pixels.")
    point: ModelPoint | None = Field(
        default=None, description="Over which point, (x, y); by default the pointer's place."
    )
    modifiers: Modifiers = ()

    def apply(self, device: Mouse) -> Outcome:
        step = -self.notches if self.direction in ("up", "left") else self.notches
        sideways = self.direction in ("left", "right")
        with held(device, self.modifiers):
            return device.scroll(self.point, right=step if sideways else 0, down=0 if sideways else step)


MOUSE: tuple[type[Action], ...] = (Click, DoubleClick, TripleClick, RightClick, MiddleClick, MoveTo, Drag, Scroll)
