"""The verbs of the families that have their own, and the words of each verb for the fields of our actions."""

from collections.abc import Mapping
from typing import NamedTuple

from actions.action import Action
from actions.control import Answer, AskUser, Finish, Wait
from actions.holding import KeyDown, KeyUp, MouseDown, MouseUp
from actions.keyboard import Press, Type
from actions.mouse import Click, DoubleClick, Drag, MiddleClick, MoveTo, RightClick, Scroll, TripleClick
from actions.phone import Back, Enter, Home, OpenApp, Recents
from actions.touch import DoubleTap, DragAndDrop, LongPress, Swipe, Tap
from actions.web import GoBack, Goto, Reload


class Verb(NamedTuple):
    """One of a family's verbs, and our action for it."""

    name: str
    action: type[Action]
    words: Mapping[str, str] = {}
    """Its arguments, by the fields of our action."""
    implies: Mapping[str, object] = {}
    """Values of fields that the verb has by itself."""
    about: str = ""
    """Its description, if that is not our action's."""


_DONE = {"status": "success"}
_WHEEL = "Turn the mouse wheel by an amount: vertical up if positive, down if negative; horizontal right or left."
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
    Verb("finished", Finish, {"content": "text", "status": "status"}, _DONE),
)
"""Names and words are its own (bytedance/UI-TARS, `codes/ui_tars/action_parser.py`)."""

_IN_BOX = {"box": "point"}
_AT_POINT = {"point": "point"}
_START_TO_END = {"start": "start", "end": "end"}
_CONTENT = {"content": "text"}
UI_VENUS: tuple[Verb, ...] = (
    Verb("Click", Click, _IN_BOX),
    Verb("Click", Tap, _IN_BOX),
    Verb("LongPress", LongPress, _IN_BOX),
    Verb("Scroll", Swipe, _START_TO_END),
    Verb("Type", Type, _CONTENT),
    Verb("Launch", OpenApp, {"app": "app"}),
    Verb("PressBack", Back),
    Verb("PressHome", Home),
    Verb("PressEnter", Enter),
    Verb("PressRecent", Recents),
    Verb("Wait", Wait),
    Verb("CallUser", AskUser, {"content": "question"}),
    Verb("Finished", Finish, {"content": "text", "status": "status"}, _DONE),
)
"""Names and words are its own, but `status` (inclusionAI/UI-Venus, `Venus_framework/processor/uivenus_processor.py`)"""

