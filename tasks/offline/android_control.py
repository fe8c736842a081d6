"""AndroidControl's test split in the JSON conversion that belongs to the Qwen team's script (Reallm-Labs/InfiGUI-R1).

One list of episodes. `step_pams` are the recorded actions as arguments of `mobile_use`, `step_check_pams` add the
candidate boxes; both are in pixels of the screenshot. The `direction` of vertical swipes is opposite to their gesture
there: the label says where the content goes. Only the gesture counts here; without one, the finger moves against the
label, as in the raw data's `scroll` for all four directions. `elements`, which `tasks.unpack` adds, are all elements on
the screen.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import BaseModel, TypeAdapter, model_validator

from actions.action import Action, ActionSpace, Call
from actions.control import CONTROL
from actions.errors import ModelMistake, UsageError
from actions.geometry import Box, Size, Viewport
from actions.keyboard import KEYBOARD, Type
from actions.phone import PHONE
from actions.touch import TOUCH
from prompts.vocabulary import Vocabulary
from tasks.grounding.annotations import Numbers, files, picture, read_list
from tasks.offline.step import TYPED_NOTHING, Element, Seen, StepRecord, straight_swipe

FILES = "android_control_test*.json"
PICTURES = (".", "images", "screenshots")
SETTINGS = ("high", "low")
OPPOSITE = {"up": "down", "down": "up", "left": "right", "right": "left"}
SPACE = ActionSpace(TOUCH, KEYBOARD, PHONE, CONTROL)
WORDS = ("action", "coordinate", "coordinate2", "text", "button", "status")
"""The arguments of `mobile_use` of a recorded action; durations are ignored."""


class _Check(BaseModel):
    candidate_bbox: list[Numbers] = []


class _Recorded(BaseModel):
    episode_id: int | str
    goal: str
    step_instructions: list[str]
    screenshot_paths: list[str]


class _Episode(BaseModel):
    """An entry of the list."""

    width: int
    height: int
    step_pams: list[dict[str, Any]]
    step_check_pams: list[_Check]
    episode: _Recorded
    elements: list[list[tuple[Numbers, str]]] = []

    @model_validator(mode="after")
    def _of_one_length(self) -> "_Episode":
        steps = len(self.step_pams)
        lengths = (len(self.step_check_pams), len(self.episode.step_instructions), len(self.elements or self.step_pams))
        if set(lengths) - {steps} or len(self.episode.screenshot_paths) < steps:
            raise ValueError(f"{steps} actions have {lengths} checks, instructions and screens")
        return self


class _Step(NamedTuple):
    """A step without its history and setting."""

    gold: Action
    seen: Seen
    picture: Path
    instruction: str


def load(root: Path) -> Iterator[StepRecord]:
    """The steps of every episode in both settings: `high` has only the goal, `low` also each step's instruction.

    Raises:
        UsageError: there is no such file, or an episode does not match the format.
    """
    for path in files(root, FILES):
        for index, episode in enumerate(read_list(path, TypeAdapter(list[_Episode]))):
            steps = list(_steps(root, episode, f"{path}, entry {index}"))
            history = tuple(step.gold for step in steps)
            for setting in SETTINGS:
                for number, step in enumerate(steps):
                    yield StepRecord(
                        episode=f"{setting}-{episode.episode.episode_id}",
                        index=number,
                        group=setting,
                        goal=episode.episode.goal,
                        instruction=step.instruction if setting == "low" else "",
                        picture=step.picture,
                        seen=step.seen,
                        gold=step.gold,
                        history=history[:number],
                    )


def _steps(root: Path, episode: _Episode, where: str) -> Iterator[_Step]:
    size = Size(episode.width, episode.height)
    for index, arguments in enumerate(episode.step_pams):
        candidates = tuple(Box(*numbers) for numbers in episode.step_check_pams[index].candidate_bbox)
        elements = episode.elements[index] if episode.elements else []
        seen = Seen(size, candidates, tuple(Element(Box(*numbers), text) for numbers, text in elements))
        yield _Step(
            read_action(arguments, size, f"{where}, step {index}"),
            seen,
            picture(root, PICTURES, episode.episode.screenshot_paths[index]),
            episode.episode.step_instructions[index],
        )


def read_action(arguments: dict[str, Any], size: Size, where: str) -> Action:
    """A recorded action. Raises UsageError, which begins with `where`, if `mobile_use` has no such action."""
    label = str(arguments.get("direction", "")).lower()
    if arguments.get("action") == "swipe" and "coordinate2" not in arguments and label in OPPOSITE:
        return straight_swipe(OPPOSITE[label], size)
    known = {word: arguments[word] for word in WORDS if word in arguments}
    try:
        call = Vocabulary(SPACE).ours(Call("mobile_use", known))[0]
        return typed_nothing(call) or SPACE.decode(call, Viewport(size, size))
    except ModelMistake as mistake:
        raise UsageError(f"{where} is not an action of a phone: {mistake}") from mistake


def typed_nothing(call: Call) -> Type | None:
    """`TYPED_NOTHING` if the call types an empty text, which is not decoded; None for any other."""
    return TYPED_NOTHING if call == Call(Type.__name__, {"text": ""}) else None
