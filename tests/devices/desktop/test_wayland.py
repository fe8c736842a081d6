"""The desktop device on Wayland: a headless sway, with an event viewer and a real editor as its clients."""

import contextlib
import functools
import itertools
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import devices
from actions.action import Action
from actions.errors import DeviceFailure, UsageError
from actions.geometry import Point
from actions.holding import KeyDown, KeyUp, MouseDown, MouseUp
from actions.keyboard import Press, Type
from actions.mouse import Click, DoubleClick, Drag, MiddleClick, MoveTo, RightClick, Scroll
from devices import DeviceOptions, Environment
from devices.desktop import wayland_wire
from devices.desktop.wayland_seat import Seat, now
from tasks.worlds.virtual_screen import until
from tests.devices.desktop.sway import Sway, shared_sway, sway

ROOT = Path(__file__).parents[3]
TEXTS = (
    "Plain, with <brackets> & \"quotes\" $HOME 100%\n", "Grüße, naïve café, ŻÓŁĆ, Ünï\n", "中文字符和日本語テキスト\n",
    "שלום עולם مرحبا\n", "😀 👍🏽 👩‍👩‍👧\n", "tab\there and 'that'; a~b^c`d\n",
)  # fmt: skip


@pytest.fixture
def compositor(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sway]:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(shared_sway().folder))
    yield shared_sway()
    shared_sway().clear()


@pytest.fixture
def wayland(compositor: Sway) -> Iterator[Environment]:
    with devices.connect("desktop", DeviceOptions(address=compositor.display)) as opened:
        yield opened


def reporting(compositor: Sway) -> Path:
    """Where wev, over the whole output, writes what it gets."""
    log = compositor.folder / "wev.log"
    compositor.start("stdbuf", "-oL", "wev", log=log)
    until(lambda: compositor.window("wev"))
    until(lambda: "wl_keyboard] enter" in log.read_text())
    return log


def watched(compositor: Sway, device: Environment, *actions: Action) -> str:
    """What wev reports of these actions."""
    log = reporting(compositor)
    for action in (*actions, Press(keys=("f12",))):
        device.perform(action)
    until(lambda: "F12" in log.read_text())
    compositor.clear()
    return log.read_text()


def buttons(report: str) -> list[tuple[str, str]]:
    return re.findall(r"button: (\d+) .*?state: \d \((\w+)\)", report)


def test_clicks_drags_and_the_wheel_arrive_with_their_modifiers(compositor: Sway, wayland: Environment) -> None:
    report = watched(
        compositor, wayland,
        DoubleClick(point=Point(300, 200)), RightClick(point=Point(10, 20), modifiers=("ctrl",)),
        MiddleClick(point=Point(700, 500)), Scroll(direction="down", notches=3, point=Point(5, 5)),
        Scroll(direction="left", notches=1), Drag(start=Point(100, 100), via=(Point(200, 100),), end=Point(200, 250)),
        MouseDown(point=Point(40, 50), button="back"), MouseUp(button="back"),
    )  # fmt: skip
    codes = ("272", "272", "273", "274", "272", "275")
    assert buttons(report) == [(code, change) for code in codes for change in ("pressed", "released")]
    assert len(re.findall(r"axis: 0 \(vertical\), value: 15", report)) == 3
    assert len(re.findall(r"axis: 1 \(horizontal\), value: -15", report)) == 1
    places = [(float(x), float(y)) for x, y in re.findall(r"x, y: ([\d.]+), ([\d.]+)", report)]
    assert (200.5, 100.5) in places and (200.5, 250.5) in places and (10.5, 20.5) in places
    ctrl = report.index("depressed: 00000004")
    assert ctrl < report.index("button: 273") < report.index("depressed: 00000000", ctrl)


