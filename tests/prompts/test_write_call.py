"""Writing and reading a call are inverse, in every notation, for every action of every kind of device."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.action import Action, Call
from actions.geometry import Point, Size, Viewport
from prompts import notations
from tests.prompts.random_actions import actions
from tests.prompts.reading_of import SPACES, notation

VIEWPORT = Viewport(frame=Size(1288, 728), screen=Size(1280, 720))
AROUND = {
    "autoglm": ("<answer>", "</answer>"),
    "step_gui": ("explain:\taction:", "\n"),
    "os_atlas": ("actions:\n", "\n"),
    "pyautogui": ("```python\n", "\n```"),
    "ui_venus_2": ("<action>", "</action>"),
    "holo": ('{"note": null, "thought": "", "tool_call": ', "}"),
}
PLACES = [(name, space) for name in notations.names() for space in SPACES]


@pytest.mark.parametrize(("name", "space"), PLACES)
@given(data=st.data())
def test_a_written_call_is_read_as_the_same_action_and_holds_no_stop_string(
    name: str, space: str, data: st.DataObject
) -> None:
    action = data.draw(actions(SPACES[space], VIEWPORT.screen))
    call = SPACES[space].encode(action, VIEWPORT)
    written = notation(name, space).write_call(call)
    assert notation(name, space).read_reply(written).call == call
    assert not [stop for stop in notation(name, space).stop if stop in written]
    read = notation(name, space).read_reply(f"I see it.\n{written}").call
    assert read is not None
    assert_near(SPACES[space].decode(read, VIEWPORT), action)


def test_the_report_s_notation_is_two_lines() -> None:
    written = notation("function_args", "browser").write_call(Call("Click", {"point": [348, 291]}))
    assert written == '*FUNCTION*: Click\n*ARGS*: {"point": [348, 291]}'


@pytest.mark.parametrize(
    ("space", "call", "arguments"),
    [
        ("browser", Call("Click", {"point": [3, 4]}), '{"action": "left_click", "coordinate": [3, 4]}'),
        ("browser", Call("Drag", {"end": [3, 4]}), '{"action": "left_click_drag", "coordinate": [3, 4]}'),
        ("browser", Call("Scroll", {"direction": "down"}), '{"action": "scroll", "pixels": -500}'),
        ("browser", Call("Scroll", {"direction": "left", "notches": 2}), '{"action": "hscroll", "pixels": -200}'),
        ("browser", Call("Answer", {"text": "3"}), '{"action": "answer", "text": "3"}'),
        ("phone", Call("Answer", {"text": "3"}), '{"action": "answer", "text": "3"}'),
        ("browser", Call("Finish", {"status": "failure"}), '{"action": "terminate", "status": "failure"}'),
        ("browser", Call("Press", {"keys": ["ctrl", "c"]}), '{"action": "key", "keys": ["ctrl", "c"]}'),
        ("phone", Call("Press", {"keys": ["ctrl", "+"]}), '{"action": "key", "text": "ctrl++"}'),
        ("phone", Call("Recents", {}), '{"action": "system_button", "button": "Menu"}'),
        ("phone", Call("LongPress", {"point": [3, 4]}), '{"action": "long_press", "coordinate": [3, 4]}'),
    ],
)  # fmt: skip
def test_gestures_are_written_as_the_screen_s_function(space: str, call: Call, arguments: str) -> None:
    function = "mobile_use" if space == "phone" else "computer_use"
    written = notation("tool_call", space).write_call(call)
    assert written == f'<tool_call>\n{{"name": "{function}", "arguments": {arguments}}}\n</tool_call>'


@pytest.mark.parametrize(
    "call",
    [
        Call("Goto", {"url": "a.example"}),
        Call("Drag", {"start": [1, 2], "end": [3, 4]}),
    ],
)
def test_what_the_screen_s_function_cannot_say_is_a_function_of_its_own(call: Call) -> None:
    assert f'{{"name": "{call.name}", "arguments": {{' in notation("tool_call", "browser").write_call(call)


def assert_near(found: Action, expected: Action) -> None:
    assert type(found) is type(expected)
    assert found.moved(lambda _: Point(0, 0)) == expected.moved(lambda _: Point(0, 0))
    for name, point in expected.points().items():
        assert abs(found.points()[name].x - point.x) <= 1
        assert abs(found.points()[name].y - point.y) <= 1


@pytest.mark.parametrize(
    ("space", "call", "written"),
    [
        ("browser", Call("Click", {"point": [3, 4]}), "click(start_box='(3,4)')"),
        ("phone", Call("Tap", {"point": [3, 4]}), "click(start_box='(3,4)')"),
        ("phone", Call("Swipe", {"start": [1, 2], "end": [3, 4]}), "drag(start_box='(1,2)', end_box='(3,4)')"),
        ("browser", Call("Press", {"keys": ["ctrl", "c"]}), "hotkey(key='ctrl c')"),
        ("browser", Call("Type", {"text": "it's\n"}), r"type(content='it\'s\n')"),
        ("browser", Call("Finish", {"status": "success", "text": "done"}), "finished(content='done')"),
        ("browser", Call("Finish", {"status": "failure"}), "finished(status='failure')"),
        ("browser", Call("MoveTo", {"point": [3, 4]}), "MoveTo(point=[3, 4])"),
        ("browser", Call("Scroll", {"direction": "up", "notches": 9}), "Scroll(direction='up', notches=9)"),
    ],
)  # fmt: skip
def test_ui_tars_s_own_verbs_are_used_where_they_can_say_it(space: str, call: Call, written: str) -> None:
    assert notation("ui_tars", space).write_call(call) == f"Action: {written}"


@pytest.mark.parametrize(
    ("space", "call", "written"),
    [
        ("phone", Call("Tap", {"point": [3, 4]}), "Click(box=(3,4))"),
        ("browser", Call("Click", {"point": [3, 4]}), "Click(box=(3,4))"),
        ("phone", Call("Swipe", {"start": [1, 2], "end": [3, 4]}), "Scroll(start=(1,2), end=(3,4))"),
        ("phone", Call("DragAndDrop", {"start": [1, 2], "end": [3, 4]}), "DragAndDrop(start=[1, 2], end=[3, 4])"),
        ("phone", Call("Type", {"text": "it's\n"}), r"Type(content='it\'s\n')"),
        ("phone", Call("Recents", {}), "PressRecent()"),
        ("phone", Call("AskUser", {"question": "Which?"}), "CallUser(content='Which?')"),
        ("phone", Call("Finish", {"status": "success", "text": "done"}), "Finished(content='done')"),
    ],
)
def test_ui_venus_s_own_verbs_are_used_where_they_can_say_it(space: str, call: Call, written: str) -> None:
    assert notation("ui_venus", space).write_call(call) == f"<action>{written}</action>"


@pytest.mark.parametrize(
    ("name", "space", "call", "written"),
    [
        ("autoglm", "phone", Call("Tap", {"point": [3, 4]}), 'do(action="Tap", element=[3,4])'),
        ("autoglm", "phone", Call("Swipe", {"start": [1, 2], "end": [3, 4]}),
         'do(action="Swipe", start=[1,2], end=[3,4])'),
        ("autoglm", "phone", Call("Back", {}), 'do(action="Back")'),
        ("autoglm", "phone", Call("Wait", {"seconds": 3.0}), 'do(action="Wait", duration="3.0 seconds")'),
        ("autoglm", "phone", Call("Type", {"text": 'a "b"'}), r'Type(text="a \"b\"")'),
        ("autoglm", "phone", Call("Finish", {"status": "success", "text": "done"}), 'finish(message="done")'),
        ("autoglm", "phone", Call("Finish", {"status": "failure"}), 'Finish(status="failure")'),
        ("step_gui", "phone", Call("Tap", {"point": [3, 4]}), "CLICK\tpoint:3,4"),
        ("step_gui", "phone", Call("Swipe", {"start": [1, 2], "end": [3, 4]}), "SLIDE\tpoint1:1,2\tpoint2:3,4"),
        ("step_gui", "phone", Call("Type", {"text": "it's: 5"}), "TYPE\tvalue:it's: 5"),
        ("step_gui", "phone", Call("Type", {"text": "a\tb"}), r"Type(text='a\tb')"),
        ("step_gui", "phone", Call("Home", {}), "Home"),
        ("step_gui", "phone", Call("Finish", {"status": "failure", "text": "no"}), "ABORT\tvalue:no"),
        ("os_atlas", "phone", Call("Tap", {"point": [3, 4]}), "CLICK <point>[[3,4]]</point>"),
        ("os_atlas", "phone", Call("OpenApp", {"app": "Maps"}), "OPEN_APP [Maps]"),
        ("os_atlas", "phone", Call("Back", {}), "PRESS_BACK"),
        ("os_atlas", "browser", Call("Scroll", {"direction": "down"}), "SCROLL [DOWN]"),
        ("os_atlas", "browser", Call("Type", {"text": "success"}), "TYPE [success]"),
        ("os_atlas", "browser", Call("Type", {"text": "a\nb"}), r"Type(text='a\nb')"),
        ("os_atlas", "browser", Call("Finish", {"status": "success"}), "COMPLETE"),
        ("pyautogui", "desktop", Call("Click", {"point": [3, 4]}), "pyautogui.click(x=3, y=4)"),
        ("pyautogui", "desktop", Call("Drag", {"start": [1, 2], "end": [3, 4]}),
         "pyautogui.moveTo(x=1, y=2)\npyautogui.dragTo(x=3, y=4)"),
        ("pyautogui", "desktop", Call("Scroll", {"direction": "left", "notches": 2}), "pyautogui.hscroll(clicks=-2)"),
        ("pyautogui", "desktop", Call("Press", {"keys": ["enter"]}), "pyautogui.press(keys=['enter'])"),
        ("pyautogui", "desktop", Call("Press", {"keys": ["ctrl", "c"]}), "pyautogui.hotkey(keys=['ctrl', 'c'])"),
        ("pyautogui", "browser", Call("Goto", {"url": "a.example"}), "computer.Goto(url='a.example')"),
        ("pyautogui", "phone", Call("Swipe", {"start": [1, 2], "end": [3, 4]}),
         "mobile.swipe(from_coord=[1, 2], to_coord=[3, 4])"),
        ("pyautogui", "desktop", Call("Finish", {"status": "success", "text": "5"}),
         "computer.terminate(status='success', answer='5')"),
        ("ui_venus_2", "phone", Call("Tap", {"point": [3, 4]}), "Click(point=(3,4))"),
        ("ui_venus_2", "phone", Call("Swipe", {"start": [1, 2], "end": [3, 4]}), "Swipe(start=(1,2), end=(3,4))"),
        ("ui_venus_2", "phone", Call("DragAndDrop", {"start": [1, 2], "end": [3, 4]}),
         "Drag(start=(1,2), end=(3,4))"),
        ("ui_venus_2", "phone", Call("OpenApp", {"app": "Maps"}), "LaunchApp(app='Maps')"),
        ("ui_venus_2", "browser", Call("Click", {"point": [3, 4]}), "Click(point=(3,4))"),
        ("ui_venus_2", "browser", Call("Goto", {"url": "a.example"}), "Launch(url='a.example')"),
        ("ui_venus_2", "browser", Call("GoBack", {}), "PressBack()"),
        ("ui_venus_2", "browser", Call("Scroll", {"direction": "down", "point": [3, 4]}),
         "Scroll(direction='down', point=(3,4))"),
        ("ui_venus_2", "desktop", Call("Click", {"point": [3, 4]}), "Click(box=(3,4))"),
        ("ui_venus_2", "desktop", Call("Scroll", {"direction": "down"}), "Swipe(amount=-5, axis='vertical')"),
        ("ui_venus_2", "desktop", Call("Scroll", {"direction": "right", "notches": 9}),
         "Swipe(amount=9, axis='horizontal')"),
        ("ui_venus_2", "desktop", Call("Press", {"keys": ["ctrl", "c"]}), "Hotkey(keys=['ctrl', 'c'])"),
        ("holo", "browser", Call("Click", {"point": [3, 4]}), '{"tool_name": "click", "x": 3, "y": 4}'),
        ("holo", "browser", Call("Type", {"text": 'a "b"'}), r'{"tool_name": "write", "content": "a \"b\""}'),
        ("holo", "browser", Call("Drag", {"start": [1, 2], "end": [3, 4]}),
         '{"tool_name": "Drag", "x1": 1, "y1": 2, "x2": 3, "y2": 4}'),
        ("holo", "browser", Call("Scroll", {"direction": "down"}), '{"tool_name": "scroll", "direction": "down"}'),
        ("holo", "browser", Call("Press", {"keys": ["ctrl", "c"]}), '{"tool_name": "Press", "keys": ["ctrl", "c"]}'),
        ("holo", "phone", Call("Back", {}), '{"tool_name": "Back"}'),
    ],
)  # fmt: skip
def test_a_family_s_own_verbs_are_used_where_they_can_say_it(name: str, space: str, call: Call, written: str) -> None:
    before, after = AROUND[name]
    assert notation(name, space).write_call(call) == f"{before}{written}{after}"
