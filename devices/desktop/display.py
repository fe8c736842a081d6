"""Finds the display, checks that it can be used, and imports `pyautogui`, which binds to it."""

import contextlib
import importlib
import io
import os
import sys
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from actions.errors import UsageError

VIRTUAL = "start a virtual one: Xvfb :99 -screen 0 1280x800x24 & then --address :99"
ON_X11 = sys.platform not in ("win32", "darwin")


def choose_display(named: str | None, environ: Mapping[str, str]) -> str | None:
    """The X11 display or Wayland socket to use; None on Windows and macOS, which have only one desktop.

    Xwayland sets DISPLAY in a Wayland session: that it is set does not make an X11 session.

    Raises:
        UsageError: there is none.
    """
    if not ON_X11:
        if named:
            raise UsageError(f"{named!r} names a Linux display, and {sys.platform} has none. Pass a monitor's number.")
        return None
    if named:
        return named
    session = environ.get("XDG_SESSION_TYPE")
    if session == "wayland" or (session != "x11" and environ.get("WAYLAND_DISPLAY")):
        return environ.get("WAYLAND_DISPLAY") or "wayland-0"  # as libwayland has it
    if not environ.get("DISPLAY"):
        raise UsageError(
            "There is no display: DISPLAY is not set. Run this inside a desktop session, choose a display with "
            f"--address :0, or {VIRTUAL}"
        )
    return environ["DISPLAY"]


def is_wayland(display: str) -> bool:
    """Whether it is a Wayland socket: the name of an X11 display has a colon."""
    return ":" not in display


def load_pyautogui(display: str | None) -> Any:
    """pyautogui without its pauses and without its own fail-safe, which forbids clicks on a corner of the screen.

    It binds to one X11 display at its first import, for the lifetime of the process.

    Raises:
        UsageError: it is not installed, lacks tkinter, or is already bound to another display.
    """
    try:
        with reaching(display), telling_broken_pipes():
            gui: Any = importlib.import_module("pyautogui")
    except ModuleNotFoundError as error:
        raise UsageError(f"The desktop device needs {error.name!r}: pip install '.[desktop]'") from error
    except SystemExit as error:  # its module mouseinfo exits if tkinter is missing
        raise UsageError("pyautogui needs tkinter: sudo apt-get install python3-tk") from error
    gui.PAUSE = 0
    gui.FAILSAFE = False
    if display is not None:
        _bind_again_if_lost(gui, display)
    if display is not None and (bound := gui.platformModule._display.get_display_name()) != display:
        raise UsageError(f"This process already operates the display {bound!r}. Use another process for {display!r}.")
    return gui


def _bind_again_if_lost(gui: Any, display: str) -> None:
    """Gives pyautogui a new connection if the one from its import is broken."""
    from Xlib import display as xdisplay  # on X11 only
    from Xlib import error

    try:
        with telling_broken_pipes():
            gui.platformModule._display.sync()
    except (OSError, error.ConnectionClosedError):
        with reaching(display):
            gui.platformModule._display = xdisplay.Display(display)


@contextlib.contextmanager
def telling_broken_pipes() -> Iterator[None]:
    """Converts the TypeError of python3-Xlib 0.15, when a write breaks its connection, to ConnectionError."""
    try:
        yield
    except TypeError as error:
        if not isinstance(error.__context__, OSError):
            raise
        raise ConnectionError("the connection to the display broke") from error


@contextlib.contextmanager
def reaching(display: str | None) -> Iterator[None]:
    """Lets python-xlib find the display within the block, silently, even without a ~/.Xauthority."""
    if display is None:
        yield
        return
    meant = {"DISPLAY": display}
    if "XAUTHORITY" not in os.environ and not Path("~/.Xauthority").expanduser().exists():
        meant["XAUTHORITY"] = os.devnull
    before = {name: os.environ.get(name) for name in meant}
    os.environ.update(meant)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore", ResourceWarning)  # it does not close the authority file
            yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
