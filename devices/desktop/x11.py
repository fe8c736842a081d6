"""A connection to an X11 display, and a check that the focused application has read its events."""

import contextlib
import select
import time
from collections.abc import Callable, Mapping
from typing import Any

import mss
from mss.exception import ScreenShotError
from Xlib import X, Xatom, error
from Xlib import display as xdisplay
from Xlib.ext import xtest
from Xlib.protocol import event

from actions.errors import UsageError
from actions.mouse import Button
from devices.desktop.display import VIRTUAL, reaching, telling_broken_pipes
from devices.desktop.monitors import Place

NEEDED = {
    "XTEST": "nothing can be typed or clicked",
    "RANDR": "the monitors cannot be listed",
}
"""The X extensions that the desktop requires, and why."""
DEPTHS = (24, 32)
"""Bits of colour that mss can read."""
LOST = (OSError, error.DisplayError, error.ConnectionClosedError, error.XError)
"""python-xlib's errors once the display no longer answers."""

BUTTONS: Mapping[Button, int] = {"left": 1, "middle": 2, "right": 3, "back": 8, "forward": 9}
"""The buttons' X numbers."""


def open_display(name: str) -> Any:
    """A new connection to the display of that name.

    Raises:
        UsageError: it cannot be reached, lacks an extension or a colour depth that is needed, or only shows the X11
            windows of a Wayland session.
    """
    pictures = _why_no_picture(name)  # first, because python-xlib leaves a socket open if nobody answers
    if pictures.startswith("Cannot connect"):
        raise unanswered(name, pictures)
    try:
        with reaching(name):
            display = xdisplay.Display(name)
    except (*LOST, error.XauthError) as failure:
        raise unanswered(name, str(failure)) from failure
    with contextlib.ExitStack() as opened:
        opened.callback(close, display)
        try:
            fault = _fault(display) or pictures
        except LOST as failure:
            raise unanswered(name, str(failure)) from failure
        if fault:
            raise UsageError(f"The display {name!r} cannot be used: {fault}")
        opened.pop_all()
    return display


def _fault(display: Any) -> str:
    """Why this display cannot be operated, with the remedy; empty if it can be."""
    extensions = display.list_extensions()
    if "XWAYLAND" in extensions:
        return (
            "it belongs to a Wayland session (Xwayland), its picture is black and its keys reach only some windows. "
            "Leave --address out, or name the session's socket: --address wayland-0"
        )
    for extension, lost in NEEDED.items():
        if extension not in extensions:
            return (
                f"it lacks the X extension {extension}, so that {lost}. Start its X server with +extension "
                f"{extension}, or {VIRTUAL}"
            )
    if (depth := display.screen().root_depth) not in DEPTHS:
        return f"it has {depth} bits of colour, and pictures need 24. Start its X server with 24, or {VIRTUAL}"
    return ""


def _why_no_picture(name: str) -> str:
    """The error of mss if it cannot capture the display, else empty."""
    try:
        mss.MSS(display=name).close()
    except ScreenShotError as failure:
        return str(failure)
    return ""


def unanswered(name: str, why: str) -> UsageError:
    """The error of a display that cannot be opened."""
    return UsageError(
        f"The display {name!r} does not answer ({why}). Choose a running one with --address, or {VIRTUAL}"
    )


def close(display: Any) -> None:
    """Closes a connection, which may be broken."""
    with contextlib.suppress(*LOST):
        display.close()


def another_connection(name: str) -> Any:
    """A connection to a display that has been opened before. Raises one of `LOST` if it is gone."""
    with reaching(name):
        return xdisplay.Display(name)


def send(name: str, event_type: int, *codes: int) -> None:
    """Sends an event of this type, such as `X.ButtonRelease`, for each code, over a connection of its own.

    An interrupt may break python-xlib in the middle of a reply, and every later call on that connection waits for ever.
    Raises one of `LOST` if the display is gone.
    """
    display = another_connection(name)
    try:
        for code in codes:
            xtest.fake_input(display, event_type, code)
        display.sync()
    finally:
        close(display)


