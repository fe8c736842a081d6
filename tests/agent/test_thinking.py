"""Thoughts: one that is too long is closed and the call asked for, old ones leave the prompt, the context is held."""

from collections.abc import Callable, Sequence
from contextlib import closing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actions.action import Action, ActionSpace, Outcome
from actions.control import ASK, CONTROL
from actions.errors import EngineFailure
from actions.geometry import Point, Size
from actions.touch import TOUCH
from agent.episode import Ending, Episode
from agent.loop import Limits, Policy, run_episode
from agent.policy import ModelPolicy
from agent.verifying import Verified, Verifier
from model import profile
from model.engine import Completion, Generated, Picture, Prompt
from model.engines import EngineOptions, connect
from model.engines.scripted import ScriptedEngine
from model.profile import Profile
from tests.agent.test_policy import DONE, FULL, TAP, text_of
from tests.fakes.openai_server import Ways, serving
from tests.fakes.pictures import PictureRow

THINKS = profile.adjusted(
    FULL, notation="tool_call", thought_tokens=200, max_new_tokens=200, opens_thought=True, drops_thoughts=True
)
CALL = '{"name": "mobile_use", "arguments": {"action": "click", "coordinate": [20, 30]}}\n</tool_call>'
ENDS = '{"name": "mobile_use", "arguments": {"action": "terminate", "status": "success"}}\n</tool_call>'


