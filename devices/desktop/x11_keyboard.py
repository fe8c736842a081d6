"""A keyboard on an X11 display that types every character in every layout.

A character of the current layout is typed with its own key. Any other one is first put on a spare key code, as X
allows. Each such change makes every program read the layout anew, which takes a window manager up to 50 ms (openbox);
so two characters share a key code, and a text with more of them than fit, some 40, is pasted. pyautogui does not
suffice: it assumes a US layout, types `<` as `>`, and silently drops non-ASCII characters.
"""

import contextlib
import re
import time
from collections.abc import Iterator
from typing import NamedTuple

from Xlib import XK, X
from Xlib.ext import xtest

from actions.errors import ActionRefused
from actions.secrets import Secret
from devices.desktop.display import telling_broken_pipes
from devices.desktop.keys import X11_NAMES, typeable
from devices.desktop.x11 import (
    LOST,
    another_connection,
    answers_ping,
    focused_classes,
    open_display,
    send,
    window_manager_answers,
)
from devices.desktop.x11_clipboard import offering

READ_S = 0.3
"""How long an application that does not answer pings gets to read its keys."""
PASTE_S = 0.2
"""How long an application gets, once it has read the paste keys, to fetch the text."""
PATIENCE_S = 5.0
"""How long to wait for one that answers pings."""
KEYPAD = range(XK.XK_KP_Space, XK.XK_KP_9 + 1)
"""The keysyms of the keypad, which follow each other."""
MODIFIERS = range(XK.XK_Shift_L, XK.XK_Hyper_R + 1)
"""The keysyms of modifiers, which follow each other."""
UNUSUAL = 0x0100_0000
"""The offset from code point to keysym for characters outside Latin-1."""


class Stroke(NamedTuple):
    """A key, and whether shift is held."""

    code: int
    shifted: bool


