"""Ctrl-C while the program is still being imported."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize("reached", ["actions.errors", "pydantic", "agent.loop", "tasks.options"])
def test_ctrl_c_during_the_imports_ends_with_a_line(reached: str) -> None:
    """Python names each module on its error output as soon as that is imported."""
    with subprocess.Popen(
        [sys.executable, "-X", "importtime", "run_agent.py", "--list"],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr
        said = ""
        for line in process.stderr:
            if line.startswith("import time:") and line.split("|")[-1].strip() == reached:
                os.kill(process.pid, signal.SIGINT)
            elif not line.startswith("import time:"):
                said += line
        assert process.wait(60) == 130 and said == "Stopped.\n"
