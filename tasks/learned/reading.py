"""Finds a target by the text on it, read off the picture, on a device that describes no elements.

A line counts only with the same letters and the same lines beside it; in a dialog all lines must be the same.
"""

from collections.abc import Iterable, Sequence

from actions.geometry import Box, Point
from tasks.learned.schema import Printed
from tasks.worlds.printed import Line

SHORTEST = 2
"""The least letters of a line that tell it from others."""


def printed_at(point: Point, lines: Sequence[Line], dialog: bool) -> Printed | None:
    """The line of a window under a point, and what is beside it, in a dialog all of it; None if there is none."""
    line = next((line for line in lines if line.box.holds(point)), None)
    if line is None or len(_letters(line.text)) < SHORTEST:
        return None
    return Printed(text=line.text, beside=_beside(line, lines), dialog=_all(lines) if dialog else (), box=line.box)


def reading_like(printed: Printed, at: Point, lines: Iterable[Line]) -> list[tuple[Line, Point]]:
    """The lines with the same letters, each with the point on it that `at` is on the printed one."""
    box = printed.box
    across, down = (at.x - box.left) / (box.right - box.left), (at.y - box.top) / (box.bottom - box.top)
    return [
        (line, Point(here.left + across * (here.right - here.left), here.top + down * (here.bottom - here.top)))
        for line in lines
        if _letters(line.text) == _letters(printed.text) and (here := line.box)
    ]


def is_about(line: Line, printed: Printed, lines: Sequence[Line]) -> bool:
    """Whether the same lines are beside one of a window's lines as beside the printed one, in a dialog in all of it."""
    return _beside(line, lines) == printed.beside and printed.dialog in ((), _all(lines))


def within(box: Box, lines: Iterable[Line]) -> list[Line]:
    """The lines whose middle is in a box."""
    return [line for line in lines if box.holds(_middle(line.box))]


def _beside(line: Line, lines: Iterable[Line]) -> tuple[str, ...]:
    """The other lines at the same height, from the left."""
    level = (other for other in lines if line.box.top <= _middle(other.box).y <= line.box.bottom and other is not line)
    return tuple(_letters(other.text) for other in sorted(level, key=lambda other: other.box.left))


def _all(lines: Iterable[Line]) -> tuple[str, ...]:
    """All lines, in an order that does not depend on where exactly they were read."""
    return tuple(sorted(_letters(line.text) for line in lines))


def _middle(box: Box) -> Point:
    return Point((box.left + box.right) / 2, (box.top + box.bottom) / 2)


def _letters(text: str) -> str:
    """A text without spaces, which reading sometimes loses."""
    return "".join(text.split())
