"""`StepRecord`: one recorded step of a person, with the screen and the previous actions."""

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from actions.action import Action
from actions.control import Finish, Wait
from actions.geometry import Box, Point, Size
from actions.keyboard import Type
from actions.phone import Back, Enter, Home, OpenApp, Recents
from actions.touch import LongPress, Swipe, Tap

TYPED_NOTHING = Type.model_construct(text="")
"""Typing an empty text. No device does it, but persons and models write it, and the published rules compare it."""


class Element(NamedTuple):
    """An element on the screen."""

    box: Box
    text: str


class Seen(NamedTuple):
    """The screen of an action."""

    size: Size
    candidates: tuple[Box, ...] = ()
    """The boxes in which an action has the same effect as at the recorded point, smallest first."""
    elements: tuple[Element, ...] = ()
    """All elements on the screen, if the data have them."""


@dataclass(frozen=True)
class StepRecord:
    """One step. Points are pixels of the screenshot; a swipe is the finger's movement."""

    episode: str
    index: int
    group: str
    """The episode's subset of the benchmark."""
    goal: str
    instruction: str
    """The step's own instruction; empty if the data have none."""
    picture: Path
    seen: Seen
    gold: Action
    history: tuple[Action, ...]
    """The person's previous actions, all correct (teacher forcing)."""


_KINDS: dict[type[Action], str] = {
    Tap: "click", LongPress: "long_press", Swipe: "swipe", Type: "type", OpenApp: "open", Wait: "wait",
    Back: "system_button", Home: "system_button", Recents: "system_button", Enter: "system_button",
    Finish: "terminate",
}  # fmt: skip


def kind(action: Action) -> str:
    """The type of an action in `mobile_use`, where all system buttons are one type."""
    return _KINDS.get(type(action), type(action).__name__.lower())


def direction(swipe: Swipe, size: Size) -> str:
    """The finger's direction, by the larger axis in fractions of the screen's sides; a tie is vertical."""
    right = (swipe.end.x - swipe.start.x) / size.width
    down = (swipe.end.y - swipe.start.y) / size.height
    if abs(right) > abs(down):
        return "right" if right > 0 else "left"
    return "down" if down > 0 else "up"


def straight_swipe(towards: str, size: Size) -> Swipe:
    """A finger's movement across the centre of the screen in one of the four directions."""
    across, along = {"left": (-0.25, 0), "right": (0.25, 0), "up": (0, -0.25), "down": (0, 0.25)}[towards]
    middle = Point(size.width // 2, size.height // 2)
    end = Point(round(middle.x + across * size.width), round(middle.y + along * size.height))
    return Swipe(start=middle, end=end)


def in_words(action: Action, size: Size) -> str:
    """A past action in words. Positions are fractions of the screen, which are valid in every frame."""
    match action:
        case Tap() | LongPress():
            across, down = action.point.x / size.width, action.point.y / size.height
            return f"{kind(action)} {across:.0%} across and {down:.0%} down"
        case Swipe():
            return f"swipe {direction(action, size)}"
        case Type():
            return f'type "{action.text}"'
        case OpenApp():
            return f'open "{action.app}"'
        case Wait() | Finish():
            return kind(action)
        case _:
            return f"system_button {type(action).__name__}"
