"""A batch gets the replies that its prompts get one by one, and computes what they share once."""

import pytest
from tokenizers import Tokenizer

from actions.action import ActionSpace
from actions.geometry import Size
from actions.mouse import MOUSE
from model.engine import Prompt
from model.engines.local import batch
from model.engines.local.engine import LocalEngine
from prompts import notations
from tests.model import tiny

POINTING = notations.load("tool_call", ActionSpace(MOUSE)).pointing(Size(168, 224))
QUESTIONS = ("Red.", "The blue one on the left.", "OK", "Where is the search field of this page?")


@pytest.fixture
def engine(pair: tiny.Pair, small_tokenizer: Tokenizer) -> LocalEngine:
    return LocalEngine(pair.ours, small_tokenizer, tiny.profile_of(side=pair.side))


def asked(side: int, *seeds: int) -> list[Prompt]:
    return [tiny.question(text, tiny.picture(seed, 4, 5, side)) for seed in seeds for text in QUESTIONS]


@pytest.mark.parametrize("seeds", [(1,), (1, 2)])
@pytest.mark.parametrize("grammar", [None, POINTING])
def test_the_replies_are_those_of_one_by_one(
    seeds: tuple[int, ...], grammar: object, engine: LocalEngine, pair: tiny.Pair
) -> None:
    prompts = [prompt._replace(grammar=POINTING if grammar else None) for prompt in asked(pair.side, *seeds)]
    limit = 80 if grammar else 4
    expected = [engine.generate(prompt, (), limit) for prompt in prompts]
    assert len({completion.text for completion in expected}) > 1
    assert engine.generate_batch(prompts, (), limit) == expected


def test_what_is_shared_is_computed_once(engine: LocalEngine, pair: tiny.Pair) -> None:
    prompts = asked(pair.side, 1)
    tokens = [engine.vocabulary.lay_out(prompt) for prompt in prompts]
    engine.generate_batch(prompts, (), 1)
    shared = batch.shared(tokens)
    own = max(len(each.ids) for each in tokens) - shared
    assert shared > 20 and engine.model.pictures_encoded == 1
    assert engine.model.tokens_computed == shared + own * len(prompts)


def test_batches_stay_within_their_budget_and_keep_a_screenshot_together(engine: LocalEngine, pair: tiny.Pair) -> None:
    tokens = [engine.vocabulary.lay_out(prompt) for prompt in asked(pair.side, 1, 2, 1)]
    found = batch.batches(tokens, budget=260)
    assert sorted(row for rows in found for row in rows) == list(range(len(tokens)))
    assert len(found) == 2 and {0, 8} <= set(next(rows for rows in found if 0 in rows))
    assert len(batch.batches(tokens, budget=1)) == len(tokens)
