"""The desktop device on a virtual screen with real applications."""

from collections.abc import Iterator
from pathlib import Path

import pytest

import devices
from devices import DeviceOptions, Environment
from tasks.virtual_screen import Screen
from tests.devices.desktop.screen import shared_screen


@pytest.fixture(scope="session")
def screen() -> Screen:
    return shared_screen()


@pytest.fixture
def desktop(screen: Screen) -> Iterator[Environment]:
    with devices.connect("desktop", DeviceOptions(address=screen.display)) as opened:
        yield opened


@pytest.fixture
def file(screen: Screen) -> Iterator[Path]:
    """An empty text file in the home folder of the screen's applications."""
    path = screen.home / "note.txt"
    path.write_text("")
    yield path
    path.unlink()