def test_keys_stay_down_until_they_are_released_and_have_their_own_names(
    compositor: Sway, wayland: Environment
) -> None:
    report = watched(
        compositor, wayland, KeyDown(keys=("shift",)), Press(keys=("a",)), KeyUp(keys=("shift",)),
        Press(keys=("ctrl", "alt", "é")), Press(keys=("numpad7",)), Press(keys=("x",), seconds=0.3),
    )  # fmt: skip
    keys = re.findall(r"time: (\d+); key: \d+; state: (\d) .*?sym: (\w+)", report, re.DOTALL)
    assert [(down, name) for _, down, name in keys][:-2] == [
        ("1", "Shift_L"), ("1", "A"), ("0", "A"), ("0", "Shift_L"), ("1", "Control_L"), ("1", "Alt_L"),
        ("1", "eacute"), ("0", "eacute"), ("0", "Alt_L"), ("0", "Control_L"), ("1", "KP_7"), ("0", "KP_7"), ("1", "x"),
        ("0", "x"),
    ]  # fmt: skip
    times = [int(time) for time, _, name in keys if name == "x"]
    assert times[1] - times[0] >= 290


def test_an_editor_gets_every_text_byte_for_byte(compositor: Sway, wayland: Environment) -> None:
    path = compositor.folder / "note.txt"
    path.write_text("")
    text = "".join(TEXTS) + "".join(chr(code) for code in range(0x4E00, 0x4E00 + 300)) + "\n" + "long line " * 60
    compositor.start("mousepad", "--disable-server", str(path))
    until(lambda: compositor.window("note.txt"))
    wayland.perform(Click(point=Point(600, 400)))
    wayland.perform(Type(text=text))
    wayland.perform(Press(keys=("ctrl", "s")))
    until(lambda: path.read_text() == text)


def arrived(device: Environment, point: Point, log: Path) -> bool:
    """Whether a click at the point is reported from its pixel's middle, to within half a pixel."""
    device.perform(Click(point=point))
    places = re.findall(r"x, y: ([\d.]+), ([\d.]+)", log.read_text())
    return any(max(abs(float(x) - point.x - 0.5), abs(float(y) - point.y - 0.5)) <= 0.51 for x, y in places)


