"""The surroundings of an action: the parts of the screen that a person's yes is bound to."""

from collections.abc import Iterable, Sequence

from PIL import Image, ImageDraw

from actions.action import Action
from actions.geometry import Box, Point, Size
from devices import Observation
from devices.rules.places import Place
from devices.wrappers.settled import changed_near

SURROUNDINGS = Size(160, 90)
"""How far the surroundings of a point reach to each side, in screen pixels."""
MARGIN = 24
"""How far the surroundings of an element reach beyond it."""
CURSOR = Size(14, 30)
"""What may blink where keys go: a terminal's block, in pixels of the picture."""


def surroundings(action: Action, places: Iterable[Place], screen: Size) -> list[Box]:
    """The parts of the screen that a yes is bound to: around each point, else around each element that is known."""
    if points := action.points():
        around = [Box(x - SURROUNDINGS.width, y - SURROUNDINGS.height, x + SURROUNDINGS.width, y + SURROUNDINGS.height)
                  for x, y in points.values()]  # fmt: skip
    else:
        around = [Box(box.left - MARGIN, box.top - MARGIN, box.right + MARGIN, box.bottom + MARGIN)
                  for box in (place.box for place in places) if box]  # fmt: skip
    return [Box(max(0, box.left), max(0, box.top), min(screen.width, box.right), min(screen.height, box.bottom))
            for box in around]  # fmt: skip


def changed(before: Observation, after: Observation, boxes: Sequence[Box], pointed: bool) -> bool:
    """Whether these parts of two looks differ. Where keys go, not where a point is, a cursor may blink."""
    if before.screen != after.screen or before.size != after.size:
        return True
    blinking = Size(0, 0) if pointed else CURSOR
    return any(changed_near(before.image, after.image, _scaled(box, after), blinking) for box in boxes)


def picture_of(look: Observation, boxes: Sequence[Box], points: Iterable[Point] = ()) -> Image.Image:
    """The part of the screen that a yes is bound to, with rings around the points; the whole screen without one."""
    picture = look.image.copy()
    draw = ImageDraw.Draw(picture)
    scale = look.size.width / look.screen.width
    for x, y in points:
        ring = [scale * (x - 12), scale * (y - 12), scale * (x + 12), scale * (y + 12)]
        draw.ellipse(ring, outline="red", width=max(2, round(2 * scale)))
    if not boxes:
        return picture
    left, top = min(box.left for box in boxes), min(box.top for box in boxes)
    right, bottom = max(box.right for box in boxes), max(box.bottom for box in boxes)
    return picture.crop(_scaled(Box(left, top, right, bottom), look))


def _scaled(box: Box, look: Observation) -> tuple[int, int, int, int]:
    """A part of the screen in the pixels of its picture."""
    scale = look.size.width / look.screen.width
    return round(box.left * scale), round(box.top * scale), round(box.right * scale), round(box.bottom * scale)
