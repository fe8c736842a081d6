"""The home folders of virtual screens."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tasks.worlds.virtual_screen import HOME, Screen


def test_what_killed_runs_left_is_removed_and_what_runs_keep_is_not() -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    left = Path(tempfile.mkdtemp(prefix=f"{HOME}{dead.pid}-"))
    (left / "file").write_text("x")
    used = Path(tempfile.mkdtemp(prefix=f"{HOME}{os.getppid()}-"))
    try:
        with Screen() as screen:
            assert screen.home.exists() and not left.exists() and used.exists()
        assert not screen.home.exists()
    finally:
        used.rmdir()
