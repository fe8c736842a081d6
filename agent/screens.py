"""`Screens`: which looks of an episode show the same screen."""

import hashlib
from collections.abc import Sequence

from PIL import Image, ImageChops

from agent.episode import Step
from devices import Observation

_CARETS = 360
"""A caret is at most this part of the picture's shorter side wide: 2 pixels of 800, 3 of 1080."""


class Screens:
    """The looks of one episode, each with the number of the first one that shows the same screen.

    Equal means pixel by pixel, but for a blinking caret: a digit that changed is another screen. What was said with a
    look, and what a device reported before it, belong to it.
    """

    def __init__(self) -> None:
        self._begin()

    def _begin(self) -> None:
        self.seen: list[int] = []
        """For each look, the index of the first one of the same screen."""
        self.new: list[bool] = []
        """For each look, whether it was that one."""
        self._numbers: dict[bytes, int] = {}
        self._last: Image.Image | None = None
        self._last_said: tuple[str, str] | None = None

    def follow(self, steps: Sequence[Step], observation: Observation) -> None:
        """Takes in what has happened since it was last asked; another episode begins it anew."""
        if len(self.seen) > len(steps):
            self._begin()
        for index in range(len(self.seen), len(steps) + 1):
            before = steps[index - 1] if index else None
            self._add(steps[index].observation if index < len(steps) else observation, before)

    def _add(self, look: Observation, before: Step | None) -> None:
        image, said = look.image, (look.text, reported(before) if before else "")
        digest = hashlib.sha256(repr((image.size, *said)).encode() + image.tobytes()).digest()
        if digest not in self._numbers:
            same = self._last and said == self._last_said and _but_for_a_caret(self._last, image)
            self._numbers[digest] = self.seen[-1] if same else len(self.seen)
        self.new.append(self._numbers[digest] == len(self.seen))
        self.seen.append(self._numbers[digest])
        self._last, self._last_said = image, said


def reported(step: Step) -> str:
    """What the device said after an action, where that can tell something that the screen does not show."""
    return "" if step.turn.mistake or step.turn.quiet else step.outcome.text


def _but_for_a_caret(before: Image.Image, after: Image.Image) -> bool:
    if before.size != after.size:
        return False
    box = ImageChops.difference(before, after).getbbox()
    return box is None or box[2] - box[0] <= max(1, min(after.size) // _CARETS)
