"""This machine's screen: mss looks, pyautogui moves the mouse, and the keyboard types any character.

It acts on the real desktop. To stop it, push the mouse into a corner of the desktop, press Ctrl-C in its terminal, or
`kill` it: each ends the run as stopped, with every key and button released.

Tried on X11 with one and two monitors. Windows and macOS go through the same libraries and were not tried; there a
wheel notch and a sideways wheel may turn out wrong. Wayland is refused. The pointer is kept out of the corners' last
two pixels, which belong to the user.
"""

import contextlib
import os
import sys
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

import mss
from mss.exception import ScreenShotError
from PIL import Image

from actions.action import Action, ActionSpace, Outcome
from actions.control import CONTROL
from actions.errors import ActionRefused, DeviceFailure, UsageError
from actions.geometry import Box, Point
from actions.holding import BY_POINTER, HOLDING, require_down, require_up
from actions.keyboard import KEYBOARD
from actions.mouse import MOUSE, Button, MainButton
from actions.secrets import Secret, Secrets
from devices import Closing, DeviceOptions, Observation
from devices.desktop import x11_deadline
from devices.desktop.display import choose_display, load_pyautogui, telling_broken_pipes
from devices.desktop.keys import MAC_NAMES, PYAUTOGUI_NAMES
from devices.desktop.kill_switch import KillSwitch
from devices.desktop.monitors import Monitor, Place, beside_corner, between, choose, corners, read_address
from devices.desktop.pasting_keyboard import PastingKeyboard
from devices.rules import places as rules
from devices.watching import Watch

if TYPE_CHECKING:
    from devices.desktop.x11_windows import Window

DRAG_S = 0.3
DRAG_STEPS = 15
LEAST_STEPS = 3
"""The fewest steps of a drag's way to each of its points."""
DROP_S = 0.1
"""How long a drag rests over its target, because some applications need this to notice it."""
AGAIN_S = 0.1
"""The pause between the clicks of a double click. A file manager may need a moment for the selection of the first; the
second must come within a quarter of a second (GTK's default; Windows' is half a second)."""
NOTCH = {"win32": 120, "darwin": 10}.get(sys.platform, 1)
"""One wheel notch in pyautogui's units: Windows' wheel delta, macOS' lines, X11's clicks."""


class Keys(Protocol):
    """The keyboard interface of the desktop."""

    @property
    def held(self) -> Collection[str]:
        """The keys that stay down."""
        ...

    def type_text(self, text: str) -> None: ...

    def type_secret(self, secret: Secret) -> None: ...

    def press(self, keys: tuple[str, ...], seconds: float) -> None: ...

    def hold(self, keys: tuple[str, ...]) -> None: ...

    def let_go(self, keys: tuple[str, ...]) -> None: ...

    def release(self) -> None: ...

    def close(self) -> None: ...