def send_button(name: str, button: Button, down: bool) -> None:
    """Presses or releases a mouse button. Raises as `send` does."""
    send(name, X.ButtonPress if down else X.ButtonRelease, BUTTONS[button])


def pointer_of(display: Any) -> Callable[[], Place]:
    """A function for the pointer's position over this connection; it raises one of `LOST` if that is broken."""
    root = display.screen().root

    def place() -> Place:
        with telling_broken_pipes():
            found = root.query_pointer()
        return Place(found.root_x, found.root_y)

    return place


def focused_classes(display: Any) -> set[str]:
    """The class and the instance name of the window that gets the keys, in lower case; empty if it has none."""
    window = display.get_input_focus().focus
    while not isinstance(window, int) and window:
        if names := window.get_wm_class():
            return {name.lower() for name in names}
        window = window.query_tree().parent
    return set()


def answers_ping(display: Any, patience_s: float) -> bool:
    """Waits until the focused application has processed its events; False if it cannot report that.

    Uses EWMH's _NET_WM_PING: an application returns this message after all earlier events.
    """
    ping = display.intern_atom("_NET_WM_PING")
    protocols = display.intern_atom("WM_PROTOCOLS")
    window = _pingable(display, ping, protocols)
    if window is None:
        return False
    root = display.screen().root
    root.change_attributes(event_mask=X.SubstructureNotifyMask)
    try:
        stamp = int(time.monotonic() * 1000) & 0x7FFF_FFFF
        message = event.ClientMessage(window=window, client_type=protocols, data=(32, [ping, stamp, window.id, 0, 0]))
        window.send_event(message)
        expected = [ping, stamp]
        return _came(
            display,
            lambda seen: seen.type == X.ClientMessage and list(seen.data[1][:2]) == expected,
            patience_s,
        )
    finally:
        root.change_attributes(event_mask=X.NoEventMask)
        _forget_events(display)


def window_manager_answers(display: Any, patience_s: float) -> bool:
    """Waits until the window manager has processed its events; False if there is none that can report that.

    Uses EWMH's _NET_REQUEST_FRAME_EXTENTS: it sets a property on our window when it reaches the request.
    """
    root = display.screen().root
    question, answer = display.intern_atom("_NET_REQUEST_FRAME_EXTENTS"), display.intern_atom("_NET_FRAME_EXTENTS")
    able = root.get_full_property(display.intern_atom("_NET_SUPPORTED"), Xatom.ATOM)
    if able is None or question not in able.value:
        return False
    window = root.create_window(0, 0, 1, 1, 0, X.CopyFromParent, event_mask=X.PropertyChangeMask)
    try:
        message = event.ClientMessage(window=window, client_type=question, data=(32, [0] * 5))
        root.send_event(message, event_mask=X.SubstructureRedirectMask | X.SubstructureNotifyMask)
        return _came(display, lambda seen: seen.type == X.PropertyNotify and seen.atom == answer, patience_s)
    finally:
        window.destroy()
        _forget_events(display)


def _pingable(display: Any, ping: int, protocols: int) -> Any:
    """The focused window, or an ancestor, that supports pings; None if there is none."""
    window = display.get_input_focus().focus
    while not isinstance(window, int) and window:
        held = window.get_full_property(protocols, Xatom.ATOM)
        if held is not None and ping in held.value:
            return window
        window = window.query_tree().parent
    return None


def _came(display: Any, awaited: Callable[[Any], bool], patience_s: float) -> bool:
    """Whether an event that is awaited came in time."""
    deadline = time.monotonic() + patience_s
    while (left := deadline - time.monotonic()) > 0:
        while display.pending_events():
            if awaited(display.next_event()):
                return True
        select.select([display.fileno()], [], [], left)
    return False


def _forget_events(display: Any) -> None:
    display.sync()
    while display.pending_events():
        display.next_event()
