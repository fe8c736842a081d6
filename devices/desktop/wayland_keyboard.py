"""A virtual keyboard on a wlroots compositor, beside the user's own, which keeps its layout.

Its layout is ours: the characters of a US keyboard are where that has them, because some programs look at the place of
a key, and whatever else a text needs is on spare codes. So it types any text, and touches no clipboard.
"""

import contextlib
import os
import time
from collections.abc import Iterable, Iterator, Mapping

from actions.errors import ActionRefused
from actions.secrets import Secret
from devices.desktop.keys import X11_NAMES, typeable
from devices.desktop.wayland_seat import Seat, now

BATCH = 25
"""Characters that are sent at once: the compositor closes an application's connection whose queue overflows."""
PAUSE_S = 0.03
"""The pause after each batch, in which the application reads."""
_ROWS = (
    (2, "1234567890-=", "!@#$%^&*()_+"), (16, "qwertyuiop[]", "QWERTYUIOP{}"), (30, "asdfghjkl;'`", 'ASDFGHJKL:"~'),
    (43, "\\zxcvbnm,./", "|ZXCVBNM<>?"), (57, " ", ""),
)  # fmt: skip
"""The first code of each row of a US keyboard, in Linux's numbers, and what its keys type without and with shift."""
US: Mapping[str, tuple[int, int]] = {
    character: (first + place, level)
    for first, *levels in _ROWS
    for level, characters in enumerate(levels)
    for place, character in enumerate(characters)
}
CODES: Mapping[str, int] = {
    "escape": 1, "backspace": 14, "tab": 15, "enter": 28, "ctrl": 29, "shift": 42, "alt": 56, "space": 57,
    "capslock": 58, **{f"f{number}": 58 + number for number in range(1, 11)}, "numlock": 69, "scrolllock": 70,
    "numpad7": 71, "numpad8": 72, "numpad9": 73, "numpadsubtract": 74, "numpad4": 75, "numpad5": 76, "numpad6": 77,
    "numpadadd": 78, "numpad1": 79, "numpad2": 80, "numpad3": 81, "numpad0": 82, "numpaddecimal": 83, "f11": 87,
    "f12": 88, "numpadenter": 96, "numpaddivide": 98, "printscreen": 99, "home": 102, "up": 103, "pageup": 104,
    "left": 105, "right": 106, "end": 107, "down": 108, "pagedown": 109, "insert": 110, "delete": 111, "pause": 119,
    "meta": 125, "menu": 127, "numpadmultiply": 55,
}  # fmt: skip
"""Linux's code of every named key."""
MASKS = {CODES["shift"]: 1, CODES["ctrl"]: 4, CODES["alt"]: 8, CODES["meta"]: 64}
LOCKED = 2
"""The bit of Caps Lock."""
SPARE = (*range(183, 247), *range(128, 183))
"""Codes of keys that few keyboards have, for other characters, two on each."""
_XKB_OFFSET = 8
"""From Linux's codes to those of a layout."""
_TEXT = 1
"""The only format of a layout: XKB's text."""


