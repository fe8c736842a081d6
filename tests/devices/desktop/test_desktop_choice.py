"""The choice of display and monitor, the position of its points, and the errors about a wrong choice."""

import importlib
import sys

import pytest

import devices
from actions.errors import ActionRefused, UsageError
from actions.geometry import Point
from devices import DeviceOptions
from devices.desktop.display import choose_display, load_pyautogui
from devices.desktop.keys import PYAUTOGUI_NAMES
from devices.desktop.monitors import Address, Monitor, Place, beside_corner, choose, corners, read_address
from devices.desktop.pasting_keyboard import PastingKeyboard
from tasks.worlds.virtual_screen import Screen, until

MAIN, LEFT, ABOVE = Monitor(0, 0, 1920, 1080), Monitor(-1280, 56, 1280, 1024), Monitor(320, -720, 1280, 720)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        (None, Address(None, None)), ("2", Address(None, 2)), (":77", Address(":77", None)),
        (":77/2", Address(":77", 2)),
        ("wayland-1", Address("wayland-1", None)), ("wayland-1/2", Address("wayland-1", 2)),
        ("host:0.1", Address("host:0.1", None)), (" :0 ", Address(":0", None)),
    ],
)  # fmt: skip
def test_an_address_names_a_display_a_monitor_or_both(text: str | None, address: Address) -> None:
    assert read_address(text) == address


@pytest.mark.parametrize("text", ["", "0", "left", ":0/", "/2", "2/:0", ":0/0", "http://x", "123"])
def test_anything_else_is_refused_with_the_way_to_say_it(text: str) -> None:
    with pytest.raises(UsageError, match=r"is not a screen. Pass a monitor's number"):
        read_address(text)


def test_points_on_monitors_left_of_and_above_the_main_one_are_negative() -> None:
    assert LEFT.place(Point(0, 0)) == Place(-1280, 56)
    assert LEFT.place(Point(1279, 1023)) == Place(-1, 1079)
    assert ABOVE.place(Point(10.4, 3.6)) == Place(330, -716)
    with pytest.raises(ActionRefused, match=r"not on the screen, which is 1280x720"):
        ABOVE.place(Point(10, 720))


def test_the_primary_monitor_is_meant_where_none_is_named() -> None:
    assert choose([LEFT, MAIN], None, primary=2) == MAIN
    assert choose([LEFT, MAIN], 1, primary=2) == LEFT
    with pytest.raises(UsageError, match=r"no monitor 3. The monitors are 1: 1280x1024, 2: 1920x1080"):
        choose([LEFT, MAIN], 3, primary=2)


def test_a_corner_is_where_a_mouse_that_is_pushed_outwards_stops() -> None:
    alone = {(corner.x, corner.y) for corner in corners([MAIN])}
    assert alone == {(0, 0), (1919, 0), (0, 1079), (1919, 1079)}
    beside = {(corner.x, corner.y) for corner in corners([MAIN, Monitor(1920, 0, 800, 1080)])}
    assert (1919, 0) not in beside and (1920, 0) not in beside and (2719, 1079) in beside


def test_the_device_itself_stays_out_of_the_corners() -> None:
    stops = corners([MAIN])
    assert beside_corner(Place(0, 0), stops) == Place(2, 0)
    assert beside_corner(Place(1918, 1079), stops) == Place(1917, 1079)
    assert beside_corner(Place(0, 500), stops) == Place(0, 500)


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="these have one desktop, not displays")
@pytest.mark.parametrize(
    ("environ", "display"),
    [
        ({"XDG_SESSION_TYPE": "wayland", "DISPLAY": ":0"}, "wayland-0"),
        ({"XDG_SESSION_TYPE": "tty", "WAYLAND_DISPLAY": "wayland-1", "DISPLAY": ":0"}, "wayland-1"),
        ({"WAYLAND_DISPLAY": "wayland-1"}, "wayland-1"),
        ({"XDG_SESSION_TYPE": "x11", "DISPLAY": ":0"}, ":0"),
    ],
)
def test_a_session_names_its_display_and_xwaylands_is_not_taken_for_one(environ: dict[str, str], display: str) -> None:
    assert choose_display(None, environ) == display
    assert choose_display(":5", environ) == ":5" and choose_display("wayland-7", environ) == "wayland-7"


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="these have one desktop, not displays")
def test_a_lack_of_displays_is_told_with_the_remedy() -> None:
    with pytest.raises(UsageError, match=r"DISPLAY is not set.*Xvfb :99"):
        choose_display(None, {})


def test_a_display_that_does_not_answer_and_a_flag_of_the_browser_are_refused() -> None:
    with pytest.raises(UsageError, match="':4711' does not answer"):
        devices.connect("desktop", DeviceOptions(address=":4711"))
    with pytest.raises(UsageError, match=r"wayland-4711 does not answer.*--address wayland-1"):
        devices.connect("desktop", DeviceOptions(address="wayland-4711"))
    with pytest.raises(UsageError, match="--headless is for the browser"):
        devices.connect("desktop", DeviceOptions(address=":4711", headless=True))


def test_the_keyboard_of_windows_and_macos_types_and_pastes_too(
    screen: Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On X11, where the same code runs; `<` is left out, because pyautogui types `>` for it there."""
    monkeypatch.setenv("DISPLAY", screen.display)
    screen.copy("before")
    path = screen.home / "pasted.txt"
    path.write_text("")
    gui = load_pyautogui(screen.display)
    keyboard = PastingKeyboard(gui, importlib.import_module("pyperclip"), PYAUTOGUI_NAMES, ("ctrl", "v"))
    with screen.showing("pasted.txt", "mousepad", "--disable-server", str(path)):
        keyboard.type_text("Plain 12!\n")
        keyboard.press(("ctrl", "s"))
        until(lambda: path.read_text() == "Plain 12!\n")  # it may have been busy with beginning
        keyboard.type_text("Ünï 中文 😀")
        keyboard.press(("ctrl", "s"))
        until(lambda: path.read_text() == "Plain 12!\nÜnï 中文 😀")
        with pytest.raises(ActionRefused, match="'hyper' is not on this keyboard"):
            keyboard.press(("hyper",))
    assert screen.copied() == "before"
    keyboard.close()
