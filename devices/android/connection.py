"""`Connection`: commands to one phone over adb, each word quoted for the phone's shell, errors with remedies."""

import contextlib
import re
import shlex
import socket
import time
from collections.abc import Iterator

from adbutils import AdbClient
from adbutils.errors import AdbError, AdbTimeout

from actions.errors import DeviceFailure, UsageError

OPEN_S = 3.0
"""How long the adb server and the phone may take to accept a command, or to answer the probe of `_answers`."""
SILENCE_S = 4.0
"""After this long without a byte, a probe checks whether the phone still answers."""
READ_S = 15.0
ACT_S = 45.0
"""How long a reading and an acting command may take while the phone still answers. A long press is acting."""
RECONNECT_S = 12.0
"""A dropped connection, or a restarted adb server, is back within this time or never."""
REMEDIES = {
    "unauthorized": "allow USB debugging on the phone's screen",
    "authorizing": "allow USB debugging on the phone's screen",
    "offline": "unplug it and plug it in again, or run: adb reconnect",
    "no permissions": "see https://developer.android.com/studio/run/device, section udev rules",
}
NETWORK = (
    "It is connected over the network: check that the phone's Wi-Fi and its wireless debugging are on (the phone "
    "switches that off by itself, and gives it another port), then run: adb connect ADDRESS. A cable is steadier"
)
_NOISE = re.compile(r"^(WARNING: linker: |\[Warning\] ).*\n?", re.MULTILINE)
"""Lines that some phones print before the output."""


class Unsure(DeviceFailure):
    """A command was sent, its answer was lost, and the phone is still there: only a look shows whether it was done."""


class Slow(DeviceFailure):
    """A reading command exceeds its time limit although the phone answers."""


class _Unsent(ConnectionError):
    """The connection failed before the command was sent."""


