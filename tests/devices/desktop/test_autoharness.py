"""The desktop device under cua-auto-harness, which other people wrote: `make test-autoharness`."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ADAPTER = f"{Path(__file__).with_name('autoharness_adapter.py')}:screenhand"
OTHERWISE = {"click_alt_left", "drag_alt_held", "caps_lock_roundtrip"}
"""openbox itself takes clicks and drags with Alt; text is typed as it was given, whether Caps Lock is on or not."""


@pytest.mark.autoharness
def test_every_entry_can_be_expressed_and_passes_but_for_those_that_are_meant_otherwise(tmp_path: Path) -> None:
    command = [
        str(Path(sys.executable).with_name("autoharness")),
        "test",
        "--adapter",
        ADAPTER,
        "--no-tui",
        "--reps",
        "1",
    ]
    subprocess.run([*command, "--out", str(tmp_path)], check=False, timeout=1500)
    entries = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))["entries"]
    assert len(entries) == 100
    assert {entry["entry_id"] for entry in entries if entry["final"] != "pass"} <= OTHERWISE
