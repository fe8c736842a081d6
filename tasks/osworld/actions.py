"""Our actions in OSWorld's two action spaces, and the screen that collects them (`desktop_env/desktop_env.py`)."""

import io
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from PIL import Image

from actions.action import Action, ActionSpace, Outcome
from actions.control import CONTROL, Answer, Finish, Wait
from actions.errors import ActionRefused, DeviceFailure
from actions.geometry import Point, Size
from actions.holding import HOLDING, KeyDown, KeyUp, MouseDown, MouseUp
from actions.keyboard import KEYBOARD, Press, Type
from actions.mouse import MOUSE, Click, DoubleClick, Drag, MiddleClick, MoveTo, RightClick, Scroll, TripleClick
from devices import Closing, Observation
from devices.desktop.keys import PYAUTOGUI_NAMES, typeable

SPACE = ActionSpace(MOUSE, KEYBOARD, HOLDING, CONTROL)
POINTING = (Click, DoubleClick, TripleClick, RightClick, MiddleClick, MoveTo)
Spelling = Literal["computer_13", "pyautogui"]
"""OSWorld's form of actions: dictionaries, or Python code."""
Fields = dict[str, Any]
"""One action of `computer_13`: its type and its parameters."""
LESS_THAN = ["shift", ","]
"""The keys for <, which pyautogui itself types as > (asweigart/pyautogui issue 198)."""
DRAG_S = 1.0
"""The duration of OSWorld's own DRAG_TO."""


def computer_13(action: Action) -> list[Fields]:
    """The equivalent actions of `computer_13`, in order.

    Raises:
        ActionRefused: OSWorld has no such action, or it needs a character that OSWorld's keyboard, pyautogui, would
        silently drop.
    """
    keys: tuple[str, ...] = getattr(action, "modifiers", ())
    return [*_keys("KEY_DOWN", keys), *(_by_mouse(action) or _otherwise(action)), *_keys("KEY_UP", keys[::-1])]


def _by_mouse(action: Action) -> list[Fields]:
    """A mouse's action, without its modifiers; nothing for others."""
    match action:
        case Drag(start=start, end=end, via=(), button="left"):
            return [*_moved(start), _fields("DRAG_TO", **_place(end))]
        case Drag(start=start, end=end, via=via, button=button):
            moves = [move for point in (*via, end) for move in _moved(point)]
            return [*_moved(start), _fields("MOUSE_DOWN", button=button), *moves, _fields("MOUSE_UP", button=button)]
        case MouseDown(point=at, button="left" | "right" | "middle" as button):
            return [*_moved(at), _fields("MOUSE_DOWN", button=button)]
        case MouseUp(point=at, button="left" | "right" | "middle" as button):
            return [*_moved(at), _fields("MOUSE_UP", button=button)]
        case Scroll(point=at, direction=way, notches=notches):
            turned = notches if way in ("up", "right") else -notches
            return [*_moved(at), _fields("SCROLL", **{"dy" if way in ("up", "down") else "dx": turned})]
    return [_pointed(action)] if isinstance(action, POINTING) else []


def _otherwise(action: Action) -> list[Fields]:
    """Any other action. Raises ActionRefused if OSWorld has none for it."""
    match action:
        case KeyDown(keys=keys):
            return _keys("KEY_DOWN", keys)
        case KeyUp(keys=keys):
            return _keys("KEY_UP", keys[::-1])
        case Type(text=text):
            return _typed(text)
        case Press(keys=(key,), seconds=None) if len(key) == 1:
            return _typed(key)
        case Press(keys=keys, seconds=None):
            return [_pressed([PYAUTOGUI_NAMES.get(key, key) for key in keys])]
        case Finish(status="failure"):
            return [{"action_type": "FAIL"}]
        case Finish() | Answer():
            return [{"action_type": "DONE"}]
        case Wait():
            return [{"action_type": "WAIT"}]  # OSWorld's runner decides for how long
        case Press():
            raise ActionRefused("OSWorld holds no key for a time. Nothing was done; use KeyDown and KeyUp.")
    raise ActionRefused(f"OSWorld has no action for {type(action).__name__}. Nothing was done; do it another way.")


