"""A system that mss looks at and whose mouse pyautogui moves: Windows and macOS as they are, and X11 below it."""

import contextlib
import sys
import time
from collections.abc import Iterator
from typing import Any

import mss
from mss.exception import ScreenShotError
from PIL import Image

from actions.mouse import MainButton
from devices.desktop.monitors import Monitor, Place
from devices.desktop.system import AGAIN_S, Camera, Monitors

NOTCH = {"win32": 120, "darwin": 10}.get(sys.platform, 1)
"""One wheel notch in pyautogui's units: Windows' wheel delta, macOS' lines, X11's clicks."""


class MssCamera:
    """mss on one connection."""

    def __init__(self, connected: mss.MSS) -> None:
        self._mss = connected
        found = connected.monitors[1:]
        monitors = [Monitor(each["left"], each["top"], each["width"], each["height"]) for each in found]
        self.monitors = Monitors(monitors, found.index(connected.primary_monitor) + 1)

    def picture(self, monitor: Monitor) -> Image.Image:
        shot = self._mss.grab(monitor._asdict())
        return Image.frombuffer("RGB", (shot.width, shot.height), shot.raw, "raw", "BGRX", 0, 1)


class PyAutoGuiSystem:
    """What X11, Windows and macOS share. `gui` is pyautogui, and `camera` are mss's options."""

    lost: tuple[type[Exception], ...] = (OSError, ScreenShotError)

    def __init__(self, gui: Any, **camera: Any) -> None:
        self._gui = gui
        self._camera = camera

    def check(self) -> None:
        mss.MSS(**self._camera).close()

    @contextlib.contextmanager
    def camera(self) -> Iterator[Camera]:
        with mss.MSS(**self._camera) as connected:
            yield MssCamera(connected)

    def pointer(self) -> Place:
        return Place(*self._gui.position())

    def move(self, place: Place) -> None:
        self._gui.moveTo(*place)

    def drag_to(self, place: Place, button: MainButton) -> None:
        self._gui.dragTo(*place, button=button, mouseDownUp=False)

    def click(self, place: Place, button: MainButton, count: int) -> None:
        for index in range(count):
            time.sleep(AGAIN_S if index else 0)
            self._gui.click(*place, button=button)

    def scroll(self, right: int, down: int) -> None:
        if down:
            self._gui.scroll(-down * NOTCH)
        if right:
            self._gui.hscroll(right * NOTCH)
