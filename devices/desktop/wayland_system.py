"""A Wayland compositor of the wlroots family (sway, labwc, Hyprland and others): looks and acts by its protocols."""

import contextlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from actions.errors import UsageError
from actions.mouse import Button
from devices.desktop import wayland_corners, wayland_outputs, wayland_seat
from devices.desktop.monitors import Corner, Place
from devices.desktop.system import LINUX_BUTTONS, Camera, EventsOnWayland
from devices.desktop.wayland_corners import CornerSurfaces
from devices.desktop.wayland_keyboard import WaylandKeyboard
from devices.desktop.wayland_outputs import Outputs
from devices.desktop.wayland_seat import Seat, now
from devices.desktop.wayland_wire import Wire

NOTCH = 15.0
"""One wheel notch in the units of wl_pointer, as libinput has it."""
_WHEEL = 0
_DOWN, _RIGHT = 0, 1
"""The axes of a wheel."""


class WaylandSystem(EventsOnWayland):
    """One compositor."""

    lost: tuple[type[Exception], ...] = (OSError,)

    def __init__(self, display: str) -> None:
        """For a compositor with none of `missing_protocols`. Raises OSError if it does not answer."""
        self.display = display
        path = socket_path(display)
        with contextlib.ExitStack() as opened:
            self._seat = Seat(path)
            opened.callback(self._seat.close)
            self._looking = self._seat.wire
            self._outputs = Outputs(self._looking)
            self._outputs.refresh()
            self._corners = CornerSurfaces(path)
            opened.callback(self._corners.close)
            self.keys = WaylandKeyboard(self._seat)
            self._opened = opened.pop_all()
        monitor = self._outputs.monitors.all[0]
        self._pointer = Place(monitor.left + monitor.width // 2, monitor.top + monitor.height // 2)

    def answering(self) -> contextlib.AbstractContextManager[None]:
        """Every wait of a connection has a deadline."""
        return contextlib.nullcontext()

    def check(self) -> None:
        self._seat.wire.roundtrip()

    @contextlib.contextmanager
    def camera(self) -> Iterator[Camera]:
        if self._looking is not self._seat.wire:  # an interrupt had broken the one before
            self._looking = self._seat.wire
            self._outputs = Outputs(self._looking)
        self._outputs.refresh()
        yield self._outputs

    def pointer(self) -> Place:
        """Where this device has moved it; no client can ask where the user has."""
        return self._pointer

    def pulled(self, corners: Sequence[Corner]) -> bool:
        try:
            return self._corners.pulled(corners)
        except OSError:
            self._seat.break_off()  # no run without its kill switch
            raise

    def move(self, place: Place) -> None:
        """The pointer is not bound to an output: its way is all of the layout, whatever scales and turns there are."""
        monitors = self._outputs.monitors.all
        left, top = min(each.left for each in monitors), min(each.top for each in monitors)
        width = max(each.left + each.width for each in monitors) - left
        height = max(each.top + each.height for each in monitors) - top
        # the middle of the pixel, in half pixels
        middle = 2 * (place.x - left) + 1, 2 * (place.y - top) + 1
        self._send("motion_absolute", now(), *middle, 2 * width, 2 * height)
        self._pointer = place
        self._seat.wire.roundtrip()

    def send_button(self, button: Button, down: bool) -> None:
        self._send("button", now(), LINUX_BUTTONS[button], down)
        self._seat.wire.roundtrip()

    def scroll(self, right: int, down: int) -> None:
        for axis, notches in ((_DOWN, down), (_RIGHT, right)):
            way = 1 if notches > 0 else -1
            for _ in range(abs(notches)):
                self._seat.wire.send(self._seat.pointer, "axis_source", _WHEEL)
                self._send("axis_discrete", now(), axis, way * NOTCH, way)
            self._seat.wire.roundtrip()

    def abort(self) -> None:
        self._seat.break_off()
        self._corners.break_off()

    def close(self) -> None:
        self._opened.close()

    def _send(self, request: str, *values: float) -> None:
        self._seat.wire.send(self._seat.pointer, request, *values)
        self._seat.wire.send(self._seat.pointer, "frame")


def missing_protocols(display: str) -> list[str]:
    """The protocols that are needed and that the compositor at this socket does not offer: on GNOME and KDE, most.

    Raises UsageError if nobody answers there.
    """
    path = socket_path(display)
    try:
        wire = Wire(path)
    except OSError as error:
        raise UsageError(
            f"The Wayland socket {path} does not answer ({error}). Name a running one with --address wayland-1."
        ) from error
    wire.close()
    needed = (*wayland_seat.NEEDED, *wayland_outputs.NEEDED, *wayland_corners.NEEDED)
    return [name for name in needed if name not in wire.offered]


def socket_path(display: str) -> str:
    return str(Path(os.environ.get("XDG_RUNTIME_DIR", "/"), display))
