"""What is typed arrives byte for byte in real applications, and leaves keyboard and clipboard as they were."""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from actions.errors import ActionRefused
from actions.keyboard import NAMED_KEYS, Press, Type
from actions.mouse import Click
from devices import Environment
from tasks.worlds.virtual_screen import Screen, until

PRINTABLE = "".join(map(chr, range(0x20, 0x7F)))
FEW = "Ünïcödé À Ç ß ñ, 中文, €5, ☕ 😀\tend"
HOSTILE = "é$(ls) %s ü ; ` '中' 😀 <b> \\n & | > \"x\""
MANY = (
    "The quick 褐色の狐 jumps: "
    + "".join(map(chr, range(0x4E00, 0x4E30)))
    + " Привет мир 😀👍🏽 ∀x∈ℝ\nsecond line\nданные\n"  # noqa: RUF001
)


@pytest.fixture
def typed(screen: Screen, desktop: Environment, file: Path) -> Callable[..., str]:
    """What an editor has saved after these texts were typed into it."""

    def saved(*texts: str) -> str:
        file.write_text("")
        with screen.showing("note.txt", "mousepad", "--disable-server", str(file)) as window:
            desktop.perform(Click(point=window.at(0.5, 0.6)))
            for text in texts:
                desktop.perform(Type(text=text))
            until(lambda: screen.title().startswith("*"))
            desktop.perform(Press(keys=("ctrl", "s")))
            until(lambda: not screen.title().startswith("*"))
        return file.read_text().removesuffix("\n")

    return saved


def in_terminal(screen: Screen, desktop: Environment, text: str) -> str:
    """What a terminal's program has read once this was typed with an end-of-file after it."""
    path = screen.home / "read.txt"
    path.unlink(missing_ok=True)
    with screen.showing("reader", "xterm", "-u8", "-T", "reader", "-e", f"cat > {path}; touch {path}.done"):
        desktop.perform(Type(text=text))
        desktop.perform(Press(keys=("ctrl", "d")))
        until(lambda: Path(f"{path}.done").exists())
    Path(f"{path}.done").unlink()
    return path.read_text()


@pytest.mark.parametrize("text", [PRINTABLE, FEW, "one\n\n  two\n", "".join(map(str, range(200)))])
def test_a_text_arrives_in_an_editor_as_it_was_given(typed: Callable[..., str], text: str) -> None:
    assert typed(text) == text.removesuffix("\n")


def test_a_text_of_many_strange_characters_arrives_too(typed: Callable[..., str]) -> None:
    assert typed(MANY) == MANY.removesuffix("\n")


def test_two_hundred_strings_typed_one_by_one_arrive_in_order(typed: Callable[..., str]) -> None:
    strings = [f"{number} {HOSTILE[number % 20 :]} {number * 7919}\n" for number in range(200)]
    assert typed(*strings) == "".join(strings).removesuffix("\n")


@pytest.mark.parametrize("text", [PRINTABLE + "\n", FEW.replace("\t", " ") + "\n", MANY])
def test_a_text_arrives_in_a_terminal_as_it_was_given(screen: Screen, desktop: Environment, text: str) -> None:
    assert in_terminal(screen, desktop, text) == text


def test_every_strange_character_after_the_others_arrives(screen: Screen, desktop: Environment) -> None:
    """More in all than there are spare key codes, though not in one text: codes are lent again."""
    texts = [chr(0x4E00 + 10 * number) * 2 + chr(0x391 + number) + "\n" for number in range(15)]
    path = screen.home / "read.txt"
    with screen.showing("reader", "xterm", "-u8", "-T", "reader", "-e", f"cat > {path}"):
        for text in texts:
            desktop.perform(Type(text=text))
        until(lambda: path.read_text().count("\n") == len(texts))
    assert path.read_text() == "".join(texts)


def test_the_clipboard_holds_afterwards_what_it_held_before(
    screen: Screen, desktop: Environment, typed: Callable[..., str]
) -> None:
    screen.copy("mine, précieux")
    assert typed(MANY) == MANY.removesuffix("\n")
    assert screen.copied() == "mine, précieux"
    picture = desktop.observe().image.crop((0, 0, 5, 5))
    path = screen.home / "picture.png"
    picture.save(path)
    subprocess.run(
        ["xclip", "-selection", "clipboard", "-target", "image/png", str(path)], env=screen.environ, check=True
    )
    assert typed(MANY) == MANY.removesuffix("\n")
    held = subprocess.run(
        ["xclip", "-selection", "clipboard", "-target", "image/png", "-out"],
        env=screen.environ, stdout=subprocess.PIPE, check=True,
    )  # fmt: skip
    assert held.stdout == path.read_bytes()


