"""What real phones do, by their public bug reports, and SimPhone does when it is asked to; through the real adb."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from actions.control import Wait
from actions.errors import ActionRefused, DeviceFailure
from actions.geometry import Point, Size
from actions.keyboard import Type
from actions.phone import Home, OpenApp
from actions.touch import LongPress, Swipe, Tap
from devices.android.connection import Slow
from devices.android.device import Android
from devices.doubles.simphone import start
from tests.devices.simphone.driver import Phone
from tests.devices.test_android import new_note, note_of

ROOT = Path(__file__).parent.parent.parent
MARK = "SCREENHAND_TEST_RUN"
"""A variable of the environment, by which the processes of a run are known."""
TAPPED, WAY_UP = Point(540, 300), Swipe(start=Point(540, 2000), end=Point(540, 400))


def test_lines_before_the_picture_and_before_every_answer_are_skipped(android: Android, phone: Phone) -> None:
    before = android.observe().image
    phone.shell("setprop sim.noise 1")
    assert android.observe().image == before
    new_note(android, phone)
    assert android.perform(Type(text="plain")).text == "5 characters were typed."
    assert note_of(phone) == "plain"
    with pytest.raises(ActionRefused, match=r"The installed apps are: com\.simphone"):
        android.perform(OpenApp(app="Nonsense"))
    phone.shell("setprop sim.noise 0")  # even the reset would be noisy


def test_of_a_foldables_displays_the_lit_one_is_pictured(android: Android, phone: Phone) -> None:
    """The one that is captured without a name is folded away, and another display is listed before the lit one."""
    unfolded = android.observe().image
    phone.shell("setprop sim.displays 2")
    assert phone.adb("exec-out", "screencap", "-p").stdout.startswith(b"[Warning] Multiple displays")
    assert android.observe().image == unfolded
    with Android(phone.serial) as afresh:
        seen = afresh.observe()
        assert (seen.image == unfolded, seen.text, seen.screen) == (True, "", Size(1080, 2400))
        assert afresh.perform(Tap(point=TAPPED)).text == "", "a point is one of the display that takes the input"
    phone.shell("setprop sim.displays 1")
    assert android.observe().image == unfolded, "a display that has gone is looked for anew"


@pytest.mark.parametrize("text", ["na\u00efve \u4e2d\u6587", "x" * 4500 + "\u00e9"])
def test_a_helper_keyboard_that_binds_late_is_waited_for(android: Android, phone: Phone, text: str) -> None:
    phone.shell("setprop sim.ime_bind_ms 1500")
    new_note(android, phone)
    assert android.perform(Type(text=text)).text == f"{len(text)} characters were typed."
    assert note_of(phone) == text
    assert phone.shell("settings get secure default_input_method") == "com.simphone.keyboard/.LatinIME"


@pytest.mark.parametrize("habit", ["sim.ime_deaf 1", pytest.param("sim.ime_bind_ms 60000", marks=pytest.mark.slow)])
def test_a_helper_keyboard_that_never_listens_gives_way_to_the_clipboard(
    android: Android, phone: Phone, habit: str
) -> None:
    phone.shell(f"setprop {habit}")
    new_note(android, phone)
    assert android.perform(Type(text="na\u00efve")).text == "5 characters were typed."
    assert note_of(phone) == "na\u00efve"


def test_text_of_which_a_part_was_lost_is_told_with_what_the_field_holds(android: Android, phone: Phone) -> None:
    new_note(android, phone)
    phone.shell("setprop sim.text_lost 2")
    assert android.perform(Type(text="display")).text == "7 characters were typed. The field now holds 'splay'."
    phone.shell("cmd simphone reset")
    new_note(android, phone)
    phone.shell("setprop sim.text_lost 7")
    assert "7 characters were typed, and the field is empty" in android.perform(Type(text="display")).text


def test_a_frozen_phone_is_told_within_seconds(
    connect: Callable[[str], Phone], monkeypatch: pytest.MonkeyPatch
) -> None:
    with start() as running:
        phone = connect(running.address)
        monkeypatch.setenv("ANDROID_ADB_SERVER_PORT", str(phone.adb_port))
        with Android(phone.serial) as android:
            phone.shell("setprop sim.hang_ms 60000")
            begun = time.monotonic()
            with pytest.raises(DeviceFailure, match=r"does not answer. Is it frozen\?.*connected over the network"):
                android.observe()
            assert time.monotonic() - begun < 30, "it was 63 s"


def test_a_slow_command_is_not_a_frozen_phone(android: Android) -> None:
    with pytest.raises(Slow, match="though the phone answers"):
        android.phone.read("sleep", "30", patience_s=1)
    assert android.phone.read("echo", "on") == "on\n"


def test_an_app_is_started_without_switching_the_rotation_lock_off(android: Android, phone: Phone) -> None:
    phone.shell("settings put system accelerometer_rotation 0")
    android.perform(OpenApp(app="Maps"))
    assert phone.shell("settings get system accelerometer_rotation") == "0"
    phone.open("notes")
    assert phone.shell("settings get system accelerometer_rotation") == "1", "monkey does, as on a phone"


@pytest.mark.parametrize("name", ["com.Odd_Name", "odd name", "Odd-Name!", "\u00d3dd n\u00e0me"])
def test_packages_and_activities_with_odd_characters_are_found_and_started(
    android: Android, phone: Phone, name: str
) -> None:
    phone.shell("setprop sim.odd_apps 1")
    assert android.perform(OpenApp(app=name)).text == "com.Odd_Name was opened."
    assert "com.simphone.contacts" in phone.shell("dumpsys window | grep mCurrentFocus")


@pytest.mark.parametrize("name", ["\u5fae\u4fe1", "$(reboot)", "a'; reboot; '", " ", "%s", "\n", "\U0001f600"])
def test_a_name_that_no_app_has_is_refused_whatever_is_in_it(android: Android, name: str) -> None:
    with pytest.raises(ActionRefused, match="No app is called"):
        android.perform(OpenApp(app=name))


def test_a_locked_phone_is_told_and_a_swipe_opens_it(android: Android, phone: Phone) -> None:
    phone.shell("setprop sim.locked 1")
    assert "The phone is locked. A swipe up opens it" in android.observe().text
    android.perform(Tap(point=TAPPED))
    assert "locked" in android.observe().text
    android.perform(WAY_UP)
    assert android.observe().text == ""
    phone.shell("setprop sim.locked 2")
    android.perform(WAY_UP)
    assert "only its owner can give that" in android.observe().text


def test_a_permission_dialog_is_told_and_answered(android: Android, phone: Phone) -> None:
    android.perform(OpenApp(app="Maps"))
    assert android.observe().text == ""
    phone.shell("setprop sim.permission 1")
    looks = [android.observe().text for _ in range(3)]
    assert looks[-1] == "The system asks whether an app may have a permission. Allow only what the task needs."
    answered = time.monotonic() + 60
    while phone.shell("getprop sim.permission_answer") != "0":  # the system knows of the dialog before it is drawn
        assert time.monotonic() < answered
        android.perform(Tap(point=Point(540, 1212)))
        time.sleep(0.5)
    assert android.observe().text == ""


@pytest.mark.parametrize(
    ("ill", "words"),
    [(1, "does not respond. Its Wait gives it time"), pytest.param(2, "has stopped.", marks=pytest.mark.slow)],
)
def test_the_systems_word_on_an_app_that_fails_is_told_as_such(
    android: Android, phone: Phone, ill: int, words: str
) -> None:
    android.perform(OpenApp(app="Maps"))
    phone.shell(f"setprop sim.ill {ill}")
    android.perform(Wait(seconds=0.1))
    assert f"the app com.simphone.maps {words}" in android.observe().text
    deadline = time.monotonic() + 60
    while phone.shell("getprop sim.ill") != "0":  # the system knows of the dialog before it is drawn
        assert time.monotonic() < deadline
        android.perform(Tap(point=Point(540, 963)))
        time.sleep(0.5)
    assert android.observe().text == ""
    android.perform(OpenApp(app="Maps"))
    assert "com.simphone.maps" in phone.shell("dumpsys window windows")


def test_a_phone_that_adb_may_not_touch_is_told_with_the_remedy(android: Android, phone: Phone) -> None:
    phone.shell("setprop sim.no_input 1")
    with pytest.raises(DeviceFailure, match=r"'USB debugging \(Security settings\)'"):
        android.perform(LongPress(point=TAPPED, seconds=0.5))


def test_a_network_connection_that_stays_away_is_told_as_one(
    connect: Callable[[str], Phone], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("devices.android.connection.RECONNECT_S", 1.0)
    with start() as running:
        phone = connect(running.address)
        monkeypatch.setenv("ANDROID_ADB_SERVER_PORT", str(phone.adb_port))
        with Android(phone.serial) as android:
            phone.shell("setprop sim.drop 20")
            with pytest.raises(DeviceFailure, match=r"was lost.*check that the phone's Wi-Fi and its wireless"):
                android.observe()
            with pytest.raises(DeviceFailure, match=r"`input` was not done|unknown whether"):
                android.perform(Home())


def test_text_during_which_the_connection_dropped_is_told_with_what_arrived(android: Android, phone: Phone) -> None:
    new_note(android, phone)
    phone.shell("setprop sim.drop_at_text 1")
    result = android.perform(Type(text="first line")).text
    assert "broke during `input`" in result and note_of(phone) == "first line"


def test_the_phone_double_is_started_and_ended_with_a_run(
    phone: Phone, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ANDROID_ADB_SERVER_PORT", str(phone.adb_port))
    (tmp_path / "replies").write_text('*FUNCTION*: Finish\n*ARGS*: {"status": "success", "answer": ""}')
    flags = [
        "--device",
        "android",
        "--address",
        "simphone",
        "--engine",
        "scripted",
        "--replies",
        str(tmp_path / "replies"),
    ]
    flags += ["--model", "qwen2.5-vl-7b", "--notation", "function_args", "--runs", str(tmp_path / "runs")]
    flags += ["--no-verify"]
    command = [sys.executable, str(ROOT / "run_agent.py"), "x", *flags]
    marked = os.environ | {MARK: str(tmp_path)}
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, env=marked)
    assert done.returncode == 0, done.stdout + done.stderr
    (result,) = tmp_path.glob("runs/*/result.json")
    assert json.loads(result.read_text())["ending"] == "finished"
    assert not processes_of(tmp_path), "the phone double has ended"


def processes_of(run: Path) -> list[str]:
    """What a run that was marked with this path has left; others run phone doubles at the same time."""
    environments = Path("/proc").glob("[0-9]*/environ")
    return [path.parent.name for path in environments if f"{MARK}={run}".encode() in _read(path)]


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # it has ended meanwhile, or belongs to somebody else
        return b""


def test_no_phone_and_the_listing_name_the_phone_double(capsys: pytest.CaptureFixture[str]) -> None:
    import run_agent

    assert run_agent.main(["--list"]) == 0
    assert "--address simphone" in " ".join(capsys.readouterr().out.split())
