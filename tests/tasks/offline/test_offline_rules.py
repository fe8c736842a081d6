"""The rules, row by row: what counts as the recorded action, by type and by arguments."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.action import Action
from actions.control import Answer, Finish, Wait
from actions.geometry import Box, Point, Size
from actions.keyboard import Type
from actions.phone import Back, Enter, Home, OpenApp
from actions.touch import LongPress, Swipe, Tap
from tasks.offline.rules import AITZ, ANDROID_CONTROL, Rule, enlarged, similarity
from tasks.offline.step import Element, Seen, straight_swipe

SIZE = Size(1000, 2000)
BOX = Box(100, 100, 200, 200)
SEEN = Seen(
    SIZE, (BOX,), (Element(Box(0, 0, 999, 1999), ""), Element(BOX, "Zoho Meet"), Element(Box(0, 0, 50, 50), "Go back"))
)
BARE = Seen(SIZE)
AT = Tap(point=Point(150, 150))


def tap(x: float, y: float) -> Tap:
    return Tap(point=Point(x, y))


def verdict(rule: Rule, gold: Action, predicted: Action | None, seen: Seen) -> str:
    match = rule(gold, predicted, seen)
    return "EM" if match.exact else "TM" if match.type else "-"


ROWS: dict[str, list[tuple[Action, Action | None, Seen, str]]] = {
    "qwen": [
        (Wait(), Wait(seconds=9), BARE, "EM"),
        (Wait(), Home(), BARE, "-"),
        (Back(), Back(), BARE, "EM"),
        (Back(), Home(), BARE, "TM"),
        (Type(text="Coffee & cake"), Type(text=" coffee "), BARE, "EM"),
        (Type(text="Coffee"), Type(text="coffee shop"), BARE, "EM"),
        (Type(text="Coffee"), Type(text="tea"), BARE, "TM"),
        (Type(text="Coffee"), Type(text="  "), BARE, "EM"),
        (OpenApp(app="Zoho Meet"), OpenApp(app="zoho"), BARE, "EM"),
        (OpenApp(app="Zoho Meet"), AT, BARE, "-"),
        (OpenApp(app="Zoho Meet"), tap(209, 150), SEEN, "EM"),
        (OpenApp(app="Zoho Meet"), tap(500, 150), SEEN, "TM"),
        (straight_swipe("up", SIZE), Swipe(start=Point(500, 900), end=Point(450, 700)), BARE, "EM"),
        (straight_swipe("up", SIZE), straight_swipe("down", SIZE), BARE, "TM"),
        (straight_swipe("up", SIZE), AT, BARE, "-"),
        (AT, tap(210, 90), SEEN, "EM"),
        (AT, tap(211, 90), SEEN, "TM"),
        (AT, tap(190, 150), BARE, "EM"),
        (AT, tap(191, 150), BARE, "TM"),
        (AT, tap(150, 230), BARE, "EM"),
        (AT, tap(150, 231), BARE, "TM"),
        (AT, LongPress(point=AT.point), BARE, "-"),
        (LongPress(point=AT.point), LongPress(point=AT.point, seconds=3), BARE, "EM"),
        (AT, None, BARE, "-"),
        (AT, Answer(text="there"), BARE, "-"),
    ],
    "qwen_pixels": [(AT, tap(230, 150), BARE, "EM"), (AT, tap(231, 150), BARE, "TM")],
    "os_atlas": [
        (AT, tap(290, 150), BARE, "EM"),
        (AT, tap(291, 150), BARE, "TM"),
        (AT, tap(291, 150), Seen(SIZE, (Box(0, 0, 999, 999),)), "TM"),
        (Type(text="the blue mug"), Type(text="The blue cup"), BARE, "EM"),
        (Type(text="the blue mug"), Type(text="a blue cup"), BARE, "TM"),
        (Back(), Home(), BARE, "-"),
        (straight_swipe("left", SIZE), straight_swipe("left", SIZE), BARE, "EM"),
    ],
    "paper": [
        (AT, tap(200, 200), SEEN, "EM"),
        (AT, tap(201, 200), SEEN, "TM"),
        (AT, tap(150, 231), BARE, "TM"),
        (OpenApp(app="zoho meet"), AT, SEEN, "EM"),
        (OpenApp(app="zoho meet"), tap(500, 500), SEEN, "-"),
        (AT, OpenApp(app="Zoho"), SEEN, "EM"),
        (Back(), tap(10, 10), SEEN, "EM"),
        (Back(), AT, SEEN, "-"),
        (Type(text="Coffee"), Type(text="coffee"), BARE, "TM"),
    ],
}  # fmt: skip


@pytest.mark.parametrize(("name", "row"), [(name, row) for name, rows in ROWS.items() for row in rows])
def test_a_row_of_a_rule(name: str, row: tuple[Action, Action | None, Seen, str]) -> None:
    gold, predicted, seen, expected = row
    assert verdict(ANDROID_CONTROL[name], gold, predicted, seen) == expected


@pytest.mark.parametrize(
    ("name", "gold", "predicted", "expected"),
    [
        ("qwen", AT, tap(209, 150), "EM"),
        ("qwen", AT, tap(150, 430), "EM"),
        ("qwen", AT, tap(150, 431), "TM"),
        ("paper", AT, tap(150, 430), "TM"),
        ("paper", Type(text="alarm clock"), Type(text="alarm clocks"), "EM"),
        ("paper", Type(text="alarm clock"), Type(text="alarn clock"), "EM"),
        ("qwen", Type(text="alarm clock"), Type(text="alarn clock"), "TM"),
        ("paper", Enter(), Back(), "TM"),
        ("qwen", Finish(status="failure"), Finish(status="success"), "EM"),
    ],
)
def test_a_row_of_the_rules_of_aitz(name: str, gold: Action, predicted: Action, expected: str) -> None:
    assert verdict(AITZ[name], gold, predicted, SEEN) == expected


POINTS = st.builds(Point, st.integers(0, 999), st.integers(0, 1999))
TEXTS = st.text("abc ", min_size=1, max_size=6)
ACTIONS = st.one_of(
    st.builds(Tap, point=POINTS), st.builds(LongPress, point=POINTS), st.builds(Swipe, start=POINTS, end=POINTS),
    st.builds(Type, text=TEXTS), st.builds(OpenApp, app=TEXTS), st.sampled_from([Back(), Home(), Wait()]),
)  # fmt: skip


@given(ACTIONS, ACTIONS, st.sampled_from([SEEN, BARE]))
def test_arguments_match_only_where_types_do(gold: Action, predicted: Action, seen: Seen) -> None:
    for rule in (*ANDROID_CONTROL.values(), *AITZ.values()):
        match = rule(gold, predicted, seen)
        assert match.type or not match.exact


@given(ACTIONS, st.sampled_from([SEEN, BARE]))
def test_the_recorded_action_itself_matches_under_every_rule(gold: Action, seen: Seen) -> None:
    for rule in (*ANDROID_CONTROL.values(), *AITZ.values()):
        assert rule(gold, gold, seen) == (True, True)


def test_a_box_is_enlarged_about_its_centre() -> None:
    assert enlarged(BOX) == pytest.approx((90, 90, 210, 210))


@given(TEXTS, TEXTS)
def test_similarity_is_even_handed_and_full_only_for_equals(one: str, other: str) -> None:
    assert similarity(one, other) == similarity(other, one)
    assert (similarity(one, other) == 1) == (one == other)


def test_similarity_is_levenshteins_ratio() -> None:
    assert similarity("kitten", "sitting") == pytest.approx(8 / 13)
    assert similarity("", "") == 1 and similarity("a", "") == 0
