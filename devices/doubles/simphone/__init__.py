"""A simulated phone that the real `adb` connects to; it is not Android. `start` runs one for tests and tools."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from actions.errors import DeviceFailure
from devices.tether import tethered

assert __package__
_ROOT = Path(__file__).parents[__package__.count(".") + 1]
"""The folder from which this package is imported."""


class SimPhoneFailure(DeviceFailure):
    """The process did not start; the reason is on its error output, which is this process's own."""


class SimPhone:
    """A running process. Its address is the argument of `adb connect`."""

    def __init__(self, process: "subprocess.Popen[str]", address: str) -> None:
        self._process = process
        self.address = address

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def stop(self, *, timeout_s: float = 10) -> None:
        """Ends the process, politely first; a second call does nothing."""
        if self.alive:
            self._process.terminate()
        try:
            self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


@contextmanager
def start(port: int = 0, size: tuple[int, int] = (1080, 2400), scale: float = 3.0) -> Iterator[SimPhone]:
    """A phone for a `with` block; it is ready when the block begins.

    Raises:
        SimPhoneFailure: it did not start.
    """
    command = [sys.executable, "-m", __package__, "--port", str(port)]
    command += ["--size", f"{size[0]}x{size[1]}", "--scale", str(scale)]
    with subprocess.Popen(
        tethered(command), cwd=_ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        line = process.stdout.readline()
        phone = SimPhone(process, line.rpartition(" ")[2].strip())
        try:
            if not line:
                raise SimPhoneFailure(f"SimPhone ended at once with exit code {process.wait()}; see its error output.")
            yield phone
        finally:
            phone.stop()