class Connection:
    """One phone. Reading is repeated after a reconnection; acting is never repeated, because it may have happened.

    Every call ends within its patience plus the few seconds of a reconnection.
    """

    def __init__(self, serial: str | None) -> None:
        """Picks the phone with this serial, or the only one that is ready.

        Raises:
            UsageError: none is ready, or several are and no serial is given. DeviceFailure: there is no adb server.
        """
        self._client = AdbClient(socket_timeout=OPEN_S)
        self.serial = serial or _only(self._states())
        self._under_way: socket.socket | None = None
        self._aborted = False
        state = self._states().get(self.serial)
        if state != "device" and not self._comes_back(RECONNECT_S):
            raise UsageError(f"{_described(self.serial, self._states().get(self.serial))}. `adb devices` lists all.")

    def read(self, *words: str, patience_s: float = READ_S) -> str:
        """The output of a reading command, without the noise that some phones print before it.

        Raises:
            Slow: it exceeds the patience. DeviceFailure: the phone is lost, or does not answer at all.
        """
        return _NOISE.sub("", self.read_bytes(*words, patience_s=patience_s).decode("utf-8", "replace"))

    def read_bytes(self, *words: str, patience_s: float = READ_S) -> bytes:
        """The output of a reading command, in bytes. Raises as `read` does."""
        service = f"exec:{shlex.join(words)}"
        try:
            return self._run(service, patience_s)
        except TimeoutError as error:
            raise Slow(f"`{words[0]}` was not done within {patience_s:g} s, though the phone answers.") from error
        except (AdbError, OSError) as error:
            if not self._comes_back(RECONNECT_S):
                raise DeviceFailure(self._lost(error)) from error
        try:
            return self._run(service, patience_s)
        except (AdbError, OSError) as error:
            raise DeviceFailure(self._lost(error)) from error

    def act(self, *words: str) -> str:
        """The output of an acting command, which is sent only once.

        Raises:
            Unsure: it is unknown whether it was done, and the phone is there. DeviceFailure: the phone is lost.
        """
        service, name = f"shell,v2,raw:{shlex.join(words)}", words[0]
        try:
            said = self._run(service, ACT_S)
        except TimeoutError as error:
            raise Unsure(
                f"`{name}` was not done within {ACT_S:g} s, though the phone answers: the app in front may be frozen."
            ) from error
        except _Unsent as error:
            if not self._comes_back(RECONNECT_S):
                raise DeviceFailure(f"{self._lost(error)} `{name}` was not done.") from error
            return self._once_more(service, name)
        except (AdbError, OSError) as error:
            raise self._broken_off(name, error) from error
        return self._printed(said, name)

    def reverse(self, port: int) -> None:
        """Forwards this machine's port to the phone under the same number.

        Raises:
            DeviceFailure: the phone refuses.
        """
        try:
            self._client.device(self.serial).reverse(f"tcp:{port}", f"tcp:{port}")
        except (AdbError, OSError) as error:
            raise DeviceFailure(f"The port {port} cannot be forwarded to the phone: {error}.") from error

    def abort(self) -> None:
        """Aborts the running command; no other command can follow."""
        self._aborted = True
        if self._under_way:
            with contextlib.suppress(OSError):  # it has ended already
                self._under_way.shutdown(socket.SHUT_RDWR)

    def _once_more(self, service: str, name: str) -> str:
        """Repeats an act that was not sent the first time."""
        try:
            return self._printed(self._run(service, ACT_S), name)
        except (AdbError, OSError) as error:
            raise self._broken_off(name, error) from error

    def _printed(self, said: bytes, name: str) -> str:
        printed, ended = _unpacked(said)
        if not ended:
            raise self._broken_off(name, ConnectionError("it broke"))
        return _NOISE.sub("", printed.decode("utf-8", "replace")).strip()

    def _broken_off(self, name: str, error: Exception) -> DeviceFailure:
        """The error for an act that lost its connection, after waiting for the phone."""
        if self._aborted or not self._comes_back(RECONNECT_S):
            return DeviceFailure(f"{self._lost(error)} It is unknown whether `{name}` was done.")
        return Unsure(f"The connection to the phone broke during `{name}`; it is back.")

    def _run(self, service: str, patience_s: float) -> bytes:
        """Everything that a service of the phone sends until it closes.

        Raises:
            TimeoutError: it takes longer although the phone answers. DeviceFailure: the phone does not answer, or the
                connection was aborted. OSError or AdbError: the connection was lost.
        """
        deadline = time.monotonic() + patience_s
        chunks: list[bytes] = []
        with self._opened(service) as stream:
            self._under_way = stream
            stream.settimeout(min(SILENCE_S, patience_s))
            while not self._aborted:
                try:
                    chunk = stream.recv(1 << 16)
                except TimeoutError:
                    self._check_that_it_answers()
                    chunk = None
                if chunk == b"":
                    break
                if chunk:
                    chunks.append(chunk)
                if time.monotonic() >= deadline:
                    raise TimeoutError
        if self._aborted:
            raise DeviceFailure(f"The connection to the phone {self.serial} was aborted.")
        return b"".join(chunks)

    @contextlib.contextmanager
    def _opened(self, service: str) -> Iterator[socket.socket]:
        """A connection to a service of the phone. Raises _Unsent if the request was not sent."""
        if self._aborted:
            raise DeviceFailure(f"The connection to the phone {self.serial} was aborted.")
        with contextlib.ExitStack() as opened:
            try:
                connection = opened.enter_context(self._client.make_connection(timeout=OPEN_S))
                connection.send_command(f"host:transport:{self.serial}")
                connection.check_okay()
            except (AdbError, OSError) as error:
                raise _Unsent(str(error) or type(error).__name__) from error
            try:
                connection.send_command(service)
                connection.check_okay()
            except (AdbTimeout, TimeoutError) as error:
                raise DeviceFailure(self._frozen()) from error
            try:
                yield connection.conn
            finally:
                connection.conn.close()  # at once: adbutils' own way waits for 10 ms each time

    def _check_that_it_answers(self) -> None:
        """Raises DeviceFailure if the phone does not answer; ConnectionError if it answers again now."""
        if self._answers():
            return
        if self._networked and not self._aborted:  # the other end may have vanished silently
            with contextlib.suppress(AdbError, OSError):
                self._client.disconnect(self.serial)
            if self._comes_back(OPEN_S) and self._answers():
                raise ConnectionError("the phone did not answer until it was reconnected")
        raise DeviceFailure(self._frozen())

    def _answers(self) -> bool:
        try:
            with self._opened("exec:echo") as stream:
                stream.settimeout(OPEN_S)
                return bool(stream.recv(1))
        except (AdbError, OSError, DeviceFailure):
            return False

    def _comes_back(self, patience_s: float) -> bool:
        """Waits until the phone is ready again; a phone with a network address is reconnected."""
        deadline = time.monotonic() + patience_s
        while time.monotonic() < deadline and not self._aborted:
            try:
                if self._networked:
                    self._client.connect(self.serial, timeout=OPEN_S)
                if self._states().get(self.serial) == "device":
                    return True
            except (AdbError, OSError, DeviceFailure):
                pass  # not back yet
            time.sleep(0.3)
        return False

    @property
    def _networked(self) -> bool:
        return ":" in self.serial or "._adb-tls-connect._tcp" in self.serial

    def _states(self) -> dict[str, str]:
        try:
            return {info.serial: info.state for info in self._client.list()}
        except (AdbError, OSError) as error:
            raise DeviceFailure(f"There is no adb server: {error}. Install adb and run: adb start-server") from error

    def _frozen(self) -> str:
        remedy = f" {NETWORK}." if self._networked else " Unplug it and plug it in again, or restart it."
        return f"The phone {self.serial} does not answer. Is it frozen?{remedy}"

    def _lost(self, error: Exception) -> str:
        try:
            described = _described(self.serial, self._states().get(self.serial))
        except DeviceFailure as failure:
            described = str(failure)
        remedy = f" {NETWORK}." if self._networked else ""
        return f"The phone was lost ({error or type(error).__name__}): {described}.{remedy}"


def _unpacked(said: bytes) -> tuple[bytes, bool]:
    """A shell's output from the packets of adb's shell protocol 2, and whether an exit status was reported.

    A packet has its kind (1 output, 2 errors, 3 exit status), four bytes of length, and that many bytes. Without the
    exit status, which Android has sent since version 7, the end of the stream could also be a broken connection.
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
        raise UsageError(f"Several phones are ready; choose one with --address: {', '.join(ready)}.")
    found = "; ".join(_described(serial, state) for serial, state in states.items())
    raise UsageError(
        f"No phone is ready. {found or 'None is connected'}. Connect one, or use the phone double: --address simphone"
    )


def _described(serial: str, state: str | None) -> str:
    if state is None:
        return f"{serial} is not connected"
    return f"{serial} is {state}: {REMEDIES.get(state, 'wait, or connect it again')}"
