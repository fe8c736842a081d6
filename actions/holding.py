"""What stays down over several actions: the `Holding` protocol, MouseDown, MouseUp, KeyDown, KeyUp; group `HOLDING`.

An environment releases what is held at its `release`: at the end of an episode, however that ends.
"""

from collections.abc import Collection, Iterable
from typing import Protocol

from pydantic import Field

from actions.action import Action, Outcome
from actions.errors import ActionRefused
from actions.geometry import Point
from actions.keyboard import HoldsKeys, Keys
from actions.mouse import Button, Drag, Scroll
from actions.points import ModelPoint


class Holding(HoldsKeys, Protocol):
    """A mouse and a keyboard. Points are screen pixels; the default is the pointer's position."""

    def hold_button(self, point: Point | None, button: Button) -> Outcome:
        """Presses a button and leaves it down. Raises ActionRefused if it is down already."""
        ...

    def release_button(self, point: Point | None, button: Button) -> Outcome:
        """Raises ActionRefused if the button is not down."""
        ...


def require_up(names: Iterable[str], down: Collection[str], kind: str = "key") -> None:
    """Raises ActionRefused if one of the keys or buttons is down."""
    if found := [name for name in names if name in down]:
        raise ActionRefused(f"The {found[0]} {kind} is down already. Nothing was done.")


def require_down(names: Iterable[str], down: Collection[str], kind: str = "key") -> None:
    """Raises ActionRefused if one of the keys or buttons is not down."""
    if found := [name for name in names if name not in down]:
        raise ActionRefused(f"The {found[0]} {kind} is not down. Nothing was done.")


class MouseDown(Action):
    """Press a mouse button and keep it down until MouseUp. MoveTo then drags."""

    point: ModelPoint | None = Field(default=None, description="Where, (x, y); by default the pointer's place.")
    button: Button = Field(default="left", description="The button.")

    def apply(self, device: Holding) -> Outcome:
        return device.hold_button(self.point, self.button)


class MouseUp(Action):
    """Release a mouse button that is held down."""

    point: ModelPoint | None = Field(default=None, description="Where, (x, y); by default the pointer's place.")
    button: Button = Field(default="left", description="The button.")

    def apply(self, device: Holding) -> Outcome:
        return device.release_button(self.point, self.button)


class KeyDown(Action):
    """Press a key and keep it down until KeyUp."""

    keys: Keys = Field(min_length=1, max_length=5, description="The key, or keys joined by +.")

    def apply(self, device: HoldsKeys) -> Outcome:
        return device.hold_keys(self.keys)


class KeyUp(Action):
    """Release a key that is held down."""

    keys: Keys = Field(min_length=1, max_length=5, description="The key, or keys joined by +.")

    def apply(self, device: HoldsKeys) -> Outcome:
        return device.release_keys(self.keys)


BY_POINTER = (Drag, Scroll, MouseDown, MouseUp)
"""Actions of which a point may be the pointer's place, and then is None."""
HOLDING: tuple[type[Action], ...] = (MouseDown, MouseUp, KeyDown, KeyUp)
