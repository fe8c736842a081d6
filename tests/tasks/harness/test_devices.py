"""Several phones share one suite, each with a worker of its own, and what adb checks say counts."""

import json
import subprocess
from collections import Counter
from pathlib import Path

import pytest

import run_agent
from agent.run_info import read_info
from devices.doubles.simphone import start

TASK = """
[[tasks]]
id = "flight-{number}"
device = "android"
instruction = "Look at the home screen, and do nothing."
adb = [["settings", "put", "global", "airplane_mode_on", "{number}"]]
solution = [{{ action = "Wait", arguments = {{ seconds = 0.5 }} }}]
checks = [
    {{ kind = "adb", command = ["settings", "get", "global", "airplane_mode_on"], equals = "{number}" }},
    {{ kind = "text", contains = "{shown}" }},
]
"""


@pytest.mark.usefixtures("adb_server")
def test_two_phones_share_a_suite(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tasks = [TASK.format(number=number, shown="Settings" if number else "no such app") for number in range(4)]
    (tmp_path / "own.toml").write_text("\n".join(tasks))
    with start(size=(360, 640), scale=1.0) as one, start(size=(360, 640), scale=1.0) as other:
        for phone in (one, other):
            subprocess.run(["adb", "connect", phone.address], check=True, capture_output=True)
        flags = ["--suite", str(tmp_path / "own.toml"), "--engine", "scripted", "--runs", str(tmp_path), "--json"]
        assert run_agent.main([*flags, "--address", f"{one.address},{other.address}"]) == 1
        summary = json.loads(capsys.readouterr().out)
        assert (summary["episodes"], summary["success_rate"], summary["environment_errors"]) == (4, 0.75, 0)
        lines = [json.loads(line) for line in (Path(summary["run"]) / "results.jsonl").read_text().splitlines()]
        (why,) = [line["why"] for line in lines if line["value"] == 0]
        assert "the text on the screen contains 'no such app'; the text is" in why
        used = Counter(read_info(Path(summary["run"]) / line["item"]).address for line in lines)
        assert used.keys() == {one.address, other.address}, used
