"""Computing only what is new gives what computing everything gives: float32, against the library's own forward pass.

Of every family, from files laid out like the released ones.
"""

import random

import pytest
from torch import Tensor

from model.engine import Generated, Message, Part, Picture, Prompt, Text
from model.engines.local.incremental import IncrementalModel
from tests.model import tiny

PROMISED = 1e-5
TOLERANCE = 3e-5
"""For logits of several units: float32's rounding, in sums of another order, reached 1.6e-5."""
SIZES = [(6, 8), (4, 5), (9, 3), (2, 2), (7, 7), (1, 6)]


class Run:
    """An episode as one growing assistant turn, its replies random ids that no encoding would give."""

    def __init__(self, seed: int, side: int) -> None:
        self.random = random.Random(seed)
        self.side = side
        self.first = self.look()
        self.parts: list[Part] = []

    def look(self) -> Picture:
        return tiny.picture(self.random.randrange(10**6), *self.random.choice(SIZES), self.side)

    @property
    def prompt(self) -> Prompt:
        user = Message("user", (Text("Find a pizza place."), self.first))
        return Prompt((Message("system", (Text("Act."),)), user, Message("assistant", tuple(self.parts))))

    def grow(self) -> None:
        ids = tuple(self.random.randrange(256) for _ in range(self.random.randrange(1, 20)))
        said = Generated("".join(map(str, ids)), ids)
        seen = self.look() if self.random.random() < 0.8 else Text("nothing to see")
        self.parts += [said, Text("\n*RESULT*: Done. "), seen, Text("\n*RETURN*:")]


@pytest.fixture
def model(pair: tiny.Pair) -> IncrementalModel:
    return IncrementalModel(pair.ours, context=4096)


@pytest.fixture
def difference(model: IncrementalModel, pair: tiny.Pair) -> "Difference":
    return Difference(model, pair)


class Difference:
    """The largest difference between our logits and the library's for one prompt."""

    def __init__(self, ours: IncrementalModel, pair: tiny.Pair) -> None:
        self.ours, self.library, self.vocabulary = ours, pair.stock, pair.vocabulary

    def __call__(self, prompt: Prompt) -> float:
        return self.of(self.ours.prefill(self.vocabulary.lay_out(prompt)), prompt)

    def of(self, logits: Tensor, prompt: Prompt) -> float:
        expected = tiny.library_logits(self.library, self.vocabulary.lay_out(prompt))
        assert expected.std() > 0.5  # flat logits would agree whatever was computed
        return float((logits - expected).abs().max())


def test_two_pictures_of_different_sizes_are_exact(difference: Difference, pair: tiny.Pair) -> None:
    pictures = tiny.picture(1, 6, 8, pair.side), tiny.picture(2, 9, 3, pair.side)
    assert difference(tiny.question("Click.", *pictures)) < PROMISED


def test_twenty_growing_steps_are_exact_and_each_computes_only_its_own(
    difference: Difference, model: IncrementalModel, pair: tiny.Pair
) -> None:
    run, length = Run(1, pair.side), 0
    for _ in range(20):
        before, tokens = model.tokens_computed, pair.vocabulary.lay_out(run.prompt)
        assert difference(run.prompt) < PROMISED
        assert model.tokens_computed - before == len(tokens.ids) - length
        length = len(tokens.ids)
        run.grow()
    assert model.pictures_encoded == len(tokens.pictures) > 10


def test_decoded_tokens_that_the_next_prompt_does_not_hold_are_rolled_back(
    difference: Difference, model: IncrementalModel, pair: tiny.Pair
) -> None:
    run = Run(2, pair.side)
    for _ in range(6):
        assert difference(run.prompt) < TOLERANCE
        kept = tuple(pair.vocabulary.encode("I see it. "))
        for id in (*kept, *pair.vocabulary.encode("*RESULT*: stray")):
            (logits,) = model.append([id])
        run.parts += [Generated("I see it. ", kept), Text("*RESULT*: stray")]
        assert difference.of(logits, run.prompt) < TOLERANCE
        run.parts[-1:] = [Text("*RESULT*: "), run.look(), Text("\n*RETURN*:")]


def test_two_episodes_in_turn_never_mix(difference: Difference, pair: tiny.Pair) -> None:
    one, other = Run(3, pair.side), Run(4, pair.side)
    for _ in range(6):
        for run in (one, other):
            assert difference(run.prompt) < TOLERANCE
            run.grow()


