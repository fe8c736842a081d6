"""The table of docs/safety.md is what its tests have measured."""

from collections import Counter

import pytest

from tests.safety_table import CASES, PAGE, committed, kept_under, with_table


def test_the_page_has_the_figures_that_were_measured() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert with_table(page, committed()) == page, "run python -m tests.safety_table"


def test_no_test_of_the_table_has_more_cases_than_were_measured(request: pytest.FixtureRequest) -> None:
    """Of the tests that this run has collected; a run of a few tests has fewer cases."""
    known = committed()
    found = Counter(kept_under(item.nodeid) for item in request.session.items)
    more = {test: found[test] for test, figures in known.items() if found[test] > figures.get(CASES, found[test])}
    assert not more, "run python -m tests.safety_table"
