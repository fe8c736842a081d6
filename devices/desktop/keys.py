"""Text that keys can type, and the libraries' names of each named key."""

import re

from actions.errors import ActionRefused
from actions.keyboard import NAMED_KEYS, NUMPAD

X11_NAMES = {name: name.upper() if re.fullmatch(r"f\d+", name) else name.capitalize() for name in NAMED_KEYS} | {
    "ctrl": "Control_L", "alt": "Alt_L", "shift": "Shift_L", "meta": "Super_L", "enter": "Return", "space": "space",
    "backspace": "BackSpace", "pageup": "Page_Up", "pagedown": "Page_Down", "capslock": "Caps_Lock",
    "printscreen": "Print", "numlock": "Num_Lock", "scrolllock": "Scroll_Lock",
} | {name: f"KP_{name.removeprefix('numpad').capitalize()}" for name in NUMPAD}  # fmt: skip
"""The X11 keysym of every named key."""

_ON_KEYPAD = {name: name.replace("numpad", "num" if name[-1].isdigit() else "") for name in NUMPAD}
PYAUTOGUI_NAMES = {name: name for name in NAMED_KEYS} | _ON_KEYPAD | {"meta": "win", "menu": "apps"}
"""pyautogui's name of every named key on Windows."""
MAC_NAMES = {
    name: {"meta": "command", "alt": "option", **_ON_KEYPAD}.get(name, name)
    for name in NAMED_KEYS
    if name not in ("insert", "printscreen", "menu")  # an Apple keyboard has none of them
}
"""The same on macOS."""


def typeable(text: str) -> str:
    """The text with every line ending as one newline.

    Raises:
        ActionRefused: it contains a character that no key types.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    for character in text:
        if (character < " " and character not in "\n\t") or character == "\x7f" or "\ud800" <= character <= "\udfff":
            raise ActionRefused(
                f"The text holds the character {character!r}, which no key types. Use Press for keys such as escape. "
                "Nothing was typed."
            )
    return text
