"""Our actions as AndroidWorld's JSON actions (`android_world/env/json_action.py`), and what sends them."""

import importlib
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from actions.action import Action, ActionSpace, Outcome
from actions.control import CONTROL, Answer, Finish, Wait
from actions.errors import ActionRefused, UsageError
from actions.geometry import Size
from actions.keyboard import Type
from actions.phone import Back, Enter, Home, OpenApp
from actions.touch import DoubleTap, LongPress, Swipe, Tap
from devices import Closing, Observation

SPACE = ActionSpace((Tap, DoubleTap, LongPress, Swipe, Type, Home, Back, Enter, OpenApp), CONTROL)
"""The actions that AndroidWorld supports. It has none for keys and for the recent apps."""
PLAIN = {Home: "navigate_home", Back: "navigate_back", Enter: "keyboard_enter"}
SWIPE_MS = 400
MISSING = "AndroidWorld is not installed: pip install git+https://github.com/google-research/android_world"


class State(Protocol):
    """The used part of AndroidWorld's `State`."""

    @property
    def pixels(self) -> NDArray[np.uint8]: ...


class AsyncEnv(Protocol):
    """The used part of AndroidWorld's `AsyncEnv` (`android_world/env/interface.py`)."""

    interaction_cache: str

    @property
    def controller(self) -> Any: ...

    @property
    def logical_screen_size(self) -> tuple[int, int]: ...

    def reset(self, go_home: bool = False) -> State: ...

    def get_state(self, wait_to_stabilize: bool = False) -> State: ...

    def execute_action(self, action: Any) -> None: ...

    def close(self) -> None: ...


def json_fields(action: Action) -> dict[str, object]:
    """The fields of the JSON action for this action.

    `input_text` presses Enter after the text, and `open_app` knows only AndroidWorld's own apps.

    Raises:
        ActionRefused: AndroidWorld has no such action.
    """
    match action:
        case Tap(point=at):
            return {"action_type": "click", "x": int(at.x), "y": int(at.y)}
        case DoubleTap(point=at):
            return {"action_type": "double_tap", "x": int(at.x), "y": int(at.y)}
        case LongPress(point=at):
            return {"action_type": "long_press", "x": int(at.x), "y": int(at.y)}
        case Type(text=text):
            return {"action_type": "input_text", "text": text}
        case OpenApp(app=app):
            return {"action_type": "open_app", "app_name": app}
        case Answer(text=text):
            return {"action_type": "answer", "text": text}
        case Finish(status=status):
            return {"action_type": "status", "goal_status": "complete" if status == "success" else "infeasible"}
    if plain := PLAIN.get(type(action)):
        return {"action_type": plain}
    raise ActionRefused(f"AndroidWorld has no action for {type(action).__name__}. Nothing was done; do it another way.")


class AsyncEnvScreen(Closing):
    """AndroidWorld's environment as one of ours. AndroidWorld owns it: closing this leaves it open."""

    action_space = SPACE

    def __init__(self, env: AsyncEnv, look: Callable[[], State]) -> None:
        """`look` returns a state, waiting like AndroidWorld's runner. Raises UsageError if it is not installed."""
        self.env = env
        self._look = look
        try:
            self._adb: Any = importlib.import_module("android_world.env.adb_utils")
            self._json_action: Any = importlib.import_module("android_world.env.json_action")
        except ModuleNotFoundError as error:
            raise UsageError(MISSING) from error

    def reset(self) -> None:
        self.env.reset(go_home=True)

    def observe(self) -> Observation:
        image = Image.fromarray(self._look().pixels).convert("RGB")
        return Observation(image, Size(*self.env.logical_screen_size))

    def perform(self, action: Action) -> Outcome:
        """Performs an action, through AndroidWorld's equivalent if there is one.

        A swipe between two points goes through adb, because AndroidWorld's own cross the whole screen.

        Raises:
            ActionRefused: AndroidWorld has no such action.
        """
        if isinstance(action, Swipe):
            ends = (action.start.x, action.start.y, action.end.x, action.end.y, SWIPE_MS)
            words = ["shell", "input", "swipe", *(str(int(number)) for number in ends)]
            self._adb.issue_generic_request(words, self.env.controller)
        elif not isinstance(action, Wait):
            self.env.execute_action(self._json_action.JSONAction(**json_fields(action)))
        if isinstance(action, Type):
            return Outcome("The text was typed, and Enter was pressed after it.")
        return action.apply(None) if type(action) in CONTROL else Outcome()
