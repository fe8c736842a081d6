"""The functions `computer_use` and `mobile_use`, on which the released Qwen2.5-VL checkpoints were tuned.

Names, arguments and their order are those of the checkpoints' own cookbook (QwenLM/Qwen2.5-VL and QwenLM/Qwen3-VL,
`cookbooks/utils/agent_function_call.py`, the later one for `hscroll` and `answer`); each gesture stands for one of our
actions, in words of our own. A gesture whose action a space does not have is not offered.
"""

import math
from collections.abc import Mapping
from typing import NamedTuple

from actions.action import Action, ActionSpace, Call
from actions.control import Answer, Finish, Wait
from actions.keyboard import Press, Type, read_keys
from actions.mouse import MOUSE, Click, DoubleClick, Drag, MiddleClick, MoveTo, RightClick, Scroll
from actions.phone import Back, Enter, Home, OpenApp, Recents
from actions.touch import TOUCH, LongPress, Swipe, Tap
from prompts.reading.loose_json import Unreadable

NOTCH = 100
"""Pixels that one notch of a wheel scrolls, about."""
MOST_NOTCHES = 50
USUAL_NOTCHES = Scroll.model_fields["notches"].default
BUTTONS: Mapping[str, str] = {
    kind.__name__: button for kind, button in ((Back, "Back"), (Home, "Home"), (Recents, "Menu"), (Enter, "Enter"))
}


class Gesture(NamedTuple):
    """One value of the argument `action`."""

    name: str
    action: type[Action]
    words: Mapping[str, str]
    """Its other arguments, and the fields of our action that they are."""
    description: str


_KEEP = {"text": "text"}
_AT = {"coordinate": "point"}
_TIME = {"time": "seconds"}
_END = {"status": "status", "text": "text"}

COMPUTER: tuple[Gesture, ...] = (
    Gesture("key", Press, {"keys": "keys"}, "Press the keys in `keys` in this order, then release them in reverse."),
    Gesture("type", Type, _KEEP, "Type the string in `text` on the keyboard."),
    Gesture("mouse_move", MoveTo, _AT, "Move the pointer to the pixel `coordinate`."),
    Gesture("left_click", Click, _AT, "Click the left mouse button at the pixel `coordinate`."),
    Gesture(
        "left_click_drag", Drag, {"coordinate": "end"}, "Drag with the left button from the pointer to `coordinate`."
    ),
    Gesture("right_click", RightClick, _AT, "Click the right mouse button at the pixel `coordinate`."),
    Gesture("middle_click", MiddleClick, _AT, "Click the middle mouse button at the pixel `coordinate`."),
    Gesture("double_click", DoubleClick, _AT, "Double-click the left mouse button at the pixel `coordinate`."),
    Gesture("scroll", Scroll, {"pixels": "notches", **_AT}, "Turn the mouse wheel by `pixels`."),
    Gesture("hscroll", Scroll, {"pixels": "notches", **_AT}, "Scroll sideways by `pixels`."),
    Gesture("wait", Wait, _TIME, "Wait `time` seconds for the screen to change."),
    Gesture("answer", Answer, _KEEP, "Answer the user's question with `text`. This ends the task."),
    Gesture("terminate", Finish, _END, "End the task and report its `status`."),
)
MOBILE: tuple[Gesture, ...] = (
    Gesture("key", Press, {"text": "keys"}, "Press the key named in `text`, or several joined by +."),
    Gesture("click", Tap, _AT, "Tap the screen at `coordinate`."),
    Gesture(
        "long_press", LongPress, {**_AT, **_TIME}, "Press the screen at `coordinate` and hold it for `time` seconds."
    ),
    Gesture("swipe", Swipe, {"coordinate": "start", "coordinate2": "end"}, "Swipe from `coordinate` to `coordinate2`."),
    Gesture("type", Type, _KEEP, "Type `text` into the field that has the focus."),
    *(Gesture("system_button", kind, {}, "Press the system `button`.") for kind in (Back, Home, Recents, Enter)),
    Gesture("open", OpenApp, {"text": "app"}, "Open the app named in `text`."),
    Gesture("wait", Wait, _TIME, "Wait `time` seconds for the screen to change."),
    Gesture("answer", Answer, _KEEP, "Answer the user's question with `text`. This ends the task."),
    Gesture("terminate", Finish, _END, "End the task and report its `status`."),
)
_SIDEWAYS = ("right", "left")
_CLICKS = {"computer_use": "left_click", "mobile_use": "click"}
FUNCTIONS: Mapping[str, tuple[Gesture, ...]] = {"computer_use": COMPUTER, "mobile_use": MOBILE}


