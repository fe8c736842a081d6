"""What a reply means to an action space, in one line: what the tables of odd replies are compared with."""

from functools import cache

from actions.action import Action, ActionSpace, Call
from actions.control import ASK, CONTROL
from actions.errors import ModelMistake
from actions.geometry import Point, Size, Viewport
from actions.holding import HOLDING
from actions.keyboard import KEYBOARD
from actions.mouse import MOUSE
from actions.phone import PHONE
from actions.touch import TOUCH
from actions.web import WEB
from prompts import notations
from prompts.notations import Notation

FRAME = Size(1932, 1092)
SPACES = {
    "browser": ActionSpace(MOUSE, KEYBOARD, HOLDING, WEB, CONTROL, ASK),
    "desktop": ActionSpace(MOUSE, KEYBOARD, HOLDING, CONTROL, ASK),
    "phone": ActionSpace(TOUCH, KEYBOARD, PHONE, CONTROL, ASK),
}


@cache
def notation(name: str, space: str) -> Notation:
    """A notation for one of the spaces."""
    return notations.load(name, SPACES[space])


def meaning(space: str, name: str, text: str, frame: Size = FRAME) -> str:
    """The action as `Click (687, 792)`, or the name of the mistake; several of them with ` then ` between them."""
    try:
        reply = notation(name, space).read_reply(text)
    except ModelMistake as mistake:
        return type(mistake).__name__
    return " then ".join(_decoded(space, call, frame) for call in (reply.call, *reply.others))


def _decoded(space: str, call: Call, frame: Size) -> str:
    try:
        return shown(SPACES[space].decode(call, Viewport(frame, FRAME)))
    except ModelMistake as mistake:
        return type(mistake).__name__


def shown(action: Action) -> str:
    """The action's name and the values that are not its defaults."""
    fields = type(action).model_fields
    values = [_shown(name, value) for name, value in action if value != fields[name].default]
    return f"{type(action).__name__} {', '.join(values)}".strip()


def _shown(name: str, value: object) -> str:
    if isinstance(value, tuple) and not isinstance(value, Point):
        return ("+" if all(isinstance(part, str) for part in value) else " ").join(map(str, value))
    free_text = name in ("text", "url", "app", "question")
    return repr(value) if free_text else str(value)
