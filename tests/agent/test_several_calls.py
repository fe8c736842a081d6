"""Several calls in one reply are done in order, each a recorded step with a look before it; none is dropped unsaid."""

from datetime import datetime
from pathlib import Path

import pytest

from actions.geometry import Point, Size
from actions.touch import Tap
from agent.episode import Ending, Episode
from agent.loop import Limits, run_episode
from agent.policy import MOST_ACTIONS, ModelPolicy
from agent.record import Recorder, read_episode, run_folder
from agent.replay import first_difference
from agent.run_info import describe_run
from model import profile
from model.engines.scripted import ScriptedEngine
from tests.agent.test_policy import DONE, FULL, Listening, text_of
from tests.fakes.pictures import PictureRow


def tap(x: int, y: int) -> str:
    return f'*FUNCTION*: Tap\n*ARGS*: {{"point": [{x}, {y}]}}\n'


def played(engine: Listening, row: PictureRow, model: profile.Profile = FULL) -> Episode:
    policy = ModelPolicy(model, engine, row.action_space)
    return run_episode(row, policy, "Tap", Limits(steps=9), lambda step: None)


def test_they_are_steps_of_their_own_and_the_model_is_asked_once() -> None:
    row, engine = PictureRow(Size(560, 560)), Listening(["I tap two.\n" + tap(20, 30) + tap(40, 50), DONE], FULL)
    episode = played(engine, row)
    assert row.touched == [Point(20, 30), Point(40, 50)]
    assert [(step.turn.part, step.turn.text != "") for step in episode.steps] == [(0, True), (1, False), (0, True)]
    first, second, _ = episode.steps
    assert first.observation.image.getpixel((0, 0)) != second.observation.image.getpixel((0, 0)), "a look between"
    assert len(engine.prompts) == 2 and episode.ending is Ending.FINISHED
    prompt_text = text_of(engine.prompts[1])
    assert prompt_text.count("*RESULT*:") == 2 - 1 + text_of(engine.prompts[0]).count("*RESULT*:")
    assert "Executed Tap((20, 30)). picture 1 Executed Tap((40, 50)). picture 2" in prompt_text
    assert "Not done" not in prompt_text and len(engine.prompts[1].pictures) == 2


def test_an_ending_behind_other_calls_is_not_done_before_the_model_has_seen_what_came_of_them() -> None:
    row, engine = PictureRow(Size(560, 560)), Listening([tap(20, 30) + DONE, DONE], FULL)
    episode = played(engine, row)
    assert [type(step.turn.action).__name__ for step in episode.steps] == ["Tap", "Finish"]
    assert "Not done: Finish('success'). Call what is still needed." in text_of(engine.prompts[1])


def test_more_than_a_few_are_told_and_not_done() -> None:
    row = PictureRow(Size(560, 560))
    engine = Listening(["".join(tap(number, 9) for number in range(MOST_ACTIONS + 2)), DONE], FULL)
    played(engine, row)
    assert len(row.touched) == MOST_ACTIONS
    assert f"Not done: Tap(({MOST_ACTIONS}, 9)), Tap(({MOST_ACTIONS + 1}, 9))." in text_of(engine.prompts[1])


@pytest.mark.parametrize(
    ("wrong", "kind"),
    [
        ('*FUNCTION*: LongPress\n*ARGS*: {"point": [1, 1]}\n', "ActionRefused"),
        ("*FUNCTION*: Fly\n*ARGS*: {}\n", "UnknownAction"),
        ('*FUNCTION*: Tap\n*ARGS*: {"point": [9000, 1]}\n', "InvalidArguments"),
    ],
)
def test_a_mistake_among_them_ends_the_row_and_the_rest_is_told(wrong: str, kind: str) -> None:
    row, engine = PictureRow(Size(560, 560)), Listening([tap(20, 30) + wrong + tap(40, 50), DONE], FULL)
    episode = played(engine, row)
    assert row.touched == [Point(20, 30)] and episode.ending is Ending.FINISHED
    prompt_text = text_of(engine.prompts[1])
    assert f"Not executed ({kind})." in prompt_text and "Not done: Tap((40, 50))." in prompt_text


