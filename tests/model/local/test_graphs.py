"""Passes in fixed shapes compute what growing ones do. Here they run uncaptured; on a GPU, see test_gpu.py."""

from collections.abc import Callable

import pytest
import torch
from tokenizers import Tokenizer
from torch import Tensor

from model.engine import Grammar
from model.engines.local.engine import LocalEngine
from model.engines.local.incremental import IncrementalModel
from model.engines.local.tokens import Tokens, Vocabulary
from tests.model import tiny


class Uncaptured:
    """Repeats the computation by doing it again, and counts the computations it was given and the repetitions."""

    def __init__(self) -> None:
        self.given = self.repeated = 0

    def __call__(self, compute: Callable[[], Tensor]) -> Callable[[], Tensor]:
        self.given += 1

        def repeat() -> Tensor:
            self.repeated += 1
            return compute()

        return repeat


def prompt_of(vocabulary: Vocabulary, seed: int, text: str = "Go.", side: int = 28) -> Tokens:
    return vocabulary.lay_out(tiny.question(text, tiny.picture(seed, side=side)))


@pytest.mark.parametrize("start", [100, 1020])
def test_fixed_shapes_give_the_logits_of_growing_ones(start: int, pair: tiny.Pair) -> None:
    """One token and several, taken back, and over the border where the next larger span begins."""
    capture = Uncaptured()
    fixed, growing = IncrementalModel(pair.ours, 2000, capture), IncrementalModel(pair.ours, 2000)
    vocabulary = pair.vocabulary
    prompt = prompt_of(vocabulary, 1, side=pair.side)
    text = prompt_of(vocabulary, 1, "0" * (start - len(prompt.ids)), pair.side)
    assert torch.equal(fixed.prefill(text), growing.prefill(text))
    ids = [vocabulary.encode(letter)[0] for letter in "abcdefghijklmnopqrstuvw"]
    for part, back in [([0], 0), (range(1, 8), 3), ([9], 0), (range(3, 19), 16), ([4], 0), (range(23), 0), ([5], 0)]:
        new = [ids[place] for place in part]
        ours, theirs = fixed.append(new), growing.append(new)
        assert ours.shape == theirs.shape and (ours - theirs).abs().max() < 1e-5
        fixed.take_back(back)
        growing.take_back(back)
    assert capture.repeated == 6 and capture.given == (2 if start < 1000 else 3)
    assert fixed.tokens_computed == growing.tokens_computed
    assert (fixed.prefill(text) - growing.prefill(text)).abs().max() < 1e-5


def test_replies_are_the_same_token_by_token(tiny_model: tiny.Model, small_tokenizer: Tokenizer) -> None:
    plain, fixed = (LocalEngine(tiny_model, small_tokenizer, tiny.profile_of()) for _ in range(2))
    capture = Uncaptured()
    fixed._model = IncrementalModel(tiny_model, 4096, capture)
    for seed, grammar in enumerate([None, Grammar("", 'root ::= "Click " [0-9]{3} ", and no other place"'), None]):
        prompt = tiny.question("Go.", tiny.picture(seed))._replace(grammar=grammar)
        assert fixed.generate(prompt, (), 30) == plain.generate(prompt, (), 30)
    assert capture.repeated > 20


def test_memory_that_was_never_written_does_not_spoil_the_logits(
    tiny_model: tiny.Model, vocabulary: Vocabulary
) -> None:
    fixed, growing = IncrementalModel(tiny_model, 1500, Uncaptured()), IncrementalModel(tiny_model, 1500)
    for states in (states for kind in fixed._cache.past(1500) for states in kind):
        states.fill_(torch.nan)
    prompt = prompt_of(vocabulary, 2)
    fixed.prefill(prompt)
    growing.prefill(prompt)
    assert (fixed.append([7]) - growing.append([7])).abs().max() < 1e-5


def test_at_the_end_of_the_context_passes_grow_again(tiny_model: tiny.Model, vocabulary: Vocabulary) -> None:
    prompt = prompt_of(vocabulary, 3)
    context = len(prompt.ids) + 6
    capture = Uncaptured()
    fixed, growing = IncrementalModel(tiny_model, context, capture), IncrementalModel(tiny_model, context)
    fixed.prefill(prompt)
    growing.prefill(prompt)
    for ids in ([5, 6, 7], [8], [9, 10]):
        assert (fixed.append(ids) - growing.append(ids)).abs().max() < 1e-5
    assert capture.repeated == 1


def refused(compute: Callable[[], Tensor]) -> Callable[[], Tensor]:
    """What capturing does where a kernel cannot be captured."""
    raise RuntimeError("operation not permitted when stream is capturing")


def test_where_capturing_fails_it_is_said_once_and_decoding_goes_on(
    tiny_model: tiny.Model, vocabulary: Vocabulary
) -> None:
    growing = IncrementalModel(tiny_model, 1500)
    failing = IncrementalModel(tiny_model, 1500, refused)
    prompt = prompt_of(vocabulary, 4)
    assert torch.equal(failing.prefill(prompt), growing.prefill(prompt))
    with pytest.warns(RuntimeWarning, match="Decoding goes on without CUDA graphs") as told:
        assert torch.equal(failing.append([5]), growing.append([5]))
        assert torch.equal(failing.append([6, 7]), growing.append([6, 7]))
    assert len(told) == 1
