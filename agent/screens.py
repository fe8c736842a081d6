"""`Screens`: finds the looks of an episode that show the same screen."""

from collections.abc import Sequence

from PIL import Image, ImageChops

from agent.episode import Step
from devices import Intervention, Observation

Said = tuple[str, str, Intervention | None]
"""The text of a look, the device's report before it, and a person's intervention."""
_CARETS = 360
"""The largest width of a caret, as a fraction of the picture's shorter side: 2 pixels of 800, 3 of 1080."""


class Screens:
    """The looks of one episode, each with the number of the first one that shows the same screen.

    Screens are equal pixel by pixel, except for a blinking caret: a changed digit makes another screen. The text of a
    look, the device's report before it and a person's intervention are part of the screen.
    """

    def __init__(self) -> None:
        self._begin()

    def _begin(self) -> None:
        self.seen: list[int] = []
        """For each look, the index of the first look at the same screen."""
        self.new: list[bool] = []
        """For each look, whether it was the first one at its screen."""
        self._numbers: dict[tuple[str, Said], int] = {}
        self._last: Image.Image | None = None
        self._last_said: Said | None = None

    def follow(self, steps: Sequence[Step], observation: Observation) -> None:
        """Adds the looks since the last call; another episode starts it anew."""
        if len(self.seen) > len(steps):
            self._begin()
        for index in range(len(self.seen), len(steps) + 1):
            before = steps[index - 1] if index else None
            self._add(steps[index].observation if index < len(steps) else observation, before)

    def _add(self, look: Observation, before: Step | None) -> None:
        image, said = look.image, (look.text, reported(before) if before else "", look.intervention)
        screen = (look.digest, said)
        if screen not in self._numbers:
            same = self._last and said == self._last_said and _but_for_a_caret(self._last, image)
            self._numbers[screen] = self.seen[-1] if same else len(self.seen)
        self.new.append(self._numbers[screen] == len(self.seen))
        self.seen.append(self._numbers[screen])
        self._last, self._last_said = image, said


def reported(step: Step) -> str:
    """The device's report after an action, if it can say something that the screen does not show."""
    return "" if step.turn.mistake or step.turn.quiet or not step.outcome.performed else step.outcome.text


def _but_for_a_caret(before: Image.Image, after: Image.Image) -> bool:
    if before.size != after.size:
        return False
    box = ImageChops.difference(before, after).getbbox()
    return box is None or box[2] - box[0] <= max(1, min(after.size) // _CARETS)
