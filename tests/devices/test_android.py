"""The Android device against SimPhone, through the real adb: what is done arrives, and every loss has a name."""

import string
import subprocess
import threading
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import devices
import run_agent
from actions.errors import ActionRefused, DeviceFailure, UsageError
from actions.geometry import Point, Size
from actions.keyboard import Press, Type
from actions.phone import Back, Enter, Home, OpenApp, Recents
from actions.touch import LongPress, Swipe, Tap
from agent.episode import Ending
from agent.record import read_episode
from devices import DeviceOptions
from devices.android.device import Android
from devices.doubles.simphone import start
from model import profile
from tests.devices.simphone.driver import Phone, free_port


def at(phone: Phone, wanted: str) -> Point:
    return Point(*phone.find(wanted).middle)


def new_note(android: Android, phone: Phone) -> None:
    """Notes with a new note, its text having the focus."""
    android.perform(OpenApp(app="Notes"))
    android.perform(Tap(point=at(phone, "New note")))
    android.perform(Tap(point=at(phone, "body")))


def test_it_shows_the_screen_in_device_pixels(android: Android) -> None:
    seen = android.observe()
    assert seen.screen == seen.image.size == (1080, 2400) and seen.text == ""


def test_a_picture_is_decoded_anew_only_when_it_is_another(android: Android) -> None:
    looks = [android.observe().image for _ in range(3)]
    android.perform(OpenApp(app="Notes"))
    looks.append(android.observe().image)
    same = [before is after for before, after in pairwise(looks)]
    assert same == [before.tobytes() == after.tobytes() for before, after in pairwise(looks)]
    assert any(same), "a still screen is decoded once"
    assert not same[-1], "another screen is another picture"


def test_a_tap_lands_on_the_pixel_that_it_names(android: Android, phone: Phone) -> None:
    android.perform(OpenApp(app="Settings"))
    android.perform(Tap(point=at(phone, "open_about")))
    assert "SimPhone" in {node.text for node in phone.nodes()} and "open_display" not in {
        node.name for node in phone.nodes()
    }


@pytest.mark.parametrize("app", ["Maps", "maps", "com.simphone.maps"])
def test_an_app_is_opened_by_its_name_or_its_package(android: Android, phone: Phone, app: str) -> None:
    android.perform(OpenApp(app=app))
    assert "com.simphone.maps" in phone.shell("dumpsys window windows")


def test_an_app_that_is_not_there_is_refused_with_those_that_are(android: Android) -> None:
    with pytest.raises(ActionRefused, match="The installed apps are"):
        android.perform(OpenApp(app="Nonsense; reboot"))


def test_the_system_buttons_work(android: Android, phone: Phone) -> None:
    android.perform(OpenApp(app="Notes"))
    android.perform(Home())
    assert "com.simphone.launcher" in phone.shell("dumpsys window windows | grep mCurrentFocus")
    for action in (Recents(), Back(), Enter(), Press(keys=("a",)), Press(keys=("ctrl", "a"))):
        android.perform(action)
    with pytest.raises(ActionRefused, match="Use Type"):
        android.perform(Press(keys=("é",)))


def note_of(phone: Phone) -> str:
    """The text of the field that has the focus."""
    return next(node.text for node in phone.nodes() if node.attributes["focused"] == "true")


TEXTS = [
    "plain words", "100%s sure, %%s and %d", "$(reboot) `id` ${HOME} && ; | > < & *", "quotes ' \" and \\ back",
    "ÀÉ naïve ß",     "中文 日本語", "😀👍🏽", "x" * 450, "~!@#$%^&*()_+{}|:<>?`-=[];,./", " leading and trailing ",
]  # fmt: skip


@pytest.mark.parametrize("text", TEXTS)
def test_text_arrives_as_it_was_written(android: Android, phone: Phone, text: str) -> None:
    new_note(android, phone)
    assert android.perform(Type(text=text)).text == f"{len(text)} characters were typed."
    assert note_of(phone) == text
    assert phone.shell("settings get secure default_input_method") != "com.android.adbkeyboard/.AdbIME"


