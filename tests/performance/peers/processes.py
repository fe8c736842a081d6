"""What a program and all that it started cost: read from Linux' /proc."""

import os
import signal
from contextlib import suppress
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def tree(root: int) -> list[int]:
    """The ids of a process and of all its descendants that are alive."""
    parents = {}
    for place in Path("/proc").iterdir():
        if place.name.isdecimal() and (fields := _stat(int(place.name))):
            parents[int(place.name)] = int(fields[1])
    found = [root]
    for parent in found:  # it grows meanwhile
        found += [child for child, its in parents.items() if its == parent]
    return found


def processor_s(root: int) -> float:
    """The processor's seconds of a tree so far, those of the processes that it started and saw end included."""
    return sum(sum(map(int, fields[11:15])) for pid in tree(root) if (fields := _stat(pid))) / TICKS


def memory_mib(root: int) -> float:
    """What a tree holds in memory; what several processes share counts once."""
    held = 0
    for pid in tree(root):
        with suppress(OSError):  # it has just ended
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
            held += next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return held / 1024


def end(pids: list[int]) -> None:
    """Ends processes, whether they want to or not."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat after the name, from the state on; empty if it has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
