"""Which line of a window is the target's, among lines as a reader of pictures gives them."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from actions.geometry import Box, Point
from tasks.learned.reading import is_about, printed_at, reading_like, within
from tasks.learned.schema import Printed, Target
from tasks.worlds.printed import Line

QUESTION = [
    Line("Do you really want to delete Invoice?", Box(20, 20, 300, 40)),
    Line("Cancel", Box(200, 100, 250, 120)),
    Line("Delete", Box(300, 100, 350, 120)),
]
LIST = [
    Line("Budget", Box(20, 20, 80, 40)),
    Line("Delete", Box(300, 22, 350, 38)),
    Line("Invoice", Box(20, 60, 80, 80)),
    Line("Delete", Box(300, 62, 350, 78)),
]
ON_DELETE = Point(310, 110)


def test_the_line_under_a_point_is_kept_with_what_says_what_it_is_about() -> None:
    assert printed_at(ON_DELETE, QUESTION, dialog=True) == Printed(
        text="Delete",
        beside=("Cancel",),
        dialog=("Cancel", "Delete", "DoyoureallywanttodeleteInvoice?"),
        box=Box(300, 100, 350, 120),
    )
    assert printed_at(Point(310, 70), LIST, dialog=False) == Printed(
        text="Delete", beside=("Invoice",), box=Box(300, 62, 350, 78)
    )
    assert printed_at(Point(5, 5), QUESTION, dialog=True) is None
    assert printed_at(Point(1, 1), [Line("x", Box(0, 0, 9, 9))], dialog=True) is None, "a letter tells nothing"


def test_the_same_button_of_a_question_about_something_else_is_another_one() -> None:
    printed = printed_at(ON_DELETE, QUESTION, dialog=True)
    assert printed and is_about(QUESTION[2], printed, QUESTION[::-1])
    other = [QUESTION[0]._replace(text="Do you really want to delete Budget?"), *QUESTION[1:]]
    assert not is_about(other[2], printed, other)


def test_of_equal_buttons_in_a_list_only_that_of_the_same_row_counts() -> None:
    printed = printed_at(Point(310, 70), LIST, dialog=False)
    assert printed
    found = reading_like(printed, Point(310, 70), LIST)
    assert [line for line, _ in found if is_about(line, printed, LIST)] == [LIST[3]]


def test_the_point_keeps_its_part_of_a_line_that_moved_and_grew() -> None:
    printed = printed_at(ON_DELETE, QUESTION, dialog=True)
    assert printed
    moved = Line("De lete", Box(100, 200, 200, 240))
    assert reading_like(printed, ON_DELETE, [moved, Line("Deleted", Box(0, 0, 50, 20))]) == [(moved, Point(120, 220))]


def test_lines_belong_to_the_window_that_their_middle_is_in() -> None:
    assert within(Box(0, 50, 400, 300), QUESTION) == QUESTION[1:]


def test_an_empty_box_in_an_edited_file_is_refused() -> None:
    with pytest.raises(ValidationError, match="the box is empty"):
        Target.model_validate(
            {"picture": Path("0.png"), "box": [0, 0, 9, 9], "at": [4, 4], "printed": {"text": "x", "box": [3, 3, 3, 9]}}
        )
