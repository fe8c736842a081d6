"""`decode` reads what models write, refuses what cannot be meant, and is the inverse of `encode`."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.action import Action, ActionSpace, Call, Outcome, Stop
from actions.control import ASK, CONTROL, Answer, Finish, Wait
from actions.errors import InvalidArguments, UnknownAction
from actions.geometry import Point, Size, Viewport
from actions.keyboard import KEYBOARD, NAMED_KEYS, Press, Type
from actions.mouse import MOUSE, Click, Drag, Scroll
from actions.phone import PHONE
from actions.touch import TOUCH
from actions.web import WEB, Goto, SwitchTab

DESKTOP = ActionSpace(MOUSE, KEYBOARD, WEB, CONTROL, ASK)
PHONE_SPACE = ActionSpace(TOUCH, KEYBOARD, PHONE, CONTROL, ASK)
VIEW = Viewport(frame=Size(1288, 812), screen=Size(1280, 800))
SAME = Viewport(frame=Size(1000, 1000), screen=Size(1000, 1000))

points = st.builds(Point, st.integers(0, 1279), st.integers(0, 799))
keys = st.lists(st.sampled_from([*NAMED_KEYS, *"abcxyz0189/+-,."]), min_size=1, max_size=3).map(tuple)
desktop_actions = st.one_of(
    *(st.builds(kind, point=points) for kind in MOUSE[:5]),
    st.builds(Drag, start=st.none() | points, end=points),
    st.builds(
        Scroll,
        direction=st.sampled_from(["up", "down", "left", "right"]),
        notches=st.integers(1, 50),
        point=st.none() | points,
    ),
    st.builds(Type, text=st.text(min_size=1, max_size=40)),
    st.builds(Press, keys=keys),
    st.builds(Goto, url=st.text(min_size=1, max_size=40)),
    st.builds(SwitchTab, index=st.integers(1, 9)),
    st.builds(Wait, seconds=st.floats(0.1, 60)),
    st.builds(Finish, status=st.sampled_from(["success", "failure"]), text=st.text(max_size=20)),
)


@given(desktop_actions)
def test_decoding_what_was_encoded_gives_the_action_to_within_one_frame_unit(action: Action) -> None:
    back = DESKTOP.decode(DESKTOP.encode(action, VIEW), VIEW)
    assert type(back) is type(action)
    assert back.moved(lambda _: Point(0, 0)) == action.moved(lambda _: Point(0, 0))
    for name, point in action.points().items():
        assert abs(back.points()[name].x - point.x) <= 1
        assert abs(back.points()[name].y - point.y) <= 1


@pytest.mark.parametrize(
    "written",
    [
        [687, 792], (687, 792), "(687, 792)", "[687,792]", "687, 792", "687 792", "<point>687 792</point>",
        "x=687, y=792", {"x": 687, "y": 792}, {"y": 792, "x": 687},
        [[687, 792]], ["687", "792"], "(687.0, 792.0)", [677, 782, 697, 802],
        "<box>(677,782),(697,802)</box>", {"x1": 677, "y1": 782, "x2": 697, "y2": 802},
        {"y2": 802, "x2": 697, "y1": 782, "x1": 677},
    ],
)  # fmt: skip
def test_a_point_is_read_in_every_way_that_models_write_one(written: object) -> None:
    assert DESKTOP.decode(Call("Click", {"point": written}), VIEW) == Click(point=Point(683, 780))


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (Call("Fly", {}), UnknownAction, "The actions are: Click"),
        (Call("Click", {"point": [5000, 2]}), InvalidArguments, "x must be 0 to 999 and y 0 to 999"),
        (Call("Click", {"point": [-1, 2]}), InvalidArguments, "outside the image"),
        (Call("Click", {}), InvalidArguments, "point: is missing"),
        (Call("Click", {"point": "top left"}), InvalidArguments, "a point is two numbers"),
        (Call("Click", {"point": [1, 2, 3]}), InvalidArguments, "a point is two numbers"),
        (Call("Click", {"point": [True, False]}), InvalidArguments, "a point is two numbers"),
        (Call("Click", {"point": [float("nan"), 1]}), InvalidArguments, "a point is two numbers"),
        (Call("Click", {"point": [float("inf"), 1]}), InvalidArguments, "a point is two numbers"),
        (Call("Click", {"point": [1, 2], "colour": "red"}), InvalidArguments, "colour"),
        (Call("Press", {"keys": "hyper"}), InvalidArguments, "there is no key 'hyper'"),
        (Call("Press", {"keys": 7}), InvalidArguments, "keys are names"),
        (Call("Type", {"text": ""}), InvalidArguments, "must not be empty"),
        (Call("Scroll", {"direction": "sideways"}), InvalidArguments, "direction"),
        (Call("Finish", {}), InvalidArguments, "status"),
        (Call("Wait", {"seconds": 1e9}), InvalidArguments, "seconds"),
    ],
)
def test_what_cannot_be_done_is_refused_with_the_reason(call: Call, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message):
        DESKTOP.decode(call, SAME)


values = st.recursive(st.none() | st.booleans() | st.floats() | st.text(max_size=9), st.lists, max_leaves=5)


@given(st.dictionaries(st.text(max_size=8), values), st.sampled_from([kind.__name__ for kind in DESKTOP.actions]))
def test_no_arguments_raise_anything_but_a_mistake(arguments: dict[str, object], name: str) -> None:
    try:
        DESKTOP.decode(Call(name, arguments), VIEW)
    except InvalidArguments as mistake:
        assert str(mistake).startswith(name)


def test_finishing_with_failure_is_giving_up_and_never_success() -> None:
    assert Finish(status="failure", text="no such page").apply(None) == Outcome("no such page", Stop.GAVE_UP)
    assert Finish(status="success").apply(None).stop is Stop.FINISHED
    assert Answer(text="4").apply(None) == Outcome("4", Stop.ANSWERED)
