"""`Connection`: commands to one phone over adb, each word quoted for the phone's shell, errors in our words."""

import contextlib
import shlex
import socket
import time
from collections.abc import Callable
from typing import TypeVar

from adbutils import AdbClient
from adbutils.errors import AdbError, AdbTimeout

from actions.errors import DeviceFailure, UsageError

COMMAND_TIMEOUT_S = 30.0
RECONNECT_S = 12.0
"""A dropped connection, or a restarted adb server, is back within this time, or not at all."""
REMEDIES = {
    "unauthorized": "allow USB debugging on the phone's screen",
    "offline": "unplug it and plug it in again, or run: adb reconnect",
    "no permissions": "see https://developer.android.com/studio/run/device, section udev rules",
}
_UNKNOWN = "Nobody knows whether `{}` was done."
Answer = TypeVar("Answer")


class Connection:
    """One phone. Reading is tried again while the connection comes back; acting never is, for it may have happened."""

    def __init__(self, serial: str | None) -> None:
        """Picks the phone with this serial, or the only one that is ready.

        Raises:
            UsageError: none is ready, or several are and none is named. DeviceFailure: there is no adb server.
        """
        self._client = AdbClient(socket_timeout=COMMAND_TIMEOUT_S)
        self.serial = serial or _only(self._states())
        self._under_way: socket.socket | None = None
        self._aborted = False
        state = self._states().get(self.serial)
        if state != "device" and not self._comes_back():
            raise UsageError(f"{_described(self.serial, self._states().get(self.serial))}. `adb devices` lists all.")

    def read(self, *words: str) -> str:
        """What a command that changes nothing prints."""
        return self.read_bytes(*words).decode("utf-8", "replace")

    def read_bytes(self, *words: str) -> bytes:
        """The bytes that a command which changes nothing prints."""
        return self._retried(lambda: self._run(f"exec:{shlex.join(words)}"))

    def act(self, *words: str) -> str:
        """What a command prints that changes something. It is sent once.

        Raises:
            DeviceFailure: the connection was lost, so that nobody knows whether it was done.
        """
        try:
            said = self._run(f"shell,v2,raw:{shlex.join(words)}")
        except (AdbError, OSError) as error:
            raise DeviceFailure(f"{self._lost(error)} {_UNKNOWN.format(words[0])}") from error
        printed, ended = _unpacked(said)
        if not ended:
            raise DeviceFailure(f"{self._lost(ConnectionError('it broke off'))} {_UNKNOWN.format(words[0])}")
        return printed.decode("utf-8", "replace").strip()

    def reverse(self, port: int) -> None:
        """Makes this port of this machine reachable from the phone as its own one of the same number.

        Raises:
            DeviceFailure: the phone does not do it.
        """
        try:
            self._client.device(self.serial).reverse(f"tcp:{port}", f"tcp:{port}")
        except (AdbError, OSError) as error:
            raise DeviceFailure(f"The phone cannot be given the port {port}: {error}.") from error

    def abort(self) -> None:
        """Breaks off the command under way; there will be no other one."""
        self._aborted = True
        if self._under_way:
            with contextlib.suppress(OSError):  # it has ended by itself
                self._under_way.shutdown(socket.SHUT_RDWR)

    def _run(self, service: str) -> bytes:
        """Everything that a service of the phone sends until it closes."""
        with self._client.make_connection(timeout=COMMAND_TIMEOUT_S) as connection:
            for request in (f"host:transport:{self.serial}", service):
                connection.send_command(request)
                connection.check_okay()
            self._under_way = connection.conn
            chunks = []
            while not self._aborted and (chunk := connection.conn.recv(1 << 16)):
                chunks.append(chunk)
        if self._aborted:
            raise DeviceFailure(f"The connection to the phone {self.serial} was broken off.")
        return b"".join(chunks)

    def _retried(self, ask: Callable[[], Answer]) -> Answer:
        try:
            return ask()
        except AdbTimeout as error:
            raise DeviceFailure(f"The phone {self.serial} does not answer: {error}. Is it frozen?") from error
        except (AdbError, OSError) as error:
            if not self._comes_back():
                raise DeviceFailure(self._lost(error)) from error
        try:
            return ask()
        except (AdbError, OSError) as error:
            raise DeviceFailure(self._lost(error)) from error

    def _comes_back(self) -> bool:
        """Waits until the phone is ready again; a phone that is known by an address is connected to anew."""
        deadline = time.monotonic() + RECONNECT_S
        while time.monotonic() < deadline and not self._aborted:
            try:
                if ":" in self.serial:
                    self._client.connect(self.serial, timeout=3)
                if self._states().get(self.serial) == "device":
                    return True
            except (AdbError, OSError):
                pass  # not back yet
            time.sleep(0.3)
        return False

    def _states(self) -> dict[str, str]:
        try:
            return {info.serial: info.state for info in self._client.list()}
        except (AdbError, OSError) as error:
            raise DeviceFailure(f"There is no adb server: {error}. Install adb and run: adb start-server") from error

    def _lost(self, error: Exception) -> str:
        try:
            described = _described(self.serial, self._states().get(self.serial))
        except DeviceFailure as failure:
            described = str(failure)
        return f"The phone was lost ({error or type(error).__name__}): {described}."


def _unpacked(said: bytes) -> tuple[bytes, bool]:
    """What a shell printed, out of the packets of adb's shell protocol 2, and whether it told an exit status.

    A packet is its kind (1 output, 2 errors, 3 exit status), four bytes of length, and as many bytes. Without the last
    kind, which Android has sent since version 7, an end of the stream could also be a broken connection.
    """
    printed, at = b"", 0
    while at + 5 <= len(said):
        kind, length = said[at], int.from_bytes(said[at + 1 : at + 5], "little")
        if kind == 3:
            return printed, True
        printed += said[at + 5 : at + 5 + length]
        at += 5 + length
    return printed, False


def _only(states: dict[str, str]) -> str:
    ready = [serial for serial, state in states.items() if state == "device"]
    if len(ready) == 1:
        return ready[0]
    if ready:
        raise UsageError(f"Several phones are ready; name one with --address: {', '.join(ready)}.")
    found = "; ".join(_described(serial, state) for serial, state in states.items())
    raise UsageError(
        f"No phone is ready. {found or 'None is connected'}. Connect one, or run: python -m devices.simphone"
    )


def _described(serial: str, state: str | None) -> str:
    if state is None:
        return f"{serial} is not connected"
    return f"{serial} is {state}: {REMEDIES.get(state, 'wait, or connect it again')}"
