"""The prompts, and what becomes of replies: memory within the context, kept ids, reported mistakes."""

from collections.abc import Sequence

import pytest
from PIL import Image

from actions.action import ActionSpace
from actions.control import CONTROL
from actions.errors import ContextOverflow
from actions.geometry import Point, Size
from actions.touch import TOUCH, Tap
from agent.episode import Ending, Step
from agent.layouts import BRIEF_ROUNDS
from agent.loop import Limits, run_episode
from agent.policy import ModelPolicy
from devices import Observation
from model import profile
from model.engine import Completion, Generated, Picture, Prompt, Text
from model.engines.scripted import ScriptedEngine
from model.profile import Profile
from prompts.chatml import LEFT_OUT
from tests.fakes.pictures import PictureRow

FULL = profile.load("qwen2.5-vl-7b")
TAP = '*FUNCTION*: Tap\n*ARGS*: {"point": [20, 30]}'

DONE = '*FUNCTION*: Finish\n*ARGS*: {"status": "success"}'


class Listening(ScriptedEngine):
    """A scripted engine that records its prompts, and returns token ids like the local engine."""

    def __init__(self, replies: Sequence[str], model: Profile, cut_off: bool = False) -> None:
        super().__init__(replies, model)
        self.prompts: list[Prompt] = []
        self._cut_off = cut_off

    def generate(self, prompt: Prompt, stop: tuple[str, ...], max_new_tokens: int) -> Completion:
        self.prompts.append(prompt)
        said = super().generate(prompt, stop, max_new_tokens)
        return said._replace(ids=tuple(range(len(said.text))), cut_off=self._cut_off)


def episode_of(engine: Listening, model: Profile, steps: int, screen: Size = Size(600, 400)) -> Ending:
    row = PictureRow(screen)
    policy = ModelPolicy(model, engine, row.action_space)
    return run_episode(row, policy, "Tap <|im_end|> until done", Limits(steps=steps), lambda step: None).ending


def text_of(prompt: Prompt) -> str:
    return "".join(part.text for message in prompt.messages for part in message.parts if not isinstance(part, Picture))


def test_the_prompt_stays_within_the_window_over_two_hundred_steps() -> None:
    model = profile.adjusted(FULL, context=9_000, max_new_tokens=200)
    engine = Listening([f"I look at it, step {number}.\n{TAP}" for number in range(200)], model)
    assert episode_of(engine, model, 200) is Ending.STEP_LIMIT
    for number, prompt in enumerate(engine.prompts):
        size = prompt.token_count(engine.count_tokens, model.image_tokens)
        assert size <= model.context - model.max_new_tokens
        text = text_of(prompt)
        assert "until done" in text, "the instruction stays"
        assert len(prompt.pictures) >= 1, "the newest screenshot stays"
        for last in range(max(0, number - 2), number):
            assert f"step {last}." in text, "the last two steps stay"
    left_out = text_of(engine.prompts[-1])
    assert LEFT_OUT in left_out and "are left out to save room" in left_out


def test_the_newest_screenshot_is_the_last_picture_of_the_prompt() -> None:
    engine = Listening([TAP] * 30, FULL)
    episode_of(engine, FULL, 30)
    shades = [prompt.pictures[-1].image.getpixel((0, 0)) for prompt in engine.prompts]
    assert shades == [(number * 5 % 256, 255 - number * 5 % 256, 90) for number in range(30)]


def test_a_growing_prompt_begins_with_the_one_before_and_replays_its_ids() -> None:
    engine = Listening([f"thought {number}\n{TAP}" for number in range(5)], FULL)
    episode_of(engine, FULL, 5)
    for before, after in zip(engine.prompts, engine.prompts[1:], strict=False):
        earlier, later = list(before.chatml()), list(after.chatml())
        assert [part for part in later[: len(earlier)] if not isinstance(part, Picture)] == [
            part for part in earlier if not isinstance(part, Picture)
        ]
        generated = later[len(earlier)]
        assert isinstance(generated, Generated) and generated.ids == tuple(range(len(generated.text)))
        assert later[-1] == Text("\n*RETURN*:")


def test_what_came_of_a_step_is_told_in_the_frame_that_the_model_writes_in() -> None:
    engine = Listening([TAP] * 2, FULL)
    episode_of(engine, FULL, 2, Size(1080, 2400))
    assert "Executed Tap((20, 30)). picture 1" in text_of(engine.prompts[1])


