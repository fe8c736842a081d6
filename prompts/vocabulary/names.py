"""The names that models give to actions besides ours."""

import re
from collections.abc import Mapping

NAMES: Mapping[str, tuple[str, ...]] = {
    "Click": (
        "left_click",
        "tap",
        "single_click",
        "left_single",
        "mouse_click",
        "touch",
        "click_absolute",
        "click_element",
    ),
    "DoubleClick": (
        "left_double",
        "double_tap",
        "left_double_click",
        "computer_double_click",
    ),
    "TripleClick": ("left_triple", "left_triple_click"),
    "RightClick": ("right_single", "context_click", "secondary_click"),
    "MoveTo": ("mouse_move", "move", "hover", "move_mouse"),
    "Drag": ("left_click_drag", "drag_to", "drag_and_drop", "swipe", "select"),
    "Scroll": ("wheel", "mouse_scroll", "hscroll"),
    "Tap": ("touch", "click", "left_click", "press_at", "click_absolute"),
    "DoubleTap": ("double_click",),
    "LongPress": ("long_click", "long_tap", "hold"),
    "DragAndDrop": ("long_press_drag", "long_press_and_drag"),
    "Swipe": ("drag", "slide", "fling", "scroll"),
    "Type": (
        "type_text",
        "input",
        "input_text",
        "enter_text",
        "write",
        "typewrite",
        "typing",
        "write_element_abs",
        "type_name",
    ),
    "Press": ("key", "hotkey", "press_key", "keypress", "key_press", "keyboard", "hold_key"),
    "MouseDown": ("left_mouse_down", "press_mouse"),
    "MouseUp": ("left_mouse_up", "release_mouse"),
    "KeyDown": ("press_and_hold_key", "keyboard_down"),
    "KeyUp": ("release_key", "keyboard_up"),
    "Home": ("press_home", "navigate_home", "go_home"),
    "Back": ("press_back", "navigate_back", "go_back"),
    "Recents": ("recent", "recent_apps", "app_switch", "press_recent"),
    "Enter": ("press_enter", "keyboard_enter", "submit"),
    "OpenApp": (
        "open",
        "launch",
        "launch_app",
        "start_app",
        "awake",
    ),
    "Goto": ("visit_url", "navigate", "open_url", "go_to", "goto_url", "visit", "launch"),
    "GoBack": ("back", "history_back", "navigate_back", "page_back", "press_back"),
    "NewTab": ("open_tab", "tab_new"),
    "SwitchTab": ("change_tab", "focus_tab", "select_tab", "tab_focus"),
    "Reload": ("refresh", "reload_page", "refresh_page"),
    "CloseTab": ("tab_close", "close_page"),
    "AnswerDialog": ("handle_dialog",),
    "Choose": ("select_option", "choose_option", "select_dropdown_option"),
    "ChooseFile": ("upload_file", "file_upload", "upload"),
    "Wait": (
        "sleep",
        "pause",
        "pause_and_memorize_fact",
    ),
    "Answer": ("reply", "respond", "say"),
    "Finish": (
        "terminate",
        "done",
        "finished",
        "complete",
        "task_complete",
        "end",
        "fail",
        "infeasible",
        "impossible",
        "abort",
    ),
    "Verdict": ("judge", "verify", "check"),
    "AskUser": (
        "call_user",
        "take_over",
        "ask",
        "ask_human",
        "interact",
        "info",
    ),
    "Stand": ("stick",),
    "WriteSimple": ("write",),
}
"""Aliases by our action's name. An alias may belong to several actions: the space decides."""
KEYS: Mapping[str, str] = {"press_enter": "enter"}
"""Names that imply a key, where they are not actions of their own: UI-Venus 2's in a browser."""
ENDINGS: Mapping[str, str] = {
    "done": "success", "finished": "success", "complete": "success", "taskcomplete": "success",
    "fail": "failure", "abort": "failure", "infeasible": "failure", "impossible": "failure",
}  # fmt: skip
"""Names, as `spelled`, that imply an ending: the Qwen2-VL report's Done, UI-TARS's finished, OSWorld's FAIL."""
IN_TURN = "pyautogui.press"
"""pyautogui's press, whose keys are pressed one after the other; elsewhere those of a press are held together."""
ONLY_CALLED = (
    "scroll_to", "swipe_to", "click_at", "middle_click", "system_button", "do",
    "mouse_down", "mouse_up", "left_mouse_down", "left_mouse_up", "key_down", "key_up", "get_screenshot",
)  # fmt: skip
"""Names that make `name(...)` a call, whether or not they are an action here."""


def spelled(name: str) -> str:
    """The name without case, spaces, dashes and underscores: `double_click` and `DoubleClick` are one word."""
    return re.sub(r"[\s_\-.]", "", name).casefold()


def words_in(name: str) -> list[str]:
    """The words of a name: `double_click` and `DoubleClick` have two."""
    return re.findall(r"[A-Z]?[a-z0-9]+", name)
