"""How long a run waits for screens to settle, against a fixed sleep: `python -m tests.performance.settle [--quick]`.

The tasks of the suites smoke and simphone are played by their own solutions with the ordinary waiting; each one that is
not solved is counted as lost. The fixed sleep is the two seconds that many agents wait after every action.
"""

import os
import statistics
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.devices.simphone.driver import adb_server, free_port
from tests.tasks.test_suites import run, solving

FIXED_S = 2.0


def main() -> None:
    limit = 5 if "--quick" in sys.argv else None
    port = str(free_port())
    os.environ["ANDROID_ADB_SERVER_PORT"] = port
    grid = Table("suite", "tasks", "lost", "looks", "median wait", "mean wait", "longest", "fixed sleep")
    waits: list[float] = []
    tasks = lost = 0
    with tempfile.TemporaryDirectory() as folder, adb_server(port):
        for name in ("smoke", "simphone"):
            results = run(name, 0, Path(folder) / name, solving, limit)
            waited = [
                step.observation.settling.waited_s
                for result in results
                for step in result.episode.steps
                if step.observation.settling
            ]
            missed = sum(not result.score or result.score.value < 1 for result in results)
            grid.add_row(
                name, str(len(results)), str(missed), str(len(waited)), f"{statistics.median(waited):.2f} s",
                f"{statistics.mean(waited):.2f} s", f"{max(waited):.2f} s", f"{FIXED_S:.2f} s",
            )  # fmt: skip
            waits += waited
            tasks, lost = tasks + len(results), lost + missed
    Console().print(grid)
    mean = statistics.mean(waits)
    print(f"wait_s={mean:.3f} fixed_s={FIXED_S} ratio={FIXED_S / mean:.2f} tasks={tasks} lost={lost}")


if __name__ == "__main__":
    main()
