"""A run without progress is detected, reported and ended; one with progress is left alone."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from actions.action import Action, ActionSpace, Outcome
from actions.control import Finish, Wait
from actions.errors import MalformedReply
from actions.geometry import Point, Size, Viewport
from actions.keyboard import Press, Type
from actions.touch import Swipe, Tap
from agent.episode import Ending, Episode, Mistake, Seconds, Step, Turn
from agent.feedback import result_text
from agent.loop import Limits, run_episode
from agent.record import read_episode, read_lines
from agent.screens import Screens
from agent.stalls import Stalls
from devices import Environment, Observation
from tasks.session import Session
from tests.agent.test_loop import Row
from tests.fakes.drawn import Drawn

HERE = Point(80, 40)
DONE = Turn("", "", Finish(status="success"))
UP, DOWN = Swipe(start=Point(50, 10), end=Point(50, 90)), Swipe(start=Point(50, 90), end=Point(50, 10))
MISTAKE = Turn("?", "", mistake=Mistake(MalformedReply.__name__, "say it again"))


def tap(x: float = HERE.x, y: float = HERE.y) -> Tap:
    return Tap(point=Point(x, y))


def turns(actions: Sequence[Action], thought: str = "") -> list[Turn]:
    return [Turn("", thought, action) for action in actions]


def run(environment: Environment, row: Sequence[Turn], ask: Callable[[str], str] | None = None) -> Episode:
    policy = Stalls(Row(*row, DONE), environment.action_space, ask)
    return run_episode(environment, policy, "go on", Limits(steps=70, mistakes=9), lambda step: None)


def dead() -> Drawn:
    """A screen that reacts to nothing."""
    return Drawn(lambda state, action: state)


def living() -> Drawn:
    """A screen that every action but Wait changes."""
    count = itertools.count(1)
    return Drawn(lambda state, action: state if isinstance(action, Wait) else next(count))


def untouched(episode: Episode) -> bool:
    return episode.ending is Ending.FINISHED and not any(step.turn.hint or step.turn.mistake for step in episode.steps)


def test_forty_dead_clicks_in_one_place_end_by_step_nine() -> None:
    wobbling = [tap(HERE.x + shift, HERE.y) for shift in (0, 2, 1, 2.5)] * 10
    environment = dead()
    episode = run(environment, turns(wobbling))
    assert (episode.ending, episode.ending.exit_code) == (Ending.STALLED, 1)
    assert len(episode.steps) <= 9
    assert episode.answer == (
        "There is no progress. This action was tried 5 times before, and the screen did not change."
    )
    assert episode.declared == ""
    refused = [step for step in episode.steps if step.turn.mistake]
    assert len(environment.performed) == len(episode.steps) - len(refused) and len(refused) == 2
    assert {step.turn.mistake.kind for step in refused if step.turn.mistake} == {"Stalled"}


def test_forty_dead_clicks_all_over_the_screen_end_by_step_nine() -> None:
    episode = run(dead(), turns([tap(5 * x, 2 * x) for x in range(40)]))
    assert episode.ending is Ending.STALLED and len(episode.steps) <= 9
    assert episode.answer == "There is no progress. The 4 actions before this one showed nothing new on the screen."


@pytest.mark.parametrize("period", [2, 3])
def test_a_few_actions_in_turn_that_lead_to_the_same_screens_end_it(period: int) -> None:
    around = Drawn(lambda state, action: (int(str(state)) + 1) % period)
    episode = run(around, turns([tap(20 * number) for number in range(1, period + 1)] * 20))
    assert episode.ending is Ending.STALLED and len(episode.steps) <= 15
    assert f"same {period} actions are repeated in turn" in str([step.turn.hint for step in episode.steps])


def test_the_same_thought_on_the_same_screen_is_noticed_whatever_is_done() -> None:
    episode = run(dead(), turns([tap(10), Press(keys=("enter",)), tap(60)], "It is loading."))
    assert episode.steps[2].turn.hint.startswith("The same was thought 2 times before")


def test_more_than_a_third_of_mistakes_is_noticed_though_the_screen_changes() -> None:
    episode = run(living(), [MISTAKE, Turn("", "", tap())] * 15)
    assert episode.ending is Ending.STALLED
    hinted = [step.index for step in episode.steps if step.turn.hint]
    assert hinted == [8, 10, 12] and len(episode.steps) == 13
    assert episode.answer == "There is no progress. 5 of the last 9 actions could not be performed."
    assert {step.turn.mistake.kind for step in episode.steps if step.turn.mistake} == {"MalformedReply"}
    assert untouched(run(living(), turns([tap()] * 30)))


def test_the_hint_stands_in_the_result_and_nothing_that_was_not_tried_is_refused() -> None:
    environment = dead()
    row = [*turns([tap()] * 4), *turns([tap(180), Press(keys=("enter",))])]
    episode = run(environment, row)
    step = episode.steps[2]
    viewport = Viewport(environment.screen, environment.screen)
    result = result_text(step, environment.observe(), environment.action_space, viewport)
    assert result == (
        "Executed Tap((80, 40)). This action was tried 2 times before, and the screen did not change. "
        "If it changes nothing again, try something else, or end the task with failure if it cannot be done."
    )
    assert tap(180) in environment.performed, "it was new"


def test_one_who_does_something_else_that_works_goes_on() -> None:
    opening = Drawn(lambda state, action: 1 if action == tap(180) else state)
    episode = run(opening, turns([*[tap()] * 4, tap(180), *[tap()] * 2]))
    assert episode.ending is Ending.FINISHED
    assert [step.index for step in episode.steps if step.turn.hint] == [2, 3, 4]
    assert episode.steps[4].turn.hint.startswith("The 4 actions before this one showed nothing new")


def test_the_user_is_asked_before_the_end_and_the_answer_is_a_new_chance() -> None:
    asked: list[str] = []

    def ask(question: str) -> str:
        asked.append(question)
        return "Use the other one."

    opening = Drawn(lambda state, action: 1 if action == tap(180) else state)
    episode = run(opening, turns([*[tap()] * 6, tap(180)]), ask)
    assert episode.ending is Ending.FINISHED and len(asked) == 1
    assert asked[0].startswith("There is no progress. This action was tried 5 times before")
    assert "The user was asked, and answers: Use the other one." in episode.steps[5].outcome.text
    assert opening.performed[-1] == tap(180)
    assert run(dead(), turns([tap()] * 40), lambda question: "").ending is Ending.STALLED


ANYTHING = st.one_of(
    st.builds(tap, st.sampled_from([20, 21, 140]), st.sampled_from([20, 80])),
    st.sampled_from([UP, DOWN, Type(text="a"), Press(keys=("enter",)), Wait(seconds=0.1)]),
)


@settings(max_examples=60)
@given(st.lists(ANYTHING, max_size=40), st.sampled_from(["", "Go on."]))
def test_nothing_is_noticed_where_every_action_shows_something_new(actions: list[Action], thought: str) -> None:
    assert untouched(run(living(), turns(actions, thought)))


@settings(max_examples=30)
@given(st.integers(1, 30), st.integers(0, 30))
def test_a_list_that_moves_is_swiped_through_and_back(down: int, up: int) -> None:
    listed = Drawn(lambda state, action: int(str(state)) + (1 if action == DOWN else -1))
    assert untouched(run(listed, turns([DOWN] * down + [UP] * min(up, down), "Look further.")))


def test_typing_into_ten_fields_and_waiting_for_long_are_left_alone() -> None:
    fields = [action for number in range(10) for action in (tap(100, 8 * number), Type(text="same"))]
    assert untouched(run(living(), turns(fields, "The next field.")))
    assert untouched(run(dead(), turns([Wait(seconds=0.1)] * 30, "It is loading.")))


@settings(max_examples=30)
@given(st.lists(st.booleans(), max_size=40))
def test_up_to_a_third_of_mistakes_is_left_alone(row: list[bool]) -> None:
    played = [MISTAKE if wrong and not number % 3 else Turn("", "", tap()) for number, wrong in enumerate(row)]
    assert not any(step.turn.hint for step in run(living(), played).steps)


def test_where_there_is_no_screen_only_repetition_is_noticed() -> None:
    class Table(Drawn):
        def __init__(self) -> None:
            super().__init__(lambda state, action: state)
            self.action_space = ActionSpace((Type, Press))

    keys = [Press(keys=(name,)) for name in "abcdefgh"]
    assert untouched(run(Table(), turns(keys)))
    assert run(Table(), turns([keys[0]] * 40)).ending is Ending.STALLED


def test_a_blinking_caret_is_the_same_screen_and_a_digit_another() -> None:
    page = Image.new("RGB", (800, 600), "white")
    caret, digit = page.copy(), page.copy()
    caret.paste("black", (100, 100, 101, 118))
    digit.paste("black", (100, 100, 106, 110))
    looks = [Observation(image, Size(800, 600)) for image in (page, caret, page, digit, caret)]
    screens, steps = Screens(), list[Step]()
    for number, look in enumerate(looks):
        screens.follow(steps, look)
        steps.append(Step(number, look, DONE, Outcome(), Seconds(0, 0, 0)))
    assert screens.seen == [0, 0, 0, 3, 0]
    assert screens.new == [True, False, False, True, False]


# With a real browser.

DEAD = "<title>Dead</title><button style='position:absolute;left:100px;top:100px'>Next</button>"
LIST = "<title>List</title>" + "".join(f"<p>Item {number}: {number**3}</p>" for number in range(1500))
FIELDS = "<title>Form</title>" + "".join(
    f"<input style='position:absolute;left:20px;top:{20 + 40 * number}px'>" for number in range(10)
)


def call(name: str, arguments: str) -> str:
    return f"Go on.\n*FUNCTION*: {name}\n*ARGS*: {arguments}"


def played(tmp_path: Path, page: str, replies: Sequence[str], **options: Any) -> tuple[Episode, Path]:
    (tmp_path / "page.html").write_text(page, encoding="utf-8")
    (tmp_path / "replies.txt").write_text("\n---\n".join(replies), encoding="utf-8")
    given: dict[str, Any] = {"model": "qwen2.5-vl-7b", "replies": tmp_path / "replies.txt", "headless": True}
    address = str(tmp_path / "page.html")
    with Session(**given, address=address, runs=tmp_path / "runs", max_steps=60, **options) as session:
        episode = session.episode("go on")
        assert session.record
        return episode, session.record


def in_browser() -> Iterator[tuple[str, list[str]]]:
    yield LIST, [call("Scroll", '{"point": [400, 300], "direction": "down", "notches": 1}')] * 30
    yield (
        FIELDS,
        [
            reply
            for number in range(10)
            for reply in (call("Click", f'{{"point": [60, {30 + 40 * number}]}}'), call("Type", '{"text": "same"}'))
        ],
    )


def test_forty_dead_clicks_on_a_page_end_by_step_nine_and_are_replayed(tmp_path: Path) -> None:
    import run_agent

    episode, record = played(tmp_path, DEAD, [call("Click", '{"point": [115, 110]}')] * 40)
    assert episode.ending is Ending.STALLED and len(episode.steps) <= 9
    assert read_episode(record) == episode
    assert run_agent.main(["--replay", str(record)]) == 0


@pytest.mark.parametrize("which", [0, 1])
def test_scrolling_a_long_page_and_filling_ten_fields_are_left_alone(tmp_path: Path, which: int) -> None:
    page, replies = list(in_browser())[which]
    episode, _ = played(tmp_path, page, [*replies, call("Finish", '{"status": "success"}')])
    assert untouched(episode), [step.turn.hint for step in episode.steps]


def test_a_dry_run_in_which_nothing_can_change_is_left_alone(tmp_path: Path) -> None:
    replies = [*[call("Click", '{"point": [115, 110]}')] * 12, call("Finish", '{"status": "success"}')]
    episode, record = played(tmp_path, DEAD, replies, dry_run=True)
    assert untouched(episode) and len(read_lines(record)) == 13
