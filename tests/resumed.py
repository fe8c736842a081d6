"""`python -m tests.resumed CHAINS KILLS SEED`: kills runs at random moments, and continues them until they end.

Each chain is one run of 40 clicks on a page, which is killed and continued KILLS times. The page's own server counts
the clicks: each must arrive once, except one that the record calls uncertain, which may have got lost.
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

ROOT = Path(__file__).parents[1]
CLICKS = 40
LATEST_S = 6.0
"""The latest moment of a kill after a start; the first step is done after about two."""
LAST_S = 180.0
"""What a busy machine may take for the rest of a run."""


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
    """Those that hit it; the first ones may come before it has begun to work."""
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
            more, killed = run(words, chance.uniform(0, LATEST_S) if left else None)
            said, hit = said + more, hit + killed
            if not killed:
                break
        return Chain(hit, faults(next(folder.glob("runs/*/run.json")).parent, server.clicks, said))


def run(words: list[str], killed_after_s: float | None) -> tuple[str, bool]:
    """What a run printed, and whether it was killed or ended by itself."""
    with tempfile.TemporaryFile("w+") as out:
        process = subprocess.Popen(
            [sys.executable, "run_agent.py", *words], cwd=ROOT, stdin=subprocess.DEVNULL, stdout=out, stderr=out
        )
        if killed_after_s is None:
            process.wait(LAST_S)
        else:
            time.sleep(killed_after_s)
            process.kill()
            process.wait()
        out.seek(0)
        return out.read(), process.returncode == -signal.SIGKILL


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


def main(chains: int, kills: int, seed: int) -> int:
    wrong = 0
    for number in range(seed, seed + chains):
        with tempfile.TemporaryDirectory(prefix="resumed-") as name:
            made = chain(Path(name), kills, random.Random(number))
        print(f"chain {number}, {made.kills} kills: {'; '.join(made.faults) or 'every step exactly once'}", flush=True)
        wrong += bool(made.faults)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:4])))
