"""The deadline of an episode holds in the middle of a step, whatever hangs there: the model, or the device."""

import signal
import socket
import threading
import time
from collections.abc import Sequence

import pytest

from actions.action import Action, Outcome
from actions.errors import ActionRefused, DeviceFailure, TimeUp
from agent.deadline import GRACE_S, deadline
from agent.episode import Ending, Episode, Step, Turn
from agent.loop import Limits, run_episode
from devices import Observation
from tests.agent.test_loop import TAP, Row
from tests.fakes.pictures import PictureRow

LIMIT_S = 0.3
SOON_S = GRACE_S + 10
"""A busy machine may take that long; what is waited for here comes after a minute, or never."""


class Waiting(PictureRow):
    """A picture row that waits for its peer at every action, as a device waits for a process; aborting it hangs up."""

    def __init__(self) -> None:
        super().__init__()
        self._peer, self._ours = socket.socketpair()
        self.aborted = False

    def perform(self, action: Action) -> Outcome:
        if not self._ours.recv(1):
            raise DeviceFailure("The peer hung up.")
        return super().perform(action)

    def abort(self) -> None:
        self.aborted = True
        self._peer.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._peer.close()
        self._ours.close()


class Stubborn(Waiting):
    """Does not let go of what it is doing when it is broken into: its button has to be released, which hangs too."""

    def perform(self, action: Action) -> Outcome:
        try:
            return super().perform(action)
        finally:
            super().perform(action)


class Refusing(Waiting):
    """Takes a peer that hung up for a refusal, as a browser does an address that does not open."""

    def perform(self, action: Action) -> Outcome:
        try:
            return super().perform(action)
        except DeviceFailure as failure:
            raise ActionRefused("It did not open.") from failure


class Sleeping:
    """A policy whose model answers after a minute."""

    def act(self, instruction: str, steps: Sequence[Step], observation: Observation) -> Turn:
        time.sleep(60)
        return TAP


@pytest.mark.parametrize("kind", [Waiting, Stubborn])
def test_a_device_that_hangs_ends_with_the_time_limit(kind: type[Waiting]) -> None:
    begun = time.monotonic()
    with kind() as row:
        episode = run_episode(row, Row(*[TAP] * 9), "tap", Limits(seconds=LIMIT_S), lambda step: None)
    assert (episode.ending, episode.steps, episode.answer) == (
        Ending.TIME_LIMIT,
        (),
        "The time limit of 0.3 s was reached.",
    )
    assert time.monotonic() - begun < SOON_S


def test_a_model_that_hangs_ends_with_the_time_limit_and_the_device_lives_on() -> None:
    begun = time.monotonic()
    with Waiting() as row:
        episode = run_episode(row, Sleeping(), "tap", Limits(seconds=LIMIT_S), lambda step: None)
        time.sleep(GRACE_S * 1.2)
        assert (episode.ending, row.aborted) == (Ending.TIME_LIMIT, False)
    assert time.monotonic() - begun < SOON_S


@pytest.mark.parametrize("kind", [Waiting, Refusing])
def test_in_another_thread_the_device_is_aborted(kind: type[Waiting]) -> None:
    ended: list[Episode] = []
    with kind() as row:

        def run() -> None:
            ended.append(run_episode(row, Row(*[TAP] * 9), "tap", Limits(seconds=LIMIT_S), lambda step: None))

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        thread.join(SOON_S)
        assert row.aborted
    assert [episode.ending for episode in ended] == [Ending.TIME_LIMIT]


def test_nothing_is_left_of_a_deadline_that_was_kept() -> None:
    before = signal.getsignal(signal.SIGALRM), threading.active_count()
    with Waiting() as row:
        with deadline(row, 0.05):
            pass
        time.sleep(0.1)
        assert not row.aborted
    assert (signal.getsignal(signal.SIGALRM), threading.active_count()) == before


def test_a_failure_before_the_deadline_stays_a_failure() -> None:
    with PictureRow() as row, pytest.raises(DeviceFailure), deadline(row, 60):
        raise DeviceFailure("lost")


@pytest.mark.parametrize("seconds", [0, -1])
def test_where_no_time_is_left_nothing_is_begun(seconds: float) -> None:
    with PictureRow() as row, pytest.raises(TimeUp), deadline(row, seconds):
        raise AssertionError("the block was entered")
