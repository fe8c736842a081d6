"""Which points are right: edges, polygons, and nothing at all."""

from hypothesis import example, given
from hypothesis import strategies as st

from actions.action import Action
from actions.control import Answer, Finish
from actions.geometry import Box, Point
from actions.mouse import Click
from agent.episode import Mistake
from tasks.grounding.item import Verdict, judge
from tasks.grounding.target import BoxTarget, PolygonTarget, Refusal

BOX = BoxTarget(Box(10, 20, 30, 40))
WHOLE = st.integers(0, 50)
POINTS = st.builds(Point, WHOLE, WHOLE)


def test_all_edges_of_a_box_count_and_one_pixel_further_does_not() -> None:
    for right in (Point(10, 20), Point(30, 40), Point(10, 40), Point(30, 20)):
        assert judge(BOX, Click(point=right), None) is Verdict.CORRECT
    for wrong in (Point(9, 20), Point(31, 40), Point(10, 41), Point(30, 19)):
        assert judge(BOX, Click(point=wrong), None) is Verdict.WRONG


@given(POINTS, POINTS, POINTS)
def test_a_polygon_that_is_a_rectangle_equals_the_box(one: Point, other: Point, point: Point) -> None:
    box = Box(min(one.x, other.x), min(one.y, other.y), max(one.x, other.x), max(one.y, other.y))
    left, top, right, bottom = box
    corners = (Point(left, top), Point(right, top), Point(right, bottom), Point(left, bottom))
    assert PolygonTarget(corners).contains(point) == BoxTarget(box).contains(point)


@given(st.lists(POINTS, min_size=3, max_size=7))
@example([Point(3, 3), Point(2, 0), Point(3, 3), Point(0, 1)])
def test_the_point_inside_a_polygon_is_right(corners: list[Point]) -> None:
    polygon = PolygonTarget(tuple(corners))
    assert polygon.contains(polygon.inside)


def test_a_polygon_does_not_contain_its_hollow() -> None:
    hook = PolygonTarget(tuple(Point(*at) for at in ((10, 10), (90, 10), (90, 30), (30, 30), (30, 90), (10, 90))))
    assert hook.contains(Point(80, 20)) and hook.contains(Point(20, 80)) and not hook.contains(Point(60, 60))


@given(POINTS)
def test_a_click_is_never_a_refusal(point: Point) -> None:
    assert judge(Refusal(), Click(point=point), None) is Verdict.WRONG


def test_declining_is_right_only_where_nothing_is_meant() -> None:
    decline: list[Action | None] = [Finish(status="failure"), None]
    for action in decline:
        assert judge(Refusal(), action, None) is Verdict.CORRECT
        assert judge(BOX, action, None) is Verdict.WRONG_FORMAT
    for other in (Finish(status="success"), Answer(text="(15, 25)")):
        assert judge(Refusal(), other, None) is Verdict.WRONG_FORMAT
    assert judge(Refusal(), None, Mistake("MalformedReply", "It was empty.")) is Verdict.WRONG_FORMAT
