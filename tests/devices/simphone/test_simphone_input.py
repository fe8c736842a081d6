"""Text, keys and the clipboard arrive as Android would have them arrive."""

import base64

import pytest

from tests.devices.simphone.driver import Phone


@pytest.fixture
def note(phone: Phone) -> Phone:
    """A phone whose focus is in the text of a new note."""
    phone.open("notes")
    phone.tap("New note", "body")
    return phone


def written(phone: Phone) -> str:
    phone.shell("input keyevent BACK; input keyevent BACK")
    notes = phone.state("notes")["notes"]
    assert isinstance(notes, list)
    return str(notes[-1]["body"])


def test_text_goes_to_the_focused_field_with_percent_s_as_a_blank(note: Phone) -> None:
    note.shell("input text 'a%sb~!@#^&*()_+{}|:<>?`-=[];,./\\'")
    assert written(note) == "a b~!@#^&*()_+{}|:<>?`-=[];,./\\"


def test_a_newline_in_text_is_the_enter_key(note: Phone) -> None:
    note.shell("input text 'one\ntwo'")
    assert written(note) == "one\ntwo"


def test_text_that_has_no_keys_fails_as_on_android(note: Phone) -> None:
    done = note.adb("shell", "input text 'né'")
    assert done.returncode == 255
    assert b"java.lang.NullPointerException" in done.stderr
    assert note.find("body").text == "Note"


@pytest.mark.parametrize("keys", ["29 30 31", "KEYCODE_A KEYCODE_B KEYCODE_C", "a b c"])
def test_keys_have_numbers_and_names(note: Phone, keys: str) -> None:
    note.shell(f"input keyboard keyevent {keys}")
    assert note.find("body").text == "abc"


def test_editing_keys_edit(note: Phone) -> None:
    note.shell("input text abcd; input keyevent DEL; input keyevent MOVE_HOME FORWARD_DEL; input keyevent ENTER")
    assert written(note) == "\nbc"


def test_key_combinations_select_copy_and_paste(note: Phone) -> None:
    note.shell("input text abc; input keycombination CTRL_LEFT A; input keycombination 113 31")
    assert note.shell("cmd clipboard get-text") == "abc"
    note.shell("input keyevent MOVE_END; input keycombination CTRL_LEFT V; input keyevent PASTE")
    assert note.find("body").text == "abcabcabc"


def test_a_long_press_is_no_tap(phone: Phone) -> None:
    phone.open("notes")
    x, y = phone.find("Gate code").middle
    phone.shell(f"input swipe {x} {y} {x} {y} 900")
    phone.tap("Delete")
    assert [note["title"] for note in phone.state("notes")["notes"]] == ["Groceries", "Book list"]  # type: ignore[attr-defined]


def test_unknown_keys_and_wrong_numbers_are_refused(phone: Phone) -> None:
    for command in ("input keyevent KEYCODE_NOPE", "input tap 5", "input swipe 1 2 3", "input dance", "input tap a b"):
        assert phone.adb("shell", command).returncode == 255, command


def test_the_helper_keyboard_types_anything_once_it_is_chosen(note: Phone) -> None:
    text = "né 中文 😀 $(id) '\";\nline"
    message = base64.b64encode(text.encode()).decode()
    broadcast = f"am broadcast -a ADB_INPUT_B64 --es msg {message}"
    assert "result=0" in note.shell(broadcast)
    assert note.find("body").text == "Note"
    assert note.shell("ime list -s") == "com.simphone.keyboard/.LatinIME"
    assert note.adb("shell", "ime set com.android.adbkeyboard/.AdbIME").returncode == 255
    note.shell("ime enable com.android.adbkeyboard/.AdbIME; ime set com.android.adbkeyboard/.AdbIME")
    assert note.shell("settings get secure default_input_method") == "com.android.adbkeyboard/.AdbIME"
    note.shell(broadcast)
    assert written(note) == text


def test_the_helper_keyboard_clears_a_field(note: Phone) -> None:
    note.shell("input text abc; ime enable com.android.adbkeyboard/.AdbIME; ime set com.android.adbkeyboard/.AdbIME")
    note.shell("am broadcast -a ADB_CLEAR_TEXT")
    assert note.find("body").text == "Note"


def test_helpers_can_be_missing(phone: Phone) -> None:
    phone.shell("setprop sim.no_adbkeyboard 1; setprop sim.no_clipper 1")
    assert phone.shell("ime list -s -a") == "com.simphone.keyboard/.LatinIME"
    assert phone.shell("pm list packages clipper; pm list packages adbkeyboard") == ""
    assert "data=" not in phone.shell("am broadcast -a clipper.get")


def test_the_clipboard_app_sets_and_tells_the_clipboard(note: Phone) -> None:
    assert "copied" in note.shell("am broadcast -a clipper.set -e text 'ünï; $(x)'")
    assert 'data="ünï; $(x)"' in note.shell("am broadcast -a clipper.get")
    note.shell("input keyevent 279")
    assert note.find("body").text == "ünï; $(x)"
