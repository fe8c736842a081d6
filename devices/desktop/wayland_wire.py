"""A Wayland client's connection in plain Python, from the public description of the protocol's wire.

pywayland would need the XML files of the wlroots protocols and code generated from them, which is more than this.
"""

import array
import os
import select
import socket
import struct
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from devices.desktop.wayland_interfaces import INTERFACES, Interface

ANSWER_S = 10.0
"""How long a compositor may be silent."""
_HEADER = struct.Struct("=II")
_MOST_FDS = 28
_SEND_AT = 3000
"""Bytes after which requests are sent, although nothing has asked for it."""

Handler = Callable[..., None]


class Gone(ConnectionError):
    """The compositor has closed the connection, or has reported an error on it."""


class Wire:
    """One connection. Objects are numbers; `torn` is whether an interrupt may have cut a message in two."""

    def __init__(self, socket_path: str) -> None:
        """Raises OSError if nobody answers there."""
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
        self._socket.settimeout(ANSWER_S)
        self._objects: dict[int, tuple[Interface, Mapping[str, Handler]]] = {}
        self._free: list[int] = []
        self._last = 0
        self._received, self._unsent = b"", b""
        self._fds: deque[int] = deque()
        self.torn = False
        self.offered: dict[str, list[tuple[int, int]]] = {}
        """The compositor's globals: name and version of each, by interface."""
        try:
            self._socket.connect(socket_path)
            display = self._new("wl_display", error=self._failed, delete_id=self._deleted)
            self._display = display
            self._registry = self.make(
                display, "get_registry", "wl_registry", global_=self._announced, global_remove=self._withdrawn
            )
            self.roundtrip()
        except BaseException:
            self._socket.close()
            raise

    def bind(self, interface: str, version: int, which: int = 0, **handlers: Handler) -> int:
        """One of the compositor's globals, in this version or the newest that is offered."""
        name, offered = self.offered[interface][which]
        number = self._new(interface, **handlers)
        self.send(self._registry, "bind", name, interface, min(version, offered), number)
        return number

    def make(self, parent: int, request: str, interface: str, *values: Any, **handlers: Handler) -> int:
        """The new object that a request makes; a handler is named as its event, `global_` for the one named global."""
        number = self._new(interface, **handlers)
        at = self._objects[parent][0].requests[request][1].index("n")
        self.send(parent, request, *values[:at], number, *values[at:])
        return number

    def send(self, number: int, request: str, *values: Any) -> None:
        """Queues a request; file descriptors stay the caller's."""
        opcode, signature = self._objects[number][0].requests[request]
        body, fds = b"", [value for kind, value in zip(signature, values, strict=True) if kind == "h"]
        for kind, value in zip(signature, values, strict=True):
            body += _packed(kind, value)
        message = _HEADER.pack(number, (_HEADER.size + len(body)) << 16 | opcode) + body
        if fds:
            self.flush()
            self._transmit(message, fds)
        else:
            self._unsent += message
            if len(self._unsent) > _SEND_AT:
                self.flush()

    def flush(self) -> None:
        """Sends what is queued in one packet: each wakes the compositor, and what it forwards wakes the application."""
        unsent, self._unsent = self._unsent, b""
        if unsent:
            self._transmit(unsent, [])

    def roundtrip(self) -> None:
        """Waits until the compositor has handled all that was sent."""
        done: list[int] = []
        self.make(self._display, "sync", "wl_callback", done=done.append)
        self.until(lambda: done)

    def until(self, condition: Callable[[], object]) -> None:
        """Handles events until the condition holds. Raises TimeoutError after `ANSWER_S`."""
        deadline = time.monotonic() + ANSWER_S
        while not condition():
            if time.monotonic() > deadline:
                raise TimeoutError("the compositor does not answer")
            self.dispatch()

    def dispatch(self, wait: bool = True) -> None:
        """Handles the next events; without waiting, those that have arrived.

        Raises:
            Gone: the connection has ended. OSError: it is broken or silent.
        """
        self.flush()
        if not wait and not select.select([self._socket], [], [], 0)[0]:
            return
        self.torn = True
        raw, extra, _, _ = self._socket.recvmsg(65536, socket.CMSG_SPACE(_MOST_FDS * 4))
        if not raw:
            raise Gone("the compositor has closed the connection")
        for level, kind, data in extra:
            if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
                self._fds.extend(array.array("i", data[: len(data) - len(data) % 4]))
        self._received += raw
        self._handle()
        self.torn = False

    def break_off(self) -> None:
        """Ends the connection from any thread, so that a waiting call fails at once."""
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:  # it has ended already
            return

    def close(self) -> None:
        """The compositor then removes all objects, and releases the keys of a virtual keyboard."""
        self._socket.close()
        while self._fds:
            os.close(self._fds.popleft())

    def adopt(self, number: int, interface: str, **handlers: Handler) -> None:
        """An object that an event has made."""
        self._objects[number] = (INTERFACES[interface], handlers)

    def _new(self, interface: str, **handlers: Handler) -> int:
        if not self._free:
            self._last += 1
            self._free.append(self._last)
        self.adopt(number := self._free.pop(), interface, **handlers)
        return number

    def _transmit(self, message: bytes, fds: list[int]) -> None:
        self.torn = True
        if fds:
            rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))]
            message = message[self._socket.sendmsg([message], rights) :]
        self._socket.sendall(message)
        self.torn = False

    def _handle(self) -> None:
        while len(self._received) >= _HEADER.size:
            number, size_and_opcode = _HEADER.unpack_from(self._received)
            size = size_and_opcode >> 16
            if len(self._received) < size:
                return
            body, self._received = self._received[_HEADER.size : size], self._received[size:]
            interface, handlers = self._objects[number]
            name, signature = interface.events[size_and_opcode & 0xFFFF]
            values = self._unpacked(signature, body)
            if name in handlers:
                handlers[name](*values)

    def _unpacked(self, signature: str, body: bytes) -> list[Any]:
        values: list[Any] = []
        at = 0
        for kind in signature:
            if kind == "h":
                values.append(self._fds.popleft())
                continue
            if kind in "sa":
                (length,) = struct.unpack_from("=I", body, at)
                content = body[at + 4 : at + 4 + length]
                values.append(content[:-1].decode("utf-8", "replace") if kind == "s" else content)
                at += 4 + length + -length % 4
                continue
            (value,) = struct.unpack_from("=i" if kind in "if" else "=I", body, at)
            values.append(value / 256 if kind == "f" else value)
            at += 4
        return values

    def _announced(self, name: int, interface: str, version: int) -> None:
        self.offered.setdefault(interface, []).append((name, version))

    def _withdrawn(self, name: int) -> None:
        for interface, found in self.offered.items():
            self.offered[interface] = [each for each in found if each[0] != name]

    def _deleted(self, number: int) -> None:
        del self._objects[number]
        self._free.append(number)

    def _failed(self, number: int, code: int, text: str) -> None:
        raise Gone(f"the compositor reports an error: {text} ({code}, object {number})")


def _packed(kind: str, value: Any) -> bytes:
    if kind == "h":
        return b""
    if kind == "s":
        raw: bytes = value.encode() + b"\0"
        return struct.pack("=I", len(raw)) + raw + bytes(-len(raw) % 4)
    if kind == "f":
        return struct.pack("=i", round(value * 256))
    return struct.pack("=i" if kind == "i" else "=I", value)
