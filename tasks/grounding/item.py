"""`Item`, `Verdict` and `judge`: one question about a picture, and whether a reply answers it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from actions.action import Action
from actions.control import Finish
from actions.geometry import Point
from agent.episode import Mistake
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


def judge(target: Target, action: Action | None, mistake: Mistake | None) -> Verdict:
    """What an answer is worth: the action it decodes to, or the mistake it is, or neither, which is plain words.

    Declining, in words or by ending the task with failure, is right only where nothing on the picture is meant.
    """
    point = next(iter(action.points().values()), None) if action else None
    if point is not None:
        return judge_point(target, point)
    if mistake and OFF_THE_PICTURE in mistake.text:
        return Verdict.WRONG
    declined = mistake is None and (action is None or (isinstance(action, Finish) and action.status == "failure"))
    return Verdict.CORRECT if declined and isinstance(target, Refusal) else Verdict.WRONG_FORMAT


def judge_point(target: Target, point: Point | None) -> Verdict:
    """What a point is worth; None is a reply without one."""
    if point is None:
        return Verdict.WRONG_FORMAT
    return Verdict.CORRECT if target.contains(point) else Verdict.WRONG
