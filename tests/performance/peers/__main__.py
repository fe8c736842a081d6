"""A step of ours beside one of browser-use and Midscene: `python -m tests.performance.peers [--install]`.

All are given the same page, Chromium and fake model, which answers at once, and press a button twenty times. Compared
is what a step costs the user's machine: seconds of the clock and of the processor, bytes sent to the model, memory;
and whether it is right: each click must land, and each picture that the model is sent must show the page as it is
after the transition that the click began. `--install` fetches the peers from PyPI and npm to a folder below build/,
which takes minutes and a gigabyte and needs Node.js. It works on Linux.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from devices.browser import launch
from tests.performance.peers import processes
from tests.performance.peers.agents import AGENTS, Agent, install
from tests.performance.peers.model_server import Scene, serving
from tests.performance.peers.processes import Used

STEPS = 20
TRANSITIONS_S = (0.0, 0.3, 0.6, 1.5, 3.0)
LONGEST_S = 300.0


class Cost(NamedTuple):
    """What a step cost in one run, and what was right of all its steps."""

    wall_s: float
    processor_s: float
    kilobytes: float
    memory_mib: float
    landed: int
    finished: int
    shares: dict[str, Used]
    """Of the processor's time of a step and of the memory, by program."""


def main() -> int:
    """Prints a table for each transition; 1 if an agent did not do its steps."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--install", action="store_true", help="make the peers' environments first")
    parser.add_argument("--only", metavar="AGENT,...", default=",".join(agent.name for agent in AGENTS))
    parser.add_argument("--transitions", metavar="S,...", default=",".join(map(str, TRANSITIONS_S)))
    parser.add_argument("--runs", type=int, default=3, help="the medians of how many")
    given = parser.parse_args()
    if given.install:
        install()
    agents = [agent for agent in AGENTS if agent.name in given.only.split(",")]
    failed = False
    for transition_s in map(float, given.transitions.split(",")):
        grid = Table("agent", "wall s", "processor s", "kB", "MiB", "landed", "finished", title=f"{transition_s:g} s")
        costs: dict[str, list[Cost]] = {agent.name: [] for agent in agents}
        for _ in range(given.runs):
            for agent in agents:
                if cost := measured(agent, transition_s):
                    costs[agent.name].append(cost)
        for name, found in costs.items():
            failed |= len(found) < given.runs
            grid.add_row(name, *(row(found) if found else ["-"] * 6))
        Console().print(grid)
        for name, found in costs.items():
            for cost in found[-1:]:
                print(f"    {name}, the last run: {', '.join(map(share, cost.shares, cost.shares.values()))}")
    return int(failed)


def share(program: str, of_it: Used) -> str:
    return f"{program} {1000 * of_it.processor_s:.0f} ms, {of_it.memory_mib:.0f} MiB"


def row(costs: list[Cost]) -> list[str]:
    """The medians of several runs, and how much was right in all of them."""
    wall, processor, kilobytes, memory = map(statistics.median, zip(*(cost[:4] for cost in costs), strict=True))
    steps = STEPS * len(costs)
    landed, finished = sum(cost.landed for cost in costs), sum(cost.finished for cost in costs)
    return [
        f"{wall:.2f}",
        f"{processor:.2f}",
        f"{kilobytes:.0f}",
        f"{memory:.0f}",
        f"{landed} of {steps}",
        f"{finished} of {steps}",
    ]


def measured(agent: Agent, transition_s: float) -> Cost | None:
    """One run, from the model's first question to the one after the last step; None, with a message, if it failed."""
    chromium = launch.installed()
    assert chromium, "no Chromium is installed"
    seen: dict[int, dict[str, Used]] = {}

    def on_ask(number: int) -> None:
        if number in (0, STEPS):
            seen[number] = processes.used(program.pid)

    scene = Scene(transition_s, agent.reply, STEPS, agent.server, on_ask=on_ask)
    with serving(scene) as address, tempfile.TemporaryDirectory() as folder, open(f"{folder}/log", "wb") as log:
        variables = os.environ | agent.environment(address)
        command = agent.command(address, chromium, STEPS + 2, Path(folder))
        program = subprocess.Popen(command, env=variables, stdout=log, stderr=log)
        try:
            wait(program, scene)
        finally:
            processes.end(processes.tree(program.pid))
            program.wait()
        if not scene.ended.is_set():
            print(f"{agent.name} ended after {len(scene.asked)} questions:", file=sys.stderr)
            print(Path(log.name).read_text(errors="replace")[-3000:], file=sys.stderr)
            return None
    asked = scene.asked[: STEPS + 1]
    shares = {
        name: Used((at_end.processor_s - seen[0].get(name, Used()).processor_s) / STEPS, at_end.memory_mib)
        for name, at_end in seen[STEPS].items()
    }
    return Cost(
        wall_s=(asked[-1].at - asked[0].at) / STEPS,
        processor_s=sum(each.processor_s for each in shares.values()),
        kilobytes=statistics.mean(one.size for one in asked[1:]) / 1000,
        memory_mib=sum(each.memory_mib for each in shares.values()),
        landed=asked[-1].clicks,
        finished=sum(one.finished for one in asked[1:]),
        shares=shares,
    )


def wait(program: "subprocess.Popen[bytes]", scene: Scene) -> None:
    """Waits until all is measured, the program has ended, or the time is up."""
    for _ in range(int(LONGEST_S / 0.1)):
        if scene.ended.wait(0.1) or program.poll() is not None:
            return


if __name__ == "__main__":
    sys.exit(main())
