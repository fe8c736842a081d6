"""A benchmark is not begun with a model whose points are in another frame than its profile says."""

import pytest

from actions.errors import UsageError
from actions.geometry import Size
from model import profile
from model.engines.scripted import ScriptedEngine
from tasks.grounding.frame_check import BUTTON, SCREEN, check, frames

IMAGE = profile.load("qwen2.5-vl-7b")
THOUSANDTHS = profile.adjusted(IMAGE, frame="thousandths")
PARTS = profile.adjusted(IMAGE, frame="parts")
RESIZED, BEFORE, THOUSAND, PART = (frame.size for frame in frames(IMAGE))
CALL = (
    '<tool_call>\n{"name": "computer_use", "arguments": {"action": "left_click", "coordinate": [%g, %g]}}\n</tool_call>'
)


def answer(frame: Size) -> str:
    """The middle of the button, written in a frame."""
    middle = BUTTON.centre
    return CALL % (middle.x * frame.width / SCREEN.width, middle.y * frame.height / SCREEN.height)


def asked(model: profile.Profile, reply: str) -> None:
    check(model, ScriptedEngine([reply], model))


def test_the_right_frame_passes() -> None:
    assert RESIZED not in (SCREEN, Size(1000, 1000)), "the check is worth something only where the frames differ"
    asked(IMAGE, answer(RESIZED))
    asked(THOUSANDTHS, answer(THOUSAND))
    asked(PARTS, answer(PART))


@pytest.mark.parametrize(
    ("model", "frame", "said"),
    [
        (IMAGE, THOUSAND, "right in thousandths"),
        (IMAGE, BEFORE, "before its resize, 2560x1440"),
        (THOUSANDTHS, RESIZED, "pixels of the resized picture"),
        (THOUSANDTHS, BEFORE, "before its resize"),
        (IMAGE, PART, "right in parts of the sides"),
        (PARTS, RESIZED, "pixels of the resized picture"),
    ],
)
def test_a_wrong_frame_is_refused_and_named(model: profile.Profile, frame: Size, said: str) -> None:
    with pytest.raises(UsageError, match=f"{said}.*--force"):
        asked(model, answer(frame))


@pytest.mark.parametrize("reply", ["", "I see a button.", CALL % (3, 4), "click(", CALL % (90_000, 90_000)])
def test_a_model_that_merely_misses_passes(reply: str) -> None:
    asked(IMAGE, reply)
