"""All that a GPU is wanted for, in one go and without a hand: `make gpu`, or `python -m tests.performance.gpu FOLDER`.

The tests marked gpu, then the tables of the real 3B and 7B shapes with random weights, then a training command. Each
part is a process with a time limit; the next one starts whether it succeeded or not. FOLDER gets `results.jsonl` (a
value a line, as soon as it is known), `log.txt` (what the parts printed) and `summary.md` (anew after each part, also
where the script is interrupted). `--dry` tries all of it on the CPU with a small shape.
"""

import argparse
import json
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tests.performance.gpu_shape import DONE, TABLES
from tests.performance.shapes import EIGHTH, REAL

TESTS = (
    "-m",
    "pytest",
    "-m",
    "gpu",
    "-v",
    "--durations=10",
    "-p",
    "no:cacheprovider",
    "-o",
    "filterwarnings=default",
    "tests/model/local/test_gpu.py",
)
LIMITS = {"tests": 120, "shape": 120, "train": 330}
"""Seconds."""
INTERRUPTED = -signal.SIGINT
BUSY = 8
"""How much longer a part may take on a machine's CPU."""
SHOWN = 4000
"""Characters of a part's output that are printed when it ends."""


class Ended(NamedTuple):
    """A part that ran: `code` is None where its time was up."""

    part: str
    code: int | None
    seconds: float

    @property
    def outcome(self) -> str:
        told = {None: "out of time", 0: "done", INTERRUPTED: "interrupted"}
        return told.get(self.code, f"failed ({self.code})")


class Folder:
    """Where everything goes."""

    def __init__(self, path: Path, environment: Mapping[str, str]) -> None:
        self.path = path
        self._environment = {
            **os.environ,
            **environment,
            "PYTHONUNBUFFERED": "1",
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        }
        path.mkdir(parents=True, exist_ok=True)
        self._ended: list[Ended] = []
        self.results = path / "results.jsonl"
        self._log = path / "log.txt"
        for file in (self.results, self._log):
            file.write_text("")

    def run(self, part: str, command: Sequence[str], limit: float) -> None:
        """Runs a command, and ends it and all that it started when its time is up, or this script's.

        Raises:
            KeyboardInterrupt: this script was interrupted.
        """
        print(f"== {part}: {shlex.join(command)}", flush=True)
        started, before = time.monotonic(), self._log.stat().st_size
        with self._log.open("a") as log:
            log.write(f"\n== {part}: {shlex.join(command)}\n")
            log.flush()
            process = subprocess.Popen(
                command, stdout=log, stderr=subprocess.STDOUT, env=self._environment, start_new_session=True
            )
            code: int | None = INTERRUPTED
            try:
                code = process.wait(limit)
            except subprocess.TimeoutExpired:
                code = None
            finally:
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGKILL)
                    process.wait()
                self._ended.append(Ended(part, code, time.monotonic() - started))
                (self.path / "summary.md").write_text(self.summary())
        print(self._log.read_bytes()[before:].decode("utf-8", "replace")[-SHOWN:])
        print(f"== {part}: {self._ended[-1].outcome}, {self._ended[-1].seconds:.0f} s", flush=True)

    def rows(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.results.read_text().splitlines()]

    def summary(self) -> str:
        lines = ["| part | outcome | seconds |", "|---|---|---|"]
        lines += [f"| {one.part} | {one.outcome} | {one.seconds:.0f} |" for one in self._ended]
        lines += ["", "| shape | table | what | predicted | measured | more |", "|---|---|---|---|---|---|"]
        for row in self.rows():
            named = {name: row.pop(name) for name in ("part", "table", "what", "predicted", "measured")}
            more = ", ".join(f"{name} {_shown(value)}" for name, value in row.items())
            lines.append(f"| {' | '.join(map(_shown, named.values()))} | {more} |")
        return "\n".join(lines) + "\n"


def _shown(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else "" if value is None else str(value)


def tables(folder: Folder, shape: str, limit: float) -> None:
    """A shape's tables. After one that failed, a new process goes on with the next one."""
    todo, until = list(TABLES), time.monotonic() + limit
    while todo and (left := until - time.monotonic()) > 0:
        command = [sys.executable, "-m", "tests.performance.gpu_shape", shape, str(folder.results), *todo]
        folder.run(f"{shape}: {', '.join(todo)}", command, left)
        done = {row["table"] for row in folder.rows() if row["part"] == shape and row["what"] == DONE}
        missing = [table for table in todo if table not in done]
        if len(missing) == len(todo):
            break  # not even the first table: the model itself fails
        todo = missing[1:]


def main() -> None:
    """Runs the parts, and prints the summary last."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where everything goes")
    parser.add_argument("--parts", default="tests,shapes,train", help="which of these, in this order")
    parser.add_argument("--train", metavar="COMMAND", help="the training: a command line; without one there is none")
    parser.add_argument("--dry", action="store_true", help="on the CPU, with a small shape")
    given = parser.parse_args()
    hidden = {"CUDA_VISIBLE_DEVICES": "", "SCREENHAND_GPU_TESTS_ON": "cpu", "OMP_WAIT_POLICY": "PASSIVE"}
    folder = Folder(given.folder, hidden if given.dry else {})
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        _run(folder, given)
    finally:
        print(folder.summary())


def _run(folder: Folder, given: argparse.Namespace) -> None:
    longer = BUSY if given.dry else 1
    for part in given.parts.split(","):
        if part == "tests":
            folder.run("tests", [sys.executable, *TESTS], LIMITS["tests"] * longer)
        elif part == "shapes":
            for scale in (EIGHTH,) if given.dry else REAL:
                tables(folder, scale.name, LIMITS["shape"] * longer)
        elif given.train:
            folder.run("train", shlex.split(given.train), LIMITS["train"] * longer)


if __name__ == "__main__":
    main()
