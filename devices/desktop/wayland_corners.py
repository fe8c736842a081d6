"""The kill switch on Wayland: no client can ask where the pointer is, so a small invisible surface lies in each corner.

While a button is held down, the window under it gets all of the pointer's events: then the corners do not stop the run.
"""

from collections.abc import Sequence

from devices.desktop.monitors import Corner
from devices.desktop.wayland_outputs import Outputs, shared
from devices.desktop.wayland_wire import Wire

NEEDED = ("wl_compositor", "zwlr_layer_shell_v1")
SIDE = 2
"""As many pixels as `Corner.reached` allows."""
_TRANSPARENT = 0
"""The format ARGB8888, in which zeros are transparent."""
_TOPMOST = 3
"""The layer above all windows."""
_OVER_PANELS = -1
"""The exclusive zone of a surface that keeps its place whatever space others reserve."""
_TOP, _BOTTOM, _LEFT, _RIGHT = 1, 2, 4, 8
_POINTER = 1
"""The bit of a seat that has a pointer."""


class CornerSurfaces:
    """Over a connection of its own, for one thread. Made once the seat has a pointer."""

    def __init__(self, socket_path: str) -> None:
        self._wire = Wire(socket_path)
        self._outputs = Outputs(self._wire)
        self._compositor = self._wire.bind("wl_compositor", 1)
        self._shell = self._wire.bind("zwlr_layer_shell_v1", 1)
        self._shm = self._wire.bind("wl_shm", 1)
        able: list[int] = []
        seat = self._wire.bind("wl_seat", 1, capabilities=able.append)
        self._wire.until(lambda: any(each & _POINTER for each in able))
        self._wire.make(seat, "get_pointer", "wl_pointer", enter=self._entered, leave=self._left)
        self._corners: Sequence[Corner] = ()
        self._surfaces: list[tuple[int, int]] = []
        """Each corner's layer surface and surface."""
        self._under: int | None = None

    def pulled(self, corners: Sequence[Corner]) -> bool:
        """Whether the pointer is in one of these corners."""
        if corners != self._corners:
            self._cover(corners)
        self._wire.dispatch(wait=False)
        return self._under is not None

    def break_off(self) -> None:
        self._wire.break_off()

    def close(self) -> None:
        self._wire.close()

    def _cover(self, corners: Sequence[Corner]) -> None:
        for layer, surface in self._surfaces:
            self._wire.send(layer, "destroy")
            self._wire.send(surface, "destroy")
        self._under = None
        outputs = self._outputs.refresh()
        self._surfaces = [
            self._surface(corner, output.number)
            for corner in corners
            for output in outputs
            if output.monitor.holds(corner.x, corner.y)
        ]
        self._corners = corners
        self._wire.roundtrip()

    def _surface(self, corner: Corner, output: int) -> tuple[int, int]:
        wire = self._wire
        surface = wire.make(self._compositor, "create_surface", "wl_surface")
        configured: list[int] = []
        layer = wire.make(
            self._shell, "get_layer_surface", "zwlr_layer_surface_v1", surface, output, _TOPMOST, "kill-switch",
            configure=lambda serial, width, height: configured.append(serial),
        )  # fmt: skip
        wire.send(layer, "set_size", SIDE, SIDE)
        sides = (_LEFT if corner.right < 0 else _RIGHT) | (_TOP if corner.down < 0 else _BOTTOM)
        wire.send(layer, "set_anchor", sides)
        wire.send(layer, "set_exclusive_zone", _OVER_PANELS)
        wire.send(surface, "commit")
        wire.until(lambda: configured)
        wire.send(layer, "ack_configure", configured[-1])
        buffer, _ = shared(wire, self._shm, _TRANSPARENT, SIDE, SIDE, 4 * SIDE)
        wire.send(surface, "attach", buffer, 0, 0)
        wire.send(surface, "damage", 0, 0, SIDE, SIDE)
        wire.send(surface, "commit")
        return layer, surface

    def _entered(self, serial: int, surface: int, x: float, y: float) -> None:
        self._under = surface

    def _left(self, serial: int, surface: int) -> None:
        self._under = None
