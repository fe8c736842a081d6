"""Every way an episode can end, and the report of each step."""

from collections.abc import Sequence

import pytest

from actions.action import Outcome
from actions.control import Answer, Finish
from actions.errors import EngineFailure, RecordFailure
from actions.geometry import Point
from actions.touch import LongPress, Tap
from agent.episode import Ending, Episode, Mistake, Step, Turn
from agent.loop import Limits, run_episode
from devices import Observation
from tests.fakes.pictures import PictureRow

TAP = Turn("tap", "", Tap(point=Point(5, 6)))
MISTAKE = Turn("?", "", mistake=Mistake("MalformedReply", "say it again"))
PROSE = Turn("It is 4.", "", mistake=Mistake("NoCall", "call one"))
DONE = Turn("", "", Finish(status="success", text="4"))


class Row:
    """A policy that plays turns in a row; an exception in the row is raised."""

    def __init__(self, *turns: Turn | BaseException) -> None:
        self.turns = list(turns)

    def act(self, instruction: str, steps: Sequence[Step], observation: Observation) -> Turn:
        turn = self.turns.pop(0)
        if isinstance(turn, BaseException):
            raise turn
        return turn


def run(*turns: Turn | BaseException, limits: Limits | None = None, row: PictureRow | None = None) -> Episode:
    return run_episode(row or PictureRow(), Row(*turns), "tap", limits or Limits(), lambda step: None)


def test_a_reply_without_a_call_is_asked_again_and_twice_in_a_row_end_it_without_an_answer() -> None:
    episode = run(TAP, PROSE, PROSE, TAP)
    assert (episode.ending, len(episode.steps), episode.ending.exit_code) == (Ending.NO_CALL, 3, 1)
    assert episode.answer == "The reply contains no call, so it is not an answer: 'It is 4.'"
    assert episode.declared == ""
    assert run(PROSE, TAP, PROSE, TAP, PROSE, DONE).ending is Ending.FINISHED


def test_an_unreadable_call_between_two_replies_without_one_is_the_third_mistake() -> None:
    assert run(PROSE, MISTAKE, PROSE, TAP).ending is Ending.REPEATED_MISTAKES


def test_a_policy_that_decides_nothing_made_a_mistake() -> None:
    episode = run(Turn("hm", ""), Turn("hm", ""))
    assert episode.ending is Ending.NO_CALL
    assert [step.turn.mistake and step.turn.mistake.kind for step in episode.steps] == ["NoCall"] * 2


def test_a_question_asked_once_is_not_asked_again() -> None:
    episode = run(PROSE, TAP, limits=Limits(steps=2, no_calls=1))
    assert (episode.ending, len(episode.steps)) == (Ending.NO_CALL, 1)


def test_where_asking_again_is_no_step_the_limit_counts_the_others() -> None:
    limits = Limits(steps=2, no_call_is_step=False)
    episode = run(PROSE, TAP, PROSE, TAP, TAP, limits=limits)
    assert (episode.ending, len(episode.steps)) == (Ending.STEP_LIMIT, 4)
    assert len(run(PROSE, TAP, PROSE, TAP, TAP, limits=Limits(steps=2)).steps) == 2


@pytest.mark.parametrize(
    ("action", "ending"),
    [
        (Answer(text="4"), Ending.ANSWERED),
        (Finish(status="success", text="4"), Ending.FINISHED),
        (Finish(status="failure", text="4"), Ending.GAVE_UP),
    ],
)
def test_the_actors_own_word_ends_it(action: Answer | Finish, ending: Ending) -> None:
    episode = run(TAP, Turn("", "", action))
    assert (episode.ending, episode.answer) == (ending, "4")


def test_running_out_of_steps_is_a_limit() -> None:
    assert run(*[TAP] * 9, limits=Limits(steps=4)).ending is Ending.STEP_LIMIT


def test_running_out_of_time_is_a_limit() -> None:
    episode = run(*[TAP] * 9, limits=Limits(seconds=0))
    assert (episode.ending, episode.steps) == (Ending.TIME_LIMIT, ())


def test_three_mistakes_in_a_row_end_it_and_two_do_not() -> None:
    assert run(MISTAKE, MISTAKE, TAP, MISTAKE, MISTAKE, MISTAKE).ending is Ending.REPEATED_MISTAKES
    assert run(MISTAKE, MISTAKE, TAP, MISTAKE, TAP, DONE).ending is Ending.FINISHED


def test_a_refusal_is_a_mistake_that_keeps_its_action() -> None:
    hold = LongPress(point=Point(1, 1))
    step = run(Turn("hold", "", hold), DONE).steps[0]
    assert step.turn.action == hold
    assert step.turn.mistake == Mistake("ActionRefused", "This picture cannot be held. Tap it.")
    assert step.outcome == Outcome("This picture cannot be held. Tap it.")


def test_a_mistake_does_nothing_and_is_told() -> None:
    row = PictureRow()
    episode = run(MISTAKE, DONE, row=row)
    assert row.touched == []
    assert episode.steps[0].outcome.text == "say it again"


def test_a_lost_device_fails_it_and_keeps_what_happened() -> None:
    episode = run(*[TAP] * 5, row=PictureRow(broken_after=2))
    assert (episode.ending, len(episode.steps)) == (Ending.FAILED, 2)
    assert episode.answer == "DeviceFailure: The picture row was lost. Set it up again."


def test_a_lost_engine_fails_it() -> None:
    assert run(TAP, EngineFailure("gone")).ending is Ending.FAILED


def test_ctrl_c_stops_it() -> None:
    episode = run(TAP, KeyboardInterrupt())
    assert (episode.ending, len(episode.steps), episode.ending.exit_code) == (Ending.STOPPED, 1, 130)


def test_a_record_that_cannot_be_written_fails_it() -> None:
    def on_step(step: Step) -> None:
        raise RecordFailure("full")

    assert run_episode(PictureRow(), Row(TAP), "tap", Limits(), on_step).ending is Ending.FAILED


def test_a_bug_shows_its_traceback() -> None:
    with pytest.raises(ZeroDivisionError):
        run(ZeroDivisionError())


def test_only_the_actors_own_success_exits_with_zero() -> None:
    codes = {ending: ending.exit_code for ending in Ending}
    assert {ending for ending, code in codes.items() if code == 0} == {Ending.ANSWERED, Ending.FINISHED}
    assert codes[Ending.FAILED] == 3 and codes[Ending.STOPPED] == 130 and codes[Ending.GAVE_UP] == 1
