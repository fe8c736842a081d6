"""The names that other agents' models give to actions, where a synonym alone does not make them ours."""

import re
from collections.abc import Callable, Iterable, Mapping, Set

from actions.action import Action, ActionSpace, Call
from actions.control import ASK, CONTROL
from actions.geometry import THOUSANDTHS
from actions.keyboard import KEYBOARD, Press, Type
from actions.mouse import MOUSE
from actions.phone import PHONE
from actions.synonyms import means, renamed, spelled
from actions.touch import TOUCH
from actions.web import WEB
from prompts.cookbook import COMPUTER, FUNCTIONS, MOBILE, NOTCH, read_function, read_gesture, read_scroll

_KNOWN = (*MOUSE, *TOUCH, *KEYBOARD, *PHONE, *WEB, *CONTROL, *ASK)
_STATUS: Mapping[str, str] = {
    "done": "success", "finished": "success", "complete": "success", "taskcomplete": "success",
    "fail": "failure", "infeasible": "failure", "impossible": "failure",
}  # fmt: skip
"""Names that say by themselves how the task ended: the Qwen2-VL report's Done, UI-TARS's finished, OSWorld's FAIL."""
PARTS_OF_ACTIONS = ("mouse_down", "mouse_up", "left_mouse_down", "left_mouse_up", "key_down", "key_up")
"""What is only a part of an action; `prompts.reading.together` joins them."""
_OTHER_VERBS = (
    "triple_click",
    "hscroll",
    "scroll_to",
    "swipe_to",
    "click_at",
    "click_absolute",
    "typewrite",
    *PARTS_OF_ACTIONS,
    "do",
)
_NAMES: Mapping[type[Action], Set[str]] = {
    kind: frozenset(spelled(name) for name in (kind.__name__, *kind.aliases)) for kind in _KNOWN
}
_FIELDS: Mapping[str, Set[str]] = {
    name: frozenset(field for kind in _KNOWN if name in _NAMES[kind] for field in kind.model_fields)
    for names in _NAMES.values()
    for name in names
}
"""The fields of the actions that a name may mean."""
_IDLE = frozenset({
    "time", "duration", "interval", "delay", "timeout", "tween", "pause", "logscreenshot", "id", "step", "label",
    "thought", "thoughts", "thinking", "reason", "reasoning", "rationale", "explanation", "description", "summary",
    "conclusion", "comment", "note", "observation", "plan", "analysis", "confidence", "elementdescription",
})  # fmt: skip
"""Words beside an action that say how fast, why or what for, and nothing of what to do."""
_SUCCESS = frozenset({"success", "successful", "succeeded", "done", "finished", "complete", "completed", "true"})
_FAILURE = frozenset({"failure", "fail", "failed", "infeasible", "impossible", "incomplete", "false"})
_WHY = frozenset({"reason", "summary", "explanation", "conclusion"})
_ENTERS = frozenset({"pressenter", "enter", "submit"})
_CLEARS = frozenset({"clear", "cleartext", "deleteexistingtext", "clearfirst", "overwrite"})
_WORDS_OF_DO = {"element": "point", "app": "app", "message": "question"}
MOST_PRESSES = 5
_BUTTONS = {"right": "RightClick", "middle": "MiddleClick"}


def verbs(space: ActionSpace) -> frozenset[str]:
    """The names, as `spelled`, that make `name(...)` a call: this space's actions and all that models know besides."""
    gestures = (gesture.name for gesture in (*COMPUTER, *MOBILE))
    names = {*_spellings(space.actions), *_spellings(_KNOWN), *gestures, *FUNCTIONS, *_STATUS, *_OTHER_VERBS}
    return frozenset(map(spelled, names))


def _spellings(actions: Iterable[type[Action]]) -> Iterable[str]:
    return (name for action in actions for name in (action.__name__, *action.aliases))


def ours(call: Call) -> list[Call]:
    """The call in our words, as far as they are known here, as several where it says several things at once.

    The action space knows the plain synonyms, and judges the rest.

    Raises:
        Unreadable: it is a call of a function that does not say what to do.
    """
    if call.name in FUNCTIONS:
        read = read_function(call)
    else:
        change = _CHANGES.get(spelled(call.name), read_gesture)
        read = change(call)
    return [_plain(part) for part in _parts(read)]


def _plain(call: Call) -> Call:
    """The call without words that say nothing about what to do, and with the usual word for how the task ended."""
    fields = _FIELDS.get(spelled(call.name))
    if fields is None:
        return call
    given = _ended(call.arguments) if "status" in fields else call.arguments
    arguments = {word: value for word, value in given.items() if means(word, fields) or not _idle(word, value)}
    return call._replace(arguments=arguments)


def same(one: Call, other: Call) -> bool:
    """Whether two calls in our words say the same in other synonyms."""
    return _canonical(one) == _canonical(other)


