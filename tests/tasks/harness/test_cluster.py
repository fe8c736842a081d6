"""A suite on a Ray cluster of this machine leaves what a suite in this process leaves."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from agent.record import read_episode
from tests.tasks.harness.test_resume import ROOT


@pytest.mark.slow
def test_a_suite_on_a_local_cluster_brings_its_results_and_records_back(tmp_path: Path) -> None:
    flags = ["--suite", "press", "--engine", "scripted", "--headless", "--limit", "4", "--json", "--workers", "2"]
    done = subprocess.run(
        [sys.executable, "run_agent.py", *flags, "--runs", str(tmp_path), "--cluster", "local"],
        cwd=ROOT, capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    assert (summary["episodes"], summary["success_rate"], summary["crashes"]) == (4, 1.0, 0)
    for seed in range(4):
        assert len(read_episode(Path(summary["run"]) / f"press-{seed}").steps) == 1
