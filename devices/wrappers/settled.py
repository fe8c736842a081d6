"""`Settled`: an environment that waits until the screen stops changing before each look.

Small grey pictures are compared with the one at the last movement. When none has differed for the quiet time, the
screen has settled; at the deadline the look is taken anyway and marked as still moving. Whatever a device knows to be
loading counts as movement too. Any other change that begins later than the quiet time after an action is missed here
and seen at the next look.
"""

import functools
import time
from contextlib import nullcontext

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops

from actions.geometry import Size
from devices import Drawing, Draws, Environment, Observation, Settling
from devices.wrappers import Wrapped

GRID_WIDTH = 160
"""Cells across a small picture: eight pixels each on a screen of 1280."""
BLINKING_CELLS = 4
"""Cells that may differ on a screen at rest: as many as a blinking caret covers; a spinner covers more."""
CELL_LEVELS = 6
"""A cell differs if its grey differs by more than this many levels of 255."""
PIXEL_LEVELS = 12
"""A pixel counts as changed if one of its colours differs by more than this many levels of 255."""
PAUSE = 0.6
"""The part of the quiet time for which nothing drawn is asked for after a movement: it is not over before anyway."""
CARET, CARETS = 2, 360
"""The largest width of a caret: two pixels, or this fraction of the shorter side of a large picture."""


class Settled(Wrapped):
    """Looks at a screen at rest; `Observation.settling` has the waiting time and the changed fraction."""

    def __init__(
        self,
        inner: Environment,
        quiet_ms: float = 110,
        interval_ms: float = 25,
        deadline_s: float = 5.0,
        device: Environment | None = None,
    ) -> None:
        """`device` is the one inside, if it is not `inner` itself."""
        super().__init__(inner)
        source = device or inner
        self._source = source if isinstance(source, Draws) else None
        self._quiet_s = quiet_ms / 1000
        self._interval_s = interval_ms / 1000
        self._deadline_s = deadline_s
        self._last: Image.Image | None = None

    def reset(self) -> None:
        self._last = None
        self.inner.reset()

    def observe(self) -> Observation:
        """Waits until the screen is quiet. Raises DeviceFailure as the inner environment does."""
        deadline = time.monotonic() + self._deadline_s
        with self._source.drawing() if self._source else nullcontext() as drawing:
            found = self._by_drawing(drawing, deadline) if drawing else None
        seen, settled, waited_s = found or self._by_looking(deadline)
        changed = changed_part(self._last, seen.image) if self._last else None
        self._last = seen.image
        return seen.but(settling=Settling(settled, waited_s, changed), loading=False)

    def _by_looking(self, deadline: float) -> tuple[Observation, bool, float]:
        """A look at rest, or at the deadline; whether it is at rest, and the seconds since the first look."""
        seen = self.inner.observe()
        rest = _Rest(seen.image)
        while True:
            now = time.monotonic()
            settled = rest.lasts_s(now) >= self._quiet_s
            if settled or now >= deadline:
                return seen, settled, now - rest.begun
            time.sleep(self._interval_s)
            seen = self.inner.observe()
            rest.take(seen.image, seen.loading)

    def _by_drawing(self, drawing: Drawing, deadline: float) -> tuple[Observation, bool, float] | None:
        """The same with a single look, if nothing moves during it; None where the device no longer says what it draws.

        A look is a drawn screen too, so what changed unnoticed before it is noticed with it.
        """
        glimpse = drawing.next(self._quiet_s)
        if glimpse is None or glimpse.picture is None:
            return None
        rest = _Rest(glimpse.picture)
        while True:
            now = time.monotonic()
            left = min(self._quiet_s - rest.lasts_s(now), deadline - now)
            seen = None if left > 0 else self.inner.observe()
            # Each look is followed by its own frame, on a busy machine not at once.
            if (glimpse := drawing.next(self._quiet_s if seen else max(left, self._interval_s))) is None:
                return None
            moving = rest.take(glimpse.picture, glimpse.loading or bool(seen and seen.loading))
            if seen and (not moving or now >= deadline):
                return seen, not moving and rest.lasts_s(now) >= self._quiet_s, now - rest.begun
            if moving and glimpse.picture:
                drawing.pause(PAUSE * self._quiet_s)


class _Rest:
    """Since when a screen is at rest, from small pictures of it."""

    def __init__(self, first: Image.Image) -> None:
        self._image, self._still = first, _small(first)
        self.begun = self._since = time.monotonic()

    def take(self, image: Image.Image | None, loading: bool) -> bool:
        """Compares another picture of it, if there is one, with that at the last movement. Whether it moves."""
        image = self._image if image is None else image
        small = self._still if image is self._image else _small(image)
        if moving := loading or moved(self._still, small):
            self._image, self._still, self._since = image, small, time.monotonic()
        return moving

    def lasts_s(self, now: float) -> float:
        return now - self._since


def moved(before: NDArray[np.int16], after: NDArray[np.int16]) -> bool:
    """Whether two small pictures differ by more than a blinking caret."""
    if before.shape != after.shape:
        return True
    return int(np.count_nonzero(np.abs(before - after) > CELL_LEVELS)) > BLINKING_CELLS


def changed_part(before: Image.Image, after: Image.Image) -> float:
    """The fraction of pixels, 0 to 1, that differ visibly; 1 if the size differs."""
    if before is after:
        return 0.0
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
