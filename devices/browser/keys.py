"""Playwright's names of our keys."""

from actions.keyboard import NUMPAD

_NAMES = {
    "ctrl": "Control", "alt": "Alt", "shift": "Shift", "meta": "Meta", "enter": "Enter", "tab": "Tab",
    "escape": "Escape", "backspace": "Backspace", "delete": "Delete", "insert": "Insert", "space": "Space",
    "home": "Home", "end": "End", "pageup": "PageUp", "pagedown": "PageDown", "up": "ArrowUp", "down": "ArrowDown",
    "left": "ArrowLeft", "right": "ArrowRight", "capslock": "CapsLock", "printscreen": "PrintScreen",
    "menu": "ContextMenu", "numlock": "NumLock", "scrolllock": "ScrollLock", "pause": "Pause",
} | {name: f"Numpad{name.removeprefix('numpad').capitalize()}" for name in NUMPAD}  # fmt: skip


def playwright_key(name: str) -> str:
    """Playwright's name of a key of `actions.keyboard`.

    A letter or digit is named by its key cap, so that a held Shift has its usual effect.
    """
    if name in _NAMES:
        return _NAMES[name]
    if len(name) == 1 and name.isascii() and name.isalnum():
        return f"Digit{name}" if name.isdigit() else f"Key{name.upper()}"
    return name.upper() if len(name) > 1 else name
