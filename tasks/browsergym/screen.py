"""`BrowserGymScreen`: BrowserGym's page as one of our environments, which writes BrowserGym's action language.

The language is that of `HighLevelActionSet` (`browsergym/core/action/highlevel.py`): calls with literal arguments, one
a line. Points are pixels of the screenshot, which BrowserGym itself maps to the page.
"""

from collections.abc import Mapping, Sequence
from typing import Any, get_args

from PIL import Image

from actions.action import Action, ActionSpace, Outcome
from actions.control import CONTROL, Answer, Finish, Wait
from actions.errors import ActionRefused, DeviceFailure
from actions.geometry import Point, Size
from actions.holding import HOLDING
from actions.keyboard import KEYBOARD
from actions.mouse import MOUSE, Button, MainButton, TripleClick
from actions.web import CloseTab, GoBack, Goto, NewTab, SwitchTab
from devices import Closing, Observation
from devices.browser.keys import playwright_key

_CLICKS = tuple(gesture for gesture in MOUSE if gesture is not TripleClick)  # its language counts to two
SPACE = ActionSpace(_CLICKS, KEYBOARD, HOLDING, (Goto, GoBack, NewTab, SwitchTab, CloseTab), CONTROL)
SUBSETS = ("chat", "infeas", "coord", "nav", "tab")
"""The parts of BrowserGym's action language that are used here."""
NOTCH = 100
"""Pixels of a notch of the mouse wheel."""


class BrowserGymScreen(Closing):
    """Holds an observation and collects the actions on it. Its methods are the primitives of our actions."""

    action_space = SPACE

    def __init__(self) -> None:
        self._seen: Mapping[str, Any] = {}
        self._pointer: Point | None = None
        self.calls: list[str] = []
        """The actions since the last `show`, in BrowserGym's language."""

    def show(self, seen: Mapping[str, Any]) -> None:
        """Sets an observation of BrowserGym, whose `screenshot` is an array of height, width and RGB."""
        self._seen = seen
        self.calls = []

    def reset(self) -> None:
        self.show({})

    def observe(self) -> Observation:
        """Raises DeviceFailure if there is no screenshot."""
        screenshot = self._seen.get("screenshot")
        if screenshot is None:
            raise DeviceFailure("BrowserGym gave no screenshot. Its environment needs use_raw_page_output=False.")
        image = Image.fromarray(screenshot).convert("RGB")
        return Observation(image, Size(*image.size))

    def perform(self, action: Action) -> Outcome:
        """Raises ActionRefused if BrowserGym's language has no such action."""
        if isinstance(action, Wait):
            return self._ask("noop", round(action.seconds * 1000))
        if isinstance(action, Answer):
            self._ask("send_msg_to_user", action.text)
        elif isinstance(action, Finish):
            done = action.status == "success"
            name, words = ("send_msg_to_user", "Done.") if done else ("report_infeasible", "It cannot be done.")
            self._ask(name, action.text or words)
        elif type(action) not in SPACE:
            raise _refused(type(action).__name__)
        return action.apply(self)

    def click(self, point: Point, button: MainButton, count: int) -> Outcome:
        if count > 2:
            raise _refused(f"{count} clicks in a row")
        self._pointer = point
        return self._ask("mouse_click" if count == 1 else "mouse_dblclick", *_whole(point), button)

    def move_to(self, point: Point) -> Outcome:
        self._pointer = point
        return self._ask("mouse_move", *_whole(point))

    def drag(self, start: Point | None, path: Sequence[Point], button: MainButton) -> Outcome:
        start = start or self._at()
        if len(path) == 1 and button == "left":
            self._pointer = path[-1]
            return self._ask("mouse_drag_and_drop", *_whole(start), *_whole(path[-1]))
        self.hold_button(start, button)
        for point in path:
            self.move_to(point)
        return self.release_button(path[-1], button)

    def hold_button(self, point: Point | None, button: Button) -> Outcome:
        return self._button("mouse_down", point, button)

    def release_button(self, point: Point | None, button: Button) -> Outcome:
        return self._button("mouse_up", point, button)

    def scroll(self, point: Point | None, right: int, down: int) -> Outcome:
        self._pointer = point or self._at()
        return self._ask("scroll_at", *_whole(self._pointer), right * NOTCH, down * NOTCH)

    def type_text(self, text: str) -> Outcome:
        return self._ask("keyboard_type", text)

    def press(self, keys: tuple[str, ...], seconds: float) -> Outcome:
        if not seconds:
            return self._ask("keyboard_press", "+".join(map(playwright_key, keys)))
        self.hold_keys(keys)
        self._ask("noop", round(seconds * 1000))
        return self.release_keys(keys)

    def hold_keys(self, keys: tuple[str, ...]) -> Outcome:
        for key in map(playwright_key, keys):
            self._ask("keyboard_down", key)
        return Outcome()

    def release_keys(self, keys: tuple[str, ...]) -> Outcome:
        for key in map(playwright_key, reversed(keys)):
            self._ask("keyboard_up", key)
        return Outcome()

    def goto(self, url: str) -> Outcome:
        return self._ask("goto", url)

    def go_back(self) -> Outcome:
        return self._ask("go_back")

    def new_tab(self, url: str | None) -> Outcome:
        self._ask("new_tab")
        return self._ask("goto", url) if url else Outcome()

    def switch_tab(self, index: int) -> Outcome:
        return self._ask("tab_focus", index - 1)

    def close_tab(self) -> Outcome:
        return self._ask("tab_close")

    def _button(self, name: str, point: Point | None, button: Button) -> Outcome:
        if button not in get_args(MainButton):
            raise _refused(f"the {button} button")
        self._pointer = point or self._at()
        return self._ask(name, *_whole(self._pointer), button)

    def _at(self) -> Point:
        """The pointer's position: the last one set, initially the centre."""
        width, height = self.observe().screen
        return self._pointer or Point(width // 2, height // 2)

    def _ask(self, name: str, *arguments: str | int) -> Outcome:
        """Adds a call. Text occurs only as a literal."""
        self.calls.append(f"{name}({', '.join(map(repr, arguments))})")
        return Outcome()


def _whole(point: Point) -> tuple[int, int]:
    return round(point.x), round(point.y)


def _refused(what: str) -> ActionRefused:
    return ActionRefused(f"BrowserGym has no action for {what}. Nothing was done; do it another way.")
