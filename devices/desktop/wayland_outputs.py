"""The outputs of a wlroots compositor: where they lie, and what they show (wlr-screencopy).

Monitors are in the compositor's logical pixels, in which the pointer moves too; pictures have an output's own pixels.
"""

import mmap
import os
from collections.abc import Callable
from typing import NamedTuple

from PIL import Image

from devices.desktop.monitors import Monitor
from devices.desktop.system import Monitors
from devices.desktop.wayland_wire import Wire

NEEDED = ("wl_shm", "wl_output", "zxdg_output_manager_v1", "zwlr_screencopy_manager_v1")
_CURRENT = 1
"""The flag of the mode that an output has now."""
_UPSIDE_DOWN = 1
"""The flag of a picture whose first line is the lowest."""
_RAW = {0: "BGRX", 1: "BGRX", 0x34324258: "RGBX", 0x34324241: "RGBX"}
"""Pillow's names of the formats ARGB8888, XRGB8888, XBGR8888, ABGR8888 in memory."""
_MIRRORED = 4
"""Added to a turn, the transform of an output that is mirrored before it."""
_TURNS = (None, Image.Transpose.ROTATE_270, Image.Transpose.ROTATE_180, Image.Transpose.ROTATE_90)


class Output:
    """One output. Its attributes follow the compositor's reports."""

    def __init__(self, name: int) -> None:
        self.name = name
        """The number of the global."""
        self.number = 0
        """The object's number."""
        self.transform = 0
        self.place = (0, 0)
        self.size = (0, 0)

    @property
    def monitor(self) -> Monitor:
        return Monitor(*self.place, *self.size)

    def placed(self, x: int, y: int) -> None:
        self.place = (x, y)

    def sized(self, width: int, height: int) -> None:
        self.size = (width, height)

    def described(self, *geometry: object) -> None:
        self.transform = int(str(geometry[-1]))


class _Buffer(NamedTuple):
    """Memory that is shared with the compositor, and the form of the picture in it."""

    form: tuple[int, int, int, int]
    """Format, width, height, and bytes of a line."""
    number: int
    memory: mmap.mmap


class Outputs:
    """All outputs of a connection that offers what is `NEEDED`."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._shm = wire.bind("wl_shm", 1)
        self._layout = wire.bind("zxdg_output_manager_v1", 3)
        self._copier = wire.bind("zwlr_screencopy_manager_v1", 3)
        self._outputs: list[Output] = []
        self._buffer: _Buffer | None = None

    @property
    def monitors(self) -> Monitors:
        """Those of the latest `refresh`; Wayland knows no primary one, so it is the first."""
        return Monitors([output.monitor for output in self._outputs], 1)

    def refresh(self) -> list[Output]:
        """Waits for what the compositor has reported until now: outputs come, go and turn."""
        self._wire.roundtrip()
        names = [name for name, _ in self._wire.offered.get("wl_output", [])]
        self._outputs = [output for output in self._outputs if output.name in names]
        known = {output.name for output in self._outputs}
        for which, name in enumerate(names):
            if name not in known:
                self._outputs.append(self._bound(which, name))
        if set(names) - known:
            self._wire.roundtrip()
        if not self._outputs:
            raise OSError("the compositor has no output")
        return self._outputs

    def picture(self, monitor: Monitor) -> Image.Image:
        """What the output at this place shows, turned as the user sees it, with the pointer where it is drawn in.

        Raises:
            OSError: the compositor gives no picture of it.
        """
        output = next((each for each in self._outputs if each.monitor == monitor), None)
        if output is None:
            raise OSError(f"the compositor has no output at {monitor} any more")
        forms: list[tuple[int, int, int, int]] = []
        flags: list[int] = []
        ended: list[bool] = []
        all_forms: list[bool] = []
        frame = self._wire.make(
            self._copier, "capture_output", "zwlr_screencopy_frame_v1", 0, output.number,
            buffer=lambda *form: forms.append(form), flags=flags.append, ready=lambda *_: ended.append(True),
            failed=lambda: ended.append(False), buffer_done=lambda: all_forms.append(True),
        )  # fmt: skip
        self._wire.until(lambda: all_forms or ended)
        usable = next((form for form in forms if form[0] in _RAW), None)
        if usable is None:
            raise OSError("the compositor offers no picture of the screen in a form that is known")
        self._buffer = self._in_memory(usable)
        self._wire.send(frame, "copy", self._buffer.number)
        self._wire.until(lambda: ended)
        self._wire.send(frame, "destroy")
        if ended != [True]:
            raise OSError("the compositor could not copy the screen")
        return _upright(self._buffer, bool(flags and flags[-1] & _UPSIDE_DOWN), output.transform)

    def _bound(self, which: int, name: int) -> Output:
        output = Output(name)
        output.number = self._wire.bind("wl_output", 3, which, geometry=output.described)
        placed: dict[str, Callable[..., None]] = {"logical_position": output.placed, "logical_size": output.sized}
        self._wire.make(self._layout, "get_xdg_output", "zxdg_output_v1", output.number, **placed)
        return output

    def _in_memory(self, form: tuple[int, int, int, int]) -> _Buffer:
        """The same memory as before while the pictures have the same form."""
        if self._buffer and self._buffer.form == form:
            return self._buffer
        number, memory = shared(self._wire, self._shm, *form)
        if self._buffer:
            self._wire.send(self._buffer.number, "destroy")
        return _Buffer(form, number, memory)


def shared(wire: Wire, shm: int, form: int, width: int, height: int, stride: int) -> tuple[int, mmap.mmap]:
    """A new buffer in memory that is shared with the compositor, all zeros."""
    fd = os.memfd_create("screenhand")
    try:
        os.ftruncate(fd, stride * height)
        pool = wire.make(shm, "create_pool", "wl_shm_pool", fd, stride * height)
        memory = mmap.mmap(fd, stride * height)
    finally:
        os.close(fd)
    number = wire.make(pool, "create_buffer", "wl_buffer", 0, width, height, stride, form)
    wire.send(pool, "destroy")
    return number, memory


def _upright(buffer: _Buffer, upside_down: bool, transform: int) -> Image.Image:
    form, width, height, stride = buffer.form
    lines = -1 if upside_down else 1
    picture = Image.frombuffer("RGB", (width, height), buffer.memory[:], "raw", _RAW[form], stride, lines)
    if turn := _TURNS[transform % _MIRRORED]:
        picture = picture.transpose(turn)
    if transform >= _MIRRORED:
        picture = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    return picture
