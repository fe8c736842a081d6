"""`Item`, `Verdict` and `judge`: one question about a picture, and whether a reply answers it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from actions.control import Finish
from actions.geometry import Point
from agent.episode import Turn
from tasks.grounding.refusal import declines
from tasks.grounding.target import Refusal, Target

OFF_THE_PICTURE = "lies outside the image"
"""What the action space says of a point that cannot be on the picture: it is wrong, and no mistake of format."""


class Verdict(StrEnum):
    """As ScreenSpot-Pro's public reports write it."""

    CORRECT = "correct"
    WRONG = "wrong"
    WRONG_FORMAT = "wrong_format"
    """No point could be read. It counts as wrong in every mean."""


@dataclass(frozen=True)
class Item:
    """One question: a picture, words, and the place that they mean."""

    id: str
    """Unlike that of any other item of its set, and usable as a folder's name."""
    picture: Path
    instruction: str
    target: Target
    group: str
    """The row of the published tables that it belongs to: a platform or a field of work."""
    ui_type: str
    """`text` or `icon`, or what a set has instead."""
    details: Mapping[str, object] = field(default_factory=dict)
    """What else ScreenSpot-Pro's report says of it."""


def judge(target: Target, turn: Turn) -> Verdict:
    """What an answer is worth: the point of its action, the mistake it is, or the words of a reply that calls nothing.

    Declining, in words or by ending the task with failure, is right only where nothing on the picture is meant.
    """
    point = next(iter(turn.action.points().values()), None) if turn.action else None
    if point is not None:
        return judge_point(target, point)
    if turn.mistake and OFF_THE_PICTURE in turn.mistake.text:
        return Verdict.WRONG
    gave_up = isinstance(turn.action, Finish) and turn.action.status == "failure"
    declined = gave_up or (turn.called_nothing and declines(turn.text))
    return Verdict.CORRECT if declined and isinstance(target, Refusal) else Verdict.WRONG_FORMAT


def judge_point(target: Target, point: Point | None) -> Verdict:
    """What a point is worth; None is a reply without one."""
    if point is None:
        return Verdict.WRONG_FORMAT
    return Verdict.CORRECT if target.contains(point) else Verdict.WRONG
