"""What was learned is repeated in changed states: it is done or handed over, and nothing else is ever pressed."""

from collections.abc import Iterator

import pytest

from tests.tasks.learned.changing import on_desktop, on_phone
from tests.tasks.learned.changing.changes import cases
from tests.tasks.learned.changing.judged import Outcome, table
from tests.tasks.learned.changing.repeating import Changing, changing

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


OF_WINDOWS = {
    "moved of question": Outcome.DONE,
    "swapped of files": Outcome.DONE,
    "other_item of question": Outcome.HANDED_OVER,  # the same dialog about another file
    "twin of files": Outcome.HANDED_OVER,
}


@pytest.mark.parametrize("name", OF_WINDOWS)
def test_on_a_changed_desktop_the_target_is_pressed_or_nothing(name: str) -> None:
    case = next(each for each in on_desktop.cases() if str(each) == name)
    result = on_desktop.OnDesktop().repeat(case)
    assert result.outcome is OF_WINDOWS[name], result.why


@pytest.mark.slow
def test_on_all_changed_desktops_nothing_but_the_target_is_pressed() -> None:
    repeated = on_desktop.OnDesktop()
    results = [(str(case), repeated.repeat(case)) for case in on_desktop.cases()]
    print(table([(name.split(" of ")[0], result) for name, result in results]))
    assert not [f"{name}: {result.why}" for name, result in results if result.outcome is Outcome.WRONG]


@pytest.mark.slow
def test_on_a_changed_phone_nothing_but_the_target_is_pressed() -> None:
    with on_phone.on_phone() as repeated:
        results = [(str(case), repeated.repeat(case)) for case in on_phone.cases()]
    print(table([(name.split(" of ")[0], result) for name, result in results]))
    assert not [f"{name}: {result.why}" for name, result in results if result.outcome is Outcome.WRONG]


@pytest.mark.slow
def test_on_a_hundred_changed_pages_nothing_but_the_target_is_pressed(repeated: Changing) -> None:
    assert len(cases()) == 100 and sum(case.alike for case in cases()) >= 20
    results = [(case, repeated.repeat(case)) for case in cases()]
    print(table([(case.kind, result) for case, result in results]))
    assert not [f"{case}: {result.why}" for case, result in results if result.outcome is Outcome.WRONG]
