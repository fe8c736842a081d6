"""Which points are right: edges, polygons, and nothing at all."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from actions.control import Answer, Finish, Wait
from actions.geometry import Box, Point
from actions.mouse import Click
from agent.episode import Mistake, Turn
from tasks.grounding.item import OFF_THE_PICTURE, Verdict, judge
from tasks.grounding.target import BoxTarget, PolygonTarget, Refusal

BOX = BoxTarget(Box(10, 20, 30, 40))
WHOLE = st.integers(0, 50)
POINTS = st.builds(Point, WHOLE, WHOLE)


def test_all_edges_of_a_box_count_and_one_pixel_further_does_not() -> None:
    for right in (Point(10, 20), Point(30, 40), Point(10, 40), Point(30, 20)):
        assert judge(BOX, Turn("", "", Click(point=right))) is Verdict.CORRECT
    for wrong in (Point(9, 20), Point(31, 40), Point(10, 41), Point(30, 19)):
        assert judge(BOX, Turn("", "", Click(point=wrong))) is Verdict.WRONG


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
    assert judge(Refusal(), Turn("", "", Click(point=point))) is Verdict.WRONG


def test_declining_is_right_only_where_nothing_is_meant() -> None:
    gave_up = Turn("", "", Finish(status="failure"))
    assert judge(Refusal(), gave_up) is Verdict.CORRECT
    assert judge(BOX, gave_up) is Verdict.WRONG_FORMAT
    for other in (Finish(status="success"), Answer(text="(15, 25)"), Wait()):
        assert judge(Refusal(), Turn("", "", other)) is Verdict.WRONG_FORMAT


@pytest.mark.parametrize("mistake", [None, Mistake("NoCall", "")])
@pytest.mark.parametrize(
    "words",
    [
        "There is no unicorn on the screen.",
        "I cannot find the unicorn.",
        "I can\u2019t see such an element.",
        "No such icon.",
        "The unicorn is not visible in this screenshot.",
        "The element does not exist.",
        "Sorry, there is nothing like it.",
        "I am unable to locate it.",
        "Nothing on the screen matches.",
        "I don't see a griffin here.",
        "屏幕上没有独角兽。",
        "找不到该元素",
        "[-1,-1]",
        "[-1, -1, -1, -1]",
    ],
)
def test_words_that_decline_are_right_only_where_nothing_is_meant(words: str, mistake: Mistake | None) -> None:
    said = Turn(words, "", mistake=mistake)
    assert judge(Refusal(), said) is Verdict.CORRECT
    assert judge(BOX, said) is Verdict.WRONG_FORMAT


@pytest.mark.parametrize(
    "words",
    [
        "",
        "!!!!!!!!!!!!!!!!",
        "42",
        "I will click the search button now.",
        "The button is at the top.",
        "Yes.",
        "Done.",
        "There is no need to look further: it is the blue one.",
        "Je clique sur le bouton.",
        "点击搜索按钮",
        "(15, 25)",
        "[-1, 25]",
        "[-1, -1], or else [15, 25]",
        "-1",
        "I cannot find it exactly, but (15, 25) is near.",
        "There is no doubt that it is the first.",
        "不客气",
        "No",
        "null",
        "As an AI language model I am happy to help.",
        "addCriterion addCriterion addCriterion",
        "Feedback(880,110),(996,991)",
    ],
)
def test_words_that_are_no_refusal_never_score(words: str) -> None:
    assert judge(Refusal(), Turn(words, "", mistake=Mistake("NoCall", ""))) is Verdict.WRONG_FORMAT


@pytest.mark.parametrize(
    ("point", "declined"), [("-1, -1", True), ("-1,-1", True), ("-5, -5", False), ("-1, 25", False), ("5000, 9", False)]
)
def test_a_click_at_minus_one_declines_and_another_point_outside_is_wrong(point: str, declined: bool) -> None:
    mistake = Mistake("InvalidArguments", f"Click: box ({point}) {OFF_THE_PICTURE}; x must be 0 to 999.")
    said = Turn(f"It is not there, I cannot see it.\nClick(box=({point}))", "", mistake=mistake)
    assert judge(Refusal(), said) is (Verdict.CORRECT if declined else Verdict.WRONG)
    assert judge(BOX, said) is Verdict.WRONG


def test_a_call_that_cannot_be_read_is_no_refusal_whatever_is_said_around_it() -> None:
    said = Turn('There is no unicorn. <tool_call>{"name"', "", mistake=Mistake("MalformedReply", ""))
    assert judge(Refusal(), said) is Verdict.WRONG_FORMAT
