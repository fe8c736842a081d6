"""The monitors of a desktop: `Address` chooses one, `Monitor` is its rectangle; and the desktop's corners.

All numbers are input units: the pointer's units. They equal captured pixels except on high-density screens of
macOS and Wayland. A monitor left of or above the main one has negative coordinates.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from actions.errors import ActionRefused, UsageError
from actions.geometry import Point, Size

_ADDRESS = re.compile(r"(?P<display>[\w.\-]*:\d+(?:\.\d+)?|wayland[\w.\-]*)?(?(display)/)?(?P<monitor>[1-9]\d?)?")


class Address(NamedTuple):
    """The value of `--address`: an X11 display or a Wayland socket, a monitor counted from 1, or both; None is the
    default one.
    """

    display: str | None
    monitor: int | None


class Place(NamedTuple):
    """A pixel of the whole desktop, in the pointer's units and from its origin."""

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
        """The position on the desktop of a point of this monitor's picture: the only place where the origin is added.

        Raises:
            ActionRefused: the point is not on this monitor, for example because its resolution has changed since the
            last look.
        """
        x, y = round(point.x), round(point.y)
        if not (0 <= x < self.width and 0 <= y < self.height):
            raise ActionRefused(f"{point} is not on the screen, which is {self.size}. Nothing was done.")
        return Place(self.left + x, self.top + y)

    def holds(self, x: int, y: int) -> bool:
        """Whether a pixel of the desktop is on this monitor."""
        return self.left <= x < self.left + self.width and self.top <= y < self.top + self.height


def between(start: Place, end: Place, steps: int) -> list[tuple[int, int]]:
    """The pixels of a straight way in equal steps, without its start and with its end."""
    return [
        (round(start.x + (end.x - start.x) * step / steps), round(start.y + (end.y - start.y) * step / steps))
        for step in range(1, steps + 1)
    ]


class Corner(NamedTuple):
    """A pixel at which a mouse that is pushed outwards stops, and its outward directions, 1 or -1."""

    x: int
    y: int
    right: int
    down: int

    def reached(self, place: Place) -> bool:
        """Whether the pointer is in the corner, or one pixel off: some systems report the far edge like this."""
        return abs(place.x - self.x) <= 1 and abs(place.y - self.y) <= 1


def read_address(text: str | None) -> Address:
    """Parses an address: `:77`, `:77/2`, `wayland-1`, `wayland-1/2` or `2`.

    Raises:
        UsageError: it is none of these.
    """
    found = _ADDRESS.fullmatch(text.strip()) if text is not None else None
    if text is None:
        return Address(None, None)
    if found is None or not any(found.groups()) or text.strip().endswith("/"):
        raise UsageError(
            f"{text!r} is not a screen. Pass a monitor's number (2), an X11 display (:0) or a Wayland socket "
            "(wayland-1), or both (:0/2) as --address."
        )
    return Address(found["display"], int(found["monitor"]) if found["monitor"] else None)


def choose(monitors: Sequence[Monitor], wanted: int | None, primary: int) -> Monitor:
    """The monitor of that number, counted from 1, or else the primary one.

    Raises:
        UsageError: there is no such monitor.
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
    """The position, moved two pixels inwards from a corner, so that only a user enters a corner."""
    for corner in stops:
        if corner.reached(place):
            return Place(corner.x - 2 * corner.right, place.y)
    return place
