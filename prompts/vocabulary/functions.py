"""The functions `computer_use` and `mobile_use`, on which the released Qwen2.5-VL checkpoints were tuned.

Names, arguments and their order are those of the checkpoints' own cookbook (QwenLM/Qwen2.5-VL and QwenLM/Qwen3-VL,
`cookbooks/utils/agent_function_call.py`, the later one for `hscroll` and `answer`); each gesture maps to one of our
actions, with our own description. A gesture is offered only if the space has its action.
"""

from collections.abc import Mapping
from typing import NamedTuple

from actions.action import Action, ActionSpace, Call
from actions.control import Answer, Finish, Wait
from actions.holding import KeyDown, KeyUp, MouseDown, MouseUp
from actions.keyboard import Press, Type
from actions.mouse import MOUSE, Click, DoubleClick, Drag, MiddleClick, MoveTo, RightClick, Scroll, TripleClick
from actions.phone import Back, Enter, Home, OpenApp, Recents
from actions.touch import TOUCH, DragAndDrop, LongPress, Swipe, Tap

NOTCH = 100
"""The approximate number of pixels per wheel notch."""
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
    """Its other arguments, by the fields of our action."""
    description: str


_KEEP = {"text": "text"}
_AT = {"coordinate": "point"}
_CLICK = {**_AT, "text": "modifiers"}
_KEYS = {"keys": "keys"}
_FROM_TO = {"coordinate": "start", "coordinate2": "end"}
_TIME = {"time": "seconds"}
_END = {"status": "status", "text": "text"}

COMPUTER: tuple[Gesture, ...] = (
    Gesture("key", Press, _KEYS, "Press the keys in `keys` in this order, then release them in reverse."),
    Gesture("type", Type, _KEEP, "Type the string in `text` on the keyboard."),
    Gesture("mouse_move", MoveTo, _AT, "Move the pointer to the pixel `coordinate`."),
    Gesture("left_click", Click, _CLICK, "Click the left mouse button at the pixel `coordinate`."),
    Gesture(
        "left_click_drag",
        Drag,
        {"coordinate": "end", "text": "modifiers"},
        "Drag with the left button from the pointer to `coordinate`.",
    ),
    Gesture("right_click", RightClick, _CLICK, "Click the right mouse button at the pixel `coordinate`."),
    Gesture("middle_click", MiddleClick, _CLICK, "Click the middle mouse button at the pixel `coordinate`."),
    Gesture("double_click", DoubleClick, _CLICK, "Double-click the left mouse button at the pixel `coordinate`."),
    Gesture("triple_click", TripleClick, _CLICK, "Triple-click the left mouse button at the pixel `coordinate`."),
    Gesture("left_mouse_down", MouseDown, {}, "Press the left mouse button and keep it down."),
    Gesture("left_mouse_up", MouseUp, {}, "Release the left mouse button."),
    Gesture("key_down", KeyDown, _KEYS, "Press the keys in `keys` and keep them down."),
    Gesture("key_up", KeyUp, _KEYS, "Release the keys in `keys`."),
    Gesture("scroll", Scroll, {"pixels": "notches", **_CLICK}, "Turn the mouse wheel by `pixels`."),
    Gesture("hscroll", Scroll, {"pixels": "notches", **_CLICK}, "Scroll sideways by `pixels`."),
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
    Gesture("swipe", Swipe, _FROM_TO, "Swipe from `coordinate` to `coordinate2`."),
    Gesture(
        "drag_and_drop",
        DragAndDrop,
        _FROM_TO,
        "Hold what is at `coordinate` until it can be moved, and drop it at `coordinate2`.",
    ),
    Gesture("type", Type, _KEEP, "Type `text` into the field that has the focus."),
    *(Gesture("system_button", kind, {}, "Press the system `button`.") for kind in (Back, Home, Recents, Enter)),
    Gesture("open", OpenApp, {"text": "app"}, "Open the app named in `text`."),
    Gesture("wait", Wait, _TIME, "Wait `time` seconds for the screen to change."),
    Gesture("answer", Answer, _KEEP, "Answer the user's question with `text`. This ends the task."),
    Gesture("terminate", Finish, _END, "End the task and report its `status`."),
)
_SIDEWAYS = ("right", "left")
FUNCTIONS: Mapping[str, tuple[Gesture, ...]] = {"computer_use": COMPUTER, "mobile_use": MOBILE}
ALSO_CALLED: Mapping[str, str] = {"computer": "computer_use", "mobile": "mobile_use"}
"""Other names of these functions in models' prompts."""


def chosen(space: ActionSpace) -> str | None:
    """The function that fits a space: by mouse, by touch, or none without a screen."""
    if any(kind in space for kind in MOUSE):
        return "computer_use"
    return "mobile_use" if any(kind in space for kind in TOUCH) else None


def read_button(given: object, buttons: Mapping[str, str]) -> str | None:
    """The action of one of these buttons for a `button` of `system_button`; None if it is none of them."""
    return next((name for name, button in buttons.items() if button.casefold() == str(given).casefold()), None)


def write_function(name: str, call: Call) -> dict[str, object] | None:
    """The arguments of `name` for one of our calls, or None if it has no such gesture."""
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
    if (field := gesture.words.get("text", "")) in ours and field in ("keys", "modifiers"):
        ours[field] = "+".join(map(str, _sequence(ours[field])))
    theirs = {field: word for word, field in gesture.words.items()}
    if not set(ours) <= set(theirs):
        return None
    arguments |= {theirs[field]: value for field, value in ours.items()}
    return arguments


def _sequence(value: object) -> list[object]:
    return list(value) if isinstance(value, list | tuple) else [value]
