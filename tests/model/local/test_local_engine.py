"""`LocalEngine` answers as the library's own `generate` does, through the stateless seam."""

import copy
import random
import re

import pytest
import torch
from tokenizers import Tokenizer

from actions.action import ActionSpace
from actions.control import CONTROL
from actions.errors import ContextOverflow, EngineFailure
from actions.geometry import Size, Viewport
from actions.keyboard import KEYBOARD
from actions.mouse import MOUSE, Click
from model import profile as profiles
from model.engine import Completion, Engine, Generated, Message, Picture, Prompt, Text
from model.engines.local.engine import LocalEngine
from model.engines.local.load import load
from model.engines.local.tokens import IMAGE_PAD, STRUCTURE
from prompts import notations
from tasks.worlds import painted
from tests.model import tiny


@pytest.fixture
def engine(tiny_model: tiny.Model, small_tokenizer: Tokenizer) -> LocalEngine:
    return LocalEngine(tiny_model, small_tokenizer, tiny.profile_of())


def library_reply(model: tiny.Model, engine: LocalEngine, prompt: Prompt, limit: int) -> list[int]:
    vocabulary = engine.vocabulary
    return tiny.library_reply(model, vocabulary.lay_out(prompt), vocabulary, limit)


@pytest.mark.parametrize("seed", range(5))
def test_its_tokens_are_those_of_the_librarys_generate(seed: int, engine: LocalEngine, tiny_model: tiny.Model) -> None:
    prompt = tiny.question(f"What is number {seed}?", tiny.picture(seed, 5, 4), tiny.picture(seed + 9, 3, 7))
    assert list(engine.generate(prompt, (), 24).ids) == library_reply(tiny_model, engine, prompt, 24)


def test_a_reply_that_is_cut_at_a_stop_string_goes_on_exactly(engine: LocalEngine, tiny_model: tiny.Model) -> None:
    asked = tiny.question("Go on.", tiny.picture(3))
    whole = engine.generate(asked, (), 24)
    stop = re.search(r"(?<=.)[ -~]{4}", whole.text)  # four readable characters somewhere behind the first
    assert stop is not None
    cut = engine.generate(asked, (stop.group(),), 24)
    assert cut.text == whole.text[: stop.start()] and not cut.cut_off
    assert 0 < len(cut.ids) < cut.completion_tokens
    parts = (Generated(cut.text, cut.ids), Text("*RESULT*: "), tiny.picture(4), Text("\n*RETURN*:"))
    grown = Prompt((*asked.messages[:2], Message("assistant", parts)))
    assert list(engine.generate(grown, (), 16).ids) == library_reply(tiny_model, engine, grown, 16)


@pytest.mark.parametrize("token", STRUCTURE)
def test_a_model_that_wants_the_structure_of_a_prompt_cannot_write_it(
    token: str, tiny_model: tiny.Model, small_tokenizer: Tokenizer
) -> None:
    """Sent back, it would be counted as a picture's or begin a turn; the library's forward pass refuses such counts."""
    eager = copy.deepcopy(tiny_model)
    engine, other = (LocalEngine(model, small_tokenizer, tiny.profile_of()) for model in (eager, tiny_model))
    vocabulary, asked = engine.vocabulary, tiny.question("Go.", tiny.picture(1))
    eager.lm_head.bias = torch.nn.Parameter(torch.zeros(eager.lm_head.out_features))
    eager.lm_head.bias.data[vocabulary.marker(token)] = 1e4
    said = engine.generate(asked, (), 12)
    assert said == other.generate(asked, (), 12)
    assert engine.generate_batch([asked, asked], (), 12) == [said, said]
    grown = Prompt((*asked.messages[:2], Message("assistant", (Generated(said.text, said.ids), tiny.picture(2)))))
    tokens = vocabulary.lay_out(grown)
    assert tokens.ids.count(vocabulary.marker(IMAGE_PAD)) == sum(
        placed.end - placed.start for placed in tokens.pictures
    )
    torch.testing.assert_close(engine.model.prefill(tokens), tiny.library_logits(eager, tokens), rtol=1e-5, atol=1e-2)


def test_the_completion_counts_prompt_and_reply(engine: LocalEngine) -> None:
    prompt = tiny.question("Count.", tiny.picture(5, 4, 6))
    completion = engine.generate(prompt, (), 7)
    profile = tiny.profile_of()
    assert completion.prompt_tokens == prompt.token_count(engine.count_tokens, profile.image_tokens)
    assert completion.completion_tokens == len(completion.ids) == 7 and completion.cut_off