def test_a_first_call_that_is_a_mistake_leaves_the_others_undone() -> None:
    row, engine = PictureRow(Size(560, 560)), Listening(["*FUNCTION*: Fly\n*ARGS*: {}\n" + tap(40, 50), DONE], FULL)
    played(engine, row)
    assert row.touched == [] and "Not done: Tap((40, 50))." in text_of(engine.prompts[1])


def test_what_stands_behind_a_made_up_result_is_told_and_not_done() -> None:
    said = '<tool_call>\n{"name": "Tap", "arguments": {"point": [20, 30]}}\n</tool_call>\n'
    row = PictureRow(Size(560, 560))
    model = profile.adjusted(FULL, notation="tool_call")
    engine = Listening([said + "<tool_response>\nok\n</tool_response>\n" + said, DONE], model)
    played(engine, row, model)
    assert len(row.touched) == 1
    assert "Not read: the calls behind a result that you wrote yourself." in text_of(engine.prompts[1])


def test_a_call_that_cannot_be_read_behind_others_is_told() -> None:
    row, engine = (
        PictureRow(Size(560, 560)),
        Listening([tap(20, 30) + '*FUNCTION*: Type\n*ARGS*: {"text": "a', DONE], FULL),
    )
    played(engine, row)
    assert "Not read: a later call that cannot be read" in text_of(engine.prompts[1])


def test_a_later_call_within_a_sentence_is_told() -> None:
    row, engine = PictureRow(Size(560, 560)), Listening(["tap(20, 30)\nThen I will tap(40, 50) too.", DONE], FULL)
    played(engine, row)
    assert row.touched == [Point(20, 30)]
    assert "Not read: a later call in the midst of a sentence." in text_of(engine.prompts[1])


def test_they_are_recorded_read_and_replayed(tmp_path: Path) -> None:
    row, engine = PictureRow(Size(560, 560)), Listening([tap(20, 30) + tap(40, 50), DONE], FULL)
    folder = run_folder(tmp_path, "tap", datetime(2026, 1, 2))
    recorder = Recorder(folder, describe_run("tap", "x", None, "scripted", FULL, row.action_space, Limits()))
    policy = ModelPolicy(FULL, engine, row.action_space)
    recorder.finish(run_episode(row, policy, "tap", Limits(), recorder.on_step))
    episode = read_episode(folder)
    assert [step.turn.part for step in episode.steps] == [0, 1, 0]
    replies = [step.turn.text for step in episode.steps if step.turn.part == 0]
    again = ModelPolicy(FULL, ScriptedEngine(replies, FULL), row.action_space)
    assert first_difference(episode, again) is None


def test_a_record_in_which_only_the_first_was_done_is_replayed_as_it_was(tmp_path: Path) -> None:
    """So it was before: the calls behind the first one were passed over."""
    row, engine = PictureRow(Size(560, 560)), Listening([tap(20, 30) + tap(40, 50), DONE], FULL)
    first, _, last = played(engine, row).steps
    old = Episode("tap", (first, last), Ending.FINISHED, "")
    policy = ModelPolicy(FULL, ScriptedEngine([first.turn.text, last.turn.text], FULL), row.action_space)
    assert first_difference(old, policy) is None


def test_memory_counts_replies_and_names_every_action() -> None:
    model = profile.adjusted(FULL, context=5_000, max_new_tokens=200)
    row = PictureRow(Size(560, 560))
    engine = Listening([f"Step {number}.\n" + tap(number, 1) + tap(number, 2) for number in range(60)], model)
    policy = ModelPolicy(model, engine, row.action_space)
    episode = run_episode(row, policy, "Tap", Limits(steps=120), lambda step: None)
    assert len(episode.steps) == 120 == 2 * len(engine.prompts)
    for prompt in engine.prompts:
        assert prompt.token_count(engine.count_tokens, model.image_tokens) <= model.context - model.max_new_tokens
    assert "Steps 1 to " in text_of(engine.prompts[-1]) and Tap(point=Point(59, 2)) == episode.steps[-1].turn.action
