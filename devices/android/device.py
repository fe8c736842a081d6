"""An Android phone or emulator over adb. Its screen is the picture's own pixels, in the rotation of the look.

Tried against SimPhone (devices/doubles/simphone) through the real adb; no phone and no emulator has been used.
"""

import contextlib

from PIL import Image, ImageChops

from actions.action import Action, ActionSpace, Outcome
from actions.control import CONTROL
from actions.errors import ActionRefused, DeviceFailure
from actions.geometry import Box, Point, Size
from actions.keyboard import KEYBOARD
from actions.phone import PHONE, Back, Home, OpenApp, Recents, SystemButton
from actions.secrets import Secret, Secrets
from actions.touch import TOUCH
from devices import Closing, DeviceOptions, Observation
from devices.android.addresses import simulated_size
from devices.android.apps import find_app, open_app
from devices.android.connection import Connection, Unsure
from devices.android.pictures import Camera, is_black
from devices.android.secrets import SECRECY, showing, type_secret
from devices.android.simulated import simulated_phone
from devices.android.situation import Situation, display_size, situation, why_black
from devices.android.text import type_text
from devices.android.touching import named, touched
from devices.rules.places import Detail, Place

NO_INPUT = "INJECT_EVENTS"
"""Part of Android's error where the maker does not let adb touch the screen."""
DRAG_MS = "1000"
"""How long a drag takes once its long press has grabbed something, in milliseconds."""
BUTTONS: dict[SystemButton, str] = {"home": "3", "back": "4", "recents": "187", "enter": "66"}
KEYS = {
    "ctrl": "113", "alt": "57", "shift": "59", "meta": "117", "enter": "66", "tab": "61", "escape": "111",
    "backspace": "67", "delete": "112", "insert": "124", "space": "62", "home": "122", "end": "123", "pageup": "92",
    "pagedown": "93", "up": "19", "down": "20", "left": "21", "right": "22", "capslock": "115", "menu": "82",
    "printscreen": "120", "+": "81", "-": "69", "/": "76", ",": "55", ".": "56", "=": "70", ";": "74", "'": "75",
    "numlock": "143", "scrolllock": "116", "pause": "121", "numpaddivide": "154", "numpadmultiply": "155",
    "numpadsubtract": "156", "numpadadd": "157", "numpaddecimal": "158", "numpadenter": "160",
    "[": "71", "]": "72", "\\": "73", "`": "68", "@": "77", "*": "17", "#": "18",
} | {f"f{number}": str(130 + number) for number in range(1, 13)} | {
    f"numpad{digit}": str(144 + digit) for digit in range(10)
}  # fmt: skip
"""Android's key codes (android.view.KeyEvent); letters begin at 29 and digits at 7."""