class WaylandKeyboard:
    """Types on a seat. An error or Ctrl-C while it types or presses releases every key that is not held."""

    def __init__(self, seat: Seat) -> None:
        self._seat = seat
        self._lent: dict[str, tuple[int, int]] = {}
        self._wire: object = None
        """The connection that knows the layout."""
        self._down: list[int] = []
        """The codes that are down, those of held keys included."""
        self._locked = 0
        self.held: dict[str, list[int]] = {}
        """The codes of each key that stays down until `let_go`."""

    def type_text(self, text: str) -> None:
        """Types the text; Enter for a newline, Tab for a tab. Raises ActionRefused: it has a control character."""
        text = typeable(text)
        with self._lifting():
            for start in range(0, len(text), BATCH):
                batch = text[start : start + BATCH]
                if self._strange(batch) - self._lent.keys():
                    self._lend(text[start:])
                for character in batch:
                    self._push(*self._stroke({"\n": "enter", "\t": "tab"}.get(character, character)), locked=0)
                    self._lift()
                self._seat.wire.roundtrip()
                time.sleep(PAUSE_S)

    def type_secret(self, secret: Secret) -> None:
        """Always raises ActionRefused: no client can bind a key to the window that had the focus."""
        raise ActionRefused(f"On Wayland another window may get the focus between two keys, so {secret} was not typed.")

    def press(self, keys: tuple[str, ...], seconds: float = 0.0) -> None:
        """Presses the keys in this order and, after some seconds, releases them in reverse."""
        with self._lifting():
            self._push_all(keys)
            if seconds:
                self._seat.wire.roundtrip()
                time.sleep(seconds)

    def hold(self, keys: tuple[str, ...]) -> None:
        """Presses the keys and leaves them down."""
        with self._lifting():
            self.held |= self._push_all(keys)

    def let_go(self, keys: tuple[str, ...]) -> None:
        """Releases held keys, the last one first."""
        for key in keys:
            del self.held[key]
        self._lift()
        self._seat.wire.roundtrip()

    def release(self) -> None:
        """Releases every key that is down."""
        self.held.clear()
        if self._seat.wire is not self._wire:  # the compositor released the keys of the connection that broke
            self._down.clear()
        self._lift()
        self._seat.wire.roundtrip()

    def _push_all(self, keys: tuple[str, ...]) -> dict[str, list[int]]:
        """Presses keys; returns the codes of each."""
        if strange := self._strange(key for key in keys if key not in CODES) - self._lent.keys():
            self._lend(strange)
        codes: dict[str, list[int]] = {}
        for key in keys:
            before = len(self._down)
            if key == "capslock":
                self._locked ^= LOCKED
            self._push(*self._stroke(key), locked=self._locked)
            codes[key] = self._down[before:]
        return codes

    def _stroke(self, key: str) -> tuple[int, int]:
        """The code of a named key or a character, and its level."""
        return (CODES[key], 0) if key in CODES else US.get(key) or self._lent[key]

    def _push(self, code: int, level: int, locked: int) -> None:
        """Presses a key, with shift on the second level, unless it is down."""
        for each in (CODES["shift"], code) if level else (code,):
            if each not in self._down:
                self._down.append(each)  # before it is down, so that an interrupt in between cannot lose it
                self._send(each, True)
                if each in MASKS or locked:
                    self._send_modifiers(locked)

    def _lift(self) -> None:
        """Releases the keys that are down and not held."""
        held = {code for codes in self.held.values() for code in codes}
        for code in [code for code in reversed(self._down) if code not in held]:
            self._send(code, False)
            self._down.remove(code)
            if code in MASKS:
                self._send_modifiers(0)

    @contextlib.contextmanager
    def _lifting(self) -> Iterator[None]:
        """Leaves no key down but the held ones; an interrupt in the middle of a message leaves that to `release`."""
        if self._seat.wire is not self._wire:
            self._install()
        try:
            yield
        finally:
            if not self._seat.torn:
                self._lift()
                self._seat.wire.roundtrip()

    def _strange(self, characters: Iterable[str]) -> set[str]:
        """Those that a US keyboard lacks."""
        return {each for each in characters if each not in US and each not in "\n\t"}

    def _lend(self, text: Iterable[str]) -> None:
        """Puts a layout on that has the first of the strange characters of the text, as many as there are codes for."""
        strange = [each for each in dict.fromkeys(text) if self._strange(each)][: 2 * len(SPARE)]
        self._lent = {character: (SPARE[place // 2], place % 2) for place, character in enumerate(strange)}
        self._install()

    def _install(self) -> None:
        self._wire = self._seat.wire
        content = layout(self._lent).encode() + b"\0"
        fd = os.memfd_create("layout")
        try:
            os.write(fd, content)
            self._wire.send(self._seat.keyboard, "keymap", _TEXT, fd, len(content))
        finally:
            os.close(fd)
        self._send_modifiers(0)
        self._wire.roundtrip()

    def _send(self, code: int, down: bool) -> None:
        self._seat.wire.send(self._seat.keyboard, "key", now(), code, down)

    def _send_modifiers(self, locked: int) -> None:
        depressed = sum(MASKS.get(code, 0) for code in self._down)
        self._seat.wire.send(self._seat.keyboard, "modifiers", depressed, 0, locked, 0)


def layout(lent: Mapping[str, tuple[int, int]]) -> str:
    """The XKB layout with the US keys, the named ones, and these characters on their codes and levels."""
    levels: dict[int, list[str]] = {}
    for character, (code, level) in {**US, **lent}.items():
        levels.setdefault(code, ["NoSymbol", "NoSymbol"])[level] = f"U{ord(character):04X}"
    levels |= {code: [X11_NAMES[name]] for name, code in CODES.items()}
    codes = "".join(f"<K{code}>={code + _XKB_OFFSET};" for code in levels)
    symbols = "".join(
        f'key <K{code}>{{type="{"TWO_LEVEL" if len(row) == 2 else "ONE_LEVEL"}",[{",".join(row)}]}};'
        for code, row in levels.items()
    )
    modifiers = {"Shift": "shift", "Control": "ctrl", "Mod1": "alt", "Mod4": "meta", "Lock": "capslock"}
    maps = "".join(f"modifier_map {modifier}{{<K{CODES[key]}>}};" for modifier, key in modifiers.items())
    return (
        f'xkb_keymap{{xkb_keycodes "s"{{minimum=8;maximum=255;{codes}}};'
        'xkb_types "s"{include "complete"};xkb_compatibility "s"{include "complete"};'
        f'xkb_symbols "s"{{{symbols}{maps}}};}};'
    )
