"""What the mouse does arrives in real applications: a calculator, a file manager, an editor and an event tester."""

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import devices
from actions.action import Action
from actions.errors import ActionRefused, UsageError
from actions.geometry import Point, Size
from actions.keyboard import Press, Type
from actions.mouse import Click, DoubleClick, Drag, MiddleClick, MoveTo, RightClick, Scroll
from devices import DeviceOptions, Environment
from devices.wrappers.settled import Settled
from tasks.worlds.virtual_screen import Screen, until
from tests.devices.desktop.screen import At, watched


def pointer(screen: Screen) -> tuple[int, int]:
    """Where the display says that the pointer is."""
    position = screen.run("xdotool", "getmouselocation", "--shell")
    return tuple(int(re.findall(rf"{axis}=(-?\d+)", position)[0]) for axis in "XY")  # type: ignore[return-value]


@pytest.fixture
def events(screen: Screen, desktop: Environment) -> Callable[..., list[str]]:
    """The button events that a window gets from these actions, as `press 1 40,50`."""

    def seen(*actions: Callable[[At], Action]) -> list[str]:
        text, window = watched(screen, desktop, *actions, kinds="button keyboard")
        return [
            f"{kind.lower()} {button} {int(x) - window.left},{int(y) - window.top}"
            for kind, x, y, button in re.findall(
                r"Button(Press|Release) event.*?root:\((\d+),(\d+)\).*?button (\d+)", text, re.DOTALL
            )
        ]

    return seen


def test_each_button_and_count_arrives(events: Callable[..., list[str]]) -> None:
    for kind, button, count in ((Click, 1, 1), (DoubleClick, 1, 2), (RightClick, 3, 1), (MiddleClick, 2, 1)):
        got = events(lambda at, kind=kind: kind(point=Point(at(0, 0).x + 40, at(0, 0).y + 50)))
        assert got == [f"press {button} 40,50", f"release {button} 40,50"] * count


def test_the_wheel_turns_in_all_four_directions(events: Callable[..., list[str]]) -> None:
    for direction, button in (("up", 4), ("down", 5), ("left", 6), ("right", 7)):
        got = events(lambda at, way=direction: Scroll(point=at(0.5, 0.5), direction=way, notches=3))
        assert [line.split()[1] for line in got] == [str(button)] * 6


def test_a_drag_moves_in_steps_with_the_button_down(screen: Screen, desktop: Environment) -> None:
    log = screen.home / "xev.log"
    command = f"exec stdbuf -oL xev -event button -event mouse > {log}"
    with screen.showing("Event Tester", "sh", "-c", command) as window:
        desktop.perform(Drag(start=window.at(0.2, 0.2), end=window.at(0.8, 0.6)))
        until(lambda: "ButtonRelease" in log.read_text())
    held = [int(state, 16) for state in re.findall(r"MotionNotify event.*?state (0x\w+)", log.read_text(), re.DOTALL)]
    assert len([state for state in held if state & 0x100]) >= 5, "fewer moves than a drag that applications notice"
    assert log.read_text().rindex("ButtonRelease") > log.read_text().rindex("MotionNotify")


def test_a_calculator_adds_what_is_clicked(screen: Screen, desktop: Environment) -> None:
    settled = Settled(desktop)

    def copied(*keys: str) -> str:
        for key in (*keys, "ctrl c"):
            desktop.perform(Press(keys=tuple(key.split())))
        return screen.copied()

    with screen.showing("Calculator", "gnome-calculator"):
        until(lambda: copied("escape", "1") == "1")  # on a busy machine it is drawn before it takes what comes
        desktop.perform(Press(keys=("escape",)))
        settled.observe()
        window = screen.window("Calculator")  # which grows once it has drawn its first number
        for across, down in ((0.13, 0.63), (0.68, 0.92), (0.315, 0.63), (0.866, 0.87)):  # 7 + 8 =
            desktop.perform(Click(point=window.at(across, down)))
            settled.observe()  # as the loop does; a busy application may lose a click when the mouse is gone already
        until(lambda: copied() == "15")


@pytest.fixture
def folder(screen: Screen) -> Iterator[Path]:
    path = screen.home / "files"
    (path / "a").mkdir(parents=True)
    (path / "b.txt").write_text("mine")
    yield path
    for left in sorted(path.rglob("*"), reverse=True):
        left.rmdir() if left.is_dir() else left.unlink()
    path.rmdir()