class Android(Closing):
    """One phone."""

    def __init__(self, serial: str | None, app: str | None = None) -> None:
        """Brings an app to the front, if one is given and another one is there.

        Raises UsageError if the phone is ambiguous, DeviceFailure without an adb server.
        """
        self.action_space = ActionSpace(TOUCH, KEYBOARD, PHONE, CONTROL)
        self._seen: Size | None = None
        self._picture: Image.Image | None = None
        self._rested = False
        self._shown: list[Box] = []
        """Where the elements on the screen showed a secret."""
        self._situation: Situation | None = None
        """What the phone shows, as it reports it; None if the next look must ask."""
        self._simulated = simulated_size(serial)
        with contextlib.ExitStack() as opened:
            if self._simulated:
                serial = opened.enter_context(simulated_phone(self._simulated))
            self.phone = Connection(serial)
            self._camera = Camera(self.phone)
            if app and situation(self.phone).app != app:
                with contextlib.suppress(ActionRefused, Unsure):  # the model sees which app is in front
                    open_app(self.phone, app)
            self._opened = opened.pop_all()

    @property
    def lost(self) -> str:
        return super().lost if self._simulated else ""

    def reset(self) -> None:
        """The home screen."""
        self._situation = None
        self._open().act("input", "keyevent", BUTTONS["home"])

    def observe(self) -> Observation:
        """The current screen, and what covers it. A black screen is distinguished from a failed screenshot.

        What covers it is queried at the first look after an action, and once the screen has settled.
        """
        self._open()
        image = self._camera.take()
        self._seen = Size(*image.size)
        if is_black(image):
            return Observation(image, self._seen, why_black(self.phone))
        rests = self._picture is not None and _same(image, self._picture)
        if self._situation is None or (rests and not self._rested):
            self._situation = situation(self.phone)
            self._rested = rests
        self._rested = self._rested and rests
        self._picture = image
        return Observation(image, self._seen, self._situation.covered, location=self._situation.app)

    def perform(self, action: Action) -> Outcome:
        self._open()
        self._situation = None
        if action.points():
            self._refuse_if_rotated()
        try:
            return action.apply(self)
        except Unsure as unsure:  # the phone is there, so the run continues: the next look shows the outcome
            return _unsure(unsure)

    def touches(self, action: Action, detail: Detail) -> tuple[Place, ...]:
        """Reading the app takes some 50 ms, the texts of an element a second or two. See devices/rules/places.py."""
        if isinstance(action, Home | Back | Recents):
            return ()
        if isinstance(action, OpenApp):
            return (Place(app=find_app(self._open(), action.app)),)
        return touched(self._open(), action, detail)

    def named(self, role: str, name: str) -> tuple[Place, ...]:
        """See devices/rules/places.py."""
        return named(self._open(), role, name)

    def abort(self) -> None:
        self.phone.abort()

    def _end(self) -> None:
        self._opened.close()

    # Touch

    def tap(self, point: Point, count: int) -> Outcome:
        for _ in range(count):
            self._input("tap", *_pixels(point))
        return Outcome()

    def hold(self, point: Point, seconds: float) -> Outcome:
        return self.swipe(point, point, seconds)

    def swipe(self, start: Point, end: Point, seconds: float) -> Outcome:
        try:
            self._input("swipe", *_pixels(start), *_pixels(end), str(round(seconds * 1000)))
        except KeyboardInterrupt:  # the phone's command has ended with its connection, the finger still down
            with contextlib.suppress(DeviceFailure):
                self.phone.act("input", "motionevent", "CANCEL", *_pixels(end))
            raise
        return Outcome()

    def drag_and_drop(self, start: Point, end: Point) -> Outcome:
        self._input("draganddrop", *_pixels(start), *_pixels(end), DRAG_MS)
        return Outcome()

    # Keyboard

    def type_text(self, text: str) -> Outcome:
        return Outcome(type_text(self.phone, text))

    def press(self, keys: tuple[str, ...], seconds: float) -> Outcome:
        """One key is held for as long as the phone's long press, several for the seconds (from Android 14 on)."""
        codes = [_key_code(key) for key in keys]
        if len(codes) == 1:
            self._input("keyevent", *(["--longpress"] if seconds else []), *codes)
            return Outcome("It was held for the phone's own time of a long press." if seconds else "")
        self._input("keycombination", *(["-t", str(round(seconds * 1000))] if seconds else []), *codes)
        return Outcome()

    # Secrets

    secrecy = SECRECY

    def type_secret(self, secret: Secret) -> Outcome:
        self._open()
        self._situation = None
        try:
            return Outcome(type_secret(self.phone, secret))
        except Unsure as unsure:
            return _unsure(unsure)

    def showing(self, secrets: Secrets) -> list[Box]:
        """Where the screen's elements show a secret; where they did before, if the phone does not report them."""
        found = showing(self._open(), secrets)
        self._shown = self._shown if found is None else found
        return self._shown

    # Phone

    def push_button(self, button: SystemButton) -> Outcome:
        self._input("keyevent", BUTTONS[button])
        return Outcome()

    def open_app(self, app: str) -> Outcome:
        return Outcome(f"{open_app(self.phone, app)} was opened.")

    def _open(self) -> Connection:
        self.require_open()
        return self.phone

    def _input(self, *words: str) -> None:
        """Sends input; any output of Android is an error.

        Raises:
            ActionRefused: the phone refused it. DeviceFailure: it accepts no input over adb.
        """
        said = self.phone.act("input", *words)
        if NO_INPUT in said:
            raise DeviceFailure(
                "The phone lets adb take screenshots but not touch the screen. Switch on 'USB debugging (Security "
                "settings)' in its developer options, which Xiaomi's phones have, and restart it."
            )
        if said:
            raise ActionRefused(f"The phone refused `input {words[0]}`: {said[:300]}")

    def _refuse_if_rotated(self) -> None:
        """Refuses a point if the screen has been rotated since the last look."""
        shown = display_size(self.phone)
        if self._seen and shown and shown != self._seen:
            raise ActionRefused(
                f"The screen was rotated to {Size(*shown)} after the screenshot. Nothing was done; look again."
            )


def _unsure(unsure: Unsure) -> Outcome:
    return Outcome(f"{unsure} Check whether it was done before you repeat it.", certain=False)


def _pixels(point: Point) -> tuple[str, str]:
    return str(int(point.x)), str(int(point.y))


def _same(one: Image.Image, other: Image.Image) -> bool:
    return one.size == other.size and ImageChops.difference(one, other).getbbox() is None


def _key_code(key: str) -> str:
    if key in KEYS:
        return KEYS[key]
    if len(key) == 1 and key.isascii() and key.isalnum():
        return str(29 + ord(key) - ord("a")) if key.isalpha() else str(7 + int(key))
    raise ActionRefused(f"The key {key!r} is not on a phone's keyboard. Use Type for text.")


def connect(options: DeviceOptions) -> Android:
    """Opens the phone whose serial is the address, or the only ready one; `simphone` or `simphone:336x448` starts a
    phone double.

    Raises:
        UsageError: it is not ready, or the choice is ambiguous. DeviceFailure: there is no adb server.
    """
    return Android(options.address, options.location)
