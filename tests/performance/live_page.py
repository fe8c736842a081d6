"""How soon a step is on the live page, and what the page costs the run: run `python -m tests.performance.live_page`.

A run is recorded at the pace of a quick one, with pictures of 1280x800 that are full of text. The page is in a real
Chromium, served by the process that `--live` starts. The time is from the end of the record of a step to the change of
the page. The cost is the time of recording steps without a server, with an open page, with a client that never reads,
and with a server that is stopped. Flags: `--quick`.
"""

import contextlib
import os
import signal
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from PIL import Image, ImageDraw
from playwright.sync_api import Page, sync_playwright
from rich.console import Console
from rich.table import Table

from actions.action import ActionSpace, Outcome
from actions.control import CONTROL
from actions.geometry import Point, Size
from actions.mouse import MOUSE, Click
from agent.episode import Ending, Episode, Seconds, Step, Turn
from agent.loop import Limits
from agent.record import Recorder
from agent.run_info import describe_run
from agent.terminal import Terminal
from devices import Observation
from devices.browser import launch
from model import profile
from tasks.live.showing import shown

SCREEN = Size(1280, 800)
PAUSE_S = 0.15
WATCH = """() => {
    window.seen = {};
    new MutationObserver(() => {
        for (const label of document.querySelectorAll(".timeline button span"))
            if (!label.classList.contains("pending")) window.seen[label.textContent.split(" ")[0]] ??= Date.now();
    }).observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
}"""


class Run:
    """A run that is recorded now."""

    def __init__(self, folder: Path) -> None:
        info = describe_run("measure", "still", None, "scripted", profile.load("embedded"), SPACE, Limits())
        self.recorder = Recorder(folder, info)
        self.recorded_at: dict[int, float] = {}

    def step(self, index: int) -> float:
        """Records one; returns the seconds that this took."""
        image = Image.new("RGB", SCREEN, "#f4f5f9")
        for row in range(30):
            ImageDraw.Draw(image).text((80, 20 + 25 * row), f"line {row} of step {index}. " * 8, fill="black")
        seen, turn = Observation(image, SCREEN), Turn("thought", "thought", Click(point=Point(100, 100)))
        began = time.perf_counter()
        self.recorder.on_turn(index, seen, turn)
        time.sleep(0)
        self.recorder.on_step(Step(index, seen, turn, Outcome("clicked"), Seconds(0.1, 0.1, 0.1)))
        self.recorded_at[index] = time.time()
        return time.perf_counter() - began

    def finish(self) -> None:
        self.recorder.finish(Episode("measure", (), Ending.FINISHED, "done"))


SPACE = ActionSpace(MOUSE, CONTROL)


def main() -> None:
    """Prints both tables, and all figures in the last line."""
    steps = 15 if "--quick" in sys.argv else 60
    figures: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as place, chromium() as page:
        folder = Path(place)
        delays = sorted(delays_of(folder / "watched", page, steps))
        figures["delay_median_ms"], figures["delay_worst_ms"] = statistics.median(delays), delays[-1]
        figures["delay_p95_ms"] = delays[int(0.95 * (len(delays) - 1))]
        for name, what in (("alone", None), ("page", "page"), ("unread", "unread"), ("stopped", "stopped")):
            figures[f"step_{name}_ms"] = 1000 * cost(folder / name, page, steps, what)
    table = Table("what", "ms")
    for name, value in figures.items():
        table.add_row(name, f"{value:.1f}")
    Console().print(table)
    print(" ".join(f"{name}={value:.2f}" for name, value in figures.items()))


def delays_of(folder: Path, page: Page, steps: int) -> list[float]:
    """Milliseconds from the record of each step to its change of the page."""
    run = Run(folder)
    with served(folder) as link:
        page.goto(link)
        page.evaluate(WATCH)

        def record() -> None:
            for index in range(steps):
                run.step(index)
                time.sleep(PAUSE_S)
            run.finish()

        thread = threading.Thread(target=record)
        thread.start()
        page.locator(".badge.good").wait_for(timeout=120_000)
        seen = page.evaluate("window.seen")
        thread.join()
    return [seen[str(index)] - 1000 * at for index, at in run.recorded_at.items()]


def cost(folder: Path, page: Page, steps: int, what: str | None) -> float:
    """The median seconds of recording a step."""
    run = Run(folder)
    with contextlib.ExitStack() as held:
        if what:
            link = held.enter_context(served(folder))
            if what == "page":
                page.goto(link)
            else:
                address, _, token = link.replace("/runs/", "/api/runs/").partition("?")
                held.enter_context(httpx.stream("GET", f"{address}/events?{token}"))
            if what == "stopped":
                held.enter_context(stopped(folder))
        taken = [run.step(index) for index in range(steps)]
        run.finish()
    return statistics.median(taken)


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The link to a run in this folder, as `--live` prints it."""
    console = Terminal(stderr=True)
    with console.capture() as captured:
        showing = shown(folder, console)
        showing.__enter__()
    try:
        yield captured.get().split()[-1]
    finally:
        showing.__exit__(None, None, None)


@contextmanager
def stopped(folder: Path) -> Iterator[None]:
    """Stops the server's process within the block."""
    process = next(
        int(path.parent.name)
        for path in Path("/proc").glob("[0-9]*/cmdline")
        if str(folder).encode() in path.read_bytes() and b"tasks.live.server" in path.read_bytes()
    )
    os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(process, signal.SIGCONT)


@contextmanager
def chromium() -> Iterator[Page]:
    with sync_playwright() as playwright:
        program = launch.program(playwright.chromium.executable_path)
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser.new_page(viewport={"width": 1280, "height": 900})
        browser.close()


if __name__ == "__main__":
    main()