def code(action: Fields) -> str:
    """One action of `computer_13` as the Python code that OSWorld runs. Text occurs only as a literal."""
    kind, given = action["action_type"], action.get("parameters", {})
    match kind:
        case "TYPING":
            return f"pyautogui.write({given['text']!r})"
        case "PRESS":
            return f"pyautogui.press({given['key']!r})"
        case "HOTKEY":
            return f"pyautogui.hotkey({', '.join(map(repr, given['keys']))})"
        case "SCROLL":
            return f"pyautogui.scroll({given['dy']})" if "dy" in given else f"pyautogui.hscroll({given['dx']})"
        case "CLICK":
            count = f", clicks={given['num_clicks']}" if given["num_clicks"] > 1 else ""
            return f"pyautogui.click({given['x']}, {given['y']}, button={given['button']!r}{count})"
        case "MOUSE_DOWN" | "MOUSE_UP":
            return f"pyautogui.mouse{kind[6:].capitalize()}(button={given['button']!r})"
        case "KEY_DOWN" | "KEY_UP":
            return f"pyautogui.key{kind[4:].capitalize()}({given['key']!r})"
        case "DRAG_TO":
            return f"pyautogui.dragTo({given['x']}, {given['y']}, duration={DRAG_S}, button='left')"
    called = {"MOVE_TO": "moveTo", "DOUBLE_CLICK": "doubleClick", "RIGHT_CLICK": "rightClick"}.get(kind)
    return f"pyautogui.{called}({given['x']}, {given['y']})" if called else str(kind)


class CollectingScreen(Closing):
    """OSWorld's screen as one of our environments: it holds an observation and collects the actions on it."""

    action_space = SPACE

    def __init__(self, spelling: Spelling) -> None:
        self._spelling = spelling
        self._seen: Mapping[str, Any] = {}
        self.actions: list[Fields | str] = []
        """The actions since the last `show`, in OSWorld's form."""

    def show(self, seen: Mapping[str, Any]) -> None:
        """Sets an observation of OSWorld, whose `screenshot` is a picture's bytes."""
        self._seen = seen
        self.actions = []

    def reset(self) -> None:
        self.show({})

    def observe(self) -> Observation:
        """Raises DeviceFailure if there is no screenshot: OSWorld passes None if its machine returns none."""
        screenshot = self._seen.get("screenshot")
        if not screenshot:
            raise DeviceFailure("OSWorld gave no screenshot. Is its machine up, and observation_type 'screenshot'?")
        image = Image.open(io.BytesIO(screenshot)).convert("RGB")
        return Observation(image, Size(*image.size))

    def perform(self, action: Action) -> Outcome:
        asked = computer_13(action)
        if self._spelling == "pyautogui":
            self.actions.append("; ".join(map(code, asked)))
        else:
            self.actions.extend(asked)
        return action.apply(None) if isinstance(action, Answer | Finish) else Outcome()


def _fields(kind: str, **parameters: object) -> Fields:
    return {"action_type": kind, "parameters": parameters}


def _place(point: Point) -> dict[str, int]:
    return {"x": round(point.x), "y": round(point.y)}


def _pointed(action: Click | DoubleClick | TripleClick | RightClick | MiddleClick | MoveTo) -> Fields:
    at = _place(action.point)
    match action:
        case DoubleClick():
            return _fields("DOUBLE_CLICK", **at)
        case RightClick():
            return _fields("RIGHT_CLICK", **at)
        case MoveTo():
            return _fields("MOVE_TO", **at)
    button = "middle" if isinstance(action, MiddleClick) else "left"
    return _fields("CLICK", **at, button=button, num_clicks=3 if isinstance(action, TripleClick) else 1)


def _moved(point: Point | None) -> list[Fields]:
    return [_fields("MOVE_TO", **_place(point))] if point else []


def _keys(kind: str, keys: Sequence[str]) -> list[Fields]:
    _check("+".join(keys))
    return [_fields(kind, key=PYAUTOGUI_NAMES.get(key, key)) for key in keys]


def _pressed(keys: list[str]) -> Fields:
    _check("+".join(keys))
    return _fields("PRESS", key=keys[0]) if len(keys) == 1 else _fields("HOTKEY", keys=keys)


def _typed(text: str) -> list[Fields]:
    """Typing, with the keys of < pressed for each one."""
    first, *rest = _check(typeable(text)).split("<")
    parts = [_fields("TYPING", text=first)] if first else []
    for part in rest:
        parts += [_pressed(LESS_THAN), *([_fields("TYPING", text=part)] if part else [])]
    return parts


def _check(text: str) -> str:
    if lost := [character for character in text if not character.isascii()]:
        raise ActionRefused(
            f"OSWorld's keyboard cannot type {lost[0]!r}: it types ASCII only. Find it on the screen and copy it, or "
            "write it another way. Nothing was typed."
        )
    return text