def test_dropping_an_old_picture_is_exact_and_encodes_nothing_again(
    difference: Difference, model: IncrementalModel, pair: tiny.Pair
) -> None:
    run = Run(5, pair.side)
    for _ in range(8):
        run.grow()
    assert difference(run.prompt) < TOLERANCE
    encoded, computed = model.pictures_encoded, model.tokens_computed
    oldest = next(index for index, part in enumerate(run.parts) if isinstance(part, Picture))
    run.parts[oldest] = Text("(a screenshot was here)")
    assert difference(run.prompt) < TOLERANCE
    assert model.pictures_encoded == encoded
    assert model.tokens_computed - computed < len(pair.vocabulary.lay_out(run.prompt).ids)


def test_an_unchanged_screen_is_not_encoded_again(
    difference: Difference, model: IncrementalModel, pair: tiny.Pair
) -> None:
    run = Run(6, pair.side)
    same = Picture(run.first.image.copy())
    run.parts = [Text("Again: "), same]
    assert difference(run.prompt) < TOLERANCE
    assert model.pictures_encoded == 1


def test_the_same_prompt_again_computes_one_token(
    difference: Difference, model: IncrementalModel, pair: tiny.Pair
) -> None:
    run = Run(7, pair.side)
    assert difference(run.prompt) < TOLERANCE
    before = model.tokens_computed
    assert difference(run.prompt) < TOLERANCE
    assert model.tokens_computed == before + 1


def test_a_prompt_longer_than_one_pass_is_exact(difference: Difference, pair: tiny.Pair) -> None:
    prompt = tiny.question(
        "word " * 1300,
        tiny.picture(1, 20, 20, pair.side),
        tiny.picture(2, 30, 20, pair.side),
        tiny.picture(3, 6, 8, pair.side),
    )
    assert len(pair.vocabulary.lay_out(prompt).ids) > 2048
    assert difference(prompt) < TOLERANCE


def test_a_prompt_that_ends_inside_what_is_known_is_exact(difference: Difference, pair: tiny.Pair) -> None:
    run = Run(8, pair.side)
    shorter = run.prompt
    for _ in range(3):
        run.grow()
    assert difference(run.prompt) < TOLERANCE
    assert difference(shorter) < TOLERANCE


def test_what_the_model_wrote_is_not_computed_again(
    difference: Difference, model: IncrementalModel, pair: tiny.Pair
) -> None:
    run = Run(10, pair.side)
    assert difference(run.prompt) < TOLERANCE
    written = pair.vocabulary.encode("I see it. ")
    model.append(written)
    before = model.tokens_computed
    run.parts = [Generated("I see it. ", written), Text("*RESULT*: ")]
    assert difference(run.prompt) < TOLERANCE
    assert model.tokens_computed - before == len(pair.vocabulary.encode("*RESULT*: "))


def test_tokens_appended_in_one_pass_and_partly_taken_back_are_exact(
    difference: Difference, model: IncrementalModel, pair: tiny.Pair
) -> None:
    run = Run(12, pair.side)
    assert difference(run.prompt) < TOLERANCE
    written = pair.vocabulary.encode("Surely not this.")
    rows = model.append(written)
    run.parts = [Generated("Sur", written[:3])]
    assert difference.of(rows[2], run.prompt) < TOLERANCE
    model.take_back(len(written) - 2)
    assert difference.of(model.append(written[2:3])[-1], run.prompt) < TOLERANCE


def test_work_that_was_broken_off_inside_a_picture_goes_on_there(
    difference: Difference,
    model: IncrementalModel,
    pair: tiny.Pair,
) -> None:
    passes: list[object] = []

    def interrupt_the_second(*_: object) -> None:
        passes.append(_)
        if len(passes) == 2:
            raise KeyboardInterrupt

    prompt = tiny.question("Click.", tiny.picture(11, 50, 44, pair.side))
    hook = pair.ours.model.language_model.layers[1].register_forward_hook(interrupt_the_second)
    with pytest.raises(KeyboardInterrupt):
        model.prefill(pair.vocabulary.lay_out(prompt))
    hook.remove()
    assert model.tokens_computed == 2048
    assert difference(prompt) < TOLERANCE
    assert model.tokens_computed == len(pair.vocabulary.lay_out(prompt).ids)


def test_work_that_was_broken_off_leaves_nothing_wrong_behind(
    difference: Difference,
    model: IncrementalModel,
    pair: tiny.Pair,
) -> None:
    run = Run(9, pair.side)
    assert difference(run.prompt) < TOLERANCE
    run.grow()

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    hook = pair.ours.model.language_model.layers[1].register_forward_hook(interrupt)  # the first layer is done by then
    with pytest.raises(KeyboardInterrupt):
        model.prefill(pair.vocabulary.lay_out(run.prompt))
    hook.remove()
    assert difference(run.prompt) < TOLERANCE
    model.forget()
    assert difference(run.prompt) < TOLERANCE
