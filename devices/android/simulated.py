"""A SimPhone that adb's server is connected to, for as long as a block lasts."""

from collections.abc import Iterator
from contextlib import contextmanager

from adbutils import AdbClient
from adbutils.errors import AdbError

from actions.errors import DeviceFailure
from actions.geometry import Size
from devices.doubles.simphone import start


@contextmanager
def simulated_phone(size: Size = Size(1080, 2400)) -> Iterator[str]:
    """Starts a SimPhone of that size and connects adb's server to it; yields the address that adb knows it by.

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
