"""`watching`: notes what a person does on an X11 display, through its RECORD extension.

The display reports the input of its devices before any program gets it. Input that a program makes through XTEST, as
tools that operate a desktop do, counts too. What dead keys and input methods compose is not noted.
"""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from Xlib import XK, X
from Xlib.ext import record
from Xlib.protocol import rq

from actions.errors import DeviceFailure, UsageError
from actions.geometry import Point
from devices.desktop import x11, x11_windows
from devices.desktop.keys import X11_NAMES
from devices.desktop.monitors import Place
from devices.desktop.system import Window
from devices.watching import Done, Shown
from devices.watching.gestures import Gestures

BEGINNING_S = 20.0
ENDING_S = 2.0
QUIET_S = 0.2
"""Reports that are this late are not waited for."""
UNUSUAL = 0x0100_0000
"""The offset from code point to keysym for characters outside Latin-1."""
_BUTTONS = {number: name for name, number in x11.BUTTONS.items() if name in ("left", "middle", "right")}
_WHEEL = {4: (0, -1), 5: (0, 1), 6: (-1, 0), 7: (1, 0)}
"""Notches to the right and down by button."""
_HELD = {"ctrl": X.ControlMask, "alt": X.Mod1Mask, "shift": X.ShiftMask, "meta": X.Mod4Mask}
_NAMES = {XK.string_to_keysym(x11_name): name for name, x11_name in X11_NAMES.items()}
_EVENTS = {
    "core_requests": (0, 0), "core_replies": (0, 0), "ext_requests": (0, 0, 0, 0), "ext_replies": (0, 0, 0, 0),
    "delivered_events": (0, 0), "device_events": (X.KeyPress, X.ButtonRelease), "errors": (0, 0),
    "client_started": False, "client_died": False,
}  # fmt: skip


class DisplayWatch:
    """Notes the keys and buttons of a display."""

    def __init__(self, name: str, corner: Callable[[], Place]) -> None:
        """`corner` is the top left one of the monitor.

        Raises:
            UsageError: the display has no RECORD extension.
        """
        self._name = name
        self._corner = corner
        self._gestures = Gestures()
        self._asking = x11.another_connection(name)
        self._reporting = x11.another_connection(name)
        if not self._asking.has_extension("RECORD"):
            raise UsageError(f"The display {name!r} lacks the X extension RECORD, so nothing can be noted on it.")
        self._context = self._reporting.record_create_context(0, [record.AllClients], [_EVENTS])
        self._thread = threading.Thread(target=self._listen, name="watching", daemon=True)
        self._reports = threading.Event()
        self._noted = 0
        self._lost = ""

    @property
    def over(self) -> bool:
        return bool(self._lost)

    def shown(self) -> Shown:
        try:
            title = x11_windows.focused_window(self._name).title
        except x11.LOST as failure:
            raise DeviceFailure(f"The display {self._name!r} is gone: {failure}.") from failure
        return Shown("", title, ())

    def done(self) -> Sequence[Done]:
        """Waits until no more reports arrive: those of the last keys may still be under way."""
        until, noted = time.monotonic() + ENDING_S, -1
        while noted != self._noted and time.monotonic() < until:
            noted = self._noted
            time.sleep(QUIET_S)
        return self._gestures.done

    def begin(self) -> None:
        """Raises DeviceFailure: the display does not begin to report in time."""
        self._thread.start()
        if not self._reports.wait(BEGINNING_S):
            self.end()
            raise DeviceFailure(f"The display {self._name!r} does not report input. {self._lost}".strip())

    def end(self) -> None:
        with suppress(*x11.LOST):
            self._asking.record_disable_context(self._context)
            self._asking.flush()
        self._thread.join(ENDING_S)
        for connection in (self._asking, self._reporting):
            with suppress(*x11.LOST):
                connection.close()

    def _listen(self) -> None:
        try:
            self._reporting.record_enable_context(self._context, self._reported)
            self._reporting.record_free_context(self._context)
        except x11.LOST as failure:
            self._lost = str(failure)

    def _reported(self, reply: Any) -> None:
        self._reports.set()  # the first reply says that it begins
        if reply.category != record.FromServer or reply.client_swapped:
            return
        data = reply.data
        while data:
            self._noted += 1
            event, data = rq.EventField(None).parse_binary_value(data, self._reporting.display, None, None)
            self._note(event)

    def _note(self, event: Any) -> None:
        corner, gestures = self._corner(), self._gestures
        point = Point(event.root_x - corner.x, event.root_y - corner.y)
        held = [name for name, mask in _HELD.items() if event.state & mask]
        match event.type:
            case X.ButtonPress if event.detail in _WHEEL:
                gestures.scroll(point, *_WHEEL[event.detail])
            case X.ButtonPress if event.detail in _BUTTONS:
                words = self._window(lambda: x11_windows.window_at(self._name, Place(event.root_x, event.root_y)))
                gestures.press_button(point, _BUTTONS[event.detail], held, words)
            case X.ButtonRelease if event.detail in _BUTTONS:
                gestures.release_button(point, event.time / 1000)
            case X.KeyPress:
                self._key(event, held)

    def _key(self, event: Any, held: list[str]) -> None:
        keysym = self._keysym(event)
        character = _character(keysym)
        if character and not set(held) & {"ctrl", "alt", "meta"}:
            self._gestures.type(character)
        elif name := _NAMES.get(keysym) or character:
            self._gestures.press(name, held)

    def _keysym(self, event: Any) -> int:
        """What a key stands for with the modifiers that are held, in the layout of now."""
        level = (1 if event.state & X.ShiftMask else 0) + (4 if event.state & X.Mod5Mask else 0)
        group = 2 * (event.state >> 13 & 1)
        keysyms = self._asking.get_keyboard_mapping(event.detail, 1)[0]
        found = next((keysyms[at] for at in (level + group, level, 0) if at < len(keysyms) and keysyms[at]), 0)
        if event.state & X.LockMask and (letter := _character(found)) and letter.isalpha():
            return UNUSUAL + ord(letter.swapcase()) if ord(letter) > 0xFF else ord(letter.swapcase())
        return int(found)

    def _window(self, find: Callable[[], Window]) -> str:
        with suppress(*x11.LOST):
            window = find()
            return f"window {window.title!r}" if window.title else window.kind
        return ""


@contextmanager
def watching(name: str, corner: Callable[[], Place]) -> Iterator[DisplayWatch]:
    """Notes what is done on a display for the duration of the block. Raises UsageError: it does not report it."""
    watch = DisplayWatch(name, corner)
    watch.begin()
    try:
        yield watch
    finally:
        watch.end()


def _character(keysym: int) -> str:
    """The character that a keysym types; empty for a key that types none."""
    if 0x20 <= keysym <= 0x7E or 0xA0 <= keysym <= 0xFF:
        return chr(keysym)
    if UNUSUAL < keysym <= UNUSUAL + 0x10FFFF:
        return chr(keysym - UNUSUAL)
    if XK.XK_KP_0 <= keysym <= XK.XK_KP_9:
        return chr(ord("0") + keysym - XK.XK_KP_0)
    return ""
