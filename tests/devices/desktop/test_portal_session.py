"""The consent of the desktop portal, its token, and the end of a session: a double of the portal on a real bus."""

import contextlib
import stat
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from actions.errors import UsageError
from devices.desktop.kill_switch import KillSwitch
from devices.desktop.portal_frames import _next
from devices.desktop.portal_session import Gone, PortalSession
from devices.tether import tethered
from tasks.worlds.virtual_screen import require, until
from tests.devices.desktop.portal_double import PortalDouble


@pytest.fixture
def bus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    require({"dbus-daemon": "dbus-daemon"})
    address = f"unix:path={tmp_path}/bus"
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    command = tethered(["dbus-daemon", "--session", "--nofork", f"--address={address}"])
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as running:
        until(lambda: (tmp_path / "bus").exists())
        yield
        running.kill()


@pytest.fixture
def portal(bus: None) -> Iterator[PortalDouble]:
    double = PortalDouble()
    serving = threading.Thread(target=double.run)
    serving.start()
    yield double
    double.close()
    serving.join()


def test_the_consent_is_kept_for_this_user_and_used_again(portal: PortalDouble, tmp_path: Path) -> None:
    with contextlib.closing(PortalSession()) as session:
        assert [tuple(stream.monitor) for stream in session.streams] == [(0, 0, 1280, 800)]
        assert "restore_token" not in portal.asked["SelectDevices"]
    kept = tmp_path / "state/screenhand/portal-token"
    assert kept.read_text() == "kept" and stat.S_IMODE(kept.stat().st_mode) == 0o600
    with contextlib.closing(PortalSession()):
        assert portal.asked["SelectDevices"]["restore_token"] == ("s", "kept")
        assert portal.asked["SelectDevices"]["persist_mode"] == ("u", 2)


@pytest.mark.parametrize(
    ("response", "devices", "reason"),
    [(1, 3, "dialog was cancelled"), (0, 0, "remote interaction is off"), (0, 1, "remote interaction is off"),
     (2, 3, "offers no remote desktop here")],
)  # fmt: skip
def test_a_refusal_is_reported_as_what_it_is(portal: PortalDouble, response: int, devices: int, reason: str) -> None:
    portal.response, portal.devices = response, devices
    with pytest.raises(UsageError, match=reason):
        PortalSession()


def test_a_bus_without_a_portal_and_a_session_without_a_bus_are_reported(
    bus: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UsageError, match="offers no remote desktop here"):
        PortalSession()
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")
    with pytest.raises(UsageError, match="needs a D-Bus session bus"):
        PortalSession()


def test_a_session_that_the_user_ends_stops_the_run(portal: PortalDouble) -> None:
    with contextlib.closing(PortalSession()) as session:
        polled = threading.Event()

        def pulled() -> bool:
            polled.set()
            return session.closed

        with contextlib.closing(KillSwitch(pulled, (OSError,))):
            assert polled.wait(30)
            with pytest.raises(KeyboardInterrupt, match="SIGTERM"):
                portal.end_session()
                threading.Event().wait(30)
        session.break_off()
        with pytest.raises(Gone):
            while True:  # a call that was on its way may still be answered
                session.notify("PointerButton", "iu", 272, 1)


def test_a_stream_of_pictures_is_cut_at_the_end_of_each(tmp_path: Path) -> None:
    from PIL import Image

    sizes = [(3, 2), (500, 300)]
    with (tmp_path / "stream").open("wb") as out:
        for size in sizes:
            Image.new("RGB", size, "red").save(out, "PNG")
        out.write(b"\x89PNG\r\n\x1a\n\0\0\0\rIH")
    with (tmp_path / "stream").open("rb") as stream:
        for size in sizes:
            path = tmp_path / "one.png"
            path.write_bytes(_next(stream))
            with Image.open(path) as picture:
                assert picture.size == size and picture.convert("RGB").getpixel((1, 1)) == (255, 0, 0)
        assert _next(stream) == b""
