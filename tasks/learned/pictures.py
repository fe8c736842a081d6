"""Finds a part of an earlier screenshot in a new one, by the edges in it: colours and themes do not matter.

Candidates are peaks of the normalised cross-correlation of gradient magnitudes. A candidate counts only if the edges
agree in every cell, because one letter of a word changes the whole correlation only a little.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from actions.geometry import Point
from devices.wrappers.settled import changed_near

ALIKE = 0.8
"""The least correlation of a candidate."""
CELL = 10
"""The side of a cell in pixels, about a letter."""
DIFFERENT = 0.4
"""Edges differ if they differ by more than this part of a strong edge."""
STRAY = 2
"""Pixels of a cell that may differ."""
CARET = 4
"""The width of a blinking caret and its edges."""
FAINT = 8.0
"""Weaker gradients are no edges but shades."""
INKED, INK = 12.0, 40
"""A part shows something if this many pixels have such a gradient."""
MOST = 12
"""How many candidates are looked at."""

Edges = NDArray[np.float32]


def same(before: Image.Image, after: Image.Image) -> bool:
    """Whether two pictures look the same, but for a blinking caret."""
    return before.size == after.size and not changed_near(before, after, (0, 0, *before.size))


def matches(part: Image.Image, screen: Image.Image) -> list[Point]:
    """The top left corners of the places that show the part, best first; none where nothing is drawn on the part."""
    sought, there = edges(part), edges(screen)
    if sought.shape[0] > there.shape[0] or sought.shape[1] > there.shape[1] or not drawn(sought):
        return []
    return [at for at in _peaks(sought, there) if no_letter_differs(sought, _under(there, at, sought))]


def drawn(part: Edges) -> bool:
    """Whether there is something that could be told from other places."""
    return int((part > INKED).sum()) >= INK


def edges(image: Image.Image) -> Edges:
    """The gradient's magnitude at each pixel, of the strongest colour."""
    levels = np.asarray(image.convert("RGB"), np.float32)
    across = np.abs(np.diff(levels, axis=1, prepend=levels[:, :1])).max(axis=2)
    down = np.abs(np.diff(levels, axis=0, prepend=levels[:1])).max(axis=2)
    return np.asarray(np.hypot(across, down), np.float32)


def no_letter_differs(one: Edges, other: Edges) -> bool:
    """Whether two parts show the same, in whatever colours: in no cell do more than a few pixels differ."""
    if one.shape != other.shape:
        return False
    differing = np.abs(_evened(one) - _evened(other)) > DIFFERENT
    columns = np.flatnonzero(differing.any(axis=0))
    if not columns.size or columns[-1] - columns[0] < CARET:
        return True
    cell = min(CELL, *differing.shape)
    return int(_window_sums(differing.astype(np.float64), cell, cell).max()) <= STRAY


def _evened(part: Edges) -> Edges:
    """Edges on a scale on which the strong ones are 1, whatever the contrast."""
    return np.asarray(
        np.minimum(part / max(1.0, float(np.percentile(part[part > FAINT], 90)) if (part > FAINT).any() else 1.0), 1.0)
    )


def _under(there: Edges, at: Point, sought: Edges) -> Edges:
    top, left = int(at.y), int(at.x)
    return there[top : top + sought.shape[0], left : left + sought.shape[1]]


def _peaks(sought: Edges, there: Edges) -> Iterator[Point]:
    """The places with the highest correlation, which do not overlap much, best first."""
    height, width = sought.shape
    alike = _correlations(sought, there)
    for _ in range(MOST):
        top, left = (int(index) for index in np.unravel_index(int(alike.argmax()), alike.shape))
        if alike[top, left] < ALIKE:
            return
        yield Point(left, top)
        alike[max(0, top - height // 2) : top + height // 2 + 1, max(0, left - width // 2) : left + width // 2 + 1] = -1


def _correlations(sought: Edges, there: Edges) -> Edges:
    """The normalised cross-correlation at each place where the part lies within the picture."""
    height, width = sought.shape
    centred = sought - sought.mean()
    product = np.fft.irfft2(np.fft.rfft2(there) * np.conj(np.fft.rfft2(centred, there.shape)), there.shape)
    product = product[: there.shape[0] - height + 1, : there.shape[1] - width + 1]
    levels = there.astype(np.float64)
    sums, squares = _window_sums(levels, height, width), _window_sums(levels**2, height, width)
    spread = np.sqrt(np.maximum(squares - sums**2 / (height * width), 1e-6) * float((centred**2).sum()))
    return np.asarray(product / spread, np.float32)


def _window_sums(values: NDArray[np.float64], height: int, width: int) -> NDArray[np.float64]:
    total = np.pad(values.cumsum(0).cumsum(1), ((1, 0), (1, 0)))
    return np.asarray(
        total[height:, width:] - total[:-height, width:] - total[height:, :-width] + total[:-height, :-width]
    )