def chosen(space: ActionSpace) -> str | None:
    """The function that fits a space: by mouse, by touch, or none where there is no screen."""
    if any(kind in space for kind in MOUSE):
        return "computer_use"
    return "mobile_use" if any(kind in space for kind in TOUCH) else None


def read_gesture(call: Call) -> Call:
    """Our call for a gesture that was called by its own name; other calls stay as they are."""
    gestures = [gesture for gesture in (*COMPUTER, *MOBILE) if gesture.name == call.name]
    fitting = [gesture for gesture in gestures if set(call.arguments) <= {*gesture.words, "button"}]
    return _read(fitting[0], call.arguments) if fitting else call


def read_function(call: Call) -> Call:
    """Our call for a call of `computer_use` or `mobile_use`.

    What the cookbook does not know stays as it was written, for the action space to judge. A place and nothing else is
    a click there: the released checkpoints leave the action out when they ground.

    Raises:
        Unreadable: `action` is missing.
    """
    arguments = dict(call.arguments)
    name = str(arguments.pop("action", "") or "")
    gestures = {gesture.name: gesture for gesture in reversed(FUNCTIONS[call.name])}
    if not name and set(arguments) == {"coordinate"}:
        name = _CLICKS[call.name]
    if not name:
        raise Unreadable(f"`action`, which says what {call.name} is to do, is missing", 0)
    return _read(gestures[name], arguments) if name in gestures else Call(name, arguments)


def _read(gesture: Gesture, given: Mapping[str, object]) -> Call:
    if gesture.name == "system_button":
        names = {button.casefold(): name for name, button in BUTTONS.items()}
        button = str(given.get("button", "")).casefold()
        return Call(names.get(button, str(given.get("button", gesture.name))), {})
    if gesture.action is Scroll:
        return read_scroll(given, *_SIDEWAYS) if gesture.name == "hscroll" else read_scroll(given)
    arguments = {gesture.words.get(word, word): value for word, value in given.items()}
    if gesture.action is Press and "keys" in arguments:
        arguments["keys"] = _keys(arguments["keys"])
    return Call(gesture.action.__name__, arguments)


def _keys(value: object) -> object:
    """The single keys of `ctrl+c` or `["ctrl+c"]`; the value itself where it names no keys."""
    if isinstance(value, list):
        return _keys(value[0]) if len(value) == 1 and isinstance(value[0], str) else value
    try:
        keys = read_keys(value)
    except ValueError:
        return value
    return list(keys) if isinstance(keys, tuple) else value


def read_scroll(given: Mapping[str, object], forward: str = "up", backward: str = "down") -> Call:
    """Our call for a turn of the wheel by `pixels`, which are positive for `forward`; 0 and NaN are left for decode."""
    arguments = {_AT.get(word, word): value for word, value in given.items()}
    pixels = arguments.get("pixels")
    if isinstance(pixels, int | float) and pixels and not math.isnan(pixels):
        del arguments["pixels"]
        arguments["direction"] = forward if pixels > 0 else backward
        notches = max(1, round(min(abs(pixels) / NOTCH, MOST_NOTCHES)))
        if notches != USUAL_NOTCHES:
            arguments["notches"] = notches
    return Call("Scroll", arguments)


def write_function(name: str, call: Call) -> dict[str, object] | None:
    """The arguments with which `name` means a call of ours, or None where it cannot say it."""
    sideways = call.arguments.get("direction") in _SIDEWAYS
    fitting = (gesture for gesture in FUNCTIONS[name] if gesture.action.__name__ == call.name)
    gesture = next((gesture for gesture in fitting if (gesture.name == "hscroll") == sideways), None)
    if gesture is None:
        return None
    arguments: dict[str, object] = {"action": gesture.name}
    ours = dict(call.arguments)
    if gesture.name == "system_button":
        arguments["button"] = BUTTONS[call.name]
    if gesture.action is Scroll:
        notches = ours.pop("notches", USUAL_NOTCHES)
        sign = {"up": NOTCH, "down": -NOTCH, "right": NOTCH, "left": -NOTCH}.get(str(ours.pop("direction", "")), 0)
        arguments["pixels"] = notches * sign if isinstance(notches, int) else notches
    if gesture.words.get("text") == "keys":
        ours["keys"] = "+".join(map(str, _sequence(ours.get("keys"))))
    theirs = {field: word for word, field in gesture.words.items()}
    if not set(ours) <= set(theirs):
        return None
    arguments |= {theirs[field]: value for field, value in ours.items()}
    return arguments if read_function(Call(name, arguments)) == call else None


def _sequence(value: object) -> list[object]:
    return list(value) if isinstance(value, list | tuple) else [value]
