"""Keyboard actions: the `Keyboard` protocol, Type and Press; group `KEYBOARD`. Key names are listed here once.

`held` is how actions of other modules hold modifiers.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Literal, Protocol, get_args

from pydantic import AfterValidator, BeforeValidator, Field

from actions.action import Action, Outcome

Modifier = Literal["ctrl", "alt", "shift", "meta"]
MODIFIERS: tuple[str, ...] = get_args(Modifier)
NUMPAD = (
    *(f"numpad{digit}" for digit in range(10)),
    "numpadadd", "numpadsubtract", "numpadmultiply", "numpaddivide", "numpaddecimal", "numpadenter",
)  # fmt: skip
"""The keys of the keypad. Its digits type only while NumLock is on, as on a keyboard."""
NAMED_KEYS = (
    *MODIFIERS, "enter", "tab", "escape", "backspace", "delete", "insert", "space", "home", "end", "pageup", "pagedown",
    "up", "down", "left", "right", "capslock", "numlock", "scrolllock", "pause", "printscreen", "menu",
    *(f"f{number}" for number in range(1, 13)), *NUMPAD,
)  # fmt: skip
"""Every key that has a name; a key that types one character is that character."""

ENTER_KEYS = ("enter", "numpadenter")
"""The keys that submit a form and press what has the focus."""

_SPELLINGS = {
    "control": "ctrl", "ctl": "ctrl", "option": "alt", "altgr": "alt",
    "cmd": "meta", "command": "meta", "win": "meta", "windows": "meta", "super": "meta",
    "return": "enter", "esc": "escape", "del": "delete", "ins": "insert", "bksp": "backspace",
    "spacebar": "space", "arrowup": "up", "arrowdown": "down", "arrowleft": "left", "arrowright": "right",
    "uparrow": "up", "downarrow": "down", "leftarrow": "left", "rightarrow": "right", "pgup": "pageup",
    "pgdn": "pagedown", "pgdown": "pagedown", "prior": "pageup", "next": "pagedown",
    "print": "printscreen", "prtsc": "printscreen", "contextmenu": "menu", "plus": "+", "minus": "-",
    "slash": "/", "comma": ",", "period": ".", "scroll": "scrolllock", "break": "pause",
    **{name: f"numpad{name}" for name in ("add", "subtract", "multiply", "divide", "decimal")},
}  # fmt: skip

_SIDE = re.compile(r"^(control|ctrl|shift|alt|meta|super|win|cmd|command|option)(?:left|right|l|r)$")
"""A modifier of one side of the keyboard, as X11 and pyautogui name it: `Control_L`, `altright`."""

_KEYPAD = re.compile(r"^(?:numpad|keypad|kp|num)(\d|[a-z]+)$")
"""A key of the keypad, as X11, browsers and pyautogui name it: `KP_Add`, `NumpadAdd`, `num7`."""
_ON_KEYPAD = {"plus": "add", "minus": "subtract", "times": "multiply", "period": "decimal", "dot": "decimal"}


class Keyboard(Protocol):
    """A keyboard."""

    def type_text(self, text: str) -> Outcome:
        """Types any text where the focus is; a newline is the Enter key."""
        ...

    def press(self, keys: tuple[str, ...], seconds: float) -> Outcome:
        """Presses keys together in this order and, after some seconds, releases them in reverse; names as in
        `NAMED_KEYS`.
        """
        ...


class HoldsKeys(Protocol):
    """A keyboard whose keys can stay down."""

    def hold_keys(self, keys: tuple[str, ...]) -> Outcome:
        """Presses keys and leaves them down. Raises ActionRefused if one of them is down already."""
        ...

    def release_keys(self, keys: tuple[str, ...]) -> Outcome:
        """Releases keys, the last one first. Raises ActionRefused if one of them is not down."""
        ...


@contextmanager
def held(device: HoldsKeys, keys: tuple[str, ...]) -> Iterator[None]:
    """Holds keys within the block."""
    if not keys:
        yield
        return
    device.hold_keys(keys)
    try:
        yield
    finally:
        device.release_keys(keys)


def read_keys(value: object) -> object:
    """Keys from `ctrl+c`, `ctrl c`, `ctrl-c` or a list of names.

    Raises:
        ValueError: a name is not a key.
    """
    if isinstance(value, str):
        text = value.strip() or value
        parts: list[object] = [text] if len(text) <= 1 else list(re.findall(r"[^\s+\-]+|(?<=[+\-\s])[+\-]$", text))
    elif isinstance(value, list | tuple):
        parts = list(value)
    else:
        raise ValueError("keys are names joined by +, such as ctrl+c")
    return tuple(_key(part) for part in parts)


def _key(part: object) -> str:
    if not isinstance(part, str) or not part:
        raise ValueError("keys are names joined by +, such as ctrl+c")
    if len(part) == 1:
        return "space" if part == " " else part.lower() if part.isascii() else part
    plain = re.sub(r"[\s_\-]", "", part).casefold()
    if (keypad := _KEYPAD.match(plain)) and (named := f"numpad{_ON_KEYPAD.get(keypad[1], keypad[1])}") in NUMPAD:
        return named
    plain = _SPELLINGS.get(plain) or _SPELLINGS.get(_SIDE.sub(r"\1", plain)) or _SIDE.sub(r"\1", plain)
    if plain not in NAMED_KEYS and len(plain) > 1:
        raise ValueError(f"there is no key {part!r}; the named keys are {', '.join(NAMED_KEYS)}")
    return plain


def _with_newlines(text: str) -> str:
    """A text whose lines end with newlines alone: a keyboard takes a carriage return for Enter, too."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


Keys = Annotated[tuple[str, ...], BeforeValidator(read_keys)]
Modifiers = Annotated[
    tuple[Modifier, ...], BeforeValidator(read_keys), Field(description="Keys to hold meanwhile, such as ctrl.")
]


class Type(Action):
    """Type text where the keyboard focus is. Click a field first if it has no focus."""

    text: Annotated[str, AfterValidator(_with_newlines)] = Field(
        min_length=1, max_length=10_000, description="The text to type."
    )

    def apply(self, device: Keyboard) -> Outcome:
        return device.type_text(self.text)


class Press(Action):
    """Press a key, or several together such as ctrl+c."""

    keys: Keys = Field(min_length=1, max_length=5, description="The key, or keys joined by +, such as enter or ctrl+c.")
    seconds: float | None = Field(default=None, gt=0, le=10, description="How long to hold it down.")

    def apply(self, device: Keyboard) -> Outcome:
        return device.press(self.keys, self.seconds or 0.0)


KEYBOARD: tuple[type[Action], ...] = (Type, Press)
