"""Android's key codes, and which of them are keys of a keyboard."""

_NAMES = {
    "HOME": 3, "BACK": 4, "DPAD_UP": 19, "DPAD_DOWN": 20, "DPAD_LEFT": 21, "DPAD_RIGHT": 22, "DPAD_CENTER": 23,
    "VOLUME_UP": 24, "VOLUME_DOWN": 25, "POWER": 26, "CAMERA": 27, "CLEAR": 28, "COMMA": 55, "PERIOD": 56,
    "ALT_LEFT": 57, "ALT_RIGHT": 58, "SHIFT_LEFT": 59, "SHIFT_RIGHT": 60, "TAB": 61, "SPACE": 62, "ENTER": 66,
    "DEL": 67, "GRAVE": 68, "MINUS": 69, "EQUALS": 70, "LEFT_BRACKET": 71, "RIGHT_BRACKET": 72, "BACKSLASH": 73,
    "SEMICOLON": 74, "APOSTROPHE": 75, "SLASH": 76, "AT": 77, "PLUS": 81, "MENU": 82, "NOTIFICATION": 83, "SEARCH": 84,
    "PAGE_UP": 92, "PAGE_DOWN": 93, "ESCAPE": 111, "FORWARD_DEL": 112, "CTRL_LEFT": 113, "CTRL_RIGHT": 114,
    "CAPS_LOCK": 115, "SYSRQ": 120, "META_LEFT": 117, "META_RIGHT": 118, "MOVE_HOME": 122, "MOVE_END": 123,
    "INSERT": 124, "NUMPAD_ENTER": 160, "VOLUME_MUTE": 164, "APP_SWITCH": 187, "BRIGHTNESS_DOWN": 220,
    "BRIGHTNESS_UP": 221, "SLEEP": 223, "WAKEUP": 224, "CUT": 277, "COPY": 278, "PASTE": 279,
    **{str(digit): 7 + digit for digit in range(10)},
    **{chr(ord("A") + number): 29 + number for number in range(26)},
    **{f"F{number}": 130 + number for number in range(1, 13)},
}  # fmt: skip

CHROMIUM = {
    19: "ArrowUp", 20: "ArrowDown", 21: "ArrowLeft", 22: "ArrowRight", 55: ",", 56: ".", 57: "Alt", 58: "Alt",
    59: "Shift", 60: "Shift", 61: "Tab", 62: " ", 66: "Enter", 67: "Backspace", 68: "`", 69: "-", 70: "=", 71: "[",
    72: "]", 73: "\\", 74: ";", 75: "'", 76: "/", 77: "@", 81: "+", 92: "PageUp", 93: "PageDown", 112: "Delete",
    113: "Control", 114: "Control", 117: "Meta", 118: "Meta", 122: "Home", 123: "End", 124: "Insert", 160: "Enter",
    **{7 + digit: str(digit) for digit in range(10)},
    **{29 + number: chr(ord("a") + number) for number in range(26)},
}  # fmt: skip
"""The keyboard keys, by Chromium's names; all others are the phone's own."""


def number_of(word: str) -> int:
    """A key's number from its number or its name, with or without `KEYCODE_`.

    Raises:
        ValueError: there is no such key.
    """
    name = word.upper().removeprefix("KEYCODE_")
    if word.isdecimal():
        return int(word)
    if name not in _NAMES:
        raise ValueError(f"Unknown keycode: {word}")
    return _NAMES[name]
