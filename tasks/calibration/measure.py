"""Measures end to end whether clicks land where the model points, with targets on the device itself.

A target is located in the picture that the model would get. Its position there is written as a call in the model's
notation, read and decoded like any reply, and performed; the program that shows the targets reports where it landed.
"""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np
from PIL import Image
from rich.table import Table

from actions.action import Call
from actions.control import Finish
from actions.errors import DeviceFailure
from actions.geometry import Point, Size
from actions.mouse import Click
from actions.touch import Tap
from agent.episode import Episode, Step, Turn
from agent.loop import Limits, run_episode
from agent.policy import ModelPolicy
from devices import Environment, Observation
from devices.wrappers.settled import Settled
from model.engines.scripted import ScriptedEngine
from model.profile import Profile

TARGETS = 9
COLOUR = (255, 0, 255)
TOLERANCE = 90
"""The tolerance of each channel: a resized screenshot blends a target's edge with its surroundings."""
ALLOWED = 2.0
"""The largest error, in device pixels, of a correct device."""


class Hit(NamedTuple):
    """The offset of a touch from a target's centre, right and down, in device pixels."""

    target: int
    right: float
    down: float

    @property
    def error(self) -> float:
        return float(np.hypot(self.right, self.down))


class Board(Protocol):
    """Shows the targets on a device, one after the other, and records the touches."""

    def around(self, device: Environment) -> Environment:
        """The device, showing the first target."""
        ...

    def hits(self) -> Sequence[Hit]: ...


class PointingPolicy:
    """Touches the target that it sees, like a model with perfect vision; finishes after the last."""

    def __init__(self, profile: Profile, environment: Environment) -> None:
        space = environment.action_space
        self._name = (Tap if Tap in space else Click).__name__
        self._reply = ""
        self._policy = ModelPolicy(profile, ScriptedEngine(iter(lambda: self._reply, None), profile), space)

    def act(self, instruction: str, steps: Sequence[Step], observation: Observation) -> Turn:
        """Raises DeviceFailure if no target is visible."""
        call = Call(Finish.__name__, {"status": "success"})
        if len(steps) < TARGETS:
            picture = self._policy.prompt(instruction, steps, observation).pictures[-1].image
            middle, frame = find(picture), self._policy.viewport(observation).frame
            x, y = middle.x * frame.width / picture.width, middle.y * frame.height / picture.height
            call = Call(self._name, {"point": [round(x - 1e-6), round(y - 1e-6)]})
        self._reply = self._policy.notation.write_call(call)
        return self._policy.act(instruction, steps, observation)


def find(picture: Image.Image) -> Point:
    """The centre of the target in a picture, in the picture's pixels, from the upper left corner.

    Raises:
        DeviceFailure: there is none.
    """
    difference = np.abs(np.asarray(picture, dtype=np.int16) - COLOUR).max(axis=2)
    down, right = np.nonzero(difference < TOLERANCE)
    if len(right) < 4:
        raise DeviceFailure("The target is not on the screen. Is another window in front of it?")
    return Point(float(right.mean()) + 0.5, float(down.mean()) + 0.5)


def calibrate(profile: Profile, device: Environment, board: Board) -> tuple[Episode, Sequence[Hit]]:
    """Touches every target once; returns the touches that arrived. A device failure ends the episode as failed."""
    environment = Settled(board.around(device))
    policy = PointingPolicy(profile, environment)
    limits = Limits(steps=TARGETS + 1, seconds=120)
    episode = run_episode(environment, policy, "Touch the targets.", limits, lambda step: None)
    return episode, board.hits()


def table(hits: Sequence[Hit]) -> Table:
    """One row per touched target."""
    grid = Table("target", "right", "down", "error in pixels")
    for hit in hits:
        grid.add_row(str(hit.target + 1), f"{hit.right:+.2f}", f"{hit.down:+.2f}", f"{hit.error:.2f}")
    return grid


def summary(hits: Sequence[Hit]) -> str:
    """The number of touched targets and their largest error, in one line."""
    largest = max((hit.error for hit in hits), default=float("nan"))
    return f"{len(hits)} of {TARGETS} targets touched, largest error {largest:.2f} pixels (allowed: {ALLOWED:g})"


def cause(profile: Profile, episode: Episode) -> str:
    """Why points may be off, where the model sees less of the screen than there is; else nothing."""
    shown = episode.steps[0].observation if episode.steps else None
    if shown is None:
        return ""
    seen, pixels = profile.image_size(Size(*shown.image.size)), Size(*shown.image.size)
    if seen.width >= pixels.width:
        return ""
    return (
        f"{profile.name} sees these {pixels.width} x {pixels.height} pixels as a picture of {seen.width} x "
        f"{seen.height}, so one of its pixels is {pixels.width / seen.width:.1f} of the device's. The small picture is "
        "the likely cause: calibrate with another model (--model qwen2.5-vl-7b needs no weights for this)."
    )


def accurate(hits: Sequence[Hit]) -> bool:
    """Whether every target was touched within the allowed error."""
    return len(hits) == TARGETS and all(hit.error <= ALLOWED for hit in hits)
