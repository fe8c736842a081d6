"""`Finder`: finds the targets of a learned step on the present screen, or says why they are not there.

By words, where the device reports them: an element of the same role, name and surroundings, of which there is only one.
By its picture otherwise, and where as many had the same words when the run was learned; by the text on it where the
picture has changed and the device reports no words. What is not certain is not found.
"""

from typing import NamedTuple
from urllib.parse import urlsplit

from actions.action import Action
from actions.errors import ActionRefused
from actions.geometry import Box, Point
from devices import Environment, Observation
from devices.rules.places import Detail, Inspected, Place, Searchable
from tasks.learned.file import LearnedRun
from tasks.learned.pictures import matches, same
from tasks.learned.reading import is_about, reading_like, within
from tasks.learned.schema import Printed, Target, Thing
from tasks.worlds import printed
from tasks.worlds.printed import Line

NEAR = 3
"""A target that is this many units from its former place, or less, has not moved."""


class Found(NamedTuple):
    """Where a target is now."""

    point: Point
    moved: bool


class NotFound(Exception):
    """What a step needs is not there; the text says what."""


class LooksOther(NotFound):
    """Nothing on the screen looks like the target."""


class ScrolledAway(NotFound):
    """A target is there, but outside of the screen, at `box`."""

    def __init__(self, text: str, box: Box) -> None:
        super().__init__(text)
        self.box = box


def thing_of(place: Place) -> Thing:
    """What a place is, without what may differ from run to run."""
    return Thing(
        app=place.app, role=place.role, name=place.name, near=place.near, headings=place.headings, state=place.state
    )


def namesakes(device: Environment, thing: Thing) -> list[Box]:
    """The boxes of all elements with the words of a thing; none where the device cannot search for words."""
    if not isinstance(device, Searchable):
        return []
    return [place.box for place in device.named(thing.role, thing.name) if place.box and thing.reads_like(place)]


def page_of(location: str) -> str:
    """Where a look was taken: the path of a page, the name of a file, or the app; the rest differs from run to run."""
    parts = urlsplit(location)
    if parts.scheme == "file":
        return parts.path.rpartition("/")[2]
    return parts.path if parts.scheme else location


class Finder:
    """Finds what one learned run needs on one device."""

    def __init__(self, run: LearnedRun, device: Environment) -> None:
        """`device` is the bare device, which is asked what lies where."""
        self._run = run
        self._device = device
        self._read: tuple[str, list[Line]] = "", []
        """The lines on the last screen that was read, which takes seconds, by the digest of its picture."""

    def places(self, action: Action) -> tuple[Place, ...]:
        """What an action would touch. Raises NotFound if that cannot be said now."""
        if not isinstance(self._device, Inspected):
            return ()
        try:
            return self._device.touches(action, Detail.COMPARED)
        except ActionRefused as refusal:
            raise NotFound(str(refusal)) from refusal

    def find(self, action: Action, name: str, target: Target, look: Observation) -> Found:
        """The target under one point of an action, on this look. Raises NotFound."""
        known = action.points()[name]
        try:
            found = self._by_words(target, look, known) if target.named else self._by_picture(target, look, known)
        except LooksOther:
            if target.printed is None or not printed.available():
                raise
            found = self._by_print(action, name, target, target.printed, look)
        if place := self._at(action, name, found.point):
            require(place, target)
        return found

    def _by_words(self, target: Target, look: Observation, known: Point) -> Found:
        boxes = namesakes(self._device, target)
        if len(boxes) == 1:
            return self._in(boxes[0], target, known, look)
        if len(boxes) > 1 and len(boxes) != target.namesakes:
            raise NotFound(f"There are {len(boxes)} of the {_said(target)}; there were {target.namesakes}.")
        return self._by_picture(target, look, known)

    def _in(self, box: Box, target: Target, known: Point, look: Observation) -> Found:
        """The point within an element at the part of its sides where it was."""
        before, at = target.box, target.at
        across = (at.x - before.left) / (before.right - before.left)
        down = (at.y - before.top) / (before.bottom - before.top)
        left, top = max(box.left, 0), max(box.top, 0)
        right, bottom = min(box.right, look.screen.width), min(box.bottom, look.screen.height)
        if left >= right or top >= bottom:
            raise ScrolledAway(f"The {_said(target)} is scrolled out of the screen.", box)
        point = Point(round(left + across * (right - left)), round(top + down * (bottom - top)))
        return _found(point, known)

    def _by_picture(self, target: Target, look: Observation, known: Point) -> Found:
        """The former place if it looks the same, else the only place that does."""
        density = look.size.width / look.screen.width
        if abs(density - self._run.content.density) > 0.01:
            raise NotFound("The screen has another number of pixels for one unit than when the run was learned.")
        picture, at = self._run.pictures[target.picture], target.at
        left, top = round(known.x * density - at.x), round(known.y * density - at.y)
        if same(picture, look.image.crop((left, top, left + picture.width, top + picture.height))):
            return Found(known, moved=False)
        found = matches(picture, look.image)
        if not found:
            what = f"There is no {_said(target)}, and nothing" if target.named else "Nothing on the screen"
            raise LooksOther(f"{what} looks like {target.picture}.")
        if len(found) > 1:
            raise NotFound(f"{len(found)} places look like {target.picture}.")
        return _found(Point(round((found[0].x + at.x) / density), round((found[0].y + at.y) / density)), known)

    def _by_print(self, action: Action, name: str, target: Target, wanted: Printed, look: Observation) -> Found:
        """The only place in such a window with the same text and the same text beside it."""
        if self._read[0] != look.digest:
            self._read = look.digest, printed.lines_in(look.image)
        density, lines, found = self._run.content.density, self._read[1], list[Point]()
        for line, place in reading_like(wanted, target.at, lines):
            point = Point(round(place.x / density), round(place.y / density))
            there = self._at(action, name, point)
            if there is None or not there.box or not target.is_at(there):
                continue
            window = Box(*(density * edge for edge in there.box))
            if is_about(line, wanted, within(window, lines)):
                found.append(point)
        if len(found) != 1:
            what = "Nothing on the screen reads" if not found else f"{len(found)} places read"
            raise NotFound(f"{what} {wanted.text!r} with the same text beside it.")
        return _found(found[0], action.points()[name])

    def _at(self, action: Action, name: str, point: Point) -> Place | None:
        """What lies under a point of an action if it is there."""
        names = list(action.points())
        moved = action.moved(lambda before: point if before == action.points()[name] else before)
        places = self.places(moved)
        index = names.index(name)
        return places[index] if index < len(places) else None


def require(place: Place, thing: Thing) -> None:
    """Raises NotFound if something else is there, or the same thing in another state."""
    if place.unread or not thing.is_at(place):
        raise NotFound(f"Where the {_said(thing)} should be is {_said(thing_of(place))}.")


def _found(point: Point, known: Point) -> Found:
    return Found(point, abs(point.x - known.x) > NEAR or abs(point.y - known.y) > NEAR)


def _said(thing: Thing) -> str:
    said = f"{thing.role or 'element'} {thing.name!r}" if thing.name else thing.role or "something"
    around = ((" near", thing.near), (" under", thing.headings), (", which is", thing.state))
    described = "".join(f"{how} {what[:80]!r}" for how, what in around if what)
    return f"{said}{described}{f' of {thing.app}' if thing.app else ''}"
