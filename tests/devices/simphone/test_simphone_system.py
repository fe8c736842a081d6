"""The phone around its apps: home, back, recents, rotation, scrolling, secure windows, what is captured."""

import io
import struct

import pytest
from PIL import Image, ImageChops

from tests.devices.simphone.driver import Phone


def picture(phone: Phone) -> Image.Image:
    return Image.open(io.BytesIO(phone.adb("exec-out", "screencap -p").stdout)).convert("RGB")


def front(phone: Phone) -> str:
    return str(phone.library.app_current().package).removeprefix("com.simphone.")


def test_the_home_screen_opens_apps_and_home_and_recents_lead_back(phone: Phone) -> None:
    assert front(phone) == "launcher"
    phone.tap("Maps")
    assert front(phone) == "maps"
    phone.shell("input keyevent KEYCODE_HOME")
    phone.tap("Notes")
    phone.shell("input keyevent APP_SWITCH")
    assert "com.simphone.launcher/.RecentsActivity" in phone.shell("dumpsys activity | grep topResumed")
    phone.tap("Maps")
    assert front(phone) == "maps"
    phone.shell("input tap 192 2334")  # the drawn back button
    assert front(phone) == "launcher"
    assert "maps" not in phone.shell("dumpsys activity recents")


def test_an_app_comes_back_as_it_was_left_unless_it_was_stopped(phone: Phone) -> None:
    phone.open("settings")
    phone.tap("About phone")
    phone.shell("input keyevent HOME")
    phone.open("settings")
    assert phone.library.app_current().activity == "com.simphone.settings.AboutActivity"
    phone.shell("am force-stop com.simphone.settings")
    assert front(phone) == "launcher"
    phone.shell("am start -n com.simphone.settings/.SettingsActivity")
    assert phone.library.app_current().activity == "com.simphone.settings.SettingsActivity"


def test_raw_and_png_captures_show_the_same_pixels(phone: Phone) -> None:
    raw = phone.adb("exec-out", "screencap").stdout
    width, height, pixel_format, _ = struct.unpack("<4I", raw[:16])
    assert (width, height, pixel_format, len(raw)) == (1080, 2400, 1, 16 + 1080 * 2400 * 4)
    png = picture(phone)
    assert png.size == (1080, 2400)
    same = Image.frombytes("RGBA", (width, height), raw[16:]).convert("RGB")
    assert ImageChops.difference(png, same).getbbox() is None


@pytest.mark.parametrize(("rotation", "size"), [(0, (1080, 2400)), (1, (2400, 1080)), (3, (2400, 1080))])
def test_a_turned_phone_is_captured_and_touched_as_it_is_turned(
    phone: Phone, rotation: int, size: tuple[int, int]
) -> None:
    phone.shell(f"settings put system user_rotation {rotation}")
    assert picture(phone).size == size
    assert phone.library.rotation() == rotation
    assert phone.library.window_size() == size
    phone.tap("Settings")
    phone.tap("Display")
    assert phone.find("Brightness level")


def test_auto_rotation_follows_the_sensor(phone: Phone) -> None:
    phone.shell("setprop sim.sensor_rotation 1")
    assert phone.library.rotation() == 0
    phone.shell("settings put system accelerometer_rotation 1")
    assert phone.library.rotation() == 1


def test_another_size_and_density_are_taken_and_given_back(phone: Phone) -> None:
    phone.shell("wm size 720x1600; wm density 320")
    assert phone.shell("wm size") == "Physical size: 1080x2400\nOverride size: 720x1600"
    assert picture(phone).size == (720, 1600)
    phone.tap("Shop")
    assert front(phone) == "shop"
    phone.shell("wm size reset; wm density reset")
    assert phone.shell("wm size; wm density") == "Physical size: 1080x2400\nPhysical density: 480"


def test_a_list_scrolls_under_a_swipe_and_a_tap_hits_what_came_up(phone: Phone) -> None:
    phone.open("contacts")
    assert not any(node.text == "Noor Aziz" for node in phone.nodes())
    phone.shell("input swipe 540 1900 540 700 300; sleep 1")
    phone.tap("Noor Aziz")
    assert phone.find("555-0114")


def test_a_secure_app_is_black_in_captures_and_still_described(phone: Phone) -> None:
    phone.open("vault")
    assert picture(phone).getextrema() == ((0, 0), (0, 0), (0, 0))
    assert phone.find("Bank")
    assert "SECURE" in phone.shell("dumpsys window windows | grep mAttrs")


def test_the_power_key_puts_the_screen_off_and_on(phone: Phone) -> None:
    phone.shell("input keyevent POWER")
    assert not phone.library.is_screen_on()
    assert picture(phone).getextrema() == ((0, 0), (0, 0), (0, 0))
    phone.shell("input tap 160 1800")
    phone.shell("input keyevent WAKEUP")
    assert phone.library.is_screen_on()
    assert front(phone) == "launcher"


def test_the_dark_theme_changes_the_picture(phone: Phone) -> None:
    phone.open("settings")
    bright = picture(phone).resize((1, 1)).getpixel((0, 0))
    phone.shell("cmd uimode night yes")
    dark = picture(phone).resize((1, 1)).getpixel((0, 0))
    assert isinstance(bright, tuple) and isinstance(dark, tuple)
    assert bright[0] > 200 > 60 > dark[0]


def test_nothing_moves_when_nobody_touches_it(phone: Phone) -> None:
    phone.open("notes")
    phone.tap("New note", "title")
    assert ImageChops.difference(picture(phone), picture(phone)).getbbox() is None
