"""`Settled`: an environment that waits until the screen stops changing before each look.

Small grey pictures are compared with the one at the last movement. When none has differed for the quiet time, the
screen has settled; at the deadline the look is taken anyway and marked as still moving. Whatever a device knows to be
loading counts as movement too. Any other change that begins later than the quiet time after an action is missed here
and seen at the next look.
"""

import functools
import time

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops

from actions.geometry import Size
from devices import Environment, Observation, Settling
from devices.wrappers import Wrapped

GRID_WIDTH = 160
"""Cells across a small picture: eight pixels each on a screen of 1280."""
BLINKING_CELLS = 4
"""Cells that may differ on a screen at rest: as many as a blinking caret covers; a spinner covers more."""
CELL_LEVELS = 6
"""A cell differs if its grey differs by more than this many levels of 255."""
PIXEL_LEVELS = 12
"""A pixel counts as changed if one of its colours differs by more than this many levels of 255."""
CARET, CARETS = 2, 360
"""The largest width of a caret: two pixels, or this fraction of the shorter side of a large picture."""


class Settled(Wrapped):
    """Looks at a screen at rest; `Observation.settling` has the waiting time and the changed fraction."""

    def __init__(
        self, inner: Environment, quiet_ms: float = 110, interval_ms: float = 25, deadline_s: float = 5.0
    ) -> None:
        super().__init__(inner)
        self._quiet_s = quiet_ms / 1000
        self._interval_s = interval_ms / 1000
        self._deadline_s = deadline_s
        self._last: Image.Image | None = None

    def reset(self) -> None:
        self._last = None
        self.inner.reset()

    def observe(self) -> Observation:
        """Looks repeatedly until the screen is quiet. Raises DeviceFailure as the inner environment does."""
        started = time.monotonic()
        seen = self.inner.observe()
        still = _small(seen.image)
        still_since = first_seen = time.monotonic()
        while True:
            now = time.monotonic()
            settled = now - still_since >= self._quiet_s
            if settled or now - started >= self._deadline_s:
                break
            time.sleep(self._interval_s)
            seen = self.inner.observe()
            small = _small(seen.image)
            if seen.loading or moved(still, small):
                still, still_since = small, time.monotonic()
        changed = changed_part(self._last, seen.image) if self._last else None
        self._last = seen.image
        settling = Settling(settled, now - first_seen, changed)
        return Observation(seen.image, seen.screen, seen.text, settling, location=seen.location)


def moved(before: NDArray[np.int16], after: NDArray[np.int16]) -> bool:
    """Whether two small pictures differ by more than a blinking caret."""
    if before.shape != after.shape:
        return True
    return int(np.count_nonzero(np.abs(before - after) > CELL_LEVELS)) > BLINKING_CELLS


def changed_part(before: Image.Image, after: Image.Image) -> float:
    """The fraction of pixels, 0 to 1, that differ visibly; 1 if the size differs."""
    if before.size != after.size:
        return 1.0
    return sum(_largest(before, after).histogram()[PIXEL_LEVELS + 1 :]) / (after.width * after.height)


def changed_near(
    before: Image.Image, after: Image.Image, box: tuple[int, int, int, int], blinking: Size = Size(0, 0)
) -> bool:
    """Whether a part of two pictures of the same size differs visibly, by more than a caret or than this size."""
    if (differing := difference(before.crop(box), after.crop(box)).getbbox()) is None:
        return False
    width, height = differing[2] - differing[0], differing[3] - differing[1]
    if width <= max(CARET, min(after.size) // CARETS):
        return False
    return width > blinking.width or height > blinking.height


def difference(before: Image.Image, after: Image.Image) -> Image.Image:
    """A mask of two pictures of the same size: 255 where a pixel differs visibly, else 0."""
    return _largest(before, after).point([255 * (level > PIXEL_LEVELS) for level in range(256)])


def _largest(before: Image.Image, after: Image.Image) -> Image.Image:
    """The largest difference of a colour at each pixel."""
    return functools.reduce(ImageChops.lighter, ImageChops.difference(before, after).split())


def _small(image: Image.Image) -> NDArray[np.int16]:
    factor = max(1, image.width // GRID_WIDTH)
    return np.asarray(image.reduce(factor).convert("L"), dtype=np.int16)