class Writing(ScriptedEngine):
    """Writes each of its texts up to the limit it is given, as an engine does; `within`: also into an open message."""

    def __init__(self, replies: Sequence[str], model: Profile, within: bool = True) -> None:
        super().__init__(replies, model)
        self.one_turn = within
        self.prompts: list[Prompt] = []
        self.sizes: list[int] = []
        self.looked: list[int] = []
        self.look: Callable[[], int] = int

    def generate(self, prompt: Prompt, stop: tuple[str, ...], max_new_tokens: int) -> Completion:
        self.prompts.append(prompt)
        self.looked.append(self.look())
        said = super().generate(prompt, stop, max_new_tokens)
        self.sizes.append(said.prompt_tokens + max_new_tokens)
        if said.completion_tokens <= max_new_tokens:
            return said
        shown = said.text[:max_new_tokens]  # a token of this vocabulary is a byte at the least
        while self.count_tokens(shown) > max_new_tokens:
            shown = shown[: len(shown) // 2]
        return said._replace(text=shown, completion_tokens=max_new_tokens, cut_off=True)


class Refusing(Writing):
    """A server that says it can go on with a message, and then refuses to."""

    def generate(self, prompt: Prompt, stop: tuple[str, ...], max_new_tokens: int) -> Completion:
        if prompt.messages[-1].parts:
            raise EngineFailure("final message does not appear in the chat")
        return super().generate(prompt, stop, max_new_tokens)


class Asked(PictureRow):
    """A row of pictures with a user, who answers at length."""

    def __init__(self, screen: Size, said: str) -> None:
        super().__init__(screen)
        self.action_space = ActionSpace(TOUCH, CONTROL, ASK)
        self._said = said

    def ask(self, question: str) -> Outcome:
        return Outcome(f"The user says: {self._said}")

    def perform(self, action: Action) -> Outcome:
        return action.apply(self)


def played(
    engine: Writing, model: Profile, row: PictureRow | None = None, steps: int = 9, verified: bool = False
) -> Episode:
    row = row or PictureRow(Size(560, 560))
    policy: Policy = ModelPolicy(model, engine, row.action_space)
    if verified:
        policy = Verified(policy, row.observe, Verifier(model, engine, row.action_space))
    return run_episode(row, policy, "Tap", Limits(steps=steps), lambda step: None)


def test_a_thought_at_its_limit_is_closed_and_the_call_is_asked_for() -> None:
    row = PictureRow(Size(560, 560))
    long = "The page is open. " * 200
    engine = Writing([long, f"\n{CALL}", f"Now it is done.\n</think>\n\n<tool_call>\n{ENDS}"], THINKS)
    episode = played(engine, THINKS, row)
    assert episode.ending is Ending.FINISHED and row.touched == [Point(20, 30)]
    first, more, last = engine.prompts
    assert first.opening == more.opening == "<think>\n"
    assert text_of(more).endswith("\n</think>\n\n<tool_call>"), "the same reply, behind its thought"
    assert more.grammar and more.grammar.keyword == "" and first.grammar and first.grammar.keyword == "<tool_call>"
    turn = episode.steps[0].turn
    assert turn.thought.startswith("The page is open.") and turn.mistake is None
    assert turn.usage and turn.usage.completion_tokens <= THINKS.reply_tokens
    assert "The page is open" not in text_of(last), "the template drops the thoughts of earlier replies"
    assert '"coordinate": [20, 30]' in text_of(last)


def test_a_thought_that_is_closed_has_no_spaces_at_its_ends_as_templates_trim_it() -> None:
    row = PictureRow(Size(560, 560))
    engine = Writing([f"\nIt is open.{' ' * 900}", f"\n{CALL}"], THINKS)
    played(engine, THINKS, row, steps=1)
    assert row.touched == [Point(20, 30)]
    assert engine.prompts[1].messages[-1].parts[0] == Generated("It is open.", ())


def test_a_thought_between_tags_of_its_own_and_one_without_tags_are_closed_too() -> None:
    row = PictureRow(Size(560, 560))
    model = profile.adjusted(FULL, thought_tokens=100, max_new_tokens=200)
    long = "It is open. " * 99
    engine = Writing(
        [f"<thinking>{long}", ': Tap\n*ARGS*: {"point": [20, 30]}', long, ": Tap\n*ARGS*: [40, 50]"], model
    )
    episode = played(engine, model, row, steps=2)
    assert row.touched == [Point(20, 30), Point(40, 50)]
    assert text_of(engine.prompts[1]).endswith("\n</thinking>\n\n*FUNCTION*")
    assert text_of(engine.prompts[3]).endswith("\n*FUNCTION*")
    assert "</thinking>" in episode.steps[0].turn.text
    assert "It is open." in text_of(engine.prompts[2]), "this model's earlier thoughts stay"


def test_a_call_that_the_limit_of_the_thought_cuts_is_gone_on_with() -> None:
    row = PictureRow(Size(560, 560))
    model = profile.adjusted(THINKS, thought_tokens=20)
    whole = f"I see it.</think>\n\n<tool_call>\n{CALL}"
    engine = Writing([whole, whole], model)
    with_rest = Writing([whole, ""], model)
    policy = ModelPolicy(model, with_rest, row.action_space)
    policy.thinking.completed(policy.prompt("x", [], row.observe()))
    begun = with_rest.prompts[1].messages[-1].parts[0]
    assert not isinstance(begun, Picture)
    engine = Writing([whole, whole.removeprefix(begun.text)], model)
    played(engine, model, row, steps=1)
    assert row.touched == [Point(20, 30)]
    assert not text_of(engine.prompts[1]).endswith("<tool_call>") and engine.prompts[1].grammar is None


@pytest.mark.parametrize("kind", [Refusing, lambda replies, model: Writing(replies, model, within=False)])
def test_where_a_message_cannot_be_gone_on_with_a_thought_has_the_room_of_the_whole_reply(kind: type[Writing]) -> None:
    engine = kind(["It is open. " * 400, f"Short.</think>\n<tool_call>\n{ENDS}"], THINKS)
    episode = played(engine, THINKS)
    assert episode.steps[0].turn.mistake and "cut off" in episode.steps[0].turn.mistake.text
    assert episode.ending is Ending.FINISHED
    assert (
        engine.sizes[-1] - engine.prompts[-1].token_count(engine.count_tokens, THINKS.image_tokens)
        == THINKS.reply_tokens
    )


@pytest.mark.parametrize("ids", [(7,), ()], ids=["token ids", "chat"])
def test_a_call_in_an_opened_thought_that_never_ends_is_not_performed(ids: tuple[int, ...]) -> None:
    row = PictureRow(Size(560, 560))
    policy = ModelPolicy(THINKS, Writing([], THINKS), row.action_space)
    drafted = Completion(f"I could do\n<tool_call>\n{CALL}", ids, 9, 9, cut_off=False)
    _, action, mistake = policy.read(drafted, policy.viewport(row.observe()))
    assert action is None and mistake and "within a thought" in mistake.text
    ended = drafted._replace(text=f"I could do it\n</think>\n\n<tool_call>\n{CALL}")
    _, action, mistake = policy.read(ended, policy.viewport(row.observe()))
    assert action and mistake is None


@pytest.mark.parametrize(("thought", "performed"), [("opened", 0), ("always opened", 0), ("left out", 1)])
def test_a_chat_server_s_template_shows_whether_a_reply_begins_in_a_thought(thought: str, performed: int) -> None:
    """A server may leave the thought out where the model's own template opens one."""
    row = PictureRow(Size(560, 560))
    ways = Ways(thought=thought, replies=[f"I do this.\n<tool_call>\n{CALL}"])
    with serving(ways) as url, closing(connect("server", THINKS, EngineOptions(server=url))) as engine:
        episode = run_episode(
            row, ModelPolicy(THINKS, engine, row.action_space), "Tap", Limits(steps=1), lambda _: None
        )
    assert len(row.touched) == performed
    (step,) = episode.steps
    assert performed or (step.turn.mistake and "within a thought" in step.turn.mistake.text)


def test_a_reply_that_is_cut_off_after_its_call_was_asked_for_is_never_acted_on() -> None:
    row = PictureRow(Size(560, 560))
    engine = Writing(["It is open. " * 400] * 6, THINKS)
    assert played(engine, THINKS, row).ending is Ending.REPEATED_MISTAKES
    assert row.touched == [] and len(engine.prompts) == 6


ASKS = '*FUNCTION*: AskUser\n*ARGS*: {"question": "Which?"}\n'
REPLIES = st.sampled_from((
    TAP, f"{TAP}\n{TAP}\n{TAP}\n", f"{ASKS}{TAP}", ASKS, "I will do it now.", "*FUNCTION*: ",
    f"{TAP}\n{ASKS}{TAP}\n{TAP}", DONE,
))  # fmt: skip
REST = {"function_args": f": Tap\n*ARGS*: [2, 3]\n{DONE}", "tool_call": CALL}
"""The rest of a reply whose thought was closed."""


@settings(max_examples=15, deadline=None)
@given(
    said=st.lists(st.tuples(st.integers(0, 900), REPLIES), min_size=3, max_size=12),
    answer=st.integers(0, 4_000),
    screen=st.sampled_from((Size(560, 560), Size(1080, 2400), Size(2560, 1440))),
    family=st.sampled_from((
        profile.adjusted(FULL, max_pixels=12_845_056, thought_tokens=4_096),
        profile.adjusted(FULL, max_pixels=12_845_056, thought_tokens=4_096, drops_thoughts=True),
        profile.load("qwen3-vl-8b-thinking"),
    )),
    within=st.booleans(),
    verified=st.booleans(),
)  # fmt: skip
def test_the_context_is_held_and_the_newest_screenshot_stays(
    said: list[tuple[int, str]], answer: int, screen: Size, family: Profile, within: bool, verified: bool
) -> None:
    model = profile.adjusted(family, context=32_768)
    replies = [f"<think>{'It is open, I think. ' * words}" + ("</think>\n" + call) for words, call in said]
    engine = Writing([part for reply in replies for part in (reply, REST[model.notation])] * 3, model, within)
    row = Asked(screen, "the second one, please. " * answer)
    engine.look = lambda: len(row.touched) * 5 % 256
    episode = played(engine, model, row, len(said), verified)
    assert episode.ending is not Ending.FAILED, episode.answer
    assert max(engine.sizes) <= model.context
    for prompt, shade in zip(engine.prompts, engine.looked, strict=True):
        newest = prompt.pictures[-1]
        assert newest.image.getpixel((0, 0)) == (shade, 255 - shade, 90) and newest.size == model.image_size(screen)
