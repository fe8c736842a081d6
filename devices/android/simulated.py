"""A SimPhone that the adb server is connected to, for the duration of a block."""

from collections.abc import Iterator
from contextlib import contextmanager

from adbutils import AdbClient
from adbutils.errors import AdbError

from actions.errors import DeviceFailure
from actions.geometry import Size
from devices.doubles.simphone import start


@contextmanager
def simulated_phone(size: Size = Size(1080, 2400)) -> Iterator[str]:
    """Starts a SimPhone of that size and connects the adb server to it; yields its adb address.

    Raises:
        DeviceFailure: there is no adb.
    """
    with start(size=size) as phone:
        client = AdbClient(socket_timeout=30)
        try:
            client.connect(phone.address, timeout=10)
        except (AdbError, OSError) as error:
            raise DeviceFailure(f"There is no adb server: {error}. Install adb and run: adb start-server") from error
        try:
            yield phone.address
        finally:
            client.disconnect(phone.address)