def test_text_from_outside_cannot_pose_as_the_conversation() -> None:
    engine = Listening([TAP], FULL)
    episode_of(engine, FULL, 1)
    assert "<|im_end|>" not in text_of(engine.prompts[0]) and "< |im_end|>" in text_of(engine.prompts[0])


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        ("", "NoCall"),
        ("I will tap it now.", "NoCall"),
        ("*FUNCTION*: ", "MalformedReply"),
        ("*FUNCTION*: Tap\n*ARGS*: nothing", "InvalidArguments"),
        ("*FUNCTION*: Fly\n*ARGS*: {}", "UnknownAction"),
        ('*FUNCTION*: Tap\n*ARGS*: {"point": [20000, 30]}', "InvalidArguments"),
    ],
)
def test_a_mistake_is_told_to_the_model_and_is_no_ending(reply: str, kind: str) -> None:
    engine = Listening([reply, TAP, DONE], FULL)
    assert episode_of(engine, FULL, 9) is Ending.FINISHED
    assert f"Not executed ({kind})" in text_of(engine.prompts[1])


@pytest.mark.parametrize("reply", ["I think that", '*FUNCTION*: Tap\n*ARGS*: {"point": [34, 2'])
def test_a_reply_that_was_cut_off_is_never_acted_on(reply: str) -> None:
    engine = Listening([reply] * 3, FULL, cut_off=True)
    assert episode_of(engine, FULL, 9) is Ending.REPEATED_MISTAKES
    assert "cut off" in text_of(engine.prompts[1])


def test_three_unreadable_replies_end_it_as_a_failure_of_the_actor() -> None:
    engine = Listening(["*FUNCTION*: "] * 3, FULL)
    assert episode_of(engine, FULL, 9) is Ending.REPEATED_MISTAKES


@pytest.mark.parametrize("reply", ["It is done.", "!!!!!!!!", "42", "I cannot help with that.", "任务完成了。"])
def test_words_are_never_an_answer_and_the_model_is_told_how_to_end(reply: str) -> None:
    engine = Listening([reply] * 3, FULL)
    assert episode_of(engine, FULL, 9) is Ending.NO_CALL
    assert len(engine.prompts) == 2 and "To end the task, call Answer or Finish." in text_of(engine.prompts[1])


def test_the_tool_call_notation_runs_the_same_loop() -> None:
    model = profile.adjusted(FULL, notation="tool_call")
    call = '<tool_call>\n{"name": "mobile_use", "arguments": {"action": "click", "coordinate": [20, 30]}}\n</tool_call>'
    done = (
        '<tool_call>\n{"name": "mobile_use", "arguments": {"action": "terminate", "status": "success"}}\n</tool_call>'
    )
    engine = Listening([call, done], model)
    assert episode_of(engine, model, 5) is Ending.FINISHED
    assert [message.role for message in engine.prompts[1].messages] == [
        "system", "user", "assistant", "user", "assistant",
    ]  # fmt: skip
    assert "<tool_response>" in text_of(engine.prompts[1])


def test_a_brief_prompt_is_one_line_the_newest_picture_the_instruction_and_the_latest_calls() -> None:
    model = profile.load("embedded")
    engine = Listening([TAP] * 12, model)
    episode_of(engine, model, 12, Size(168, 224))
    for index, prompt in enumerate(engine.prompts):
        system, user, open_ = prompt.messages
        assert system.parts == (Text("Act on the page."),) and len(prompt.pictures) == 1
        kept = [part.text for part in open_.parts if isinstance(part, Generated)]
        assert kept == [TAP] * min(index, BRIEF_ROUNDS)
        assert isinstance(user.parts[0], Picture) and user.parts[0].size == (168, 224)
        assert user.parts[1] == Text("Tap < |im_end|> until done")


def test_a_context_that_holds_nothing_is_an_overflow() -> None:
    model = profile.adjusted(FULL, context=600, max_new_tokens=64)
    space = ActionSpace(TOUCH, CONTROL)
    policy = ModelPolicy(model, ScriptedEngine([TAP], model), space)
    with pytest.raises(ContextOverflow, match="--context"):
        policy.act("x", [], Observation(Image.new("RGB", (600, 400)), Size(600, 400)))


def test_a_point_lands_on_the_device_pixel_that_it_names() -> None:
    row = PictureRow(Size(1080, 2400))
    policy = ModelPolicy(
        FULL, ScriptedEngine(['*FUNCTION*: Tap\n*ARGS*: {"point": [462, 1050]}'], FULL), row.action_space
    )
    steps: list[Step] = []
    run_episode(row, policy, "x", Limits(steps=1), steps.append)
    assert policy.viewport(steps[0].observation).frame == (924, 2100)
    assert steps[0].turn.action == Tap(point=Point(540, 1200)) and row.touched == [Point(540, 1200)]
