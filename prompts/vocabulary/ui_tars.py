"""The verbs of UI-TARS: names and words are its own (bytedance/UI-TARS, `codes/ui_tars/action_parser.py`)."""

from collections.abc import Mapping
from typing import NamedTuple

from actions.action import Action
from actions.control import Finish, Wait
from actions.keyboard import Press, Type
from actions.mouse import Click, DoubleClick, Drag, RightClick, Scroll
from actions.phone import Back, Home, OpenApp
from actions.touch import LongPress, Swipe, Tap


class Verb(NamedTuple):
    """One of UI-TARS's verbs, and our action for it."""

    name: str
    action: type[Action]
    words: Mapping[str, str] = {}
    """Its arguments, by the fields of our action."""


_AT = {"start_box": "point"}
_FROM_TO = {"start_box": "start", "end_box": "end"}
VERBS: tuple[Verb, ...] = (
    Verb("click", Click, _AT),
    Verb("click", Tap, _AT),
    Verb("left_double", DoubleClick, _AT),
    Verb("right_single", RightClick, _AT),
    Verb("long_press", LongPress, _AT),
    Verb("drag", Drag, _FROM_TO),
    Verb("drag", Swipe, _FROM_TO),
    Verb("scroll", Scroll, {**_AT, "direction": "direction"}),
    Verb("type", Type, {"content": "text"}),
    Verb("hotkey", Press, {"key": "keys"}),
    Verb("open_app", OpenApp, {"app_name": "app"}),
    Verb("press_home", Home),
    Verb("press_back", Back),
    Verb("wait", Wait),
    Verb("finished", Finish, {"content": "text", "status": "status"}),
)
