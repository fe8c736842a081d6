"""A person between two steps: pauses, messages and stops, through the files in the folder of a run."""

import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from actions.control import Finish
from actions.geometry import Point
from actions.touch import Tap
from agent.control import LONGEST, Control
from agent.episode import Ending, Episode, Step, Turn
from agent.loop import Limits, run_episode
from devices import Observation
from devices.wrappers.supervised import PAUSED, Supervised
from tests.fakes.pictures import PictureRow

TAP = Turn("tap", "", Tap(point=Point(5, 6)))
DONE = Turn("", "", Finish(status="success"))
Act = Callable[[], None]


class Between:
    """A policy that plays turns in a row, and lets a person act while it decides."""

    def __init__(self, *turns: Turn | tuple[Turn, Act]) -> None:
        self._turns = list(turns)

    def act(self, instruction: str, steps: Sequence[Step], observation: Observation) -> Turn:
        turn = self._turns.pop(0)
        if isinstance(turn, Turn):
            return turn
        turn[1]()
        return turn[0]


class Watched(PictureRow):
    """A picture row with a location."""

    def observe(self) -> Observation:
        seen = super().observe()
        return Observation(seen.image, seen.screen, location=f"picture:{len(self.touched)}")


def run(row: PictureRow, control: Control, *turns: Turn | tuple[Turn, Act]) -> Episode:
    environment = Supervised(row, control, lambda text: None)
    with control.stopping(environment):
        return run_episode(environment, Between(*turns), "tap", Limits(), lambda step: None)


def later(seconds: float, act: Act) -> Act:
    return lambda: threading.Timer(seconds, act).start()


def test_a_paused_run_waits_after_its_step_and_tells_what_the_person_changed(tmp_path: Path) -> None:
    row, control = Watched(), Control(tmp_path)

    def person() -> None:
        row.touched.extend([Point(1, 1)] * 20)
        control.proceed()

    def take_over() -> None:
        control.pause()
        later(0.6, person)()

    begun = time.monotonic()
    episode = run(row, control, TAP, (TAP, take_over), DONE)
    counted = sum(sum(step.seconds) for step in episode.steps)
    assert counted < time.monotonic() - begun - 0.5, "the clock stands still while a person acts"
    assert len(episode.steps) == 3, "nothing that the person did is a step"
    assert episode.steps[1].observation.intervention is None
    told = episode.steps[2].observation.intervention
    assert told and told.said == () and told.note.startswith(PAUSED)
    assert "It was at 'picture:2', and is now at 'picture:22'." in told.note
    assert "100.0% of the screen changed." in told.note
    assert episode.steps[2].observation.location == "picture:22"


def test_a_pause_in_which_nothing_was_done_says_so(tmp_path: Path) -> None:
    control = Control(tmp_path)

    def rest() -> None:
        control.pause()
        later(0.2, control.proceed)()

    told = run(Watched(), control, (TAP, rest), DONE).steps[1].observation.intervention
    assert told and told.note == f"{PAUSED} Nothing on the screen changed."


def test_messages_reach_the_model_once_with_the_next_look(tmp_path: Path) -> None:
    control = Control(tmp_path)
    control.send("too early for the first prompt")

    def add(text: str) -> None:
        with (tmp_path / "messages.txt").open("a") as file:
            file.write(text)

    def talk() -> None:
        control.send("use the other\naddress")
        add("\n  \nby another program\nnot yet whole")

    episode = run(Watched(), control, (TAP, talk), TAP, DONE)
    said = [step.observation.intervention and step.observation.intervention.said for step in episode.steps]
    first = ("too early for the first prompt", "use the other address", "by another program")
    assert said == [None, first, None]
    add(" until now\n" + "x" * 9_000 + "\n")
    assert Control(tmp_path, read=len(first)).messages() == ("not yet whole until now", "x" * LONGEST)


def test_a_message_during_a_pause_comes_with_the_look_after_it(tmp_path: Path) -> None:
    control = Control(tmp_path)

    def person() -> None:
        control.send("now go on")
        control.proceed()

    def take_over() -> None:
        control.pause()
        later(0.3, person)()

    told = run(Watched(), control, (TAP, take_over), DONE).steps[1].observation.intervention
    assert told and told.note.startswith(PAUSED) and told.said == ("now go on",)


@pytest.mark.parametrize("thread", [False, True], ids=["main thread", "another thread"])
def test_a_file_stops_a_pause(tmp_path: Path, thread: bool) -> None:
    control, ended = Control(tmp_path), list[Episode]()

    def take_over() -> None:
        control.pause()
        later(0.2, (tmp_path / "stop").touch)()

    def whole() -> None:
        ended.append(run(Watched(), control, (TAP, take_over), DONE))

    if thread:
        running = threading.Thread(target=whole, daemon=True)
        running.start()
        running.join(30)
    else:
        whole()
    assert [(episode.ending, len(episode.steps)) for episode in ended] == [(Ending.STOPPED, 1)]
    assert not (tmp_path / "stop").exists(), "it is fulfilled, and must not stop the run that continues"
    assert control.paused, "a run that continues waits again"


def test_a_file_stops_a_model_that_thinks(tmp_path: Path) -> None:
    control, took = Control(tmp_path), []
    for _ in range(3):
        asked: list[float] = []
        episode = run(Watched(), control, TAP, (TAP, thinking(tmp_path / "stop", asked)))
        took.append(time.monotonic() - asked[0])
        assert (episode.ending, len(episode.steps)) == (Ending.STOPPED, 1)
    assert min(took) < 0.2, f"the best of three, because the machine may be busy with others: {took}"


def thinking(stop: Path, asked: list[float]) -> Act:
    """Thinks for a minute, and lets a person ask for a stop meanwhile."""

    def ask() -> None:
        asked.append(time.monotonic())
        stop.touch()

    def think() -> None:
        later(0.2, ask)()
        time.sleep(60)

    return think
