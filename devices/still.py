"""A picture that remembers where it was touched; grounding benchmarks and offline steps run on it.

It never changes. A mouse can point at it; with `mobile` it is a phone's screenshot and accepts a phone's actions. Input
units are the picture's own pixels.
"""

from PIL import Image, UnidentifiedImageError

from actions.action import Action, ActionSpace, Outcome
from actions.control import CONTROL, Wait
from actions.errors import DeviceFailure, UsageError
from actions.geometry import Box, Point, Size
from actions.keyboard import KEYBOARD
from actions.mouse import Click, DoubleClick, MainButton, MiddleClick, MoveTo, RightClick, TripleClick
from actions.phone import PHONE, SystemButton
from actions.touch import TOUCH
from devices import Closing, DeviceOptions, Observation

POINTING: tuple[type[Action], ...] = (Click, DoubleClick, TripleClick, RightClick, MiddleClick, MoveTo)
"""A mouse's actions at a single point."""


class Still(Closing):
    """One picture, and all actions on it. Raises DeviceFailure once it is closed.

    With `zooms`, the first action at a point only enlarges the part around it; the action on that part counts.
    """

    def __init__(self, image: Image.Image, mobile: bool = False) -> None:
        self.zooms = False
        self.part: Box | None = None
        """The part of the picture that is shown, in the picture's pixels; None means all of it."""
        self.done: list[Action] = []
        """The actions so far, in order."""
        self.touched: list[Point] = []
        """The points of the actions."""
        self.action_space = ActionSpace(TOUCH, KEYBOARD, PHONE, CONTROL) if mobile else ActionSpace(POINTING, CONTROL)
        self._image = image.convert("RGB")

    def reset(self) -> None:
        self.part = None
        self.done.clear()
        self.touched.clear()

    def observe(self) -> Observation:
        image = self._shown()
        if self.part:
            image = image.crop((int(self.part.left), int(self.part.top), int(self.part.right), int(self.part.bottom)))
        return Observation(image, Size(*image.size))

    def perform(self, action: Action) -> Outcome:
        points = list(action.points().values())
        if self.zooms and self.part is None and points:
            self.part = part_around(points[0], Size(*self._shown().size))
            return Outcome("The picture now shows the part around this point. Do it again there.")
        if self.part:
            action = on_the_whole(action, self.part)
        self._shown()
        self.done.append(action)
        self.touched.extend(action.points().values())
        return Outcome("Waiting changes nothing here.") if isinstance(action, Wait) else action.apply(self)

    def click(self, point: Point, button: MainButton, count: int) -> Outcome:
        return Outcome()

    def move_to(self, point: Point) -> Outcome:
        return Outcome()

    def tap(self, point: Point, count: int) -> Outcome:
        return Outcome()

    def hold(self, point: Point, seconds: float) -> Outcome:
        return Outcome()

    def swipe(self, start: Point, end: Point, seconds: float) -> Outcome:
        return Outcome()

    def drag_and_drop(self, start: Point, end: Point) -> Outcome:
        return Outcome()

    def hold_keys(self, keys: tuple[str, ...]) -> Outcome:
        return Outcome()

    def release_keys(self, keys: tuple[str, ...]) -> Outcome:
        return Outcome()

    def type_text(self, text: str) -> Outcome:
        return Outcome()

    def press(self, keys: tuple[str, ...], seconds: float) -> Outcome:
        return Outcome()

    def push_button(self, button: SystemButton) -> Outcome:
        return Outcome()

    def open_app(self, app: str) -> Outcome:
        return Outcome()

    def _shown(self) -> Image.Image:
        self.require_open()
        return self._image


def part_around(point: Point, size: Size) -> Box:
    """Half the width and half the height of a picture of that size, centred on the point as far as possible."""
    width, height = size.width // 2, size.height // 2
    left = min(max(round(point.x - width / 2), 0), size.width - width)
    top = min(max(round(point.y - height / 2), 0), size.height - height)
    return Box(left, top, left + width, top + height)


def on_the_whole(action: Action, part: Box) -> Action:
    """Maps an action on a part of a picture to the whole picture."""
    return action.moved(lambda point: Point(point.x + part.left, point.y + part.top))


def connect(options: DeviceOptions) -> Still:
    """Opens the picture at the path in the address.

    Raises:
        UsageError: no path is given. DeviceFailure: it is missing or damaged.
    """
    return Still(picture_of(options), options.mobile)


def picture_of(options: DeviceOptions) -> Image.Image:
    """The picture at the path in the address. Raises as `connect` does."""
    if options.address is None:
        raise UsageError("This device shows a picture: pass its path with --address.")
    try:
        with Image.open(options.address) as image:
            return image.convert("RGB")
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError) as error:
        raise DeviceFailure(f"The picture {options.address} cannot be opened: {error}.") from error
