"""The names that other agents' models give to actions, where a synonym alone does not make them ours."""

from collections.abc import Callable, Iterable, Mapping

from actions.action import Action, ActionSpace, Call
from actions.control import ASK, CONTROL
from actions.keyboard import KEYBOARD
from actions.mouse import MOUSE
from actions.phone import PHONE
from actions.synonyms import spelled
from actions.touch import TOUCH
from actions.web import WEB
from prompts.cookbook import COMPUTER, FUNCTIONS, MOBILE, read_function, read_gesture, read_scroll

_KNOWN = (*MOUSE, *TOUCH, *KEYBOARD, *PHONE, *WEB, *CONTROL, *ASK)
_STATUS: Mapping[str, str] = {
    "done": "success", "finished": "success", "complete": "success", "taskcomplete": "success",
    "fail": "failure", "infeasible": "failure", "impossible": "failure",
}  # fmt: skip
"""Names that say by themselves how the task ended: the Qwen2-VL report's Done, UI-TARS's finished, OSWorld's FAIL."""
_OTHER_VERBS = (
    "triple_click",
    "hscroll",
    "scroll_to",
    "swipe_to",
    "click_at",
    "click_absolute",
    "typewrite",
    "keydown",
    "keyup",
)
_BUTTONS = {"right": "RightClick", "middle": "MiddleClick"}


def verbs(space: ActionSpace) -> frozenset[str]:
    """The names, as `spelled`, that make `name(...)` a call: this space's actions and all that models know besides."""
    gestures = (gesture.name for gesture in (*COMPUTER, *MOBILE))
    names = {*_spellings(space.actions), *_spellings(_KNOWN), *gestures, *FUNCTIONS, *_STATUS, *_OTHER_VERBS}
    return frozenset(map(spelled, names))


def _spellings(actions: Iterable[type[Action]]) -> Iterable[str]:
    return (name for action in actions for name in (action.__name__, *action.aliases))


def ours(call: Call) -> Call:
    """The call in our words, as far as they are known here; the action space knows the plain synonyms."""
    if call.name in FUNCTIONS:
        return read_function(call)
    name = spelled(call.name)
    if name in _STATUS and "status" not in call.arguments:
        return Call("Finish", {"status": _STATUS[name], **call.arguments})
    change = _CHANGES.get(name)
    return change(call) if change else read_gesture(call)


def _scroll(call: Call) -> Call:
    """Pixels or wheel clicks with a sign, positive ones up; sideways positive ones to the right."""
    if "pixels" not in call.arguments:
        return call
    return read_scroll(call.arguments, *(("right", "left") if spelled(call.name) == "hscroll" else ()))


def _click(call: Call) -> Call:
    """pyautogui's click, which takes a button and a count."""
    arguments = {word: value for word, value in call.arguments.items() if word not in ("button", "clicks", "interval")}
    button, clicks = str(call.arguments.get("button", "left")).lower(), call.arguments.get("clicks", 1)
    if button in _BUTTONS and clicks == 1:
        return Call(_BUTTONS[button], arguments)
    if button == "left" and clicks in (1, 2):
        return Call("DoubleClick" if clicks == 2 else call.name, arguments)
    return call


def _click_absolute(call: Call) -> Call:
    """Holo1.5's click, at pixels of the image."""
    return Call("click", call.arguments)


_CHANGES: Mapping[str, Callable[[Call], Call]] = {
    "scroll": _scroll, "hscroll": _scroll, "click": _click, "clickabsolute": _click_absolute,
}  # fmt: skip
