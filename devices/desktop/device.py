"""This machine's screen, on an X11 display, a Wayland compositor, Windows or macOS (`System`).

It acts on the real desktop. To stop it, push the mouse into a corner of the desktop, press Ctrl-C in its terminal, or
`kill` it: each ends the run as stopped, with every key and button released. The pointer is kept out of the corners'
last two pixels, which belong to the user.

By the desktop portal (GNOME, KDE) the mouse in a corner does not stop it; ending the shared session does.

Tried on X11 and on Wayland (sway with one and two monitors, mutter with one). Windows and macOS were not tried; there
a wheel notch and a sideways wheel may turn out wrong.
"""

import contextlib
import os
import time
from collections.abc import Iterator, Sequence

from actions.action import Action, ActionSpace, Outcome
from actions.control import CONTROL
from actions.errors import ActionRefused, DeviceFailure, UsageError
from actions.geometry import Box, Point
from actions.holding import BY_POINTER, HOLDING, require_down, require_up
from actions.keyboard import KEYBOARD
from actions.mouse import MOUSE, Button, MainButton
from actions.secrets import Secret, Secrets
from devices import Closing, DeviceOptions, Observation
from devices.desktop.display import choose_display, is_wayland, telling_broken_pipes
from devices.desktop.kill_switch import KillSwitch
from devices.desktop.monitors import Monitor, Place, beside_corner, between, choose, corners, read_address
from devices.desktop.system import Camera, System, Window
from devices.rules import places as rules
from devices.watching import Watch

DRAG_S = 0.3
DRAG_STEPS = 15
LEAST_STEPS = 3
"""The fewest steps of a drag's way to each of its points."""
DROP_S = 0.1
"""How long a drag rests over its target, because some applications need this to notice it."""


