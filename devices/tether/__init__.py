"""`tethered`: programs that end with this process, however it ends."""

import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

_EXEC = Path(__file__).with_name("exec.py")


def tethered(command: Sequence[str]) -> list[str]:
    """The command to start instead of this one: the same program, which the system kills when this process dies.

    Linux sees to it (PR_SET_PDEATHSIG); elsewhere the command stays as it is. The tie is to the thread that starts the
    program, which must live as long as the program is to.

    Raises:
        FileNotFoundError: there is no such program.
    """
    if not shutil.which(command[0]):
        raise FileNotFoundError(f"there is no program {command[0]}")
    if sys.platform != "linux":
        return list(command)
    return [sys.executable, "-I", "-S", str(_EXEC), str(os.getpid()), *command]
