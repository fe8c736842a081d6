"""An X11 display: mss, pyautogui, our own keyboard, and python-xlib for what pyautogui lacks."""

import contextlib
import time
from collections.abc import Callable, Sequence

from actions.mouse import Button
from devices.desktop import watching, x11, x11_deadline, x11_windows
from devices.desktop.display import load_pyautogui
from devices.desktop.monitors import Corner, Place
from devices.desktop.pyautogui_system import PyAutoGuiSystem
from devices.desktop.system import Window
from devices.desktop.x11_keyboard import X11Keyboard
from devices.watching import Watch


class X11System(PyAutoGuiSystem):
    """One display."""

    lost = (*PyAutoGuiSystem.lost, *x11.LOST)

    def __init__(self, name: str) -> None:
        """Raises UsageError if the display cannot be used, or a package is missing."""
        self.display = name
        try:
            self._open(name)
        except x11.LOST as failure:
            raise x11.unanswered(name, str(failure)) from failure

    def _open(self, name: str) -> None:
        with contextlib.ExitStack() as opened, self.answering():
            watched = x11.open_display(name)
            opened.callback(x11.close, watched)
            super().__init__(load_pyautogui(name), display=name)
            self.keys = X11Keyboard(name)
            opened.callback(self.keys.close)
            self._watched_pointer: Callable[[], Place] = x11.pointer_of(watched)
            self._answered = time.monotonic()
            opened.callback(x11_deadline.Guard(name, lambda: time.monotonic() - self._answered).close)
            self._opened = opened.pop_all()

    def answering(self) -> contextlib.AbstractContextManager[None]:
        """While it is open its guard enforces that, too."""
        return x11_deadline.within(self.display)

    def pulled(self, corners: Sequence[Corner]) -> bool:
        place = self._watched_pointer()
        self._answered = time.monotonic()
        return any(corner.reached(place) for corner in corners)

    def send_button(self, button: Button, down: bool) -> None:
        x11.send_button(self.display, button, down)

    def window_at(self, place: Place) -> Window:
        return x11_windows.window_at(self.display, place)

    def focused_window(self) -> Window:
        return x11_windows.focused_window(self.display)

    def watched(self, corner: Callable[[], Place]) -> contextlib.AbstractContextManager[Watch]:
        return watching.watching(self.display, corner)

    def abort(self) -> None:
        x11_deadline.break_off(self.display)

    def close(self) -> None:
        self._opened.close()