class Desktop(Closing):
    """One monitor of the desktop. Open it in the main thread, because the kill switch stops that one."""

    def __init__(self, system: System, monitor: int | None) -> None:
        """Owns the system. Raises UsageError if there is no such monitor."""
        self.action_space = ActionSpace(MOUSE, KEYBOARD, HOLDING, CONTROL)
        self.system = system
        self._number = monitor
        self._pressed: list[Button] = []
        """The buttons that are down, held ones included."""
        with contextlib.ExitStack() as opened, system.answering():
            opened.callback(system.close)
            with self._working(), system.camera() as camera:
                self._find(camera)
            opened.callback(KillSwitch(lambda: system.pulled(self._corners), system.lost).close)
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
            with self.system.answering(), contextlib.suppress(*self.system.lost):  # a lost one has no keys to release
                self._release()

    def observe(self) -> Observation:
        """The monitor's current picture, position and resolution; `screen` is in the pointer's units."""
        with self._working(), self.system.camera() as camera:
            picture = camera.picture(self._find(camera))
        return Observation(picture, self.monitor.size)

    def perform(self, action: Action) -> Outcome:
        with self._working():
            self.system.check()  # pyautogui may wait for ever for a lost display
            return action.apply(self)

    def touches(self, action: Action, detail: rules.Detail) -> tuple[rules.Place, ...]:
        """The windows under the action's points, or the one with the focus; their texts are not read."""
        with self._working():
            if not action.points() and not isinstance(action, BY_POINTER):
                return (self._described(self.system.focused_window()),)
            points = [self._place(point) for point in action.points().values()]
            if isinstance(action, BY_POINTER) and None in (value for _, value in action):
                points.append(self.system.pointer())
            return tuple(self._described(self.system.window_at(point)) for point in points)

    def watched(self) -> contextlib.AbstractContextManager[Watch]:
        """Notes what a person does on the monitor. See devices/watching. Raises UsageError: not on X11."""
        return self.system.watched(lambda: Place(self.monitor.left, self.monitor.top))

    def _described(self, window: Window | None) -> rules.Place:
        if window is None:
            return rules.Place(unread="Which window the action touches is not known on this system.")
        left, top = self.monitor.left, self.monitor.top
        box = Box(window.box.left - left, window.box.top - top, window.box.right - left, window.box.bottom - top)
        unread = "" if window.kind or not window.exists else "The window there has no class."
        return rules.Place(app=window.kind, title=window.title, box=box, unread=unread)

    def abort(self) -> None:
        self.system.abort()

    def _end(self) -> None:
        with self.system.answering(), contextlib.suppress(*self.system.lost), self._opened:
            self._release()

    # Mouse

    def click(self, point: Point, button: MainButton, count: int) -> Outcome:
        with self._pressing(button):
            self.system.click(self._place(point), button, count)
        return Outcome()

    def move_to(self, point: Point) -> Outcome:
        self.system.move(self._place(point))
        return Outcome()

    def drag(self, start: Point | None, path: Sequence[Point], button: MainButton) -> Outcome:
        at = self._place(start) if start else self.system.pointer()
        steps = max(LEAST_STEPS, DRAG_STEPS // len(path))
        with self._pressing(button):
            self.system.move(at)
            self.system.send_button(button, down=True)
            for place in map(self._place, path):
                for x, y in between(at, place, steps):
                    time.sleep(DRAG_S / DRAG_STEPS)
                    if self._in_corner(self.system.pointer()):
                        raise KeyboardInterrupt("the mouse was pushed into a corner")
                    self.system.drag_to(Place(x, y), button)
                at = place
            time.sleep(DROP_S)
            self.system.send_button(button, down=False)
        return Outcome()

    def scroll(self, point: Point | None, right: int, down: int) -> Outcome:
        self._to(point)
        self.system.scroll(right, down)
        return Outcome()

    def hold_button(self, point: Point | None, button: Button) -> Outcome:
        require_up([button], self._pressed, "mouse button")
        self._to(point)
        self._pressed.append(button)
        self.system.send_button(button, down=True)
        return Outcome()

    def release_button(self, point: Point | None, button: Button) -> Outcome:
        require_down([button], self._pressed, "mouse button")
        self._to(point)
        self.system.send_button(button, down=False)
        self._pressed.remove(button)
        return Outcome()

    # Keyboard

    def type_text(self, text: str) -> Outcome:
        self.system.keys.type_text(text)
        return Outcome(f"{len(text)} characters were typed.")

    def press(self, keys: tuple[str, ...], seconds: float) -> Outcome:
        self.system.keys.press(keys, seconds)
        return Outcome()

    def hold_keys(self, keys: tuple[str, ...]) -> Outcome:
        require_up(keys, self.system.keys.held)
        self.system.keys.hold(keys)
        return Outcome()

    def release_keys(self, keys: tuple[str, ...]) -> Outcome:
        require_down(keys, self.system.keys.held)
        self.system.keys.let_go(keys)
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
            self.system.check()
            self.system.keys.type_secret(secret)
        return Outcome(f"{secret} was typed.")

    def showing(self, secrets: Secrets) -> list[Box]:
        """Nowhere: a desktop does not report its texts."""
        return []

    def _find(self, camera: Camera) -> Monitor:
        monitors, primary = camera.monitors
        self.monitor = choose(monitors, self._number, primary)
        self._corners = corners(monitors)
        return self.monitor

    def _place(self, point: Point) -> Place:
        return beside_corner(self.monitor.place(point), self._corners)

    def _in_corner(self, place: Place) -> bool:
        return any(corner.reached(place) for corner in self._corners)

    def _to(self, point: Point | None) -> None:
        if point:
            self.system.move(self._place(point))

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

    def _release(self) -> None:
        """Releases every button and key that is down."""
        if self._pressed:
            self.system.check()
        while self._pressed:
            self.system.send_button(self._pressed[-1], down=False)
            self._pressed.pop()
        self.system.keys.release()

    @contextlib.contextmanager
    def _working(self) -> Iterator[None]:
        """Raises DeviceFailure if the desktop is closed or the display is gone."""
        self.require_open()
        try:
            with telling_broken_pipes():
                yield
        except self.system.lost as error:
            raise DeviceFailure(f"The screen no longer answers ({error}). Is the session still there?") from error


def connect(options: DeviceOptions) -> Desktop:
    """Opens the desktop at `options.address`: a monitor's number, an X11 display or Wayland socket, or both: `:0/2`.

    Raises:
        UsageError: there is none, it cannot be used, or an option is for other devices only.
    """
    for name in ("headless", "viewport", "scale", "mobile", "user_data", "uploads", "permit"):
        if getattr(options, name) != type(options).model_fields[name].default:
            raise UsageError(
                f"--{name.replace('_', '-')} is for the browser and has no effect on a desktop. Leave it out."
            )
    address = read_address(options.address)
    return Desktop(_system(choose_display(address.display, os.environ)), address.monitor)


def _system(display: str | None) -> System:
    """The X11 display or Wayland socket of that name, or without one the desktop of Windows or macOS.

    Raises UsageError if it cannot be used, or a package is missing. Each needs packages that exist on its system only.
    """
    if display is None:
        from devices.desktop.native_system import NativeSystem

        return NativeSystem()
    if is_wayland(display):
        return _wayland_system(display)
    from devices.desktop.x11_system import X11System

    return X11System(display)


def _wayland_system(display: str) -> System:
    """By the protocols of the wlroots family where the compositor offers them, else by the desktop portal.

    Raises UsageError: neither can be used, or the user refused.
    """
    from devices.desktop.wayland_system import WaylandSystem, missing_protocols

    try:
        if not missing_protocols(display):
            return WaylandSystem(display)
        from devices.desktop.portal_system import PortalSystem

        return PortalSystem(display)
    except OSError as error:
        raise UsageError(f"The Wayland session {display} does not answer ({error}). Is it still there?") from error
