"""Held modifiers, buttons and keys arrive in a page, and nothing stays down."""

from typing import Any

import pytest

from actions.errors import ActionRefused
from actions.geometry import Point
from actions.holding import KeyDown, KeyUp, MouseDown, MouseUp
from actions.keyboard import Press
from actions.mouse import Click, Drag, MoveTo, RightClick, Scroll, TripleClick
from devices.browser.device import Browser
from tests.devices.browser.at import Open, Site

PAGE = """<title>log</title><style>body { margin: 0; height: 2000px }</style><script>
  window.log = [];
  const note = (kind, e, more) => log.push([kind, (e.ctrlKey ? "c" : "") + (e.shiftKey ? "s" : ""), ...more]);
  for (const kind of ["mousedown", "mouseup", "mousemove"])
    addEventListener(kind, (e) => note(kind, e, [e.button, e.clientX, e.clientY, e.detail, e.buttons]));
  for (const kind of ["keydown", "keyup"])
    addEventListener(kind, (e) => note(kind, e, [e.code, e.key, e.repeat]));
  addEventListener("wheel", (e) => { e.preventDefault(); note("wheel", e, [e.deltaY]); }, { passive: false });
  addEventListener("contextmenu", (e) => e.preventDefault());
</script>"""
P, Q = Point(50, 60), Point(150, 160)


@pytest.fixture
def page(site: Site, opened: Open) -> Browser:
    return opened(site.add("/log", PAGE))


def events(page: Browser, *kinds: str) -> list[list[Any]]:
    """The events of these kinds, which are then forgotten."""
    found: list[list[Any]] = page.ask(lambda shown: shown.evaluate("log.splice(0)"))
    return [event for event in found if event[0] in kinds]


def test_modifiers_are_held_during_clicks_drags_and_the_wheel_and_not_after(page: Browser) -> None:
    page.perform(Click(point=P, modifiers=("ctrl", "shift")))
    page.perform(RightClick(point=P, modifiers=("ctrl",)))
    assert [event[:3] for event in events(page, "mousedown", "mouseup")] == [
        ["mousedown", "cs", 0], ["mouseup", "cs", 0], ["mousedown", "c", 2], ["mouseup", "c", 2],
    ]  # fmt: skip
    page.perform(TripleClick(point=P))
    assert [event[1:] for event in events(page, "mousedown")] == [["", 0, 50, 60, count, 1] for count in (1, 2, 3)]
    page.perform(Scroll(direction="down", notches=2, point=P, modifiers=("ctrl",)))
    assert events(page, "wheel") == [["wheel", "c", 200]]
    page.perform(Drag(start=P, via=(Point(150, 60),), end=Q, button="middle", modifiers=("shift",)))
    seen = events(page, "mousedown", "mousemove", "mouseup")
    assert [event[:3] for event in seen if event[0] != "mousemove"] == [["mousedown", "s", 1], ["mouseup", "s", 1]]
    assert ["mousemove", "s", 0, 150, 60, 0, 4] in seen
    page.perform(Click(point=P))
    assert {event[1] for event in events(page, "mousedown")} == {""}


def test_buttons_and_keys_stay_down_until_they_are_released(page: Browser) -> None:
    for action in (KeyDown(keys=("shift",)), MouseDown(point=P), MoveTo(point=Q), MouseUp(), KeyUp(keys=("shift",))):
        page.perform(action)
    seen = events(page, "mousedown", "mousemove", "mouseup", "keydown", "keyup")
    order = ["keydown", "mousedown", "mouseup", "keyup"]
    assert [event[0] for event in seen if event[0] != "mousemove"] == order
    assert ["mousemove", "s", 0, 150, 160, 0, 1] in seen
    with pytest.raises(ActionRefused, match="is not down"):
        page.perform(KeyUp(keys=("shift",)))


def test_the_mouse_s_back_button_goes_back(page: Browser) -> None:
    page.perform(MouseDown(point=P, button="forward"))
    page.perform(MouseUp(button="forward"))
    assert [event[:3] for event in events(page, "mousedown", "mouseup")] == [["mousedown", "", 4], ["mouseup", "", 4]]
    page.perform(MouseDown(point=P, button="back"))
    page.perform(MouseUp(button="back"))
    page.ask(lambda shown: shown.wait_for_url("about:blank"))


def test_a_held_key_repeats_and_the_keypad_has_its_own(page: Browser) -> None:
    page.perform(Press(keys=("down",), seconds=0.6))
    page.perform(Press(keys=("numpad7",)))
    page.perform(Press(keys=("numpadadd",)))
    seen = events(page, "keydown", "keyup")
    down = [event[4] for event in seen if event[:3] == ["keydown", "", "ArrowDown"]]
    assert down[0] is False and len(down) > 1 and all(down[1:])
    assert [event[2:4] for event in seen if event[0] == "keyup" and "Numpad" in event[2]] == [
        ["Numpad7", "Home"], ["NumpadAdd", "+"],
    ]  # fmt: skip


def test_a_release_lets_go_of_everything(page: Browser) -> None:
    page.perform(KeyDown(keys=("ctrl", "a")))
    page.perform(MouseDown(point=P, button="right"))
    page.release()
    assert [event[0] for event in events(page, "keyup", "mouseup")] == ["keyup", "keyup", "mouseup"]
    page.perform(Click(point=P))
    assert events(page, "mousedown")[0][1] == ""