def test_caps_lock_changes_nothing_and_stays_on(screen: Screen, typed: Callable[..., str]) -> None:
    screen.run("xdotool", "key", "Caps_Lock")
    try:
        assert typed("Abc DÉf é") == "Abc DÉf é"
        assert re.search(r"Caps Lock:\s+on", screen.run("xset", "q"))
    finally:
        screen.run("xdotool", "key", "Caps_Lock")
    assert re.search(r"Caps Lock:\s+off", screen.run("xset", "q"))


@pytest.mark.parametrize("layout", ["de", "fr", "us,ru"])
def test_another_layout_changes_nothing(screen: Screen, typed: Callable[..., str], layout: str) -> None:
    screen.run("setxkbmap", layout)
    try:
        assert typed(PRINTABLE + "ß é ж") == PRINTABLE + "ß é ж"
    finally:
        screen.run("setxkbmap", "us")


def test_the_layout_is_given_back_when_the_device_is_closed(
    screen: Screen, typed: Callable[..., str], desktop: Environment
) -> None:
    before = screen.run("xmodmap", "-pke")
    typed(FEW)
    assert "Udiaeresis idiaeresis" in screen.run("xmodmap", "-pke")
    desktop.close()
    assert screen.run("xmodmap", "-pke") == before


def test_a_character_that_no_key_types_is_refused_before_anything_is_typed(desktop: Environment) -> None:
    for text in ("a\x1b[0m", "a\x00", "a\x7f"):
        with pytest.raises(ActionRefused, match="Nothing was typed"):
            desktop.perform(Type(text=text))


def test_every_named_key_arrives_as_itself(screen: Screen, desktop: Environment) -> None:
    names = {
        "ctrl": "Control_L", "alt": "Alt_L", "shift": "Shift_L", "meta": "Super_L", "enter": "Return",
        "pageup": "Prior", "pagedown": "Next", "backspace": "BackSpace", "capslock": "Caps_Lock",
        "space": "space", "scrolllock": "Scroll_Lock",
    }  # fmt: skip
    # openbox keeps Print for itself; what the keypad types depends on NumLock, which test_desktop_gestures tries.
    sent = [key for key in NAMED_KEYS if key != "printscreen" and not key.startswith("num")]
    expected = [names.get(key, key.capitalize()) for key in sent]
    log = screen.home / "xev.log"
    with screen.showing("Event Tester", "sh", "-c", f"exec stdbuf -oL xev -event keyboard > {log}"):
        for key in sent:
            desktop.perform(Press(keys=(key,)))
        desktop.perform(Press(keys=("capslock",)))
        desktop.perform(Press(keys=("ctrl", "shift", "<")))
        until(lambda: "less" in log.read_text())
        before = len(log.read_text())
        for modifier in ("alt", "meta"):
            desktop.perform(Press(keys=("shift", modifier)))
        until(lambda: log.read_text()[before:].count("KeyRelease event") == 4)
    struck = r"KeyPress event.*?keycode (\d+) \(keysym 0x[0-9a-f]+, (\w+)\)"
    keys = re.findall(struck, log.read_text()[:before], re.DOTALL)
    pressed = [name for _, name in keys]
    assert pressed == [*expected, "Caps_Lock", "Control_L", "Shift_L", "less"]
    code_of = {name: code for code, name in keys}
    with_shift = [code for code, _ in re.findall(struck, log.read_text()[before:], re.DOTALL)]
    shift, alt, meta = code_of["Shift_L"], code_of["Alt_L"], code_of["Super_L"]
    assert with_shift == [shift, alt, shift, meta], "a modifier is its own key, with shift too"
    assert log.read_text().count("KeyPress event") == log.read_text().count("KeyRelease event")


def test_a_chord_reaches_the_application(screen: Screen, desktop: Environment, file: Path) -> None:
    with screen.showing("note.txt", "mousepad", "--disable-server", str(file)) as window:
        desktop.perform(Click(point=window.at(0.5, 0.6)))
        desktop.perform(Type(text="wrong"))
        desktop.perform(Press(keys=("ctrl", "a")))
        desktop.perform(Type(text="right"))
        desktop.perform(Press(keys=("ctrl", "shift", "left")))
        desktop.perform(Press(keys=("ctrl", "c")))
        until(lambda: screen.copied() == "right")
