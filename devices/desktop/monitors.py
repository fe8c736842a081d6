"""Where monitors lie on a desktop: `Address`, which one is meant; `Monitor`, its rectangle; and the desktop's corners.

All numbers are input units: what the pointer moves in. They equal captured pixels except on high-density screens of
macOS. A monitor left of or above the main one has negative coordinates.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from actions.errors import ActionRefused, UsageError
from actions.geometry import Point, Size

_ADDRESS = re.compile(r"(?P<display>[\w.\-]*:\d+(?:\.\d+)?)?(?(display)/)?(?P<monitor>[1-9]\d?)?")


class Address(NamedTuple):
    """What `--address` names: an X11 display, a monitor counted from 1, or both; None is the ordinary one."""

    display: str | None
    monitor: int | None


class Place(NamedTuple):
    """A pixel of the whole desktop, in the units and from the origin that the pointer knows."""

    x: int
    y: int


class Monitor(NamedTuple):
    """One monitor's rectangle on the desktop."""

    left: int
    top: int
    width: int
    height: int

    @property
    def size(self) -> Size:
        return Size(self.width, self.height)

    def place(self, point: Point) -> Place:
        """Where on the desktop a point of this monitor's picture is: the only place where the origin is added.

        Raises:
            ActionRefused: the point is not on this monitor, as when its resolution has changed since the last look.
        """
        x, y = round(point.x), round(point.y)
        if not (0 <= x < self.width and 0 <= y < self.height):
            raise ActionRefused(f"{point} is not on the screen, which is {self.size}. Nothing was done.")
        return Place(self.left + x, self.top + y)

    def holds(self, x: int, y: int) -> bool:
        """Whether a pixel of the desktop is on this monitor."""
        return self.left <= x < self.left + self.width and self.top <= y < self.top + self.height


class Corner(NamedTuple):
    """A pixel where a mouse that is pushed outwards stops, and the directions, 1 or -1, that lead out of it."""

    x: int
    y: int
    right: int
    down: int

    def reached(self, place: Place) -> bool:
        """Whether the pointer is in the corner, or one off it: some systems report the far edge so."""
        return abs(place.x - self.x) <= 1 and abs(place.y - self.y) <= 1


def read_address(text: str | None) -> Address:
    """An address out of `:77`, `:77/2` or `2`.

    Raises:
        UsageError: it is none of these.
    """
    found = _ADDRESS.fullmatch(text.strip()) if text is not None else None
    if text is None:
        return Address(None, None)
    if found is None or not any(found.groups()) or text.strip().endswith("/"):
        raise UsageError(
            f"{text!r} names no screen. Give a monitor's number (2), an X11 display (:0), or both (:0/2) as --address."
        )
    return Address(found["display"], int(found["monitor"]) if found["monitor"] else None)


def choose(monitors: Sequence[Monitor], wanted: int | None, primary: int) -> Monitor:
    """The monitor of that number, counted from 1, or else the primary one.

    Raises:
        UsageError: there are not so many.
    """
    number = wanted or primary
    if number > len(monitors):
        listed = ", ".join(f"{place}: {monitor.size}" for place, monitor in enumerate(monitors, start=1))
        raise UsageError(f"There is no monitor {number}. The monitors are {listed}.")
    return monitors[number - 1]


def corners(monitors: Sequence[Monitor]) -> tuple[Corner, ...]:
    """The corners that stop a mouse: those of a monitor with no other monitor beside, above or below them."""
    found = []
    for monitor in monitors:
        for x, right in ((monitor.left, -1), (monitor.left + monitor.width - 1, 1)):
            for y, down in ((monitor.top, -1), (monitor.top + monitor.height - 1, 1)):
                if not any(other.holds(x + right, y) or other.holds(x, y + down) for other in monitors):
                    found.append(Corner(x, y, right, down))
    return tuple(found)


def beside_corner(place: Place, stops: Sequence[Corner]) -> Place:
    """The place itself, or two pixels inwards of a corner that it reaches, so that only a user enters a corner."""
    for corner in stops:
        if corner.reached(place):
            return Place(corner.x - 2 * corner.right, place.y)
    return place
