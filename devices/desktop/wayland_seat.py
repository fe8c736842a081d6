"""The virtual pointer and keyboard on a wlroots compositor, over a connection that is replaced once it is torn."""

import time

from devices.desktop.wayland_wire import Wire

NEEDED = ("wl_seat", "zwlr_virtual_pointer_manager_v1", "zwp_virtual_keyboard_manager_v1")


class Seat:
    """The compositor's first seat. `pointer` and `keyboard` are the numbers of our devices on it."""

    def __init__(self, socket_path: str) -> None:
        """Raises OSError if nobody answers there."""
        self._path = socket_path
        self._open()

    @property
    def torn(self) -> bool:
        """Whether an interrupt may have cut a message in two."""
        return self._wire.torn

    @property
    def wire(self) -> Wire:
        """The connection. An interrupt may have broken the one before: then it is a new one, and with the devices of
        the old one the compositor has released their keys.
        """
        if self._wire.torn:
            self._wire.close()
            self._open()
        return self._wire

    def break_off(self) -> None:
        """Ends the connection from any thread."""
        self._wire.break_off()

    def close(self) -> None:
        self._wire.close()

    def _open(self) -> None:
        self._wire = Wire(self._path)
        seat = self._wire.bind("wl_seat", 1)
        pointers = self._wire.bind("zwlr_virtual_pointer_manager_v1", 1)
        keyboards = self._wire.bind("zwp_virtual_keyboard_manager_v1", 1)
        self.pointer = self._wire.make(pointers, "create_virtual_pointer", "zwlr_virtual_pointer_v1", seat)
        self.keyboard = self._wire.make(keyboards, "create_virtual_keyboard", "zwp_virtual_keyboard_v1", seat)
        self._wire.roundtrip()


def now() -> int:
    """The time of an event: milliseconds of some clock."""
    return int(time.monotonic() * 1000) & 0xFFFF_FFFF
