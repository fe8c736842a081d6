"""`tethered`: programs that end with this process, however it ends."""

import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

_EXEC = Path(__file__).with_name("exec.py")


def tethered(command: Sequence[str]) -> list[str]:
    """Wraps a command so that the system kills the program when this process dies.

    Uses Linux's PR_SET_PDEATHSIG; elsewhere the command is unchanged. The tie is to the thread that starts the program;
    it must live as long as the program.

    Raises:
        FileNotFoundError: there is no such program.
    """
    if not shutil.which(command[0]):
        raise FileNotFoundError(f"there is no program {command[0]}")
    if sys.platform != "linux":
        return list(command)
    return [sys.executable, "-I", "-S", str(_EXEC), str(os.getpid()), *command]