class Desktop(Closing):
    """One monitor of the desktop. Open it in the main thread, because the kill switch stops that one."""

    def __init__(self, display: str | None, monitor: int | None) -> None:
        """Raises UsageError if there is no such display or monitor, or a package is missing."""
        self.action_space = ActionSpace(MOUSE, KEYBOARD, HOLDING, CONTROL)
        self.display = display
        self._number = monitor
        self._pressed: list[Button] = []
        """The buttons that are down, held ones included."""
        self._lost: tuple[type[Exception], ...] = (OSError, ScreenShotError)
        with contextlib.ExitStack() as opened, self._answering():
            self._keys, pointer = self._open_input(opened)
            with self._working(), self._camera() as camera:
                self._find(camera)
            switch = KillSwitch(lambda: self._in_corner(pointer()), self._lost)
            opened.callback(switch.close)
            if display is not None:
                opened.callback(x11_deadline.Guard(display, lambda: switch.silent_s).close)
            self._opened = opened.pop_all()

    @property
    def lost(self) -> str:
        return ""

    def reset(self) -> None:
        """Releases keys and buttons. Effects in applications cannot be undone."""
        with self._working():
            self._release()

    def release(self) -> None:
        if not self.closed:
            with self._answering(), contextlib.suppress(*self._lost):  # a lost display has no keys to release
                self._release()

    def observe(self) -> Observation:
        """The monitor's current picture, position and resolution; `screen` is in the pointer's units."""
        with self._working(), self._camera() as camera:
            shot = camera.grab(self._find(camera)._asdict())
        picture = Image.frombuffer("RGB", (shot.width, shot.height), shot.raw, "raw", "BGRX", 0, 1)
        return Observation(picture, self.monitor.size)

    def perform(self, action: Action) -> Outcome:
        with self._working():
            self._check()
            return action.apply(self)

    def touches(self, action: Action, detail: rules.Detail) -> tuple[rules.Place, ...]:
        """The windows under the action's points, or the one with the focus; their texts are not read. X11 only."""
        if self.display is None:
            return (rules.Place(unread="Which window the action touches is not known on this system."),)
        from devices.desktop import x11_windows  # python-xlib exists on X11 only

        with self._working():
            if not action.points() and not isinstance(action, BY_POINTER):
                return (self._described(x11_windows.focused_window(self.display)),)
            points = [self._place(point) for point in action.points().values()]
            if isinstance(action, BY_POINTER) and None in (value for _, value in action):
                points.append(Place(*self._gui.position()))
            return tuple(self._described(x11_windows.window_at(self.display, point)) for point in points)

    def watched(self) -> contextlib.AbstractContextManager[Watch]:
        """Notes what a person does on the monitor. See devices/watching. Raises UsageError: not on X11."""
        if self.display is None:
            raise UsageError("What a person does on a desktop can be noted on X11 only. Use a browser here.")
        from devices.desktop import watching  # python-xlib exists on X11 only

        return watching.watching(self.display, lambda: Place(self.monitor.left, self.monitor.top))

    def _described(self, window: "Window") -> rules.Place:
        left, top = self.monitor.left, self.monitor.top
        box = Box(window.box.left - left, window.box.top - top, window.box.right - left, window.box.bottom - top)
        unread = "" if window.kind or not window.exists else "The window there has no class."
        return rules.Place(app=window.kind, title=window.title, box=box, unread=unread)

    def abort(self) -> None:
        """Ends the connections to an X11 display. Windows and macOS have no connection that could block."""
        if self.display is not None:
            x11_deadline.break_off(self.display)

    def _end(self) -> None:
        with self._answering(), contextlib.suppress(*self._lost), self._opened:
            self._release()

    # Mouse

    def click(self, point: Point, button: MainButton, count: int) -> Outcome:
        place = self._place(point)
        with self._pressing(button):
            for index in range(count):
                time.sleep(AGAIN_S if index else 0)
                self._gui.click(place.x, place.y, button=button)
        return Outcome()

    def move_to(self, point: Point) -> Outcome:
        self._gui.moveTo(*self._place(point))
        return Outcome()

    def drag(self, start: Point | None, path: Sequence[Point], button: MainButton) -> Outcome:
        at = self._place(start) if start else Place(*self._gui.position())
        steps = max(LEAST_STEPS, DRAG_STEPS // len(path))
        with self._pressing(button):
            self._gui.moveTo(*at)
            self._gui.mouseDown(button=button)
            for place in map(self._place, path):
                for x, y in between(at, place, steps):
                    time.sleep(DRAG_S / DRAG_STEPS)
                    if self._in_corner(Place(*self._gui.position())):
                        raise KeyboardInterrupt("the mouse was pushed into a corner")
                    self._gui.dragTo(x, y, button=button, mouseDownUp=False)
                at = place
            time.sleep(DROP_S)
            self._gui.mouseUp(button=button)
        return Outcome()

    def scroll(self, point: Point | None, right: int, down: int) -> Outcome:
        self._to(point)
        if down:
            self._gui.scroll(-down * NOTCH)
        if right and sys.platform == "win32":  # pyautogui has no sideways wheel there, but shift makes it one
            with self._gui.hold("shift"):
                self._gui.scroll(-right * NOTCH)
        elif right:
            self._gui.hscroll(right * NOTCH)
        return Outcome()

    def hold_button(self, point: Point | None, button: Button) -> Outcome:
        require_up([button], self._pressed, "mouse button")
        self._to(point)
        self._pressed.append(button)
        self._send_button(button, down=True)
        return Outcome()

    def release_button(self, point: Point | None, button: Button) -> Outcome:
        require_down([button], self._pressed, "mouse button")
        self._to(point)
        self._send_button(button, down=False)
        self._pressed.remove(button)
        return Outcome()

    # Keyboard

    def type_text(self, text: str) -> Outcome:
        self._keys.type_text(text)
        return Outcome(f"{len(text)} characters were typed.")

    def press(self, keys: tuple[str, ...], seconds: float) -> Outcome:
        self._keys.press(keys, seconds)
        return Outcome()

    def hold_keys(self, keys: tuple[str, ...]) -> Outcome:
        require_up(keys, self._keys.held)
        self._keys.hold(keys)
        return Outcome()

    def release_keys(self, keys: tuple[str, ...]) -> Outcome:
        require_down(keys, self._keys.held)
        self._keys.let_go(keys)
        return Outcome()

    # Secrets

    secrecy = (
        "On a desktop a secret is typed into whatever field of its window has the focus, and it is not painted over "
        "where the screen shows it."
    )

    def type_secret(self, secret: Secret) -> Outcome:
        if secret.into_password:
            raise ActionRefused(f"On a desktop it is not known which fields are for passwords. {secret} was not typed.")
        with self._working():
            self._check()
            self._keys.type_secret(secret)
        return Outcome(f"{secret} was typed.")

    def showing(self, secrets: Secrets) -> list[Box]:
        """Nowhere: a desktop does not report its texts."""
        return []

    def _open_input(self, opened: contextlib.ExitStack) -> tuple[Keys, Callable[[], Place]]:
        """The keyboard, and a function for the pointer's position, over its own connection, for the watcher."""
        if self.display is None:
            self._gui = load_pyautogui(None)
            mac = sys.platform == "darwin"
            keys: Keys = PastingKeyboard(
                self._gui, MAC_NAMES if mac else PYAUTOGUI_NAMES, ("meta" if mac else "ctrl", "v")
            )
            opened.callback(keys.close)
            return keys, lambda: Place(*self._gui.position())
        from devices.desktop import x11, x11_keyboard  # python-xlib exists on X11 only

        self._lost = (*self._lost, *x11.LOST)
        watched = x11.open_display(self.display)
        opened.callback(watched.close)
        self._gui = load_pyautogui(self.display)
        keys = x11_keyboard.X11Keyboard(self.display)
        opened.callback(keys.close)
        return keys, x11.pointer_of(watched)

    def _answering(self) -> contextlib.AbstractContextManager[None]:
        """Within the block the display must answer in time; while the desktop is open, its guard enforces that."""
        return contextlib.nullcontext() if self.display is None else x11_deadline.within(self.display)

    def _camera(self) -> mss.MSS:
        """A new one for each look, because each knows only the monitors at its creation."""
        return mss.MSS() if self.display is None else mss.MSS(display=self.display)

    def _find(self, camera: mss.MSS) -> Monitor:
        found = camera.monitors[1:]
        monitors = [Monitor(each["left"], each["top"], each["width"], each["height"]) for each in found]
        primary = found.index(camera.primary_monitor) + 1
        self.monitor = choose(monitors, self._number, primary)
        self._corners = corners(monitors)
        return self.monitor

    def _place(self, point: Point) -> Place:
        return beside_corner(self.monitor.place(point), self._corners)

    def _in_corner(self, place: Place) -> bool:
        return any(corner.reached(place) for corner in self._corners)

    def _to(self, point: Point | None) -> None:
        if point:
            self._gui.moveTo(*self._place(point))

    @contextlib.contextmanager
    def _pressing(self, button: Button) -> Iterator[None]:
        """Releases everything that is down if the block is interrupted. The block itself releases the button."""
        require_up([button], self._pressed, "mouse button")
        self._pressed.append(button)
        with contextlib.ExitStack() as interrupted:
            interrupted.callback(self._release)
            yield
            interrupted.pop_all()
        self._pressed.remove(button)

    def _check(self) -> None:
        """Raises an error if the display is lost, because pyautogui may then wait for ever."""
        self._camera().close()

    def _release(self) -> None:
        """Releases every button and key that is down."""
        if self._pressed:
            self._check()
        while self._pressed:
            self._send_button(self._pressed[-1], down=False)
            self._pressed.pop()
        self._keys.release()

    def _send_button(self, button: Button, down: bool) -> None:
        if self.display is None:
            if button in ("back", "forward"):
                raise ActionRefused(f"The mouse has no {button} button on this system. Nothing was done.")
            (self._gui.mouseDown if down else self._gui.mouseUp)(button=button)
            return
        from devices.desktop import x11  # python-xlib exists on X11 only

        x11.send_button(self.display, button, down)

    @contextlib.contextmanager
    def _working(self) -> Iterator[None]:
        """Raises DeviceFailure if the desktop is closed or the display is gone."""
        self.require_open()
        try:
            with telling_broken_pipes():
                yield
        except self._lost as error:
            raise DeviceFailure(f"The screen no longer answers ({error}). Is the session still there?") from error


def connect(options: DeviceOptions) -> Desktop:
    """Opens the desktop at `options.address`: a monitor's number, an X11 display, or both, as in `:0/2`.

    Raises:
        UsageError: there is none, it is Wayland, or an option is for other devices only.
    """
    for name in ("headless", "viewport", "scale", "mobile", "user_data", "uploads", "permit"):
        if getattr(options, name) != type(options).model_fields[name].default:
            raise UsageError(
                f"--{name.replace('_', '-')} is for the browser and has no effect on a desktop. Leave it out."
            )
    address = read_address(options.address)
    return Desktop(choose_display(address.display, os.environ), address.monitor)
