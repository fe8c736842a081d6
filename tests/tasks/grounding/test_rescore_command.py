"""`--rescore` on the command line, and the frame check before a benchmark, which `--force` overrides."""

from pathlib import Path

import pytest

from run_agent import main
from tests.fakes.openai_server import Ways, serving
from tests.tasks.grounding.made import BOXES, screenspot, write
from tests.tasks.grounding.test_frame_check import THOUSAND, answer


def said(capsys: pytest.CaptureFixture[str]) -> str:
    captured = capsys.readouterr()
    return " ".join((captured.out + captured.err).split())


def test_a_run_and_a_public_report_are_judged_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = ["--data-root", str(screenspot(tmp_path / "data"))]
    runs = tmp_path / "runs"
    flags = ["--engine", "scripted", "--headless", "--runs", str(runs), "--tasks", "web"]
    assert main(["--suite", "screenspot", *data, *flags]) == 0
    (folder,) = runs.iterdir()
    assert main(["--rescore", str(folder), *data]) == 0
    printed = said(capsys)
    assert "all │ 2 / 2 │ 100.0%" in printed and "4 of the suite's tasks have no reply here" in printed
    row = {"bbox": BOXES["icon"], "pred": [1, 1], "raw_response": "", "ui_type": "icon", "group": "CAD"}
    write(tmp_path / "report.json", {"details": [row]})
    assert main(["--rescore", str(tmp_path / "report.json")]) == 0
    assert "CAD │ 0 / 1 │ 0.0% │ - │ 0.0% │ 0" in said(capsys)
    assert main(["--rescore", str(tmp_path / "none")]) == 2


def test_a_model_in_a_wrong_frame_does_not_begin_a_benchmark(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = ["--data-root", str(screenspot(tmp_path / "data")), "--runs", str(tmp_path / "runs"), "--limit", "1"]
    with serving(Ways(replies=[answer(THOUSAND)])) as address:
        asked = ["--suite", "screenspot", "--model", "qwen2.5-vl-7b", "--server", address, *data]
        assert main(asked) == 2
        assert "right in thousandths" in said(capsys)
        assert main([*asked, "--force"]) == 1
        assert "mobile-0000" in said(capsys)
