"""`Approver`: a person who is asked before something is done; a question goes in, a decision comes out."""

from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple, Protocol

from PIL import Image

from devices.rules.places import Place
from devices.rules.wording import mixed


class Question(NamedTuple):
    """What a person is asked to allow. All its texts but `rule` come from a model or a screen and are untrusted."""

    what: str
    """What would be done, in words: an action of the model, or a page that would open."""
    places: tuple[Place, ...]
    """What the action touches, or the address that would open."""
    rule: str
    """Why it is asked: the wording of the rule."""
    thought: str
    """What the model thought."""
    picture: Image.Image
    """The screen around the place of the action, or all of it."""
    changed: bool
    """Whether the screen has changed there since the model looked at it."""

    def facts(self) -> Iterator[tuple[str, str]]:
        """What a person should know before the answer: names and texts."""
        if self.thought:
            yield "thought", self.thought
        for index, place in enumerate(self.places):
            if text := described(place):
                yield "and on" if index else "on", text
            if scripts := mixed(f"{place.name} {place.title}"):
                alphabets = " and ".join(script.capitalize() for script in scripts)
                yield "note", f"its name mixes {alphabets} letters, which can look alike"
        if self.changed:
            yield "note", "the screen has changed there since the model looked at it"
        yield "asked because of", self.rule


class Answer(StrEnum):
    """A person's decision."""

    YES = "yes"
    ALL = "all"
    """This action, and all further ones of its kind that the same rule asks about, until the end of the episode."""
    NO = "no"
    STOP = "stop"
    """It is not done, and the episode ends."""


class Approval(NamedTuple):
    """A decision; the model reads the reason."""

    answer: Answer
    reason: str = ""

    @property
    def told(self) -> str:
        """The reason in a sentence for the model; empty if there is none."""
        return f"The user says: {self.reason}" if self.reason else ""


class Approver(Protocol):
    """Asks a person, however long that takes: the episode's clock stands still meanwhile."""

    def decide(self, question: Question) -> Approval | None:
        """The decision; None if nobody can be asked now."""
        ...


def described(place: Place) -> str:
    """A place in words: the element, the site or the app, and the window."""
    element = " ".join(filter(None, (place.role, repr(place.name) if place.name else "")))
    window = f"the window {place.title!r}" if place.title else ""
    return ", ".join(filter(None, (element, place.address, place.app, window, place.unread)))
