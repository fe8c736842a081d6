"""The functions of an action space as the JSON that Qwen2.5-VL's chat template lists between `<tools>` tags.

The keys are in the order of the checkpoints' own tools.
"""

import json
from collections.abc import Iterable, Mapping

from actions.action import Action, ActionSpace, own_term
from actions.geometry import PARTS, Size, unit
from actions.mouse import Scroll
from prompts import schema
from prompts.vocabulary.functions import BUTTONS, FUNCTIONS, Gesture, chosen

_ABOUT: Mapping[str, str] = {
    "computer_use": (
        "Operate a computer with a mouse and a keyboard, by what a screenshot shows.\n"
        "* Only what is on the screen can be used: there is no other access to the computer.\n"
        "* Programs and pages take time: if the screen has not changed yet, wait and look again.\n"
        "* {frame}\n"
        "* Point at the middle of buttons, links, icons and fields."
    ),
    "mobile_use": (
        "Operate a phone with a touch screen, by what a screenshot shows.\n"
        "* Only what is on the screen can be used: there is no other access to the phone.\n"
        "* Apps take time: if the screen has not changed yet, wait and look again.\n"
        "* {frame}\n"
        "* Point at the middle of buttons, links, icons and fields."
    ),
}
_IN_PARTS = ("x pixels from the left edge and y pixels from the top edge", "from the left and the top edge, 0 to 1")
_ARGUMENTS: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    "computer_use": (
        ("keys", "array", "The names of keys"),
        ("text", "string", "The text to type or to answer, with `terminate` a report, or keys to hold meanwhile"),
        ("coordinate", "array", "(x, y): x pixels from the left edge and y pixels from the top edge"),
        ("pixels", "number", "How far to scroll: positive numbers scroll up or right, negative ones down or left"),
        ("time", "number", "Seconds"),
        ("status", "string", "Whether the task was done"),
    ),
    "mobile_use": (
        ("coordinate", "array", "(x, y): x pixels from the left edge and y pixels from the top edge"),
        ("coordinate2", "array", "(x, y) where the swipe ends"),
        ("text", "string", "The text, the key, the app or the answer, or with `terminate` a report"),
        ("time", "number", "Seconds"),
        ("button", "string", "The system button"),
        ("status", "string", "Whether the task was done"),
    ),
}


def listed(space: ActionSpace, frame: Size) -> str:
    """One function per line: the one for the screen if there is a screen, then one for each other action."""
    name = chosen(space)
    gestures = [gesture for gesture in FUNCTIONS[name] if gesture.action in space] if name else []
    tools = [_screen_function(name, gestures, frame)] if name else []
    covered = {gesture.action for gesture in gestures}
    tools += [
        _function(kind.__name__, schema.description(kind), schema.parameters(kind))
        for kind in space.actions
        if kind not in covered
    ]
    return "\n".join(json.dumps({"type": "function", "function": tool}, ensure_ascii=False) for tool in tools)


def called(space: ActionSpace, kind: type[Action]) -> str:
    """An action's name in the list."""
    name = chosen(space)
    gesture = next((gesture.name for gesture in FUNCTIONS[name] if gesture.action is kind), None) if name else None
    return f"{name} with action {gesture}" if gesture else kind.__name__


def term(function: str | None, kind: type[Action], field: str) -> str:
    """The name of an action, or of its field, as a gesture of a screen's function; else its own name."""
    gesture = next((gesture for gesture in FUNCTIONS.get(function or "", ()) if gesture.action is kind), None)
    if gesture is None:
        return own_term(kind, field)
    if kind is Scroll and field == "direction":  # the sign of the pixels
        field = "notches"
    return next((word for word, ours in gesture.words.items() if ours == field), field) if field else gesture.name


def _function(name: str, description: str, parameters: Mapping[str, object]) -> dict[str, object]:
    return {
        "name_for_human": name,
        "name": name,
        "description": description,
        "parameters": parameters,
        "args_format": "Format the arguments as a JSON object.",
    }


def _screen_function(name: str, gestures: list[Gesture], frame: Size) -> dict[str, object]:
    """`computer_use` or `mobile_use` with these gestures."""
    does = dict.fromkeys(f"* `{gesture.name}`: {gesture.description}" for gesture in gestures)
    actions = {
        "description": "The action to perform. The available actions are:\n" + "\n".join(does),
        "enum": _names(gestures),
        "type": "string",
    }
    arguments = {
        word: _argument(word, kind, meaning, users, gestures, frame)
        for word, kind, meaning in _ARGUMENTS[name]
        if (users := _users(word, gestures))
    }
    parameters = {"properties": {"action": actions, **arguments}, "required": ["action"], "type": "object"}
    return _function(name, _ABOUT[name].format(frame=_frame(frame)), parameters)


def _frame(frame: Size) -> str:
    """The line about the coordinate space; thousandths are described as a resolution of 1000x1000."""
    return f"Coordinates are {unit(frame)}." if frame == PARTS else f"The screen's resolution is {frame}."


def _argument(
    word: str, kind: str, meaning: str, users: list[str], gestures: list[Gesture], frame: Size
) -> dict[str, object]:
    """One argument's schema, which ends with the actions that use it."""
    if frame == PARTS:
        meaning = meaning.replace(*_IN_PARTS)
    described = f"{meaning}. Used by {', '.join(f'`action={user}`' for user in users)}."
    choices: Mapping[str, list[str]] = {
        "status": ["success", "failure"],
        "button": [BUTTONS[gesture.action.__name__] for gesture in gestures if gesture.name == "system_button"],
    }
    enum: dict[str, object] = {"enum": choices[word]} if word in choices else {}
    return {"description": described, **enum, "type": kind}


def _users(word: str, gestures: Iterable[Gesture]) -> list[str]:
    """The gestures that take an argument."""
    return _names(
        gesture
        for gesture in gestures
        if word in gesture.words or (word == "button" and gesture.name == "system_button")
    )


def _names(gestures: Iterable[Gesture]) -> list[str]:
    return list(dict.fromkeys(gesture.name for gesture in gestures))
