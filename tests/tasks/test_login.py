"""One page on three devices: its solution logs in and sees wrong passwords, and the model in the box does so too."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
KINDS = {"browser", "browser-refused", "android", "android-refused", "desktop", "desktop-refused"}
LEAST = 0.6
"""What the model in the box must reach; its model card says what it reached when released."""

pytestmark = pytest.mark.usefixtures("adb_server")


def suite(folder: Path, *flags: str) -> dict[str, Any]:
    """The suite's summary, from a process of its own, because a process operates one desktop only."""
    command = [sys.executable, "run_agent.py", "--suite", "login", "--headless", "--json", "--runs", str(folder)]
    done = subprocess.run([*command, *flags], cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.stdout, done.stderr[-2000:]
    summary: dict[str, Any] = json.loads(done.stdout)
    return summary


def test_each_device_is_logged_in_by_the_solution(tmp_path: Path) -> None:
    summary = suite(tmp_path, "--engine", "scripted")
    assert {kind: found["success_rate"] for kind, found in summary["per_task"].items()} == dict.fromkeys(KINDS, 1.0)


@pytest.mark.parametrize("episodes", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_the_model_in_the_box_logs_in_and_sees_wrong_passwords_on_each_device(tmp_path: Path, episodes: int) -> None:
    summary = suite(tmp_path, "--model", "embedded", "--episodes", str(episodes))
    assert summary["environment_errors"] == 0 and summary["episodes"] == episodes * len(KINDS)
    refused = [found["success_rate"] for kind, found in summary["per_task"].items() if "refused" in kind]
    right = [found["success_rate"] for kind, found in summary["per_task"].items() if "refused" not in kind]
    assert (episodes == 1 or min(right) > 0) and sum(right) / len(right) >= LEAST, summary["per_task"]
    assert sum(refused) / len(refused) >= LEAST, summary["per_task"]
