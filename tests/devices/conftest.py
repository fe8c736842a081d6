"""A SimPhone behind a real adb server of its own, for all the tests here; every test finds it as if it were new."""

import subprocess
from collections.abc import Callable, Iterator

import pytest

from devices.android.device import Android
from devices.doubles.simphone import start
from tests.devices.simphone.driver import Phone, adb_server, free_port


@pytest.fixture(scope="session")
def adb_port() -> Iterator[int]:
    """The port of an adb server of our own."""
    port = free_port()
    with adb_server(str(port)):
        yield port


@pytest.fixture(scope="session")
def connect(adb_port: int) -> Callable[[str], Phone]:
    """Connects the server to a SimPhone's address."""

    def connected(address: str) -> Phone:
        done = subprocess.run(
            ["adb", "-P", str(adb_port), "connect", address], check=True, capture_output=True, text=True, timeout=30
        )
        assert "connected to" in done.stdout
        return Phone(adb_port, address)

    return connected


@pytest.fixture(scope="session")
def shared_phone(connect: Callable[[str], Phone]) -> Iterator[Phone]:
    with start() as running:
        yield connect(running.address)


@pytest.fixture
def phone(shared_phone: Phone) -> Phone:
    assert shared_phone.shell("cmd simphone reset") == ""
    return shared_phone


@pytest.fixture
def android(phone: Phone, monkeypatch: pytest.MonkeyPatch) -> Iterator[Android]:
    monkeypatch.setenv("ANDROID_ADB_SERVER_PORT", str(phone.adb_port))
    with Android(phone.serial) as opened:
        yield opened
