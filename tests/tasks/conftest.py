"""An adb server of our own for the suites that play on a phone."""

from collections.abc import Iterator

import pytest

from tests.devices.simphone import driver


@pytest.fixture
def adb_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An adb server of our own, which the suite's client and device find as they find any."""
    port = str(driver.free_port())
    monkeypatch.setenv("ANDROID_ADB_SERVER_PORT", port)
    with driver.adb_server(port):
        yield
