"""`Item`, `Verdict` and `judge`: one question about a picture, and whether a reply answers it correctly."""

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
"""The action space's complaint about a point outside the picture: such an answer is wrong, not malformed."""


class Verdict(StrEnum):
    """As ScreenSpot-Pro's public reports write it."""

    CORRECT = "correct"
    WRONG = "wrong"
    WRONG_FORMAT = "wrong_format"
    """No point could be read. It counts as wrong in every mean."""


@dataclass(frozen=True)
class Item:
    """One question: a picture, words, and the target."""

    id: str
    """Unique within its set, and usable as a folder name."""
    picture: Path
    instruction: str
    target: Target
    group: str
    """Its row in the published tables: a platform or a domain."""
    ui_type: str
    """`text` or `icon`, or another type that the set defines."""
    details: Mapping[str, object] = field(default_factory=dict)
    """Further fields of ScreenSpot-Pro's report."""


def judge(target: Target, turn: Turn) -> Verdict:
    """Judges an answer by the point of its action, by its mistake, or by the text of a reply without a call.

    Declining, in words, by the point (-1, -1) or by ending the task with failure, is right only if the picture does not
    show the target.
    """
    point = next(iter(turn.action.points().values()), None) if turn.action else None
    if point is not None:
        return judge_point(target, point)
    outside = turn.mistake is not None and OFF_THE_PICTURE in turn.mistake.text
    gave_up = isinstance(turn.action, Finish) and turn.action.status == "failure"
    declined = gave_up or ((turn.called_nothing or outside) and declines(turn.text))
    if declined and isinstance(target, Refusal):
        return Verdict.CORRECT
    return Verdict.WRONG if outside else Verdict.WRONG_FORMAT


def judge_point(target: Target, point: Point | None) -> Verdict:
    """Judges a point; None means a reply without one."""
    if point is None:
        return Verdict.WRONG_FORMAT
    return Verdict.CORRECT if target.contains(point) else Verdict.WRONG
