"""A run or a public report judged again from its replies gives the same figures, without a model."""

import json
from pathlib import Path

import pytest

from actions.errors import UsageError
from tasks.grounding.item import Verdict
from tasks.grounding.report import Judged, summary
from tasks.harness.rescoring import PUBLIC_REPORT, rescore
from tasks.task import SuiteOptions
from tests.tasks.grounding.made import BOXES, FORMATS, run, saying, screenspot, solving
from tests.tasks.grounding.test_grounding_suites import CLICK


def test_a_recorded_run_is_judged_as_it_was(tmp_path: Path) -> None:
    options = SuiteOptions(data_root=screenspot(tmp_path / "data"))
    folder = tmp_path / "20260101-000000-suite-screenspot"
    results = run("screenspot", options, folder, saying(CLICK % (120, 60)))
    figures = rescore(folder, None, options).figures
    assert figures["correct"] == sum(result.score.value for result in results if result.score) == 3
    assert (figures["total"], figures["text"], figures["icon"], figures["micro"]) == (6, 1.0, 0.0, 0.5)
    assert figures["macro6"] == 0.5 and figures["missing"] == 0 == figures["wrong_format"]
    assert figures["per_group"]["web"]["correct"] == 1
    json.dumps(figures)


def test_a_run_of_pro_is_written_in_the_public_layout_which_is_read_back(tmp_path: Path) -> None:
    options = SuiteOptions(data_root=FORMATS["screenspot-pro"](tmp_path / "data"))
    run("screenspot-pro", options, tmp_path / "run", saying(CLICK % (120, 60)))
    figures = rescore(tmp_path / "run", "screenspot-pro", options).figures
    report = json.loads((tmp_path / "run" / PUBLIC_REPORT).read_text(encoding="utf-8"))
    assert report["metrics"]["overall"] == {
        "num_correct_action": 2, "num_total": 4, "wrong_format_num": 0,
        "action_acc": 0.5, "text_acc": 1.0, "icon_acc": 0.0,
    }  # fmt: skip
    assert set(report["metrics"]["leaderboard_simple_style"]) == {"group:Dev", "group:Creative"}
    assert "plat:macos app:vscode inst_style:instruction gt_type:positive" in report["metrics"]["fine_grained"]
    again = rescore(tmp_path / "run" / PUBLIC_REPORT, None, SuiteOptions()).figures
    assert {**again, "missing": 0, "notation": "tool_call"} == figures


def test_the_notation_is_named_and_what_published_figures_need(tmp_path: Path) -> None:
    options = SuiteOptions(data_root=screenspot(tmp_path / "data"))
    run("screenspot", options, tmp_path / "run", solving)
    rescored = rescore(tmp_path / "run", "screenspot", options)
    assert rescored.figures["notation"] == "tool_call" and "notation tool_call" in str(rescored.table.caption)
    for info in (tmp_path / "run").rglob("run.json"):
        info.write_text(info.read_text().replace('"tool_call"', '"function_args"'))
    rescored = rescore(tmp_path / "run", "screenspot", options)
    assert rescored.figures["notation"] == "function_args"
    assert "notation function_args; published figures of Qwen2.5-VL need --notation tool_call" in str(
        rescored.table.caption
    )


def test_a_run_from_before_no_call_was_a_mistake_is_judged_by_what_its_words_say(tmp_path: Path) -> None:
    """Then a reply without a call had neither an action nor a mistake, and any of them declined."""
    options = SuiteOptions(data_root=FORMATS["osworld-g"](tmp_path / "data"))
    for reply, right in (("There is no such thing on the screen.", 4), ("I will click the button now.", 0)):
        folder = tmp_path / f"run-{right}"
        run("osworld-g", options, folder, saying(reply))
        for trajectory in folder.glob("*/trajectory.jsonl"):
            (line,) = map(json.loads, trajectory.read_text().splitlines())
            assert line["mistake"][0] == "NoCall" and not line["action"]
            trajectory.write_text(
                json.dumps(line | {"mistake": None, "thought": reply, "outcome": [reply, None]}) + "\n"
            )
            (trajectory.parent / "result.json").write_text(json.dumps({"ending": "answered", "answer": reply}))
        figures = rescore(folder, "osworld-g", options).figures
        assert (figures["correct"], figures["total"]) == (right, 8)


def test_damaged_runs_are_not_counted_as_wrong(tmp_path: Path) -> None:
    options = SuiteOptions(data_root=screenspot(tmp_path / "data"))
    run("screenspot", options, tmp_path / "run", solving)
    (tmp_path / "run" / "web-0000" / "trajectory.jsonl").write_text("")
    figures = rescore(tmp_path / "run", "screenspot", options).figures
    assert (figures["correct"], figures["total"], figures["missing"]) == (5, 5, 1)


@pytest.mark.parametrize(
    ("row", "verdict"),
    [
        ({"pred": [100, 50]}, "correct"),
        ({"pred": [180.0, 90.0], "raw_response": "nonsense"}, "correct"),
        ({"pred": [180.4, 90.0]}, "wrong"),
        ({"pred": None, "raw_response": CLICK % (120, 60)}, "wrong_format"),
        ({"raw_response": CLICK % (120, 60)}, "correct"),
        ({"raw_response": "[110, 60, 130, 80]"}, "correct"),
        ({"raw_response": "pyautogui.click(x=120, y=60)"}, "correct"),
        ({"raw_response": CLICK % (20, 60)}, "wrong"),
        (
            {"raw_response": '<tool_call>{"name": "computer_use", "arguments": {"action": "wait"}}</tool_call>'},
            "wrong_format",
        ),
        ({"raw_response": '{"name": "computer_use", "arguments": {"coordinate": [120, 60]}}'}, "correct"),
        ({"raw_response": "I cannot"}, "wrong_format"),
        ({"raw_response": ""}, "wrong_format"),
        ({}, "wrong_format"),
    ],
)
def test_a_row_of_a_public_report_is_judged(tmp_path: Path, row: dict[str, object], verdict: str) -> None:
    path = tmp_path / "report.json"
    path.write_text(json.dumps({"details": [{"bbox": BOXES["text"], "ui_type": "text", "group": "CAD", **row}]}))
    figures = rescore(path, None, SuiteOptions()).figures
    assert (figures["correct"], figures["wrong_format"]) == (verdict == "correct", verdict == "wrong_format")
    assert figures["total"] == figures["per_group"]["CAD"]["total"] == 1


@pytest.mark.parametrize("text", ["[]", "{", '{"details": [{"bbox": [1, 2]}]}', '{"details": [{"pred": [1, 2]}]}'])
def test_a_file_that_is_no_report_is_said_so(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.json").write_text(text)
    with pytest.raises(UsageError, match=r"x\.json"):
        rescore(tmp_path / "x.json", None, SuiteOptions())


def test_what_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no run"):
        rescore(tmp_path / "none", None, SuiteOptions())
    with pytest.raises(UsageError, match="--suite"):
        rescore(tmp_path, None, SuiteOptions())
    with pytest.raises(UsageError, match="has no reply"):
        rescore(tmp_path, "screenspot", SuiteOptions(data_root=screenspot(tmp_path)))


def test_both_averages_are_told_and_an_empty_split_divides_nothing() -> None:
    judged = [Judged("mobile", "text", Verdict.CORRECT)] * 3 + [Judged("web", "icon", Verdict.WRONG)]
    figures = summary(judged)
    assert (figures["micro"], figures["macro6"]) == (0.75, 0.5)
    assert summary([])["micro"] is None and "macro6" not in summary([])
