"""What a program and all that it started cost: read from Linux' /proc."""

import os
import signal
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

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


class Used(NamedTuple):
    """What a program used, with all of its processes."""

    processor_s: float = 0.0
    """Those of the processes that it started and saw end included."""
    memory_mib: float = 0.0
    """What several processes share counts once."""

    def __add__(self, other: object) -> "Used":
        assert isinstance(other, Used)
        return Used(self.processor_s + other.processor_s, self.memory_mib + other.memory_mib)


def used(root: int) -> dict[str, Used]:
    """What a tree has used so far, by the names of its programs, such as `chromium`."""
    found: dict[str, Used] = {}
    for pid in tree(root):
        with suppress(OSError):  # it has just ended
            name = Path(f"/proc/{pid}/comm").read_text().strip()
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
            held = next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
            ran = sum(map(int, _stat(pid)[11:15]))
            found[name] = found.get(name, Used()) + Used(ran / TICKS, held / 1024)
    return found


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