def _canonical(call: Call) -> tuple[Set[str], dict[str, object]]:
    """The names of the actions that a call may mean, and its arguments under their fields."""
    name = spelled(call.name)
    kinds = frozenset(kind.__name__ for kind in _KNOWN if name in _NAMES[kind]) or frozenset({name})
    return kinds, renamed(call.arguments, _FIELDS.get(name, ()))


def _idle(word: str, value: object) -> bool:
    """Whether an argument that the action does not have can be passed over: it changes nothing of what to do."""
    if value in (None, "", [], {}):
        return True
    plain = spelled(word)
    return plain in _IDLE or (plain == "status" and str(value).casefold() in _SUCCESS)


def _ended(given: Mapping[str, object]) -> dict[str, object]:
    """The arguments of Finish: how the task ended in one of our two words, and why as its text."""
    arguments: dict[str, object] = {}
    for word, value in given.items():
        plain, said = spelled(word), str(value).strip().casefold()
        if plain in ("status", "goalstatus"):
            value = "success" if said in _SUCCESS else "failure" if said in _FAILURE else value
        if plain in _WHY and "text" not in given:
            word = "text"
        arguments[word] = value
    return arguments


def _parts(call: Call) -> list[Call]:
    """Typing at a place, over what is there, or with Enter after it, and a key pressed several times: call by call."""
    name = spelled(call.name)
    if name in _NAMES[Press] and (times := call.arguments.get("presses")) is not None:
        once = call._replace(arguments={word: value for word, value in call.arguments.items() if word != "presses"})
        return [once] * times if isinstance(times, int) and 1 <= times <= MOST_PRESSES else [call]
    if name not in _NAMES[Type]:
        return [call]
    given = renamed(call.arguments, {"text", "point"})
    place, clears, enters = given.pop("point", None), _flag(given, _CLEARS), _flag(given, _ENTERS)
    before = [call._replace(name="click", arguments={"point": place})] if place is not None else []
    before += [Call("Press", {"keys": ["ctrl", "a"]})] if clears else []
    after = [Call("Press", {"keys": ["enter"]})] if enters else []
    return [*before, call._replace(arguments=given), *after]


def _flag(given: dict[str, object], words: Set[str]) -> bool:
    """Takes the one of these words out that is given with yes or no; what else it says stays, for decode to refuse."""
    for word in [word for word in given if spelled(word) in words and str(given[word]).casefold() in ("true", "false")]:
        return str(given.pop(word)).casefold() == "true"
    return False


def _told_its_end(call: Call) -> Call:
    """Names that say by themselves how the task ended."""
    if "status" in call.arguments or "goal_status" in call.arguments:
        return call
    return Call("Finish", {"status": _STATUS[spelled(call.name)], **call.arguments})


def _finish(call: Call) -> Call:
    """AutoGLM's `finish(message=...)`, which has no status: it is how a task that was done ends."""
    return Call("Finish", {"status": "success", **call.arguments}) if set(call.arguments) == {"message"} else call


def _do(call: Call) -> Call:
    """AutoGLM's `do(action="Tap", element=[x, y])`, whose points are thousandths."""
    arguments = dict(call.arguments)
    name = str(arguments.pop("action", call.name))
    arguments = {_WORDS_OF_DO.get(word, word): value for word, value in arguments.items()}
    if isinstance(seconds := arguments.get("duration"), str) and (number := re.match(r"\s*(\d+(?:\.\d+)?)", seconds)):
        arguments["duration"] = float(number[1])
    return Call({"takeover": "AskUser"}.get(spelled(name), name), arguments, THOUSANDTHS)


def _drag_to(call: Call) -> Call:
    """pyautogui's dragTo, which drags from where the pointer is."""
    arguments = {word: value for word, value in call.arguments.items() if (word, value) != ("button", "left")}
    if "x" in arguments and "y" in arguments:
        arguments["end"] = [arguments.pop("x"), arguments.pop("y")]
    return Call("Drag", arguments)


def _scroll(call: Call) -> Call:
    """Pixels or wheel clicks with a sign, positive ones up; sideways positive ones to the right."""
    if "pixels" not in call.arguments and not isinstance(call.arguments.get("clicks"), int):
        return call
    given = dict(call.arguments)
    if "pixels" not in given and isinstance(clicks := given.pop("clicks"), int):
        given["pixels"] = clicks * NOTCH
    return read_scroll(given, *(("right", "left") if spelled(call.name) == "hscroll" else ()))


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
    **dict.fromkeys(_STATUS, _told_its_end),
    "scroll": _scroll, "hscroll": _scroll, "click": _click, "clickabsolute": _click_absolute, "finish": _finish,
    "do": _do, "dragto": _drag_to,
}  # fmt: skip
