"""Points in pixels, thousandths and parts of the sides: each frame takes its own, and says so of another's."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.action import ActionSpace, Call
from actions.errors import InvalidArguments
from actions.geometry import PARTS, THOUSANDTHS, UP_TO_999, Point, Size, Viewport
from actions.mouse import MOUSE, Click, Drag
from prompts import notations

SCREEN = Size(1920, 1080)
PIXELS = Size(1932, 1092)
SPACE = ActionSpace(MOUSE)


def decoded(frame: Size, **arguments: object) -> Point:
    action = SPACE.decode(Call("Click", arguments), Viewport(frame, SCREEN))
    assert isinstance(action, Click)
    return action.point


@pytest.mark.parametrize("frame", [PIXELS, THOUSANDTHS])
@pytest.mark.parametrize(
    "point", [(0.547, 0.272), [0.5, 0.5], (0, 0.5), (1, 0.25), "(0.547, 0.272)", [0.1, 0.2, 0.3, 0.4], (0.999, 0.001)]
)
def test_parts_of_the_sides_are_neither_pixels_nor_thousandths(frame: Size, point: object) -> None:
    with pytest.raises(InvalidArguments, match="looks like parts of the image's width and height, 0 to 1; here points"):
        decoded(frame, point=point)


@pytest.mark.parametrize("point", [(0, 0), (1, 1), (0, 1), (1.0, 0.0), (1.5, 0.5), (12.5, 0.5), (0.5, 2)])
def test_a_point_in_the_corner_is_still_one(point: object) -> None:
    assert decoded(PIXELS, point=point).x < 20


@pytest.mark.parametrize(
    ("point", "lands"),
    [((0.547, 0.272), (1050, 294)), ((0, 0), (0, 0)), ((1, 1), (1919, 1079)), ((0.5, 0.25), (960, 270))],
)
def test_parts_are_mapped_onto_the_screen(point: tuple[float, float], lands: tuple[int, int]) -> None:
    assert decoded(PARTS, point=point) == lands


@pytest.mark.parametrize("point", [(500, 300), (1.5, 0.5), (-0.1, 0.5)])
def test_a_point_off_the_parts_says_what_they_are(point: object) -> None:
    with pytest.raises(InvalidArguments, match="lies outside the image; x and y must be 0 to 1"):
        decoded(PARTS, point=point)


@given(st.integers(0, 1919), st.integers(0, 1079), st.sampled_from(notations.names()))
def test_a_point_in_parts_comes_back_through_any_notation(x: int, y: int, name: str) -> None:
    notation, viewport = notations.load(name, SPACE), Viewport(PARTS, SCREEN)
    for action in (Click(point=Point(x, y)), Drag(start=Point(y, x // 2), end=Point(x, y))):
        call = SPACE.encode(action, viewport)
        assert all(0 <= part <= 1 for value in call.arguments.values() for part in json.loads(json.dumps(value)))
        assert SPACE.decode(notation.read_reply(notation.write_call(call)).call, viewport) == action


@pytest.mark.parametrize("name", notations.names())
def test_the_system_text_says_that_points_are_parts(name: str) -> None:
    text = notations.load(name, SPACE).system(PARTS)
    assert "parts of the image's width and height" in text and "pixels from" not in text and "1x1" not in text


def test_a_form_that_fixes_the_frame_is_refused_in_another() -> None:
    call = Call("Click", {"point": [499, 188]}, THOUSANDTHS)
    assert SPACE.decode(call, Viewport(THOUSANDTHS, SCREEN)) == Click(point=Point(958, 203))
    with pytest.raises(InvalidArguments, match=r"a form whose points are thousandths .*; here points are pixels"):
        SPACE.decode(call, Viewport(PIXELS, SCREEN))


def test_a_model_that_counts_to_999_means_the_last_pixel_by_it() -> None:
    for name in notations.names():
        assert "999" in notations.load(name, SPACE).system(UP_TO_999)
    for point, lands in (((0, 0), Point(0, 0)), ((999, 999), Point(SCREEN.width - 1, SCREEN.height - 1))):
        assert decoded(UP_TO_999, point=list(point)) == lands
