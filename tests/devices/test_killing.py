"""Nothing is left behind by a run that is killed, whatever it is doing, and no record of it is torn."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.devices.killing import GONE_S, LATEST_S

ROOT = Path(__file__).parents[2]
SIDE_BY_SIDE = 3


@pytest.mark.parametrize("kills", [21, pytest.param(501, marks=pytest.mark.soak)])
def test_a_run_that_is_killed_leaves_no_process_and_no_torn_record(kills: int) -> None:
    each = kills // SIDE_BY_SIDE
    begun = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.devices.killing", str(each), str(each * number)],
            cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )
        for number in range(SIDE_BY_SIDE)
    ]  # fmt: skip
    said = [killing.communicate(timeout=each * (LATEST_S + GONE_S))[0] for killing in begun]
    assert [killing.returncode for killing in begun] == [0] * SIDE_BY_SIDE, "".join(said)
    assert "".join(said).count("nothing left, nothing torn\n") == kills