_UI_VENUS_2: tuple[Verb, ...] = (
    Verb("Type", Type, _CONTENT),
    Verb("Wait", Wait),
    Verb("CallUser", AskUser, {"content": "question"}),
    Verb("Finished", Finish, {"content": "text", "status": "status"}, _DONE),
)
"""What it has on every device; names and words of these four lists are its own, but `status`."""
UI_VENUS_2_PHONE: tuple[Verb, ...] = (
    Verb("Click", Tap, _AT_POINT),
    Verb("DoubleClick", DoubleTap, _AT_POINT),
    Verb("LongPress", LongPress, _AT_POINT),
    Verb("Swipe", Swipe, _START_TO_END),
    Verb("Drag", DragAndDrop, _START_TO_END),
    Verb("LaunchApp", OpenApp, {"app": "app"}),
    Verb("PressBack", Back),
    Verb("PressHome", Home),
    Verb("PressEnter", Enter),
    Verb("PressRecent", Recents),
    Verb("Answer", Answer, _CONTENT),
    *_UI_VENUS_2,
)
"""inclusionAI/UI-Venus, `Venus_framework/Venus_framework_mobile/processor/ui_venus_2_processor.py`"""
UI_VENUS_2_BROWSER: tuple[Verb, ...] = (
    Verb("Click", Click, _AT_POINT),
    Verb("DoubleClick", DoubleClick, _AT_POINT),
    Verb("Hover", MoveTo, _AT_POINT),
    Verb("Drag", Drag, _START_TO_END),
    Verb("Scroll", Scroll, {**_AT_POINT, "direction": "direction"}),
    Verb("Hotkey", Press, {"keys": "keys"}),
    Verb("Launch", Goto, {"url": "url"}),
    Verb("PressBack", GoBack),
    *_UI_VENUS_2,
)
"""inclusionAI/UI-Venus, `models/browser/venus_browser.py`"""
UI_VENUS_2_DESKTOP: tuple[Verb, ...] = (
    Verb("Click", Click, _IN_BOX),
    Verb("DoubleClick", DoubleClick, _IN_BOX),
    Verb("TripleClick", TripleClick, _IN_BOX),
    Verb("RightClick", RightClick, _IN_BOX),
    Verb("MiddleClick", MiddleClick, _IN_BOX),
    Verb("Hover", MoveTo, _IN_BOX),
    Verb("Drag", Drag, {"end": "end", "start": "start"}),
    Verb("Swipe", Scroll, {"amount": "notches", "axis": "direction"}, about=_WHEEL),
    Verb("Hotkey", Press, {"keys": "keys"}),
    Verb("KeyDown", KeyDown, {"keys": "keys"}),
    Verb("KeyUp", KeyUp, {"keys": "keys"}),
    Verb("MouseDown", MouseDown, _IN_BOX),
    Verb("MouseUp", MouseUp, _IN_BOX),
    *_UI_VENUS_2,
)
"""inclusionAI/UI-Venus, `models/computer/computer_example.py`"""

HOLO: tuple[Verb, ...] = (
    Verb("click", Click, _AT_POINT),
    Verb("click", Tap, _AT_POINT),
    Verb("write", Type, _CONTENT),
    Verb("scroll", Scroll, {"direction": "direction", **_AT_POINT}),
    Verb("go_back", GoBack),
    Verb("refresh", Reload),
    Verb("goto", Goto, {"url": "url"}),
    Verb("wait", Wait, {"seconds": "seconds"}),
    Verb("answer", Answer, _CONTENT),
)
"""Its own: click, write and answer are in hub.hcompany.ai, agent-loop; the others in hcompai/hai-cookbook,
`utils/navigation.py`, with which Holo1 was asked."""

_CLEARS = "Type this text over what the field with the focus holds."
_AT_ELEMENT = {"element": "point"}
AUTOGLM: tuple[Verb, ...] = (
    Verb("Tap", Click, _AT_ELEMENT),
    Verb("Tap", Tap, _AT_ELEMENT),
    Verb("Double Tap", DoubleClick, _AT_ELEMENT),
    Verb("Double Tap", DoubleTap, _AT_ELEMENT),
    Verb("Long Press", LongPress, _AT_ELEMENT),
    Verb("Swipe", Swipe, {"start": "start", "end": "end"}),
    Verb("Type", Type, {"text": "text"}, about=_CLEARS),
    Verb("Launch", OpenApp, {"app": "app"}),
    Verb("Back", Back),
    Verb("Home", Home),
    Verb("Wait", Wait, {"duration": "seconds"}),
    Verb("Take_over", AskUser, {"message": "question"}),
    Verb("finish", Finish, {"message": "text"}, _DONE, "End the task, which is done, with a report."),
    Verb("Finish", Finish, {"status": "status", "text": "text"}),
)
"""Its own (zai-org/Open-AutoGLM, `phone_agent/config/prompts_en.py` and, for the others, `actions/handler.py`), but
Finish, which reports a failure."""

