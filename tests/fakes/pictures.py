"""A real little environment without hardware: each touch shows the next picture of a row, whose shade is its number."""

from PIL import Image

from actions.action import Action, ActionSpace, Outcome
from actions.control import CONTROL
from actions.errors import ActionRefused, DeviceFailure
from actions.geometry import Point, Size
from actions.touch import TOUCH
from devices import Closing, Observation


class PictureRow(Closing):
    """Shows picture 0, 1, 2, ... as it is tapped; `broken_after` looks it is lost; it refuses to be held."""

    def __init__(self, screen: Size = Size(200, 400), broken_after: int | None = None) -> None:
        self.action_space = ActionSpace(TOUCH, CONTROL)
        self.screen = screen
        self.touched: list[Point] = []
        self._looks_left = broken_after

    def reset(self) -> None:
        self.touched.clear()

    def observe(self) -> Observation:
        if self._looks_left == 0:
            raise DeviceFailure("The picture row was lost. Set it up again.")
        if self._looks_left is not None:
            self._looks_left -= 1
        shade = len(self.touched) * 5 % 256
        return Observation(Image.new("RGB", self.screen, (shade, 255 - shade, 90)), self.screen)

    def perform(self, action: Action) -> Outcome:
        return action.apply(self)

    def tap(self, point: Point, count: int) -> Outcome:
        self.touched.extend([point] * count)
        return Outcome(f"picture {len(self.touched)}")

    def hold(self, point: Point, seconds: float) -> Outcome:
        raise ActionRefused("This picture cannot be held. Tap it.")

    def swipe(self, start: Point, end: Point, seconds: float) -> Outcome:
        self.touched.append(end)
        return Outcome()

    def _end(self) -> None:
        self._looks_left = 0
