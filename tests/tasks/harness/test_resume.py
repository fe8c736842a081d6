"""kill -9 in the middle of a suite, and run again: only what is missing runs, and the report is the same."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

import run_agent

ROOT = Path(__file__).parent.parent.parent.parent
SUITE = ("--suite", "press", "--engine", "scripted", "--headless", "--limit", "3", "--json")


def summary(capsys: pytest.CaptureFixture[str], *flags: str) -> dict[str, Any]:
    """What `--json` prints, which must be one object and nothing else."""
    assert run_agent.main(flags) == 0
    found = json.loads(capsys.readouterr().out)
    assert isinstance(found, dict)
    return found


def test_a_killed_run_goes_on_and_reports_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    whole = summary(capsys, *SUITE, "--runs", str(tmp_path / "whole"))
    killed = subprocess.Popen(
        [sys.executable, "run_agent.py", *SUITE, "--runs", str(tmp_path / "killed")],
        cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    deadline = time.monotonic() + 60
    while not (lines := list((tmp_path / "killed").glob("*/results.jsonl"))) or lines[0].read_bytes().count(b"\n") < 1:
        assert killed.poll() is None and time.monotonic() < deadline
        time.sleep(0.02)
    os.kill(killed.pid, signal.SIGSTOP)
    before = lines[0].read_bytes()
    assert run_agent.main(["--resume", str(lines[0].parent)]) == 2
    assert "is being run by another process" in " ".join(capsys.readouterr().err.split())
    assert lines[0].read_bytes() == before
    os.kill(killed.pid, signal.SIGKILL)
    killed.wait()
    assert before.count(b"\n") < 3
    again = summary(capsys, "--resume", str(lines[0].parent))
    assert lines[0].read_bytes().startswith(before[: before.rfind(b"\n") + 1])
    assert lines[0].read_bytes().count(b"\n") == 3
    assert again | {"run": "", "seconds": 0} == whole | {"run": "", "seconds": 0}
    assert whole["episodes"] == 3 and whole["success_rate"] == whole["success_rate_strict"] == 1.0
    assert set(whole) >= {"suite", "episodes", "success_rate", "success_rate_strict", "interval_strict", "per_task"}
    manifest = json.loads((lines[0].parent / "manifest.json").read_text())
    assert len(manifest["started"]) == 2 and manifest["counts"]["episodes"] == 3
    untouched = lines[0].read_bytes()
    assert summary(capsys, "--resume", str(lines[0].parent)) == again
    assert lines[0].read_bytes() == untouched


def test_a_folder_without_a_run_cannot_be_gone_on_with(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_agent.main(["--resume", str(tmp_path)]) == 2
    assert "holds no recorded run" in " ".join(capsys.readouterr().err.split())