_FAILED = {"status": "failure"}
STEP_GUI: tuple[Verb, ...] = (
    Verb("CLICK", Click, _AT_POINT),
    Verb("CLICK", Tap, _AT_POINT),
    Verb("LONGPRESS", LongPress, _AT_POINT),
    Verb("SLIDE", Swipe, {"point1": "start", "point2": "end"}),
    Verb("TYPE", Type, {"value": "text"}),
    Verb("AWAKE", OpenApp, {"value": "app"}),
    Verb("WAIT", Wait, {"value": "seconds"}),
    Verb("INFO", AskUser, {"value": "question"}),
    Verb("COMPLETE", Finish, {"return": "text"}, _DONE, "End the task, which is done, with a report."),
    Verb("ABORT", Finish, {"value": "text"}, _FAILED, "End the task, which cannot be done, with the reason."),
)
"""Its own (stepfun-ai/gelab-zero, `copilot_tools/parser_0920_summary.py`). There, TYPE has a point as well."""

_THERE = {"x, y": "point"}
PYAUTOGUI: tuple[Verb, ...] = (
    Verb("pyautogui.click", Click, _THERE),
    Verb("pyautogui.click", Tap, _THERE),
    Verb("pyautogui.doubleClick", DoubleClick, _THERE),
    Verb("computer.triple_click", TripleClick, _THERE),
    Verb("pyautogui.rightClick", RightClick, _THERE),
    Verb("pyautogui.middleClick", MiddleClick, _THERE),
    Verb("pyautogui.moveTo", MoveTo, _THERE),
    Verb("pyautogui.dragTo", Drag, {"x, y": "end"}),
    Verb("pyautogui.mouseDown", MouseDown),
    Verb("pyautogui.mouseUp", MouseUp),
    Verb(
        "pyautogui.scroll",
        Scroll,
        {"clicks": "notches", **_THERE},
        {"direction": "up"},
        "Turn the mouse wheel by clicks, up if positive, down if negative; hscroll turns it to the right or left.",
    ),
    Verb("pyautogui.write", Type, {"message": "text"}),
    Verb("pyautogui.press", Press, {"keys": "keys"}, about="Press keys one after the other."),
    Verb("pyautogui.hotkey", Press, {"keys": "keys"}, about="Press keys together, such as ctrl and c."),
    Verb("pyautogui.keyDown", KeyDown, {"key": "keys"}),
    Verb("pyautogui.keyUp", KeyUp, {"key": "keys"}),
    Verb("mobile.swipe", Swipe, {"from_coord": "start", "to_coord": "end"}),
    Verb("mobile.long_press", LongPress, _THERE),
    Verb("mobile.open_app", OpenApp, {"app_name": "app"}),
    Verb("mobile.home", Home),
    Verb("mobile.back", Back),
    Verb("computer.wait", Wait, {"seconds": "seconds"}),
    Verb("computer.terminate", Finish, {"status": "status", "answer": "text"}),
)
"""pyautogui's own (0.9.54), `computer` of xlang-ai/OpenCUA (OSWorld's `mm_agents`), and `mobile` of xlang-ai/aguvis
(`src/aguvis/constants.py`)."""

OS_ATLAS: tuple[Verb, ...] = (
    Verb("CLICK", Click, _AT_POINT),
    Verb("CLICK", Tap, _AT_POINT),
    Verb("LONG_PRESS", LongPress, _AT_POINT),
    Verb("TYPE", Type, {"text": "text"}),
    Verb("SCROLL", Scroll, {"direction": "direction"}),
    Verb("SCROLL", Swipe, {"direction": "direction"}, about="Scroll what the screen shows."),
    Verb("Swipe", Swipe, {"start": "start", "end": "end"}),
    Verb("OPEN_APP", OpenApp, {"text": "app"}),
    Verb("PRESS_BACK", Back),
    Verb("PRESS_HOME", Home),
    Verb("PRESS_RECENT", Recents),
    Verb("ENTER", Enter),
    Verb("WAIT", Wait),
    Verb("COMPLETE", Finish, {}, _DONE, "End the task, which is done."),
    Verb("IMPOSSIBLE", Finish, {}, _FAILED, "End the task, which cannot be done."),
)
"""Its own (the model card of OS-Copilot/OS-Atlas-Pro-7B), but Swipe."""
