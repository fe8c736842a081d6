"""Each app does what its screen offers, by taps and keys alone, and its state says so."""

import json

from tests.devices.simphone.driver import Phone


def test_wifi_and_bluetooth_are_switched_by_tapping(phone: Phone) -> None:
    phone.open("settings")
    phone.tap("Network & internet", "Wi-Fi", "wifi_on")
    assert phone.shell("settings get global wifi_on") == "0"
    phone.shell("input keyevent BACK; input keyevent 4")
    phone.tap("Connected devices", "bluetooth_on", "Headphones")
    assert phone.shell("settings get global bluetooth_on") == "1"
    assert {"name": "Headphones", "paired": True} in phone.state("settings")["devices"]  # type: ignore[operator]


def test_a_secured_network_wants_its_password(phone: Phone) -> None:
    phone.shell("am start -a android.settings.WIFI_SETTINGS")
    phone.tap("Office 5G")
    phone.type("password", "correct horse")
    assert phone.find("password").text == "•" * 13
    phone.tap("Connect")
    assert phone.find("Connected")
    assert [one["connected"] for one in phone.state("settings")["networks"]] == [False, False, True, False]  # type: ignore[attr-defined]


def test_airplane_mode_switches_the_radios_off(phone: Phone) -> None:
    phone.open("settings")
    phone.tap("Network & internet", "airplane_mode_on")
    assert phone.shell("settings get global airplane_mode_on; settings get global wifi_on") == "1\n0"


def test_brightness_follows_a_finger_on_the_slider(phone: Phone) -> None:
    phone.shell("am start -a android.settings.DISPLAY_SETTINGS")
    left, top, right, bottom = phone.find("screen_brightness").bounds
    y = (top + bottom) // 2
    phone.shell(f"input swipe {(left + right) // 2} {y} {right - 10} {y} 200")
    assert int(phone.shell("settings get system screen_brightness")) > 240


def test_a_contact_is_added_found_changed_and_deleted(phone: Phone) -> None:
    phone.open("contacts")
    phone.tap("Create contact")
    phone.type("name", "Zoe Quick")
    phone.type("phone", "555-0199")
    phone.tap("Save")
    phone.type("search", "zoe")
    phone.tap("Zoe Quick", "Edit contact")
    phone.shell("input keyevent KEYCODE_MOVE_END")
    phone.type("email", "zoe@example.org")
    phone.tap("Save")
    people = phone.state("contacts")["contacts"]
    assert isinstance(people, list)
    zoe = {"id": 15, "name": "Zoe Quick", "phone": "555-0199", "email": "zoe@example.org", "starred": False}
    assert people[-1] == zoe
    phone.tap("Delete contact", "Delete")
    assert len(phone.state("contacts")["contacts"]) == 14  # type: ignore[arg-type]
    assert phone.find("No contacts found")


def test_a_note_is_written_with_the_drawn_keyboard(phone: Phone) -> None:
    phone.open("notes")
    phone.tap("New note", "title")
    assert "mInputShown=true" in phone.shell("dumpsys input_method")
    keys = {"h": (613, 1866), "i": (775, 1708), "enter": (961, 2176)}
    for name in ("h", "i"):
        phone.shell("input tap {} {}".format(*keys[name]))
    assert phone.find("title").text == "hi"
    phone.tap("body")
    phone.shell("input text one; input tap {} {}; input text two".format(*keys["enter"]))
    phone.shell("input keyevent BACK")
    assert "mInputShown=false" in phone.shell("dumpsys input_method")
    phone.shell("input keyevent BACK")
    assert {"id": 4, "title": "hi", "body": "one\ntwo", "pinned": False} in phone.state("notes")["notes"]  # type: ignore[operator]


def test_an_alarm_is_set_for_a_time_and_days(phone: Phone) -> None:
    phone.open("clock")
    phone.tap("Add alarm", "Less hour", "More minute", "More minute")
    phone.tap("Save")
    assert phone.find("07:10")
    phone.tap("Alarm 07:10")
    alarms = phone.state("clock")["alarms"]
    assert isinstance(alarms, list)
    assert alarms[-1] == {"id": 3, "time": "07:10", "label": "", "days": [], "enabled": False}


def test_the_timer_and_the_stopwatch_start_and_stop(phone: Phone) -> None:
    phone.open("clock")
    phone.tap("Timer", "+1 min", "start")
    assert phone.state("clock")["timer"] == {"duration_s": 360, "remaining_s": 360, "running": True}
    phone.tap("reset", "Stopwatch", "start")
    phone.tap("Lap", "start")
    stopwatch = phone.state("clock")["stopwatch"]
    assert isinstance(stopwatch, dict) and stopwatch["running"] is False and stopwatch["elapsed_s"] > 0
    assert len(stopwatch["laps"]) == 1


def test_a_pizza_place_is_searched_for_saved_and_navigated_to(phone: Phone) -> None:
    phone.open("maps")
    phone.type("search", "pizza places near me")
    phone.shell("input keyevent ENTER")
    phone.tap("Luigi's Pizza", "Save place", "Directions", "Walk", "Start")
    state = phone.state("maps")
    assert state["saved"] == ["luigi"] and state["navigation"] == {"to": "luigi", "mode": "walk"}
    assert phone.find("10 min (0.8 km)")


def test_a_product_goes_through_the_cart_to_an_order(phone: Phone) -> None:
    phone.open("shop")
    phone.type("search", "pen")
    phone.shell("input keyevent BACK")
    phone.tap("Fountain pen", "More quantity", "Add to cart", "cart", "Check out")
    phone.type("name", "Ada Park")
    phone.type("address", "1 College Road")
    phone.shell("input keyevent BACK")
    phone.tap("Invoice", "Place order")
    assert phone.find("Order 1")
    order = {"number": 1, "items": [{"id": "pen", "quantity": 2}], "total_cents": 6200, "name": "Ada Park"}
    assert phone.state("shop")["orders"] == [order | {"address": "1 College Road", "payment": "Invoice"}]


def test_a_state_that_is_pushed_shows_at_once(phone: Phone) -> None:
    phone.open("notes")
    state = {"notes": [{"id": 7, "title": "From outside", "body": "", "pinned": False}]}
    written = phone.adb("shell", "cat > /data/data/com.simphone.notes/state.json", given=json.dumps(state).encode())
    assert written.returncode == 0
    assert phone.find("From outside")
    refused = phone.adb("shell", "echo '{}' > /data/data/com.simphone.notes/state.json")
    assert refused.returncode == 1 and b"'notes' is missing" in refused.stderr
    assert phone.state("notes") == state
