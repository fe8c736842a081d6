"""A SimPhone that the adb server is connected to, for the duration of a block."""

from collections.abc import Iterator
from contextlib import contextmanager

from adbutils import AdbClient
from adbutils.errors import AdbError

from actions.errors import DeviceFailure
from actions.geometry import Size
from devices.android.addresses import PANEL
from devices.doubles.simphone import start

WIDTH_DP = 360
"""The usual width of a phone in Android's density-independent pixels."""


@contextmanager
def simulated_phone(size: Size = PANEL, scale: float | None = None) -> Iterator[str]:
    """Starts a SimPhone of that size and connects the adb server to it; yields its adb address.

    `scale` is its pixels per density-independent one, by default a whole number that gives it about the usual width.

    Raises:
        DeviceFailure: there is no adb.
    """
    with start(size=size, scale=scale or max(1, round(size.width / WIDTH_DP))) as phone:
        client = AdbClient(socket_timeout=30)
        try:
            client.connect(phone.address, timeout=10)
        except (AdbError, OSError) as error:
            raise DeviceFailure(f"There is no adb server: {error}. Install adb and run: adb start-server") from error
        try:
            yield phone.address
        finally:
            client.disconnect(phone.address)
