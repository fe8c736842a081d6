"""The device side of adb: files, refusals, faults, and the questions that real clients ask."""

import hashlib
import random
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from adbutils.errors import AdbError
from PIL import Image

from devices.doubles.simphone import SimPhoneFailure, start
from tests.devices.simphone.driver import Phone, free_port, until


def test_files_come_back_as_they_were_pushed(phone: Phone, tmp_path: Path) -> None:
    data = random.Random(7).randbytes(3_000_001)
    (tmp_path / "there").write_bytes(data)
    assert phone.adb("push", str(tmp_path / "there"), "/sdcard/Download/a b").returncode == 0
    assert phone.adb("pull", "/sdcard/Download/a b", str(tmp_path / "back")).returncode == 0
    assert hashlib.sha256((tmp_path / "back").read_bytes()).digest() == hashlib.sha256(data).digest()
    assert phone.shell("ls -l '/sdcard/Download/a b' | wc -l; rm '/sdcard/Download/a b'; ls /sdcard/Download") == "1"


def test_missing_files_and_bad_states_are_refused(phone: Phone, tmp_path: Path) -> None:
    assert phone.adb("pull", "/sdcard/none", str(tmp_path / "x")).returncode != 0
    (tmp_path / "bad").write_text("[]")
    done = phone.adb("push", str(tmp_path / "bad"), "/data/data/com.simphone.notes/state.json")
    assert done.returncode != 0 and b"JSON object" in done.stdout + done.stderr


def test_the_library_finds_its_way(phone: Phone) -> None:
    device = phone.library
    assert device.window_size() == (1080, 2400)
    assert (device.prop.model, device.getprop("ro.build.version.sdk")) == ("SimPhone", "34")
    assert "com.simphone.maps" in device.list_packages(["-3"])
    assert device.screenshot(error_ok=False).size == (1080, 2400)
    device.app_start("com.simphone.maps")
    assert device.app_current().package == "com.simphone.maps"
    assert 'text="Search here"' in device.dump_hierarchy()
    device.click(540, 230)
    device.send_keys("tea room")
    assert 'text="tea room"' in device.dump_hierarchy()
    device.sync.push(b"abc", "/data/local/tmp/t")
    assert device.sync.read_bytes("/data/local/tmp/t") == b"abc"
    assert [one.path for one in device.sync.list("/data/local/tmp") if one.path == "t"] == ["t"]
    assert not device.sync.stat("/data/local/tmp/none").mode
    info = device.app_info("com.simphone.maps")
    assert info is not None and info.version_name == "1.0"


@pytest.mark.parametrize("words", [("reboot",), ("root",), ("remount",)])
def test_what_it_has_not_is_refused_and_the_phone_stays(phone: Phone, words: tuple[str, ...]) -> None:
    phone.adb(*words)
    assert phone.shell("echo there") == "there"


def test_a_dropped_connection_comes_back(phone: Phone) -> None:
    phone.shell("setprop sim.drop 0.5")
    until(lambda: phone.shell("echo back") == "back")


def test_a_cable_pulled_in_a_swipe_ends_the_swipe(phone: Phone) -> None:
    done = phone.adb("shell", "setprop sim.drop_at_swipe 1; input swipe 500 1500 500 900 200; echo swiped")
    assert b"swiped" not in done.stdout
    until(lambda: phone.shell("echo back") == "back")


def test_a_phone_nobody_has_allowed_is_unauthorized(connect: Callable[[str], Phone]) -> None:
    with start(size=(400, 800), scale=1.0) as running:
        phone = connect(running.address)
        phone.shell("setprop sim.unauthorized 60")
        until(lambda: b"unauthorized" in phone.adb("get-state").stderr + phone.adb("shell", "true").stderr)


def test_failing_torn_and_black_captures_can_be_had(phone: Phone) -> None:
    phone.shell("setprop sim.screencap_fail 1")
    assert phone.adb("exec-out", "screencap -p; echo $?").stdout.endswith(b"\n1\n")
    with pytest.raises(AdbError, match="screencap error"):
        phone.library.screenshot(error_ok=False)
    phone.shell("setprop sim.screencap_fail 0; setprop sim.screencap_torn 1")
    torn = phone.adb("exec-out", "screencap").stdout
    assert len(torn) == (16 + 1080 * 2400 * 4) // 2
    phone.shell("setprop sim.screencap_torn 0; setprop sim.black 1")
    assert phone.library.screenshot(error_ok=False).getextrema() == ((0, 0),) * 3


def test_a_lagging_phone_shows_an_input_later(phone: Phone) -> None:
    x, y = phone.find("Maps").middle
    phone.shell(f"setprop sim.lag_ms 700; input tap {x} {y}")
    assert phone.find("clock")
    until(lambda: phone.library.app_current().package == "com.simphone.maps", timeout_s=3)


def test_the_clock_stands_still_until_it_is_set(phone: Phone) -> None:
    assert phone.shell("date '+%Y-%m-%d %H:%M:%S'; sleep 1; date +%S") == "2026-03-14 09:41:00\n00"
    phone.shell("setprop sim.time 2027-01-02T18:05:00")
    assert phone.find("clock").text == "18:05"
    phone.shell("date 030412302028.05")
    assert phone.shell("date +%FT%T") == "2028-03-04T12:30:05"


def test_a_phone_that_dies_is_gone(connect: Callable[[str], Phone]) -> None:
    with start(size=(400, 800), scale=1.0) as running:
        phone = connect(running.address)
        assert phone.library.screenshot(error_ok=False).size == (400, 800)
        phone.shell("setprop sim.die 1")
        until(lambda: not running.alive)


def test_the_density_of_a_real_phone_fits_the_panel_to_the_pixel(connect: Callable[[str], Phone]) -> None:
    with start(size=(1080, 2400), scale=2.625) as running:
        phone = connect(running.address)
        assert phone.shell("wm density") == "Physical density: 420"
        picture: Image.Image = phone.library.screenshot(error_ok=False)
        assert picture.size == (1080, 2400)
        phone.tap("Settings")
        left, _, right, bottom = phone.nodes()[0].bounds
        assert (left, right) == (0, 1080) and bottom < 2400
        phone.tap("About phone")
        assert phone.find("Device name")


def test_a_taken_port_is_said_so() -> None:
    with start(size=(400, 800), scale=1.0) as running, pytest.raises(SimPhoneFailure, match="exit code 2"):
        with start(port=int(running.address.rpartition(":")[2])):
            raise AssertionError("two phones on one port")


def test_control_c_ends_it_cleanly() -> None:
    command = [sys.executable, "-m", "devices.doubles.simphone", "--port", str(free_port()), "--size", "400x800"]
    root = Path(__file__).parents[3]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout and process.stderr
        assert "not Android" in process.stdout.readline()
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
        assert process.stderr.read() == ""