class X11Keyboard:
    """Types on one display. An error or Ctrl-C while it types or presses releases every key that is down."""

    def __init__(self, display: str) -> None:
        self._name = display
        self._display = open_display(display)
        info = self._display.display.info
        self._codes = range(info.min_keycode, info.max_keycode + 1)
        self._shift: int = self._display.keysym_to_keycode(XK.XK_Shift_L)
        self._capslock = Stroke(self._display.keysym_to_keycode(XK.XK_Caps_Lock), False)
        self._down: list[int] = []
        """The key codes that are down, those of held keys included."""
        self.held: dict[str, list[int]] = {}
        """The key codes of each key that stays down until `let_go`."""
        self._capslock_off = False
        """Whether Caps Lock was switched off for a text, and has to be switched on again."""
        self._lent: dict[int, Stroke] = {}
        """Keysyms outside the layout that are on spare key codes now."""

    def type_text(self, text: str) -> None:
        """Types the text; Enter for a newline, Tab for a tab.

        Raises:
            ActionRefused: it contains a control character, or must be pasted and cannot be.
        """
        text = typeable(text)
        with self._attended():
            self._read_layout()
            self._switch_capslock_off()
            if len(self._strange(text)) <= 2 * len(self._spare):
                self._type(text)
                return
            for piece in re.findall(r"[\n\t]|[^\n\t]+", text):
                if self._strange(piece):
                    self._paste(piece)
                else:
                    self._type(piece)

    def type_secret(self, secret: Secret) -> None:
        """Types the value while a window of its class has the focus.

        For each key the server serves no other program between the check and the key.

        Raises:
            ActionRefused: another window has the focus, maybe after some of it was typed; or the value must be pasted,
                and every program could read it.
        """
        with self._attended():
            self._read_layout()
            self._switch_capslock_off()
            if len(self._strange(secret.value)) > 2 * len(self._spare):
                raise ActionRefused(
                    f"{secret} has too many characters that the keyboard layout lacks. It was not typed."
                )
            for typed, stroke in enumerate(self._strokes([_keysym(character) for character in secret.value])):
                with self._alone():
                    classes = focused_classes(self._display)
                    if secret.place.lower() in classes:
                        self._strike([stroke])
                if secret.place.lower() not in classes:
                    there = ", ".join(sorted(classes)) or "no window with a class"
                    part = "Only its beginning was typed." if typed else "It was not typed."
                    raise ActionRefused(f"{secret} is for {secret.place}, and the focus is in {there}. {part}")

    def press(self, keys: tuple[str, ...], seconds: float = 0.0) -> None:
        """Presses the keys in this order and, after some seconds, releases them in reverse.

        Raises:
            ActionRefused: there is no such key; nothing was pressed.
        """
        with self._attended():
            self._strike(self._named(keys), seconds)

    def hold(self, keys: tuple[str, ...]) -> None:
        """Presses the keys and leaves them down. Raises as `press` does."""
        with self._attended():
            self._wait_for_clicks()
            for key, stroke in zip(keys, self._named(keys), strict=True):
                before = len(self._down)
                self._push(stroke)
                self.held[key] = self._down[before:]
            self._display.sync()

    def let_go(self, keys: tuple[str, ...]) -> None:
        """Releases held keys, the last one first."""
        with self._attended():
            self._wait_for_clicks()
            for key in reversed(keys):
                del self.held[key]
            self._lift()

    def release(self) -> None:
        """Releases every key that is down, over a connection of its own: ours may be broken."""
        if self._down:
            send(self._name, X.KeyRelease, *reversed(self._down))
        self._down.clear()
        self.held.clear()

    def close(self) -> None:
        """Releases the keys, and returns the borrowed key codes once the application has read them."""
        with telling_broken_pipes():
            if self._down:
                self.release()
            if self._lent:
                self._wait_until_read()
                for code in {stroke.code for stroke in self._lent.values()}:
                    self._display.change_keyboard_mapping(code, [[X.NoSymbol] * 4])
                self._display.sync()
            self._display.close()

    def _type(self, text: str) -> None:
        for stroke in self._strokes([_keysym(character) for character in text]):
            self._strike([stroke])

    def _paste(self, text: str) -> None:
        """Pastes by shift+insert, which editors, browsers and terminals support."""
        with offering(self._name, text):
            self._strike(self._strokes([XK.XK_Shift_L, XK.XK_Insert]))
            self._wait_until_read()
            time.sleep(PASTE_S)

    def _strike(self, strokes: list[Stroke], seconds: float = 0.0) -> None:
        for stroke in strokes:
            self._push(stroke)
        if seconds:
            self._display.sync()
            time.sleep(seconds)
        self._lift()

    def _push(self, stroke: Stroke) -> None:
        """Presses a key, with shift if it takes that, unless it is down."""
        for code in (self._shift, stroke.code) if stroke.shifted else (stroke.code,):
            if code not in self._down:
                self._down.append(code)  # before it is down, so that an interrupt in between cannot lose it
                xtest.fake_input(self._display, X.KeyPress, code)

    def _lift(self) -> None:
        """Releases the keys that are down and not held."""
        held = {code for codes in self.held.values() for code in codes}
        if not (rest := [code for code in reversed(self._down) if code not in held]):
            return
        for code in rest:
            xtest.fake_input(self._display, X.KeyRelease, code)
        self._display.sync()
        self._down = [code for code in self._down if code in held]  # afterwards, so that an interrupt loses none

    def _named(self, keys: tuple[str, ...]) -> list[Stroke]:
        """The strokes of keys by their names, with the layout read anew."""
        self._read_layout("shift" in keys)
        return self._strokes(
            [XK.string_to_keysym(X11_NAMES[key]) if key in X11_NAMES else _keysym(key) for key in keys]
        )

    def _strange(self, text: str) -> set[int]:
        """The keysyms of the characters that the layout lacks."""
        return {_keysym(character) for character in text} - self._own.keys()

    def _strokes(self, keysyms: list[int]) -> list[Stroke]:
        """The stroke of each keysym, after putting those outside the layout on spare key codes."""
        strange = [keysym for keysym in dict.fromkeys(keysyms) if keysym not in self._own]
        if len(strange) > 2 * len(self._spare):
            raise ActionRefused("The keyboard layout lacks the key and has no unused one to borrow. Nothing was done.")
        if any(keysym not in self._lent for keysym in strange):
            self._lend(strange)
        return [self._own.get(keysym) or self._lent[keysym] for keysym in keysyms]

    def _lend(self, needed: list[int]) -> None:
        """Puts keysyms on spare key codes, two on each; removes other ones if there is no room."""
        missing = [keysym for keysym in needed if keysym not in self._lent]
        taken = {stroke.code for stroke in self._lent.values()}
        if len(missing) > 2 * (len(self._spare) - len(taken)):
            self._wait_until_read()
            missing, taken, self._lent = needed, set(), {}
        free = [code for code in self._spare if code not in taken]
        for code, plain, shifted in zip(free, missing[::2], [*missing[1::2], missing[-1]], strict=False):
            self._display.change_keyboard_mapping(code, [[plain, shifted] * 2])
            self._lent |= {shifted: Stroke(code, True), plain: Stroke(code, False)}
        self._display.sync()
        # It must have read the layout before anything else is clicked, or the keys after that go to the wrong window.
        window_manager_answers(self._display, PATIENCE_S)

    def _read_layout(self, shifted: bool = False) -> None:
        """Reads how the active layout types each keysym, and which key codes it leaves unused.

        A keysym on two keys is taken from the one without shift, or from the one with shift if shift is held anyway. A
        modifier is always its own key: layouts repeat Alt and Meta on codes that no keyboard has, there with shift. The
        user may have changed the layout meanwhile, which removes borrowed keysyms.
        """
        rows = self._display.get_keyboard_mapping(self._codes.start, len(self._codes))
        layout = {code: [*row, 0, 0, 0, 0] for code, row in zip(self._codes, rows, strict=True)}
        self._lent = {keysym: lent for keysym, lent in self._lent.items() if layout[lent.code][lent.shifted] == keysym}
        lent_codes = {stroke.code for stroke in self._lent.values()}
        self._spare = [code for code in self._codes if code in lent_codes or not any(layout[code])]
        self._own: dict[int, Stroke] = {}
        group = self._state() >> 13 & 3
        levels = (1, 0) if shifted else (0, 1)
        for level in levels if group < 2 else ():  # the core protocol has two layouts, and shift
            for code in sorted(set(self._codes) - set(self._spare)):
                keysym, stroke = layout[code][2 * group + level], Stroke(code, level == 1)
                if keysym in KEYPAD:  # its second level is NumLock's, not shift's
                    stroke = Stroke(code, False)
                if keysym not in self._own or (keysym in MODIFIERS and self._own[keysym].shifted and not level):
                    self._own[keysym] = stroke

    def _wait_for_clicks(self) -> None:
        """Waits until earlier clicks have arrived. A window manager holds them back to move the focus, but not keys."""
        window_manager_answers(self._display, PATIENCE_S)

    def _wait_until_read(self) -> None:
        """Waits until the focused application has read its keys: it looks each up only when it reads it."""
        if not answers_ping(self._display, PATIENCE_S):
            time.sleep(READ_S)

    def _state(self) -> int:
        state: int = self._display.screen().root.query_pointer().mask
        return state

    def _switch_capslock_off(self) -> None:
        """For as long as this is attended, because it would swap the case of letters."""
        if self._state() & X.LockMask:
            self._capslock_off = True
            self._strike([self._capslock])

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Within the block the server serves no other program. An interrupt ends that with the connection."""
        self._display.grab_server()
        try:
            yield
        except (*LOST, TypeError):
            self._display.ungrab_server()
            raise
        self._display.ungrab_server()
        self._display.sync()

    @contextlib.contextmanager
    def _attended(self) -> Iterator[None]:
        """Leaves no key down and Caps Lock as it was, whatever ends the block.

        An interrupt may break python-xlib in the middle of a reply, and every later call on that connection waits for
        ever. So another connection takes its place.
        """
        interrupted, lost = True, False
        try:
            yield
            interrupted = False
        except ActionRefused:
            interrupted = False
            raise
        except (*LOST, TypeError):
            interrupted, lost = False, True
            raise
        finally:
            if interrupted:
                self._display.display.socket.close()
                self._display = another_connection(self._name)
                self.release()
            if not lost:  # a request to a lost display would wait for ever
                self._lift()
                if self._capslock_off:
                    self._strike([self._capslock])
            self._capslock_off = False


def _keysym(character: str) -> int:
    """The keysym of a character: its code point for Latin-1, see the X protocol's appendix A."""
    if character in "\n\t":
        return int(XK.XK_Return if character == "\n" else XK.XK_Tab)
    code = ord(character)
    return code if 0x20 <= code <= 0x7E or 0xA0 <= code <= 0xFF else UNUSUAL | code
