"""The desktop device on a virtual screen, for the tests of the device and of the tasks that are done with it."""

import signal
from collections.abc import Iterator

import pytest

import devices
from devices import DeviceOptions, Environment
from tasks.virtual_screen import Screen
from tests.devices.desktop.screen import shared_screen


def pytest_configure() -> None:
    """A shell that starts the tests in the background lets them ignore Ctrl-C, and so what they start."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def screen() -> Screen:
    return shared_screen()


@pytest.fixture
def desktop(screen: Screen) -> Iterator[Environment]:
    with devices.connect("desktop", DeviceOptions(address=screen.display)) as opened:
        yield opened
