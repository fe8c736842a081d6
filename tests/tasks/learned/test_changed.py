"""What was learned is repeated on changed pages: it is done or handed over, and nothing else is ever pressed."""

from collections.abc import Iterator

import pytest

from tests.tasks.learned.changing.changes import cases
from tests.tasks.learned.changing.repeating import Changing, Outcome, changing, table

SHARP = {
    "twin_instead of contacts": Outcome.HANDED_OVER,  # the same row under another heading
    "prefilled of options": Outcome.HANDED_OVER,  # a box that is on already
    "swapped_rows of contacts": Outcome.DONE,
    "scrolled_away of shop": Outcome.DONE,
}


@pytest.fixture(scope="module")
def repeated() -> Iterator[Changing]:
    with changing() as made:
        yield made


@pytest.mark.parametrize("name", SHARP)
def test_on_a_changed_page_the_target_is_pressed_or_nothing(repeated: Changing, name: str) -> None:
    case = next(each for each in cases() if str(each) == name)
    result = repeated.repeat(case)
    assert result.outcome is SHARP[name], result.why


@pytest.mark.slow
def test_on_a_hundred_changed_pages_nothing_but_the_target_is_pressed(repeated: Changing) -> None:
    assert len(cases()) == 100 and sum(case.alike for case in cases()) >= 20
    results = [(case, repeated.repeat(case)) for case in cases()]
    print(table(results))
    assert not [f"{case}: {result.why}" for case, result in results if result.outcome is Outcome.WRONG]
