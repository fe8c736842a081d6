"""The desktop device on a virtual screen, for the tests of the device and of the tasks that are done with it."""

import signal
from collections.abc import Iterator

import pytest
from hypothesis import settings

import devices
from devices import DeviceOptions, Environment
from tasks.worlds.virtual_screen import Screen
from tests.devices.desktop.screen import shared_screen

settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")  # a busy machine is slow, which is no failure


def pytest_configure() -> None:
    """Where a shell's background job or nohup lets the tests ignore a signal, what they start must not."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, lambda *_: None)


@pytest.fixture(scope="session")
def screen() -> Screen:
    return shared_screen()


@pytest.fixture
def desktop(screen: Screen) -> Iterator[Environment]:
    with devices.connect("desktop", DeviceOptions(address=screen.display)) as opened:
        yield opened
