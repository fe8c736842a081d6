"""The keys of a run at a real terminal: they pause it and talk to it, and the terminal is as before however it ends."""

import os
import pty
import re
import select
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from agent.episode import Ending
from agent.record import read_episode

ROOT = Path(__file__).parents[2]
LATEST_S = 60.0
WAIT = '*FUNCTION*: Wait\n*ARGS*: {"seconds": 0.3}'
LONG = '*FUNCTION*: Wait\n*ARGS*: {"seconds": 60}'
ASK = '*FUNCTION*: AskUser\n*ARGS*: {"question": "Which one?"}'
DONE = '*FUNCTION*: Finish\n*ARGS*: {"status": "success"}'


class AtTerminal:
    """`run_agent.py` in the foreground of a terminal of its own."""

    def __init__(self, folder: Path, *replies: str) -> None:
        (folder / "replies").write_text("\n---\n".join(replies))
        self.runs = folder / "runs"
        self._ours, theirs = pty.openpty()
        self.before = termios.tcgetattr(theirs)
        words = ["x", "--device", "cards", "--engine", "scripted", "--replies", str(folder / "replies"), "--no-verify"]
        words += ["--notation", "function_args", "--runs", str(self.runs), "--model", "qwen2.5-vl-7b"]
        self.process = subprocess.Popen(
            [sys.executable, "-c", FOREGROUND, *words], cwd=ROOT, stdin=theirs, stdout=theirs, stderr=theirs,
            start_new_session=True,
        )  # fmt: skip
        self._theirs = theirs
        self.shown = ""

    def press(self, keys: str) -> None:
        os.write(self._ours, keys.encode())

    def until(self, text: str) -> None:
        """Waits until the program has shown this since the last call."""
        self._read(lambda: re.search(text, self.shown) is not None)
        found = re.search(text, self.shown)
        assert found, self.shown
        self.shown = self.shown[found.end() :]

    def ended(self) -> int:
        self._read(lambda: self.process.poll() is not None)
        assert self.process.returncode is not None, self.shown
        return self.process.returncode

    def mode(self) -> list[Any]:
        return termios.tcgetattr(self._theirs)

    def only_run(self) -> Path:
        (run,) = self.runs.iterdir()
        return run

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self._ours)
        os.close(self._theirs)

    def _read(self, done: Callable[[], bool]) -> None:
        end = time.monotonic() + LATEST_S
        while not done() and time.monotonic() < end:
            if select.select([self._ours], [], [], 0.05)[0]:
                self.shown += os.read(self._ours, 4096).decode("utf-8", "replace")


FOREGROUND = """
import fcntl, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
import run_agent
sys.exit(run_agent.main(sys.argv[1:]))
"""
Start = Callable[..., AtTerminal]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    begun: list[AtTerminal] = []

    def started(*replies: str) -> AtTerminal:
        begun.append(AtTerminal(tmp_path, *replies))
        return begun[-1]

    yield started
    for each in begun:
        each.close()


def test_p_pauses_and_continues_and_m_sends_a_message_and_a_question_gets_the_terminal(start: Start) -> None:
    run = start(*[WAIT] * 6, ASK, DONE)
    run.until("Press p to pause")
    assert not run.mode()[3] & termios.ICANON, "a key needs no Enter"
    run.until("Waited")
    run.press("p")
    run.until("It pauses after this step")
    run.until("Paused: you can use the device")
    run.press("\x1bOp")  # a key of the number pad, which is none of ours
    run.press("m")
    run.until("Message to the model: ")
    assert run.mode()[3] & termios.ECHO, "it is shown while it is written"
    run.press("use the other address\n")
    run.until("The model reads it")
    assert run.process.poll() is None and (run.only_run() / "pause").exists()
    run.press("p")
    run.until("The run continues")
    run.until(r"Which one\?")
    assert run.mode()[3] & termios.ICANON
    run.press("the left one\n")
    assert run.ended() == 0
    assert run.mode() == run.before
    steps = read_episode(run.only_run()).steps
    told = [step.observation.intervention for step in steps if step.observation.intervention]
    assert [each.said for each in told] == [("use the other address",)] and "was paused" in told[0].note
    assert steps[6].outcome.text == "The user answers: the left one"


@pytest.mark.parametrize(
    ("number", "during"), [(signal.SIGINT, "a pause"), (signal.SIGINT, "a message"), (signal.SIGTERM, "a message")]
)
def test_the_terminal_is_as_before_after_a_signal(start: Start, number: int, during: str) -> None:
    run = start(*[WAIT] * 9, LONG)
    run.until("Waited")
    if during == "a pause":
        run.press("p")
        run.until("Paused")
    if during == "a message":
        run.press("m")
        run.until("Message to the model: ")
        run.press("half of a")
    if number == signal.SIGINT:
        run.press("\x03")
    else:
        run.process.send_signal(number)
    assert run.ended() == 130
    assert run.mode() == run.before
    assert read_episode(run.only_run()).ending is Ending.STOPPED
