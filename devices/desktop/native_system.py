"""The desktop of Windows or macOS. Written from their rules and the libraries' sources, and not tried on either.

Windows: a process that does not declare itself aware of each monitor's scale gets stretched pictures and places on
monitors with another scale than the main one. mss declares it, pyautogui declares less, and the first one counts: so
mss comes first. macOS: the pointer moves in points and pictures have pixels, twice as many on Retina displays.
"""

import contextlib
import importlib
import sys
from collections.abc import Sequence

import mss

from actions.errors import ActionRefused
from actions.mouse import Button, MainButton
from devices.desktop import mac_clicks
from devices.desktop.display import load_pyautogui
from devices.desktop.keys import MAC_NAMES, PYAUTOGUI_NAMES
from devices.desktop.monitors import Corner, Place
from devices.desktop.pasting_keyboard import PastingKeyboard
from devices.desktop.pyautogui_system import NOTCH, PyAutoGuiSystem
from devices.desktop.system import WithoutWindows


class NativeSystem(WithoutWindows, PyAutoGuiSystem):
    """The one desktop of the system."""

    display = None

    def __init__(self) -> None:
        """Raises UsageError if a package is missing."""
        mss.MSS().close()  # before pyautogui, see above
        super().__init__(load_pyautogui(None))
        mac = sys.platform == "darwin"
        names, paste = (MAC_NAMES, "meta") if mac else (PYAUTOGUI_NAMES, "ctrl")
        self.keys = PastingKeyboard(self._gui, importlib.import_module("pyperclip"), names, (paste, "v"))

    def answering(self) -> contextlib.AbstractContextManager[None]:
        """There is no connection that could block."""
        return contextlib.nullcontext()

    def pulled(self, corners: Sequence[Corner]) -> bool:
        return any(corner.reached(self.pointer()) for corner in corners)

    def click(self, place: Place, button: MainButton, count: int) -> None:
        if sys.platform == "darwin":
            self.move(place)
            mac_clicks.click(importlib.import_module("Quartz"), place, button, count)
        else:
            super().click(place, button, count)

    def scroll(self, right: int, down: int) -> None:
        if right and sys.platform == "win32":  # pyautogui has no sideways wheel there, but shift makes it one
            with self._gui.hold("shift"):
                self._gui.scroll(-right * NOTCH)
            right = 0
        super().scroll(right, down)

    def send_button(self, button: Button, down: bool) -> None:
        if button in ("back", "forward"):
            raise ActionRefused(f"The mouse has no {button} button on this system. Nothing was done.")
        (self._gui.mouseDown if down else self._gui.mouseUp)(button=button)

    def abort(self) -> None:
        """There is no connection to end."""

    def close(self) -> None:
        self.keys.close()
