"""The frame check: before a grounding benchmark, the model must point at one generated button.

The commonest cause of a worthless score is a model whose points are in another frame than its profile says: thousandths
instead of pixels, or pixels of the picture before its resize. Its answer is then off by a known ratio, which one
question reveals.
"""

from typing import NamedTuple

from PIL import Image, ImageDraw, ImageFont

from actions.errors import ModelMistake, UsageError
from actions.geometry import PARTS, THOUSANDTHS, Box, Point, Size, Viewport
from agent.policy import ModelPolicy
from devices.still import Still
from model.engine import Engine
from model.profile import Profile
from tasks.grounding.grounding_task import ASKED
from tasks.task import Suite

SCREEN = Size(2560, 1440)
BUTTON = Box(1900, 950, 2200, 1090)
"""In pixels of the screen; far enough from the top left corner that no wrong frame maps it onto itself."""
LABEL = "Continue"
ANYWHERE = Size(100_000, 100_000)


class Frame(NamedTuple):
    """A space in which a model may write points, and its name."""

    name: str
    size: Size


def check(profile: Profile, engine: Engine) -> None:
    """Asks for the button once.

    A model that misses in no known frame is only inaccurate, and passes.

    Raises:
        UsageError: the answer is correct in another frame than the profile's. EngineFailure: the model is lost.
    """
    with Still(_screenshot()) as screen:
        policy = ModelPolicy(profile, engine, screen.action_space)
        seen = screen.observe()
        turn = policy.act(ASKED.format(instruction=f"the button {LABEL}"), [], seen)
        frame = policy.viewport(seen).frame
        point = _point_written(policy, turn.text)
    if point is None or _scaled(frame).holds(point):
        return
    for other in frames(profile):
        if other.size != frame and _scaled(other.size).holds(point):
            raise UsageError(
                f"{profile.name} answers {point} for a button at {_scaled(frame).centre}: that is right in "
                f"{other.name}, but its profile says frame = {profile.frame!r} with {frame}. Fix the profile, or "
                "whatever resizes the picture; --force runs the benchmark anyway."
            )


def frames(profile: Profile) -> tuple[Frame, ...]:
    """The frames of known models."""
    resized = profile.image_size(SCREEN)
    return (
        Frame(f"pixels of the resized picture, {resized}", resized),
        Frame(f"pixels of the picture before its resize, {SCREEN}", SCREEN),
        Frame("thousandths", THOUSANDTHS),
        Frame("parts of the sides", PARTS),
    )


def concerns(suite: Suite) -> bool:
    """Whether the suite scores only points: its tasks run on still pictures."""
    return any(task.device == "still" for task in suite)


def _point_written(policy: ModelPolicy, reply: str) -> Point | None:
    """The point in the model's own units, unclamped; None if there is none."""
    for frame in (ANYWHERE, PARTS):
        try:
            action = policy.space.decode(policy.notation.read_reply(reply).call, Viewport(frame, ANYWHERE))
        except ModelMistake:
            continue
        across, down = frame.width / ANYWHERE.width, frame.height / ANYWHERE.height
        return next((Point(at.x * across, at.y * down) for at in action.points().values()), None)
    return None


def _scaled(frame: Size) -> Box:
    across, down = frame.width / SCREEN.width, frame.height / SCREEN.height
    return Box(BUTTON.left * across, BUTTON.top * down, BUTTON.right * across, BUTTON.bottom * down)


def _screenshot() -> Image.Image:
    image = Image.new("RGB", SCREEN, (238, 240, 243))
    draw = ImageDraw.Draw(image)
    draw.rounded_rectangle(BUTTON, 20, fill=(24, 90, 188))
    draw.text(BUTTON.centre, LABEL, fill="white", anchor="mm", font=ImageFont.load_default(56))
    return image
