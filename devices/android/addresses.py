"""The addresses of phone doubles; every other address is an adb serial. Needs no adb."""

from actions.errors import UsageError
from actions.geometry import Size
from devices.doubles.simphone.display import read_size

SIMULATED = "simphone"
"""The address of a phone double that lives as long as the device. `simphone:336x448` is one of that size."""
PANEL = Size(1080, 2400)
"""The size of a phone double where none is given."""


def simulated_size(address: str | None) -> Size | None:
    """The size of the phone double that an address asks for; None if it is the address of another phone.

    Raises:
        UsageError: no phone has that size.
    """
    name, _, size = (address or "").partition(":")
    if name != SIMULATED or (size and "x" not in size):  # `simphone:5555` is a phone on the network
        return None
    try:
        return Size(*read_size(size)) if size else PANEL
    except ValueError as error:
        raise UsageError(f"The phone double {address} cannot be started: {error}.") from error


def simulated_address(size: Size) -> str:
    """The address of a phone double of that size."""
    return f"{SIMULATED}:{size}"
