"""The address of a phone double says how large it is; every other address is an adb serial."""

import pytest

from actions.errors import UsageError
from actions.geometry import Size
from devices.android.addresses import simulated_address, simulated_size


@pytest.mark.parametrize(
    ("address", "size"),
    [
        ("simphone", Size(1080, 2400)),
        ("simphone:336x448", Size(336, 448)),
        ("simphone:5555", None),  # a host of that name
        ("127.0.0.1:5555", None),
        ("emulator-5554", None),
        (None, None),
    ],
)
def test_which_addresses_are_phone_doubles(address: str | None, size: Size | None) -> None:
    assert simulated_size(address) == size
    if size:
        assert simulated_size(simulated_address(size)) == size


@pytest.mark.parametrize("size", ["20x448", "336x9999", "x", "336x", "-1x5"])
def test_a_size_that_no_phone_has_is_refused(size: str) -> None:
    with pytest.raises(UsageError, match=f"simphone:{size} cannot be started"):
        simulated_size(f"simphone:{size}")
