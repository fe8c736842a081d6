"""An adb server of our own for the suites that play on a phone."""

import shutil
import subprocess
from collections.abc import Iterator

import pytest

from tests.devices.simphone.driver import free_port


@pytest.fixture
def adb_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An adb server of our own, which the suite's client and device find as they find any."""
    if not shutil.which("adb"):
        pytest.skip("needs adb")
    port = str(free_port())
    monkeypatch.setenv("ANDROID_ADB_SERVER_PORT", port)
    monkeypatch.setenv("ADB_LOCAL_TRANSPORT_MAX_PORT", "5553")
    subprocess.run(["adb", "-P", port, "start-server"], check=True, capture_output=True)
    yield
    subprocess.run(["adb", "-P", port, "kill-server"], check=False, capture_output=True)