hostile = st.text(st.sampled_from(string.printable[:95] + "é中😀"), min_size=1, max_size=30)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=hostile)
def test_no_text_is_ever_read_by_the_phones_shell(android: Android, phone: Phone, text: str) -> None:
    phone.shell("cmd simphone reset")
    new_note(android, phone)
    android.perform(Type(text=text))
    assert note_of(phone) == text


@pytest.mark.parametrize("name", ["Ada", "Zoë"])
def test_a_tab_in_a_text_moves_the_focus_as_the_tab_key_does(android: Android, phone: Phone, name: str) -> None:
    android.perform(OpenApp(app="Contacts"))
    android.perform(Tap(point=at(phone, "Create contact")))
    android.perform(Tap(point=at(phone, "name")))
    assert android.perform(Type(text=f"{name}\t555 1234")).text == f"{len(name) + 9} characters were typed."
    held = {node.name: node.text for node in phone.nodes()}
    assert (held["name"], held["phone"]) == (name, "555 1234")


def test_text_that_cannot_be_typed_is_refused_with_the_remedy(android: Android, phone: Phone) -> None:
    phone.shell("setprop sim.no_adbkeyboard 1")
    phone.shell("setprop sim.no_clipper 1")
    new_note(android, phone)
    with pytest.raises(ActionRefused, match="ADBKeyboard"):
        android.perform(Type(text="naïve"))
    assert android.perform(Type(text="naive")).text == "5 characters were typed."


def test_typing_with_no_keyboard_says_so(android: Android) -> None:
    assert "No keyboard was shown" in android.perform(Type(text="lost")).text


def test_a_secure_app_and_a_dark_screen_are_told_apart(android: Android, phone: Phone) -> None:
    android.perform(OpenApp(app="Vault"))
    assert "forbids screenshots" in android.observe().text
    android.perform(Home())
    assert android.observe().text == ""
    phone.shell("input keyevent 26")
    assert "screen is off" in android.observe().text


def test_a_turned_screen_is_seen_and_an_old_point_is_refused(android: Android, phone: Phone) -> None:
    assert android.observe().screen == Size(1080, 2400)
    phone.shell("settings put system accelerometer_rotation 0")
    phone.shell("settings put system user_rotation 1")
    with pytest.raises(ActionRefused, match="rotated to 2400x1080"):
        android.perform(Tap(point=Point(5, 5)))
    assert android.observe().screen == Size(2400, 1080)
    android.perform(Tap(point=Point(2000, 500)))


@pytest.mark.parametrize("fault", ["screencap_fail", "screencap_torn"])
def test_a_failed_screenshot_is_never_a_picture(android: Android, phone: Phone, fault: str) -> None:
    phone.shell(f"setprop sim.{fault} 1")
    with pytest.raises(DeviceFailure, match="no screenshot"):
        android.observe()


def test_a_dropped_connection_is_waited_for_while_looking(android: Android, phone: Phone) -> None:
    phone.shell("setprop sim.drop 1")
    assert android.observe().screen == Size(1080, 2400)


def test_a_connection_lost_in_a_swipe_is_told_and_the_run_goes_on(android: Android, phone: Phone) -> None:
    phone.shell("setprop sim.drop_at_swipe 1")
    result = android.perform(Swipe(start=Point(500, 1800), end=Point(500, 600))).text
    assert "broke during `input`; it is back. Check whether it was done" in result
    assert android.observe().screen == Size(1080, 2400)
    assert android.perform(Home()).text == ""


def test_a_phone_that_died_is_a_failure(connect: Callable[[str], Phone], monkeypatch: pytest.MonkeyPatch) -> None:
    with start() as running:
        phone = connect(running.address)
        monkeypatch.setenv("ANDROID_ADB_SERVER_PORT", str(phone.adb_port))
        monkeypatch.setattr("devices.android.connection.RECONNECT_S", 2.0)
        android = Android(phone.serial)
        threading.Timer(0.2, running.stop).start()
        with pytest.raises(DeviceFailure, match="lost"):
            for _ in range(100):
                android.observe()
                time.sleep(0.05)


