"""`Place`: what an action would touch, as the device reports it; `Deed`: an action at a place, which rules judge."""

from collections.abc import Callable, Sequence
from enum import Enum, auto
from typing import NamedTuple, Protocol, runtime_checkable

from actions.action import Action
from actions.geometry import Box
from devices.rules.verdict import Verdict


class Detail(Enum):
    """How much of a place is needed; what is not may be missing where reading it takes long."""

    APP = auto()
    """The address or the window, without the element there."""
    WORDS = auto()
    """The element with its texts, which rules are about."""
    COMPARED = auto()
    """Also its headings and its state, which a learned run compares."""


class Place(NamedTuple):
    """One thing that an action touches. An empty field does not exist there, or cannot be read on this device."""

    address: str = ""
    """The URL of the page or frame that is acted on; for `Goto` and `NewTab` the URL that is opened."""
    app: str = ""
    """The package in front of a phone, or the class of a desktop's window."""
    title: str = ""
    """The window's title."""
    role: str = ""
    """What the element is: `button`, `link`, `text field`, `dialog`."""
    name: str = ""
    """The element's name for a person."""
    words: str = ""
    """Every text of the element itself: its name, label, content, description and address."""
    near: str = ""
    """The text around the element."""
    headings: str = ""
    """The headings that the element is under, nearest first; only with `Detail.COMPARED`."""
    box: Box | None = None
    """Where the element is, in screen pixels."""
    state: str = ""
    """What decides about the effect of the action: `on`, `off`, `open`, `closed`, `disabled`; for typing into a text
    field the text that it keeps. In a browser only with `Detail.COMPARED`."""
    unread: str = ""
    """Why the device could not tell what is there, in a sentence; empty if it could."""


class Deed(NamedTuple):
    """An action at one of the places that it touches."""

    action: Action
    place: Place
    typed: str = ""
    """What was typed without a break, this action's text included; `policy.BREAK` stands for other keys."""


Judge = Callable[[Deed], Sequence[Verdict]]
"""The verdicts of rules on a deed; none if no rule is about it."""


@runtime_checkable
class Inspected(Protocol):
    """A device that reports what an action would touch. Optional: without it, only actions and typed text are known."""

    def touches(self, action: Action, detail: Detail) -> tuple[Place, ...]:
        """The places that the action touches now; none if it touches nothing, as the Home button does.

        Raises:
            ActionRefused: the action cannot be done now. DeviceFailure: the device is lost.
        """
        ...


@runtime_checkable
class Searchable(Protocol):
    """A device that finds elements by their words. Optional, as `Inspected` is."""

    def named(self, role: str, name: str) -> tuple[Place, ...]:
        """The elements of this role and name, on the screen or scrolled out of it, in all detail.

        Raises:
            DeviceFailure: the device is lost.
        """
        ...
