"""An Android phone or emulator over adb. Its screen is the picture's own pixels, in the rotation of the look.

Tried against SimPhone (devices/simphone) through the real adb; no phone and no emulator has been used.
"""

import time
from io import BytesIO

from PIL import Image, UnidentifiedImageError

from actions.action import Action, ActionSpace, Outcome
from actions.control import CONTROL
from actions.errors import ActionRefused, DeviceFailure
from actions.geometry import Point, Size
from actions.keyboard import KEYBOARD
from actions.phone import PHONE, SystemButton
from actions.touch import TOUCH
from devices import Closing, DeviceOptions, Observation
from devices.adb.apps import find_app
from devices.adb.connection import Connection
from devices.adb.text import type_text

CAPTURES = 3
BLACK = 8
"""A picture without a brighter level than this shows nothing."""
BUTTONS: dict[SystemButton, str] = {"home": "3", "back": "4", "recents": "187", "enter": "66"}
KEYS = {
    "ctrl": "113", "alt": "57", "shift": "59", "meta": "117", "enter": "66", "tab": "61", "escape": "111",
    "backspace": "67", "delete": "112", "insert": "124", "space": "62", "home": "122", "end": "123", "pageup": "92",
    "pagedown": "93", "up": "19", "down": "20", "left": "21", "right": "22", "capslock": "115", "menu": "82",
    "printscreen": "120", "+": "81", "-": "69", "/": "76", ",": "55", ".": "56", "=": "70", ";": "74", "'": "75",
    "[": "71", "]": "72", "\\": "73", "`": "68", "@": "77", "*": "17", "#": "18",
} | {f"f{number}": str(130 + number) for number in range(1, 13)}  # fmt: skip
"""Android's key codes (android.view.KeyEvent); letters begin at 29 and digits at 7."""


class Android(Closing):
    """One phone."""

    def __init__(self, serial: str | None) -> None:
        """Raises UsageError when it is not clear which phone, DeviceFailure without an adb server."""
        self.action_space = ActionSpace(TOUCH, KEYBOARD, PHONE, CONTROL)
        self.phone = Connection(serial)
        self._closed = False
        self._seen: Size | None = None

    def reset(self) -> None:
        """The home screen."""
        self._open().act("input", "keyevent", BUTTONS["home"])

    def observe(self) -> Observation:
        """The screen as it is. A black one is told apart from a failed picture, which is never shown."""
        image = self._picture()
        self._seen = Size(*image.size)
        return Observation(image, self._seen, self._why_black() if _is_black(image) else "")

    def perform(self, action: Action) -> Outcome:
        self._open()
        if action.points():
            self._refuse_if_rotated()
        return action.apply(self)

    def abort(self) -> None:
        self.phone.abort()

    def close(self) -> None:
        self._closed = True

    # Touch

    def tap(self, point: Point, count: int) -> Outcome:
        for _ in range(count):
            self._input("tap", *_pixels(point))
        return Outcome()

    def hold(self, point: Point, seconds: float) -> Outcome:
        self._input("swipe", *_pixels(point), *_pixels(point), str(round(seconds * 1000)))
        return Outcome()

    def swipe(self, start: Point, end: Point, seconds: float) -> Outcome:
        self._input("swipe", *_pixels(start), *_pixels(end), str(round(seconds * 1000)))
        return Outcome()

    # Keyboard

    def type_text(self, text: str) -> Outcome:
        told = f"{len(text)} characters were typed."
        shown = "mInputShown=true" in self.phone.read("dumpsys", "input_method")
        type_text(self.phone, text)
        return Outcome(told if shown else f"{told} No keyboard was shown, so they may have gone nowhere.")

    def press(self, keys: tuple[str, ...]) -> Outcome:
        codes = [_key_code(key) for key in keys]
        self._input(*(("keyevent", *codes) if len(codes) == 1 else ("keycombination", *codes)))
        return Outcome()

    # Phone

    def push_button(self, button: SystemButton) -> Outcome:
        self._input("keyevent", BUTTONS[button])
        return Outcome()

    def open_app(self, app: str) -> Outcome:
        package = find_app(self.phone, app)
        said = self.phone.act("monkey", "-p", package, "-c", "android.intent.category.LAUNCHER", "1")
        if "Events injected: 1" not in said:
            raise ActionRefused(f"{app!r} ({package}) did not open: {said[-200:]}")
        return Outcome(f"{package} was opened.")

    def _open(self) -> Connection:
        if self._closed:
            raise DeviceFailure("The phone's session is closed. Open another one.")
        return self.phone

    def _input(self, *words: str) -> None:
        """Sends input; what Android then prints is an error."""
        if said := self.phone.act("input", *words):
            raise ActionRefused(f"The phone did not take `input {words[0]}`: {said[:300]}")

    def _picture(self) -> Image.Image:
        """A whole screenshot. Raises DeviceFailure after several that were not."""
        fault = ""
        for _ in range(CAPTURES):
            data = self._open().read_bytes("screencap", "-p")
            try:
                return Image.open(BytesIO(data)).convert("RGB")
            except (UnidentifiedImageError, OSError, SyntaxError) as error:
                fault = data[:200].decode("utf-8", "replace") if len(data) < 2000 else str(error)
                time.sleep(0.2)
        raise DeviceFailure(f"The phone gives no screenshot: {fault or 'nothing came'}. Is its screen locked?")

    def _why_black(self) -> str:
        """A black picture has reasons that a model can do something about."""
        if "mHoldingDisplaySuspendBlocker=false" in self.phone.read("dumpsys", "power"):
            return "The screenshot is black because the screen is off. Press a button to wake it."
        if "SECURE" in self.phone.read("dumpsys", "window", "windows"):
            return "The screenshot is black because this app forbids screenshots. Go back."
        return "The screenshot is black."

    def _refuse_if_rotated(self) -> None:
        """A point means nothing on a screen that was turned since it was looked at."""
        shown = _display_size(self.phone.read("dumpsys", "window", "displays"))
        if self._seen and shown and shown != self._seen:
            raise ActionRefused(f"The screen was turned to {shown} since the screenshot. Nothing was done; look again.")


def _pixels(point: Point) -> tuple[str, str]:
    return str(int(point.x)), str(int(point.y))


def _is_black(image: Image.Image) -> bool:
    return image.convert("L").point(lambda level: level > BLACK).getbbox() is None


def _display_size(dump: str) -> Size | None:
    """The display's size as it is turned now, out of `cur=1080x2400`."""
    for word in dump.split():
        name, _, value = word.partition("=")
        width, _, height = value.partition("x")
        if name == "cur" and width.isdecimal() and height.isdecimal():
            return Size(int(width), int(height))
    return None


def _key_code(key: str) -> str:
    if key in KEYS:
        return KEYS[key]
    if len(key) == 1 and key.isascii() and key.isalnum():
        return str(29 + ord(key) - ord("a")) if key.isalpha() else str(7 + int(key))
    raise ActionRefused(f"The key {key!r} is not on a phone's keyboard. Use Type for text.")


def connect(options: DeviceOptions) -> Android:
    """Opens the phone with the address as its serial, or the only one that is ready.

    Raises:
        UsageError: it is not ready, or it is not clear which. DeviceFailure: there is no adb server.
    """
    return Android(options.address)
