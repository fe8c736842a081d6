"""`Approver`: a person who is asked before an action; a question goes in, a decision comes out."""

from enum import StrEnum
from typing import NamedTuple, Protocol

from PIL import Image

from actions.action import Action
from devices.rules.places import Place


class Question(NamedTuple):
    """What a person is asked to allow. All its texts but `rule` come from a model or a screen and are untrusted."""

    action: Action
    places: tuple[Place, ...]
    """What the action touches."""
    rule: str
    """Why it is asked: the wording of the rule."""
    thought: str
    """What the model thought."""
    picture: Image.Image
    """The screen around the place of the action."""
    changed: bool
    """Whether the screen has changed there since the model looked at it."""


class Answer(StrEnum):
    """A person's decision."""

    YES = "yes"
    ALL = "all"
    """This action, and all further ones of its kind that the same rule asks about, until the end of the episode."""
    NO = "no"
    STOP = "stop"
    """This action is not performed, and the episode ends."""


class Approval(NamedTuple):
    """A decision; the model reads the reason."""

    answer: Answer
    reason: str = ""


class Approver(Protocol):
    """Asks a person, however long that takes: the episode's clock stands still meanwhile."""

    def decide(self, question: Question) -> Approval: ...
