"""`changed_boxes`: the parts of a screen that differ between two looks, as few boxes."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from actions.geometry import Box
from devices.wrappers.settled import difference

CELL = 16
"""Differing pixels are gathered in square cells of this many pixels."""
MOST = 12
"""More separate parts than this are shown as one."""


def changed_boxes(before: Image.Image, after: Image.Image) -> list[Box]:
    """The parts of `after` that differ visibly, in its pixels; all of it if the size differs."""
    whole = Box(0, 0, after.width, after.height)
    if before.size != after.size:
        return [whole]
    cells = _cells(difference(before, after))
    found = []
    while cells:
        group = _taken(cells)
        rows, columns = [row for row, _ in group], [column for _, column in group]
        right, bottom = (max(columns) + 1) * CELL, (max(rows) + 1) * CELL
        edges = Box(min(columns) * CELL, min(rows) * CELL, min(right, after.width), min(bottom, after.height))
        found.append(edges)
    if len(found) <= MOST:
        return sorted(found)
    lefts, tops, rights, bottoms = zip(*found, strict=True)
    return [Box(min(lefts), min(tops), max(rights), max(bottoms))]


def _cells(mask: Image.Image) -> set[tuple[int, int]]:
    """The rows and columns of the cells that hold a differing pixel."""
    pixels: NDArray[np.uint8] = np.asarray(mask)
    rows = np.add.reduceat(pixels > 0, np.arange(0, pixels.shape[0], CELL), axis=0, dtype=np.int32)
    counts = np.add.reduceat(rows, np.arange(0, pixels.shape[1], CELL), axis=1)
    return {(int(row), int(column)) for row, column in np.argwhere(counts)}


def _taken(cells: set[tuple[int, int]]) -> list[tuple[int, int]]:
    """Takes one cell out, and all that are connected with it, also across one cell that is the same."""
    group = [cells.pop()]
    for row, column in group:
        near = {(row + down, column + right) for down in range(-2, 3) for right in range(-2, 3)} & cells
        cells -= near
        group += near
    return group