@pytest.mark.parametrize(
    ("scale", "transform"), [("1", "normal"), ("1.5", "normal"), ("2", "90"), ("1.25", "270"), ("1", "flipped-90")]
)
def test_clicks_arrive_where_they_are_meant_at_every_scale_and_turn(
    compositor: Sway, wayland: Environment, scale: str, transform: str
) -> None:
    wayland.perform(MoveTo(point=Point(300, 300)))  # or the compositor would push it into a corner of a smaller screen
    compositor.command("output", "HEADLESS-1", "scale", scale, "transform", transform)
    try:
        seen = wayland.observe()
        assert seen.screen.width / seen.screen.height == pytest.approx(seen.size.width / seen.size.height, abs=0.02)
        assert (seen.size.width > seen.size.height) == (transform in ("normal", "180"))
        width, height = seen.screen
        points = [Point(5, 7), Point(width // 2, height // 3), Point(width - 5, height - 9)]
        log = reporting(compositor)
        for point in points:
            until(functools.partial(arrived, wayland, point, log))  # wev grows on its first input
        wayland.perform(MoveTo(point=Point(300, 300)))
    finally:
        compositor.command("output", "HEADLESS-1", "scale", "1", "transform", "normal")
        until(lambda: wayland.observe().screen == (1280, 720))


STOPPED = """
import sys, time, devices
from actions.errors import DeviceFailure
from actions.keyboard import Press
from actions.holding import KeyDown, MouseDown
from actions.geometry import Point
from devices import DeviceOptions
try:
    with devices.connect("desktop", DeviceOptions(address="wayland-1")) as desktop:
        desktop.observe()
        if sys.argv[1] == "keys":
            desktop.perform(KeyDown(keys=("ctrl", "a")))
            desktop.perform(MouseDown(point=Point(300, 300)))
        print("open", flush=True)
        time.sleep(60)
except KeyboardInterrupt as interrupt:
    print("stopped", interrupt, flush=True)
"""


@pytest.fixture
def start(compositor: Sway) -> Iterator[Callable[[str], "subprocess.Popen[str]"]]:
    running: list[subprocess.Popen[str]] = []

    def started(what: str) -> "subprocess.Popen[str]":
        command = [sys.executable, "-c", STOPPED, what]
        running.append(subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True))
        assert running[-1].stdout and running[-1].stdout.readline() == "open\n"
        return running[-1]

    yield started
    for process in running:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()


@pytest.mark.parametrize("corner", [(0, 0), (1279, 719)])
def test_a_mouse_that_is_pushed_into_a_corner_stops_the_run(
    compositor: Sway, start: Callable[[str], "subprocess.Popen[str]"], corner: tuple[int, int]
) -> None:
    """Another virtual pointer is the user's mouse. It is pushed until the watcher has seen it both ways."""
    program = start("nothing")
    mouse = Seat(str(compositor.folder / compositor.display))
    places = itertools.cycle(((640, 360), corner))

    def pushed() -> bool:
        x, y = next(places)
        mouse.wire.send(mouse.pointer, "motion_absolute", now(), 2 * x + 1, 2 * y + 1, 2560, 1440)
        mouse.wire.send(mouse.pointer, "frame")
        mouse.wire.roundtrip()
        with contextlib.suppress(subprocess.TimeoutExpired):
            program.wait(0.2)
        return program.poll() is not None

    try:
        until(pushed)
    finally:
        mouse.close()
    assert program.communicate()[0] == "stopped stopped by SIGTERM\n"


def test_nothing_stays_down_when_a_run_is_killed_by_a_signal(
    compositor: Sway, start: Callable[[str], "subprocess.Popen[str]"]
) -> None:
    user = Seat(str(compositor.folder / compositor.display))  # a seat has a keyboard before the run
    log = reporting(compositor)
    program = start("keys")
    program.send_signal(signal.SIGTERM)
    assert program.communicate(timeout=60)[0] == "stopped stopped by SIGTERM\n"
    until(lambda: "released" in log.read_text() and "272 (left), state: 0" in log.read_text())
    keys = re.findall(r"key: \d+; state: (\d) .*?sym: (\w+)", log.read_text(), re.DOTALL)
    assert {name for down, name in keys if down == "0"} >= {"Control_L", "a"}
    user.close()


def test_an_interrupt_in_the_middle_of_a_message_gets_a_new_connection(compositor: Sway, wayland: Environment) -> None:
    wayland.perform(KeyDown(keys=("ctrl",)))
    wayland.perform(MouseDown(point=Point(50, 60)))
    wayland.system.keys._seat._wire.torn = True  # type: ignore[attr-defined]  # as an interrupt in sendall leaves it
    wayland.release()
    assert ("272", "released") in buttons(watched(compositor, wayland, Click(point=Point(9, 9))))
    assert wayland.observe().size == (1280, 720)


def test_a_compositor_that_stops_answering_fails_the_call_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wayland_wire, "ANSWER_S", 2.0)
    with sway() as frozen:
        monkeypatch.setenv("XDG_RUNTIME_DIR", str(frozen.folder))
        with devices.connect("desktop", DeviceOptions(address=frozen.display)) as desktop:
            frozen.stop()
            with pytest.raises(DeviceFailure, match="no longer answers"):
                desktop.observe()
            frozen.go_on()


def test_two_outputs_are_two_monitors_and_the_second_one_is_operated(monkeypatch: pytest.MonkeyPatch) -> None:
    with sway(outputs=2) as two:
        monkeypatch.setenv("XDG_RUNTIME_DIR", str(two.folder))
        two.command("output", "HEADLESS-1", "position", "0", "0")
        two.command("--", "output", "HEADLESS-2", "position", "-800", "100", "resolution", "1600x1200", "scale", "2")
        with pytest.raises(UsageError, match=r"no monitor 3. The monitors are 1: 1280x720, 2: 800x600"):
            devices.connect("desktop", DeviceOptions(address="wayland-1/3"))
        with devices.connect("desktop", DeviceOptions(address="wayland-1/2")) as desktop:
            seen = desktop.observe()
            assert (seen.screen, seen.size) == ((800, 600), (1600, 1200))
            two.command("focus", "output", "HEADLESS-2")
            report = watched(two, desktop, MoveTo(point=Point(300, 200)), Click(point=Point(700, 580)))
        assert "x, y: 700.500000, 580.500000" in report
