"""The target of a grounding item: a box, a polygon, or nothing on the screen. Units are original pixels."""

from itertools import pairwise
from typing import NamedTuple, Protocol

from actions.geometry import Box, Point


class Target(Protocol):
    """A target on a picture, or none."""

    def contains(self, point: Point) -> bool:
        """Whether a point on the picture is correct."""
        ...

    @property
    def inside(self) -> Point | None:
        """A correct point; None if there is none."""
        ...


class BoxTarget(NamedTuple):
    """A rectangle, including all four edges, as in SeeClick's and ScreenSpot-Pro's scorers."""

    box: Box

    def contains(self, point: Point) -> bool:
        return self.box.holds(point)

    @property
    def inside(self) -> Point:
        return self.box.centre


FLAT = 1e-6
"""A part of a polygon that is not wider than this, in pixels, is a line drawn back and forth."""


class PolygonTarget(NamedTuple):
    """A simple polygon by its corners in order, including its edges, so that a rectangle equals its box."""

    corners: tuple[Point, ...]

    def contains(self, point: Point) -> bool:
        """By ray casting, as in OSWorld-G's scorers."""
        odd = False
        for start, end in self._edges():
            if _between(start, point, end):
                return True
            if (start.y > point.y) != (end.y > point.y):
                odd ^= point.x < start.x + (end.x - start.x) * (point.y - start.y) / (end.y - start.y)
        return odd

    @property
    def inside(self) -> Point:
        """The centre of the widest part at one of the heights halfway between two corners."""
        levels = sorted({corner.y for corner in self.corners})
        spans = [
            (right - left, Point((left + right) / 2, level))
            for low, high in pairwise(levels)
            for level in [(low + high) / 2]
            for left, right in _pairs(self._crossings(level))
            if right - left > FLAT
        ]
        return max(spans)[1] if spans else self.corners[0]

    def _crossings(self, level: float) -> list[float]:
        return sorted(
            start.x + (end.x - start.x) * (level - start.y) / (end.y - start.y)
            for start, end in self._edges()
            if (start.y > level) != (end.y > level)
        )

    def _edges(self) -> list[tuple[Point, Point]]:
        return list(zip(self.corners, (*self.corners[1:], self.corners[0]), strict=True))


class Refusal:
    """No target: only declining is correct."""

    inside = None

    def contains(self, point: Point) -> bool:
        return False


def _pairs(numbers: list[float]) -> list[tuple[float, float]]:
    return list(zip(numbers[::2], numbers[1::2], strict=False))


def _between(start: Point, point: Point, end: Point) -> bool:
    """Whether a point lies on the line from start to end."""
    across = (end.x - start.x) * (point.y - start.y) - (end.y - start.y) * (point.x - start.x)
    return across == 0 and (
        min(start.x, end.x) <= point.x <= max(start.x, end.x) and min(start.y, end.y) <= point.y <= max(start.y, end.y)
    )
