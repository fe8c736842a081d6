"""Held modifiers, other buttons and ways of a drag arrive in an event tester, and nothing stays down."""

import gc
import re
from collections.abc import Callable

import pytest

import devices
from actions.action import Action
from actions.errors import ActionRefused
from actions.geometry import Point
from actions.holding import KeyDown, KeyUp, MouseDown, MouseUp
from actions.keyboard import Press
from actions.mouse import Click, Drag, MiddleClick, MoveTo, RightClick, Scroll, TripleClick
from agent.episode import Ending, Turn
from agent.loop import Limits, run_episode
from devices import DeviceOptions, Environment
from devices.desktop.x11 import open_display
from tasks.worlds.virtual_screen import Screen
from tests.devices.desktop.screen import watched
from tests.devices.desktop.test_desktop_interrupts import down

SHIFT, CTRL = 0x1, 0x4


@pytest.fixture
def log(screen: Screen, desktop: Environment) -> Callable[..., str]:
    """What xev reports of these actions."""

    return lambda *actions: watched(screen, desktop, *actions, kinds="button keyboard mouse")[0]


def buttons(text: str) -> list[tuple[str, int, int]]:
    """Each event of a button, with the modifiers that were down."""
    found = re.findall(r"Button(Press|Release) event.*?state (0x\w+), button (\d+)", text, re.DOTALL)
    return [(kind, int(button), int(state, 16) & 0xF) for kind, state, button in found]


def both(button: int, state: int = 0) -> list[tuple[str, int, int]]:
    return [("Press", button, state), ("Release", button, state)]


def test_modifiers_are_held_during_clicks_and_the_wheel_and_not_after(log: Callable[..., str]) -> None:
    text = log(
        lambda at: Click(point=at(0.5, 0.5), modifiers=("ctrl",)),
        lambda at: RightClick(point=at(0.5, 0.5), modifiers=("ctrl", "shift")),
        lambda at: MiddleClick(point=at(0.5, 0.5)),
        lambda at: TripleClick(point=at(0.5, 0.5), modifiers=("shift",)),
        lambda at: Scroll(direction="down", notches=1, point=at(0.5, 0.5), modifiers=("ctrl",)),
    )
    assert buttons(text) == [
        *both(1, CTRL), *both(3, CTRL | SHIFT), *both(2), *both(1, SHIFT) * 3, *both(5, CTRL),
    ]  # fmt: skip


def test_a_drag_takes_its_button_its_way_and_its_modifiers(log: Callable[..., str]) -> None:
    corners = ((0.2, 0.2), (0.8, 0.2), (0.8, 0.8))
    text = log(
        lambda at: Drag(start=at(*corners[0]), via=(at(*corners[1]),), end=at(*corners[2]), button="right",
                        modifiers=("shift",)),
    )  # fmt: skip
    assert buttons(text) == [("Press", 3, SHIFT), ("Release", 3, SHIFT)]
    moves = re.findall(r"MotionNotify event.*?\((\d+),(\d+)\), root.*?state (0x\w+)", text, re.DOTALL)
    held = [(int(x), int(y)) for x, y, state in moves if int(state, 16) & 0x400]
    right, bottom = max(x for x, _ in held), max(y for _, y in held)
    assert any(abs(x - right) <= 2 and y < bottom / 2 for x, y in held), "it did not go by the corner"


def test_buttons_and_keys_stay_down_until_they_are_released(log: Callable[..., str]) -> None:
    text = log(
        lambda at: KeyDown(keys=("ctrl",)),
        lambda at: MouseDown(point=at(0.2, 0.2)),
        lambda at: MoveTo(point=at(0.6, 0.6)),
        lambda at: MouseUp(),
        lambda at: KeyUp(keys=("ctrl",)),
        lambda at: MouseDown(button="back"),
        lambda at: MouseUp(button="back"),
        lambda at: MouseDown(button="forward"),
        lambda at: MouseUp(button="forward"),
    )
    assert buttons(text) == [*both(1, CTRL), *both(8), *both(9)]
    assert re.search(r"MotionNotify event.*?state 0x104", text, re.DOTALL), "the move was no drag"


def test_a_key_is_held_for_as_long_as_it_says_and_the_keypad_has_its_own(log: Callable[..., str]) -> None:
    text = log(
        lambda at: Press(keys=("a",), seconds=0.4),
        lambda at: Press(keys=("numpad7",)),
        lambda at: Press(keys=("numpadenter",)),
    )
    keys = re.findall(r"Key(Press|Release) event.*?time (\d+).*?keysym 0x\w+, (\w+)\)", text, re.DOTALL)
    times = [int(time) for kind, time, name in keys if name == "a"]
    assert times[-1] - times[0] >= 390
    assert {"KP_Home", "KP_Enter"} <= {name for kind, _, name in keys if kind == "Press"}


def test_what_is_down_already_or_not_down_is_refused(desktop: Environment) -> None:
    desktop.perform(KeyDown(keys=("shift",)))
    try:
        for action in (KeyDown(keys=("shift",)), KeyUp(keys=("ctrl",)), MouseUp()):
            with pytest.raises(ActionRefused, match=r"down.* Nothing was done"):
                desktop.perform(action)
    finally:
        desktop.release()


class Holds:
    """A policy that holds a key and a button and stops as Ctrl-C does."""

    def __init__(self) -> None:
        self._actions: list[Action] = [KeyDown(keys=("a",)), MouseDown(point=Point(300, 300), button="middle")]

    def act(self, instruction: str, steps: object, observation: object) -> Turn:
        if not self._actions:
            raise KeyboardInterrupt
        return Turn("", "", self._actions.pop(0))


def held_buttons(screen: Screen) -> int:
    """The bits of the mouse buttons that the display says are down."""
    display = open_display(screen.display)
    mask: int = display.screen().root.query_pointer().mask
    display.close()
    return mask & 0x1F00


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # connections that the abort broke
@pytest.mark.parametrize("ended", ["interrupt", "abort", "close"])
def test_nothing_stays_down_however_an_episode_ends(screen: Screen, ended: str) -> None:
    with devices.connect("desktop", DeviceOptions(address=screen.display)) as desktop:
        if ended == "interrupt":
            assert run_episode(desktop, Holds(), "", Limits(), lambda step: None).ending is Ending.STOPPED
            assert down(screen) == [] and not held_buttons(screen)
            return
        desktop.perform(KeyDown(keys=("a", "ctrl")))
        desktop.perform(MouseDown(point=Point(300, 300)))
        assert len(down(screen)) == 2 and held_buttons(screen)
        if ended == "abort":
            desktop.abort()
    gc.collect()
    assert down(screen) == [] and not held_buttons(screen)
