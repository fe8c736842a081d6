"""The verbs of families that write a call as `verb(word=value)`."""

from collections.abc import Mapping
from typing import NamedTuple

from actions.action import Action
from actions.control import AskUser, Finish, Wait
from actions.keyboard import Press, Type
from actions.mouse import Click, DoubleClick, Drag, RightClick, Scroll
from actions.phone import Back, Enter, Home, OpenApp, Recents
from actions.touch import LongPress, Swipe, Tap


class Verb(NamedTuple):
    """One of a family's verbs, and our action for it."""

    name: str
    action: type[Action]
    words: Mapping[str, str] = {}
    """Its arguments, by the fields of our action."""


_AT = {"start_box": "point"}
_FROM_TO = {"start_box": "start", "end_box": "end"}
UI_TARS: tuple[Verb, ...] = (
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
"""Names and words are its own (bytedance/UI-TARS, `codes/ui_tars/action_parser.py`)."""

_IN_BOX = {"box": "point"}
UI_VENUS: tuple[Verb, ...] = (
    Verb("Click", Click, _IN_BOX),
    Verb("Click", Tap, _IN_BOX),
    Verb("LongPress", LongPress, _IN_BOX),
    Verb("Scroll", Swipe, {"start": "start", "end": "end"}),
    Verb("Type", Type, {"content": "text"}),
    Verb("Launch", OpenApp, {"app": "app"}),
    Verb("PressBack", Back),
    Verb("PressHome", Home),
    Verb("PressEnter", Enter),
    Verb("PressRecent", Recents),
    Verb("Wait", Wait),
    Verb("CallUser", AskUser, {"content": "question"}),
    Verb("Finished", Finish, {"content": "text", "status": "status"}),
)
"""Names and words are its own, but `status` (inclusionAI/UI-Venus, `Venus_framework/processor/uivenus_processor.py`)"""
