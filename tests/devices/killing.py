"""`python -m tests.devices.killing KILLS SEED`: kills runs on every kind of device at random moments.

For each it reports remaining processes and unreadable records; it exits with 1 if there are any.
Processes that lose their parent become children of this one (Linux's child subreaper), so none can get away unseen.
"""

import contextlib
import ctypes
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from actions.errors import AgentError
from agent.record import read_episode
from tasks.harness.results import Results

ROOT = Path(__file__).parents[2]
PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h
WAIT = '*FUNCTION*: Wait\n*ARGS*: {"seconds": 0.2}'
PRESS = '*FUNCTION*: Press\n*ARGS*: {"keys": ["a"]}'
LATEST_S = 5.0
"""The latest moment of a kill after the start; most runs are at work after two."""
WRONG_USE = 2
GONE_S = 20.0
"""By then every helper process has ended, also on a busy machine."""


def kinds(folder: Path) -> dict[str, list[str]]:
    """What to run by the kind of its device."""
    (folder / "replies").write_text("\n---\n".join([WAIT, PRESS] * 50))
    scripted = ["--engine", "scripted", "--notation", "function_args"]
    played = [*scripted, "--replies", str(folder / "replies")]
    return {
        "browser": [
            "x",
            "--device",
            "browser",
            "--address",
            str(ROOT / "tasks/worlds/site/form.html"),
            "--headless",
            *played,
        ],
        "cards": ["x", "--device", "cards", "--address", "blackjack", *played],
        "browser suite": ["--suite", "smoke", "--headless", *scripted],
        "browser suite, two workers": ["--suite", "smoke", "--workers", "2", "--headless", *scripted],
        "phone suite": ["--suite", "simphone", *scripted],
        "desktop suite": ["--suite", "desktop-sim", *scripted],
        "desktop suite, a worker": ["--suite", "desktop-sim", "--workers", "1", *scripted],
    }


def main(kills: int, seed: int) -> int:
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)
    chance = random.Random(seed)
    wrong = 0
    for index in range(kills):
        with tempfile.TemporaryDirectory(prefix="killing-") as name:
            folder = Path(name)
            all_kinds = kinds(folder)
            kind = list(all_kinds)[(index + seed) % len(all_kinds)]
            moment_s = chance.uniform(0, LATEST_S)
            command = [sys.executable, "run_agent.py", *all_kinds[kind], "--runs", str(folder / "runs")]
            silent = subprocess.DEVNULL
            run = subprocess.Popen(command, cwd=ROOT, stdin=silent, stdout=silent, stderr=silent)
            time.sleep(moment_s)
            begun = run.poll() != WRONG_USE
            run.send_signal(signal.SIGKILL)
            faults = [*left_behind(), *torn(folder / "runs"), *(() if begun else ("it did not run at all",))]
        print(f"{kind}, killed after {moment_s:.2f} s: {'; '.join(faults) or 'nothing left, nothing torn'}", flush=True)
        wrong += bool(faults)
    return 1 if wrong else 0


def left_behind() -> list[str]:
    """The processes that are still there after a while; they are ended."""
    deadline = time.monotonic() + GONE_S
    while time.monotonic() < deadline:
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return []
        time.sleep(0.02)
    left = list(descendants())
    for pid, _ in left:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        while True:
            os.waitpid(-1, 0)
    return [f"left: {name}" for _, name in left]


def descendants() -> Iterator[tuple[int, str]]:
    """The processes below this one, by their numbers and command lines."""
    parents, names = {}, {}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it has ended
            parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            names[int(folder.name)] = (folder / "cmdline").read_text().replace("\0", " ")[:200]
    below = {os.getpid()}
    while more := {pid for pid, parent in parents.items() if parent in below} - below:
        below |= more
    yield from ((pid, names[pid]) for pid in below - {os.getpid()})


def torn(runs: Path) -> list[str]:
    """The records below a folder that cannot be read."""
    found = []
    for path in [*runs.rglob("run.json"), *runs.rglob("results.jsonl")]:
        try:
            read_episode(path.parent) if path.name == "run.json" else Results(path)
        except AgentError as error:
            found.append(f"torn: {error}")
    return found


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2])))
