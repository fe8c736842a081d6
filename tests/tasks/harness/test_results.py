"""The results file: append-only, keyed, and whole after any kill."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actions.errors import RecordFailure, UsageError
from agent.episode import Ending
from tasks.harness.results import Job, Result, Results, in_order


def result(item: str, value: float | None = 1.0, trial: int = 0, actor: str = "model", **more: object) -> Result:
    ending = Ending.FAILED if value is None else Ending.FINISHED
    given = {"suite": "s", "seed": 0, "kind": item.split("-")[0], "why": "", "ending": ending} | more
    return Result.model_validate(given | {"item": item, "value": value, "trial": trial, "actor": actor})


@settings(max_examples=60, deadline=None)
@given(cut=st.integers(0, 2000))
def test_a_file_cut_off_anywhere_keeps_its_whole_lines_and_goes_on(
    tmp_path_factory: pytest.TempPathFactory, cut: int
) -> None:
    path = tmp_path_factory.mktemp("cut") / "results.jsonl"
    written = Results(path)
    for item in "abcdef":
        written.add(result(item))
    content = path.read_bytes()
    path.write_bytes(content[:cut])
    kept = Results(path)
    assert [each.item for each in kept] == list("abcdef")[: content[:cut].count(b"\n")]
    kept.add(result("z"))
    assert [each.item for each in Results(path)] == [*(each.item for each in kept)]
    assert path.read_bytes().startswith(content[: content[:cut].rfind(b"\n") + 1])


def test_an_attempt_without_a_score_may_be_made_again_and_its_last_line_counts(tmp_path: Path) -> None:
    results = Results(tmp_path / "results.jsonl")
    results.add(result("a", None))
    results.add(result("b", 0.0))
    assert (results.settled(Job("a")), results.settled(Job("b")), results.settled(Job("c"))) == (False, True, False)
    assert not results.settled(Job("b", trial=1)) and not results.settled(Job("b", actor="random"))
    results.add(result("a", 1.0))
    assert [(each.item, each.value) for each in Results(tmp_path / "results.jsonl")] == [("a", 1.0), ("b", 0.0)]
    assert (tmp_path / "results.jsonl").read_bytes().count(b"\n") == 3


def test_a_damaged_line_is_named_and_a_full_disk_is_no_result(tmp_path: Path) -> None:
    (tmp_path / "results.jsonl").write_text('{"item": 3}\n')
    with pytest.raises(UsageError, match=r"results\.jsonl, line 1"):
        Results(tmp_path / "results.jsonl")
    with pytest.raises(RecordFailure, match="cannot be written"):
        Results(tmp_path / "gone" / "results.jsonl").add(result("a"))


def test_the_order_of_results_is_that_of_their_numbers_whatever_came_first() -> None:
    came = [result("b-2"), result("b-10", trial=1), result("b-10"), result("a-3"), result("b-2", actor="idle")]
    names = [each.job.place.as_posix() for each in in_order(came)]
    assert names == ["a-3", "baseline-idle/b-2", "b-2", "b-10", "trial-1/b-10"]
    assert in_order(reversed(came)) == in_order(came)


def test_attempts_have_places_of_their_own() -> None:
    jobs = [Job("a", trial, actor) for trial in (0, 1) for actor in ("model", "random")]
    assert [job.place.as_posix() for job in jobs] == [
        "a", "baseline-random/a", "trial-1/a", "baseline-random/trial-1/a",
    ]  # fmt: skip
