"""A benchmark on still pictures has its own figures besides the suite's, and the same ones when scored again."""

import json
from pathlib import Path

import pytest

import run_agent
from tasks.harness.results import Results
from tests.tasks.grounding import made


def test_a_benchmarks_own_figures_are_in_the_summary_and_are_those_of_rescore(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = made.screenspot_pro(tmp_path)
    flags = ["--data-root", str(data), "--json"]
    run = ["--suite", "screenspot-pro", "--engine", "scripted", "--baselines", "--runs", str(tmp_path / "runs")]
    assert run_agent.main([*flags, *run]) == 0
    summary = json.loads(capsys.readouterr().out)
    assert (summary["success_rate"], summary["benchmark"]["correct"], summary["benchmark"]["total"]) == (1.0, 4, 4)
    assert {name: cell["success_rate"] for name, cell in summary["baselines"].items()} == {"idle": 0.0, "random": 0.0}
    assert run_agent.main([*flags, "--rescore", summary["run"]]) == 0
    assert json.loads(capsys.readouterr().out) == summary["benchmark"]
    assert all(result.target for result in Results(Path(summary["run"]) / "results.jsonl") if result.value == 1.0)
