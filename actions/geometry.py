"""Sizes, points, boxes, and `Viewport`, the one mapping between model frame and screen.

Two spaces exist and never mix: the *frame*, in whose units the model writes points, and the *screen*, in whose
units a device accepts input. Both span the same picture, so two sizes determine the mapping.
"""

from typing import NamedTuple


class Size(NamedTuple):
    """Width and height, in the same unit."""

    width: int
    height: int

    def __str__(self) -> str:
        return f"{self.width}x{self.height}"


class Point(NamedTuple):
    """A place, x to the right and y down from the top left corner."""

    x: float
    y: float

    def __str__(self) -> str:
        return f"({self.x:g}, {self.y:g})"


class Box(NamedTuple):
    """A rectangle, including all four edges."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def centre(self) -> Point:
        return Point((self.left + self.right) / 2, (self.top + self.bottom) / 2)

    def holds(self, point: Point) -> bool:
        return self.left <= point.x <= self.right and self.top <= point.y <= self.bottom


THOUSANDTHS = Size(1000, 1000)
"""The frame of thousandths of the picture's sides. No picture is sent at this size: sides are multiples of 28 or 32."""
UP_TO_999 = Size(999, 999)
"""The frame in which a picture's last column and row are 999, for models that divide by 999."""
PARTS = Size(1, 1)
"""The frame of fractions of the picture's sides, 0 to 1."""
_DECIMALS = 4
"""Decimals of a part: finer than a pixel on any screen."""


def unit(frame: Size) -> str:
    """The unit of a frame's points, in words."""
    if frame == PARTS:
        return "parts of the image's width and height, 0 to 1"
    if frame == THOUSANDTHS:
        return "thousandths of the image's width and height"
    if frame == UP_TO_999:
        return "counted from 0 to 999 over the image's width and height"
    return f"pixels of the image, {frame.width} x {frame.height}"


class Viewport(NamedTuple):
    """The mapping between the frame that the model writes in and the screen that the device accepts."""

    frame: Size
    screen: Size

    def shows(self, point: Point) -> bool:
        """Whether a frame point lies on the picture. The far edge counts: models write it for the last pixel."""
        return 0 <= point.x <= self.frame.width and 0 <= point.y <= self.frame.height

    def takes_for_parts(self, point: Point) -> bool:
        """Whether a point can only be a part of the picture's sides, a unit that this frame does not use."""
        within = 0 <= point.x <= 1 and 0 <= point.y <= 1
        return self.frame != PARTS and within and (point.x % 1 > 0 or point.y % 1 > 0)

    def shifted(self, point: Point, parts: Point) -> Point | None:
        """The frame point at this offset from another, in fractions of the picture's sides, clamped to the picture's
        edge.

        None if the edge leaves less than a third of the way.
        """
        wanted = parts.x * self.frame.width, parts.y * self.frame.height
        x, y = point.x + wanted[0], point.y + wanted[1]
        found = Point(min(max(x, 0), self.frame.width), min(max(y, 0), self.frame.height))
        left = abs(found.x - point.x) + abs(found.y - point.y)
        return found if 3 * left >= abs(wanted[0]) + abs(wanted[1]) else None

    def to_screen(self, point: Point) -> Point:
        """The screen pixel of a frame point; each axis has its own factor."""
        return _scaled(point, self.frame, self.screen)

    def to_frame(self, point: Point) -> Point:
        """The frame point nearest to a screen pixel: the inverse of `to_screen` to within one unit."""
        if self.frame == PARTS:
            return Point(round(point.x / self.screen.width, _DECIMALS), round(point.y / self.screen.height, _DECIMALS))
        return _scaled(point, self.screen, self.frame)


def _scaled(point: Point, source: Size, target: Size) -> Point:
    """Rounded and clamped to the target's last row and column, because the size itself is one past them."""
    return Point(
        min(round(point.x * target.width / source.width), target.width - 1),
        min(round(point.y * target.height / source.height), target.height - 1),
    )
