"""What 1,500 steps cost in memory and time, early and late: run `python -m tests.performance.long_run`."""

import os
import statistics
import sys
import tempfile
from pathlib import Path

from agent.episode import Step
from model import profile
from tests.fakes.long_run import Counting, long_run

STEPS = 1_500
EARLY, LATE = range(35, 46), range(STEPS - 11, STEPS)
MEMORY_AT = 100
MODEL = profile.adjusted(profile.load("qwen2.5-vl-7b"), notation="function_args")


def main() -> int:
    """Prints the figures, and the goals that were missed; 1 where one was."""
    memory: dict[int, float] = {}
    prompt_ms: list[float] = []

    def on_step(step: Step, engine: Counting) -> None:
        assert step.turn.usage
        prompt_ms.append(1000 * step.turn.usage.prompt_s)
        if step.index + 1 in (MEMORY_AT, *range(250, STEPS + 1, 250)):
            memory[step.index + 1] = resident_mib()

    with tempfile.TemporaryDirectory() as folder:
        long_run(Path(folder) / "run", MODEL, STEPS, on_step)
    for index, held in memory.items():
        print(f"after step {index}: {held:.0f} MiB")
    early, late = (statistics.median(prompt_ms[index] for index in part) for part in (EARLY, LATE))
    print(f"a prompt around step {EARLY[5]}: {early:.2f} ms, around step {LATE[5]}: {late:.2f} ms")
    memory_ratio, time_ratio = memory[STEPS] / memory[MEMORY_AT], late / early
    print(f"memory_ratio={memory_ratio:.2f} prompt_ratio={time_ratio:.2f} slowest_prompt_ms={max(prompt_ms):.1f}")
    return 0 if memory_ratio <= 1.3 and time_ratio <= 2 else 1


def resident_mib() -> float:
    """What this process holds in memory (Linux)."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


if __name__ == "__main__":
    sys.exit(main())