def test_a_prompt_that_leaves_no_room_overflows(tiny_model: tiny.Model, small_tokenizer: Tokenizer) -> None:
    prompt = tiny.question("Click.", tiny.picture(1))
    length = len(LocalEngine(tiny_model, small_tokenizer, tiny.profile_of()).vocabulary.lay_out(prompt).ids)
    with pytest.raises(ContextOverflow, match=f"{length} tokens"):
        LocalEngine(tiny_model, small_tokenizer, tiny.profile_of(context=length)).generate(prompt, (), 5)
    full = LocalEngine(tiny_model, small_tokenizer, tiny.profile_of(context=length + 3)).generate(prompt, (), 5)
    assert full.completion_tokens == 3 and full.cut_off


def test_a_closed_engine_says_so(engine: LocalEngine) -> None:
    engine.close()
    engine.close()
    with pytest.raises(EngineFailure, match="closed"):
        engine.generate(tiny.question("Click."), (), 5)


def test_running_out_of_memory_is_told_with_a_remedy(engine: LocalEngine, tiny_model: tiny.Model) -> None:
    prompt = tiny.question("Click.", tiny.picture(1))
    before = engine.generate(prompt, (), 5)

    def demand(*_: object) -> None:
        torch.empty(2**60)  # more than any machine has

    hook = tiny_model.model.language_model.layers[1].register_forward_hook(demand)
    with pytest.raises(EngineFailure, match=r"ran out of memory.*--context"):
        engine.generate(prompt, (), 5)
    hook.remove()
    assert engine.generate(prompt, (), 5) == before


def test_running_out_of_memory_once_is_made_good_in_smaller_passes(engine: LocalEngine, tiny_model: tiny.Model) -> None:
    prompt = tiny.question("Click.", tiny.picture(1))
    before = engine.generate(prompt, (), 5)
    demanded: list[bool] = []

    def demand_once(*_: object) -> None:
        if not demanded:
            demanded.append(True)
            torch.empty(2**60)  # more than any machine has

    hook = tiny_model.model.language_model.layers[1].register_forward_hook(demand_once)
    assert engine.generate(prompt, (), 5) == before
    hook.remove()
    assert demanded and engine.model.pictures_encoded == 2


def test_it_is_an_engine(engine: LocalEngine) -> None:
    as_seen: Engine = engine
    assert as_seen.one_turn and as_seen.count_tokens("0123") == 4
    assert isinstance(as_seen.generate(tiny.question("Click."), (), 1), Completion)


SPACE = ActionSpace(MOUSE, KEYBOARD, CONTROL)
FRAME = Size(168, 224)


@pytest.mark.parametrize("name", ["function_args", "tool_call"])
@pytest.mark.parametrize("seed", range(2))
def test_whatever_the_weights_are_a_call_that_was_begun_is_one(name: str, seed: int, engine: LocalEngine) -> None:
    """Random weights, after the keyword as if they had written it; a text may be cut off, a finished call is read."""
    notation = notations.load(name, SPACE)
    begun = notation.grammar()._replace(keyword="")
    prompt = tiny.question(f"Do number {seed}.", tiny.picture(seed))._replace(grammar=begun)
    completion = engine.generate(prompt, notation.stop, 100)
    assert completion.completion_tokens == len(completion.ids)
    if not completion.cut_off:
        called = notation.read_reply(notation.keyword + completion.text).call.name
        assert called in {kind.__name__ for kind in SPACE.actions}


@pytest.mark.parametrize("name", ["function_args", "tool_call"])
def test_grounding_decodes_nothing_but_the_digits(name: str, engine: LocalEngine) -> None:
    notation = notations.load(name, SPACE)
    for seed in range(2):
        prompt = tiny.question("The red one.", tiny.picture(seed))._replace(grammar=notation.pointing(FRAME))
        completion = engine.generate(prompt, (), 300)
        call = notation.read_reply(completion.text).call
        assert call is not None and isinstance(SPACE.decode(call, Viewport(FRAME, FRAME)), Click)
        assert not completion.cut_off


def test_the_trained_model_writes_the_same_with_a_grammar_as_freely(small_tokenizer: Tokenizer) -> None:
    """Where its call is valid nothing must change: not a token of it, whether forced, looked up or decoded."""
    profile = profiles.load("embedded")
    engine = LocalEngine(load(tiny.EMBEDDED, profile, torch.device("cpu"), torch.float32), small_tokenizer, profile)
    notation = notations.load(profile.notation, SPACE)
    grammar = notation.grammar()
    compared = 0
    for seed in range(8):
        page, (button, *_) = painted.page(random.Random(seed), FRAME, "button", 12)
        prompt = tiny.question(f'Click on the "{button.text}" button.', Picture(page))
        free = engine.generate(prompt, notation.stop, 64)
        guided = engine.generate(prompt._replace(grammar=grammar), notation.stop, 64)
        if notation.read_reply(free.text).call.name == "Click":
            assert guided.text == free.text.rstrip()
            compared += 1
    assert compared >= 6
