"""`python -m tests.resumed KILLS SEED`: kills runs at random moments, and continues them until they end.

Each run is one of 40 clicks on a page, which is killed and continued up to nine times. The page's server counts the
clicks: each must arrive once, except one that the record calls uncertain, which may have got lost. The figures go to
the table of docs/safety.md.
"""

import random
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

from agent.episode import Ending
from agent.record import read_episode
from tests import safety_table

ROOT = Path(__file__).parents[1]
CLICKS = 40
EACH = 9
"""How often a run is killed."""
AHEAD = 4
"""A kill comes after at most so many further steps, so that a run can be killed nine times before it ends."""
WITHIN_S = 1.5
"""A kill comes at a random moment of this time, which is longer than a step, after them; or after the start."""
LAST_S = 600.0
"""What a busy machine may take for a run."""


class Server(ThreadingHTTPServer):
    """A page with a button for each click, and the clicks that arrived. A click is done when the server has it."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.clicks: Counter[int] = Counter()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/"


class _Answer(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        buttons = "".join(
            f'<button id="{n}" style="position:absolute; left:{left}px; top:{top}px; width:100px; height:60px"'
            f" onclick=\"const sent = new XMLHttpRequest(); sent.open('POST', '/{n}', false); sent.send();"
            f" this.textContent = 'done'\">{n}</button>"
            for n, left, top in ((n, *corner(n)) for n in range(CLICKS))
        )
        self._send(f"<!doctype html><title>Buttons</title>{buttons}")

    def do_POST(self) -> None:
        self.server.clicks[int(self.path[1:])] += 1
        self._send("")

    def _send(self, text: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: object) -> None:
        pass


def corner(n: int) -> tuple[int, int]:
    return 20 + 150 * (n % 8), 20 + 120 * (n // 8)


@contextmanager
def serving() -> Iterator[Server]:
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def replies(clicks: int) -> str:
    """The model's replies: each button once."""
    points = ((left + 50, top + 30) for left, top in map(corner, range(clicks)))
    said = [f'*FUNCTION*: Click\n*ARGS*: {{"point": [{x}, {y}]}}' for x, y in points]
    return "\n---\n".join([*said, '*FUNCTION*: Finish\n*ARGS*: {"status": "success"}'])


class Chain(NamedTuple):
    """What came of a run that was killed and continued."""

    kills: int
    """Those that hit it, counted by the signal that ended its process."""
    unsure: int
    """Steps of which it says that they may or may not have been done."""
    faults: list[str]


def chain(folder: Path, kills: int, chance: random.Random) -> Chain:
    """Kills and continues one run, at most so many times."""
    (folder / "replies").write_text(replies(CLICKS))
    with serving() as server:
        first = ["click all", "--address", server.url, "--headless", "--engine", "scripted", "--no-verify"]
        first += ["--replies", str(folder / "replies"), "--notation", "function_args", "--max-steps", "60"]
        first += ["--runs", str(folder / "runs")]
        said, hit = "", 0
        for left in range(kills, -1, -1):
            runs = list(folder.glob("runs/*/run.json"))
            words = ["--resume", str(runs[0].parent)] if runs else first
            more, killed = run(words, folder, chance if left else None)
            said, hit = said + more, hit + killed
            if not killed:
                break
        record = next(folder.glob("runs/*/run.json")).parent
        unsure = sum(not step.outcome.certain for step in read_episode(record).steps)
        return Chain(hit, unsure, faults(record, server.clicks, said))


def run(words: list[str], folder: Path, chance: random.Random | None) -> tuple[str, bool]:
    """What a run printed, and whether it was killed, at a moment by chance, or ended by itself."""
    with tempfile.TemporaryFile("w+") as out:
        steps = recorded(folder) + chance.randint(0, AHEAD) if chance else 0
        process = subprocess.Popen(
            [sys.executable, "run_agent.py", *words], cwd=ROOT, stdin=subprocess.DEVNULL, stdout=out, stderr=out
        )
        try:
            if chance:
                end = time.monotonic() + LAST_S
                while recorded(folder) < steps and process.poll() is None and time.monotonic() < end:
                    time.sleep(0.01)
                time.sleep(chance.uniform(0, WITHIN_S))
            else:
                process.wait(LAST_S)
        finally:
            process.kill()  # a process that has ended is not hit
            process.wait()
        out.seek(0)
        return out.read(), process.returncode == -signal.SIGKILL


def recorded(folder: Path) -> int:
    """How many steps the record of a run has."""
    return sum(file.read_bytes().count(b"\n") for file in folder.glob("runs/*/trajectory.jsonl"))


def faults(record: Path, clicks: Counter[int], said: str) -> list[str]:
    """What is wrong about a run that was continued to its end."""
    episode = read_episode(record)
    unsure = {step.index for step in episode.steps if not step.outcome.certain}
    named = {int(number) for number in re.findall(r"unknown whether step (\d+) was done", " ".join(said.split()))}
    found = [f"button {n} was clicked {clicks[n]} times" for n in range(CLICKS) if clicks[n] != 1 and n not in unsure]
    found += [f"button {n} was clicked {clicks[n]} times" for n in unsure if clicks[n] > 1]
    found += [f"it is not said that step {n} is uncertain" for n in unsure - named]
    if [step.index for step in episode.steps] != list(range(CLICKS + 1)) or episode.ending is not Ending.FINISHED:
        found.append(f"{episode.ending} after {len(episode.steps)} steps: {said[-2000:]}")
    return found


def main(kills: int, seed: int) -> int:
    wrong = hit = unsure = runs = 0
    while hit < kills:
        with tempfile.TemporaryDirectory(prefix="resumed-") as name:
            made = chain(Path(name), min(EACH, kills - hit), random.Random(seed))
        print(f"run {seed}, {made.kills} kills: {'; '.join(made.faults) or 'every step exactly once'}", flush=True)
        wrong, hit, unsure, seed = wrong + bool(made.faults), hit + made.kills, unsure + made.unsure, seed + 1
        runs += 1
        safety_table.keep({safety_table.KILLED: {"runs": runs, "kills": hit, "faults": wrong}})
    print(f"{hit} kills, {unsure} steps uncertain, {wrong} runs at fault")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:3])))