def test_which_phone_has_to_be_clear(
    connect: Callable[[str], Phone], phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANDROID_ADB_SERVER_PORT", str(phone.adb_port))
    monkeypatch.setattr("devices.android.connection.RECONNECT_S", 0.5)
    assert Android(None).phone.serial == phone.serial
    with start() as other:
        second = connect(other.address)
        with pytest.raises(UsageError, match="Several phones are ready"):
            Android(None)
        assert Android(second.serial).observe().screen == Size(1080, 2400)
    with pytest.raises(UsageError, match="is not connected"):
        Android("emulator-5554")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # adbutils leaves a socket open
def test_with_no_phone_at_all_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    port = str(free_port())
    monkeypatch.setenv("ANDROID_ADB_SERVER_PORT", port)
    monkeypatch.setenv("ADB_LOCAL_TRANSPORT_MAX_PORT", "5553")
    try:
        with pytest.raises(UsageError, match=r"None is connected.*--address simphone"):
            devices.connect("android", DeviceOptions())
    finally:
        subprocess.run(["adb", "-P", port, "kill-server"], check=False, capture_output=True)


def test_holding_and_swiping_do_what_they_do_on_a_phone(android: Android, phone: Phone) -> None:
    android.perform(OpenApp(app="Contacts"))
    before = android.observe().image.tobytes()
    android.perform(Swipe(start=Point(540, 1900), end=Point(540, 700)))
    time.sleep(1)
    assert android.observe().image.tobytes() != before
    android.perform(OpenApp(app="Notes"))
    first = next(node for node in phone.nodes() if node.text == "Groceries" or node.name.startswith("note"))
    android.perform(LongPress(point=Point(*first.middle), seconds=0.7))
    assert any("elete" in node.text for node in phone.nodes()), "holding a note offers to delete it"


def test_the_command_line_finds_a_pizza_place_on_the_phone(
    phone: Phone, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Everything but the model is real: the loop, the prompt, the reading, adb and the phone beyond it."""
    monkeypatch.setenv("ANDROID_ADB_SERVER_PORT", str(phone.adb_port))
    phone.open("maps")
    chip, screen = phone.find("Pizza").middle, Size(1080, 2400)
    phone.shell("cmd simphone reset")
    frame = profile.load("qwen2.5-vl-7b").image_size(screen)
    there = [round(chip[0] * frame.width / screen.width), round(chip[1] * frame.height / screen.height)]
    replies = tmp_path / "replies"
    replies.write_text(
        '*FUNCTION*: OpenApp\n*ARGS*: {"app": "Maps"}\n---\n'
        f'The chip for pizza.\n*FUNCTION*: Tap\n*ARGS*: {{"point": {there}}}\n---\n'
        '*FUNCTION*: Answer\n*ARGS*: {"text": "The nearest one is Slice of Naples, 0.4 km away."}'
    )
    spoken = [
        "--engine",
        "scripted",
        "--replies",
        str(replies),
        "--model",
        "qwen2.5-vl-7b",
        "--notation",
        "function_args",
    ]
    place = ["--device", "android", "--address", phone.serial, "--runs", str(tmp_path)]
    code = run_agent.main(["find a pizza place", *place, *spoken])
    assert code == 0, capsys.readouterr().out
    assert phone.state("maps")["searches"] == ["Pizza"]
    (folder,) = tmp_path.glob("*-find-a-pizza-place")
    episode = read_episode(folder)
    assert episode.ending is Ending.ANSWERED and "Slice of Naples" in episode.answer
    assert len(list((folder / "screens").glob("*.png"))) == 3


def test_a_run_that_continues_finds_its_app_in_front(phone: Phone, android: Android) -> None:
    android.perform(OpenApp(app="notes"))
    assert android.observe().location == "com.simphone.notes"
    android.reset()
    with Android(phone.serial, "com.simphone.notes") as again:
        assert again.observe().location == "com.simphone.notes"
        assert again.lost == ""