def test_a_double_click_opens_what_its_first_click_selects(screen: Screen, desktop: Environment, folder: Path) -> None:
    """The file manager opens what was selected before when the second click follows at once."""
    with screen.showing("files", "pcmanfm", "--no-desktop", str(folder)) as window:
        Settled(desktop, quiet_ms=400).observe()
        for _ in range(3):
            desktop.perform(Click(point=Point(window.left + 300, window.top + 116)))
            Settled(desktop).observe()
            desktop.perform(DoubleClick(point=Point(window.left + 206, window.top + 116)))
            until(lambda: screen.title() == "a")
            desktop.perform(Press(keys=("alt", "up")))
            until(lambda: screen.title() == "files")
            Settled(desktop, quiet_ms=400).observe()


def test_a_file_manager_opens_renames_and_moves_what_is_clicked_and_dragged(
    screen: Screen, desktop: Environment, folder: Path
) -> None:
    with screen.showing("files", "pcmanfm", "--no-desktop", str(folder)) as window:
        directory, file = Point(window.left + 206, window.top + 116), Point(window.left + 300, window.top + 116)
        Settled(desktop).observe()

        def until_done(action: Action, done: Callable[[], bool]) -> None:
            """Does it again where it was lost: the file manager ignores input while it reads the folder anew."""

            def tried() -> bool:
                desktop.perform(action)
                Settled(desktop).observe()
                return done()

            until(tried)

        desktop.perform(Click(point=file))
        Settled(desktop).observe()
        until_done(Press(keys=("f2",)), lambda: screen.title() != "files")
        desktop.perform(Press(keys=("ctrl", "a")))
        desktop.perform(Type(text="c ü.txt\n"))
        until(lambda: (folder / "c ü.txt").exists())
        until(lambda: screen.title() == "files")
        Settled(desktop).observe()
        until_done(Drag(start=file, end=directory), lambda: (folder / "a" / "c ü.txt").exists())
        until_done(DoubleClick(point=directory), lambda: screen.title() == "a")
    assert (folder / "a" / "c ü.txt").read_text() == "mine"


def test_an_editor_replaces_the_word_that_is_double_clicked(screen: Screen, desktop: Environment, file: Path) -> None:
    file.write_text("first second\n")
    with screen.showing("note.txt", "mousepad", "--disable-server", str(file)) as window:

        def selected() -> bool:  # a notice may still appear meanwhile, and move the text down
            Settled(desktop).observe()
            word = Point(window.left + 20, _first_line(desktop, window.left + 20, window.top))
            desktop.perform(DoubleClick(point=word))
            time.sleep(0.5)  # or the next two clicks would be this one's third and fourth
            return screen.copied("primary") == "first"

        until(selected)
        desktop.perform(Type(text="FIRST"))
        desktop.perform(Press(keys=("ctrl", "s")))
        until(lambda: file.read_text() == "FIRST second\n")


def _first_line(desktop: Environment, left: int, top: int) -> float:
    """Where the editor's white page begins below its menus and notices, and a few pixels into its first line."""

    def found() -> float | None:
        image = desktop.observe().image
        for y in range(top, top + 200):
            if all(image.getpixel((left + 300, y + below)) == (255, 255, 255) for below in range(30)):
                return float(y + 10)
        return None

    return until(found) or 0.0


@pytest.fixture
def two_monitors(screen: Screen) -> Iterator[None]:
    screen.run("xrandr", "--setmonitor", "left", "500/130x800/210+0+0", "screen")
    screen.run("xrandr", "--setmonitor", "right", "780/200x800/210+500+0", "none")
    yield
    for name in ("left", "right"):
        screen.run("xrandr", "--delmonitor", name)


@pytest.mark.usefixtures("two_monitors")
def test_each_monitor_is_seen_and_pointed_at_alone(screen: Screen) -> None:
    for number, left, size in ((1, 0, Size(500, 800)), (2, 500, Size(780, 800))):
        with devices.connect("desktop", DeviceOptions(address=f"{screen.display}/{number}")) as monitor:
            seen = monitor.observe()
            assert seen.screen == size and seen.image.size == size
            for x, y in ((120, 90), (3, 400), (size.width - 1, 7)):
                monitor.perform(MoveTo(point=Point(x, y)))
                assert pointer(screen) == (left + x, y)
            with pytest.raises(ActionRefused, match="not on the screen"):
                monitor.perform(Click(point=Point(size.width + 1, 10)))


def test_monitors_that_are_not_there_are_refused_with_those_that_are(screen: Screen) -> None:
    with pytest.raises(UsageError, match=r"no monitor 3. The monitors are 1: 1280x800"):
        devices.connect("desktop", DeviceOptions(address=f"{screen.display}/3"))


def test_a_click_on_a_corner_stops_short_of_it(screen: Screen, desktop: Environment) -> None:
    """Only the user reaches the corner, which is the kill switch."""
    desktop.perform(MoveTo(point=Point(0, 0)))
    assert pointer(screen) == (2, 0)
    desktop.perform(MoveTo(point=Point(1279, 799)))
    assert pointer(screen) == (1277, 799)
