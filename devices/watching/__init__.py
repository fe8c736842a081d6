"""What a person does on a device, as actions: `Watchable` devices note it, `Gestures` makes actions of raw input."""

import dataclasses
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import NamedTuple, Protocol, runtime_checkable

from actions.action import Action


@dataclass(frozen=True)
class Done:
    """An action that a person did."""

    action: Action
    words: str = ""
    """What lies at its point or has the focus, in words of the screen, such as `button 'Pay'`."""
    secret: str = dataclasses.field(default="", repr=False)
    """The text that was typed into a password field; the action has `{{PASSWORD}}` instead."""
    place: str = ""
    """The host of that field."""
    field: str = ""
    """What tells the field from others, of a password field and of one whose value changes with each key, as a date."""


class Shown(NamedTuple):
    """What the screen shows in words; a device without an address or a title has empty ones."""

    address: str
    title: str
    texts: tuple[str, ...]
    """Its lines of text, from the top."""


class Watch(Protocol):
    """What a person has done on a device since the watch began, and what they see."""

    @property
    def over(self) -> bool:
        """Whether the person has ended it: the window is closed."""
        ...

    def shown(self) -> Shown | None:
        """What the screen shows now; None if it cannot be read now, or shows nothing any more."""
        ...

    def done(self) -> Sequence[Done]:
        """All that was done until now, in order."""
        ...


@runtime_checkable
class Watchable(Protocol):
    """A device that notes what a person does on it."""

    def watched(self) -> AbstractContextManager[Watch]:
        """Notes what a person does for the duration of the block. Raises DeviceFailure."""
        ...
