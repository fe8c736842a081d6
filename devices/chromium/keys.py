"""Our key names in Playwright's words."""

_NAMES = {
    "ctrl": "Control", "alt": "Alt", "shift": "Shift", "meta": "Meta", "enter": "Enter", "tab": "Tab",
    "escape": "Escape", "backspace": "Backspace", "delete": "Delete", "insert": "Insert", "space": "Space",
    "home": "Home", "end": "End", "pageup": "PageUp", "pagedown": "PageDown", "up": "ArrowUp", "down": "ArrowDown",
    "left": "ArrowLeft", "right": "ArrowRight", "capslock": "CapsLock", "printscreen": "PrintScreen",
    "menu": "ContextMenu",
}  # fmt: skip


def playwright_key(name: str) -> str:
    """Playwright's name of a key of `actions.keyboard`; a character is its own name."""
    return _NAMES.get(name) or (name.upper() if len(name) > 1 else name)
