"""Clicks on macOS, whose applications read from each event how many clicks it ends: 2 in the second of a double click.

Source: Apple's documentation of CGEventField, `kCGMouseEventClickState`. pyautogui 0.9.54 does not set it, so a double
click is two single ones to an application. Not tried on a Mac.
"""

import time
from typing import Any

from actions.mouse import MainButton
from devices.desktop.monitors import Place
from devices.desktop.system import AGAIN_S

_NAMES = {"left": ("Left", "Left"), "right": ("Right", "Right"), "middle": ("Other", "Center")}
"""How Quartz names each button's events, and the button itself."""


def click(quartz: Any, place: Place, button: MainButton, count: int) -> None:
    """Clicks so many times; `quartz` is the module Quartz of PyObjC, which pyautogui brings along."""
    event_name, button_name = _NAMES[button]
    number = getattr(quartz, f"kCGMouseButton{button_name}")
    for which in range(1, count + 1):
        time.sleep(AGAIN_S if which > 1 else 0)
        for change in ("Down", "Up"):
            kind = getattr(quartz, f"kCGEvent{event_name}Mouse{change}")
            event = quartz.CGEventCreateMouseEvent(None, kind, tuple(place), number)
            quartz.CGEventSetIntegerValueField(event, quartz.kCGMouseEventClickState, which)
            quartz.CGEventPost(quartz.kCGHIDEventTap, event)
