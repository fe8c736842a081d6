"""A suite in numbers: both means, Wilson's interval, and no dependence on the order of the results."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from tasks.harness.summary import summarised, table, wilson
from tests.tasks.harness.test_results import result


@pytest.mark.parametrize(
    ("rate", "count", "low", "high"),
    [(0.9, 60, 0.7985, 0.9534), (0.0, 10, 0.0, 0.2775), (1.0, 10, 0.7225, 1.0), (0.5, 1000, 0.4691, 0.5309)],
)
def test_wilsons_interval_is_that_of_the_textbook(rate: float, count: int, low: float, high: float) -> None:
    assert wilson(rate, count) == (low, high)


@given(st.floats(0, 1), st.integers(1, 5000))
def test_wilsons_interval_holds_the_rate_and_lies_within_0_and_1(rate: float, count: int) -> None:
    low, high = wilson(rate, count)
    assert 0 <= low <= rate + 1e-4 and rate - 1e-4 <= high <= 1


def test_environment_errors_are_left_out_of_one_mean_and_count_as_0_in_the_other() -> None:
    values = [1.0, 1.0, 0.0, None]
    results = [result(f"press-{index}", value) for index, value in enumerate(values)]
    results += [result("tab-0", 0.5, mistakes={"UnknownAction": 2}), result("tab-1", None, crashed=True)]
    results += [result("press-0", 0.0, actor="random"), result("press-1", 1.0, actor="random")]
    summary = summarised("mine", "runs/x", results)
    assert (summary.episodes, summary.environment_errors, summary.crashes, summary.mistakes) == (6, 2, 1, 2)
    assert summary.success_rate == 0.625 and summary.success_rate_strict == round(2.5 / 6, 6)
    assert (summary.interval, summary.interval_strict) == (wilson(0.625, 4), wilson(2.5 / 6, 6))
    assert summary.per_task["press"].success_rate == round(2 / 3, 6)
    assert summary.per_task["press"].success_rate_strict == 0.5
    assert summary.per_task["tab"].episodes == 2
    assert {name: cell.success_rate for name, cell in summary.baselines.items()} == {"random": 0.5}
    random.Random(1).shuffle(results)
    assert summarised("mine", "runs/x", results) == summary


def test_where_nothing_could_be_scored_there_is_no_rate() -> None:
    summary = summarised("mine", "runs/x", [result("a", None)])
    assert (summary.success_rate, summary.interval, summary.success_rate_strict) == (None, None, 0.0)
    assert summary.interval_strict == wilson(0, 1)


def test_both_means_are_shown_with_their_intervals() -> None:
    results = [result("press-0", 1.0), result("press-1", 0.0), result("press-2", None)]
    console = Console(width=80)
    with console.capture() as shown:
        console.print(table(summarised("a-suite-with-a-long-name", "runs/x", results)))
    row = next(line for line in shown.get().splitlines() if "press" in line)
    assert "…" not in shown.get()
    said = " ".join(shown.get().split())
    assert (
        "False claims (ended as answered or finished without the full score): 1 of 2 claims, and of 1 failures." in said
    )
    assert [cell.strip() for cell in row.split("│")[2:-1]] == [
        "3",
        "50.0 %",
        "9.4-90.5",
        "33.3 %",
        "6.2-79.2",
        "1",
    ]
