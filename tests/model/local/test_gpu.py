"""The engine on a GPU, against transformers' own classes on the CPU in float32 and on the same GPU in bfloat16.

`SCREENHAND_GPU_TESTS_ON=cpu` runs these tests without a GPU, which tries the tests themselves; passes are not captured
as CUDA graphs then but done again.
"""

import math
import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pytest
import torch
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention

from actions.action import ActionSpace
from actions.geometry import Size
from actions.mouse import MOUSE
from model import profile as profiles
from model.embedded import run as training
from model.embedded import shards
from model.engine import Generated, Grammar, Prompt, Text
from model.engines.local import attention
from model.engines.local.engine import LocalEngine
from model.engines.local.incremental import IncrementalModel
from model.engines.local.load import load
from model.engines.local.tokens import Tokens
from prompts import notations
from tests.model import tiny
from tests.model.local.holding import allows, constraints_of
from tests.model.local.test_graphs import Uncaptured
from tests.model.local.test_incremental import Run
from tests.model.squares import screen

DEVICE = torch.device(os.environ.get("SCREENHAND_GPU_TESTS_ON", "cuda"))
pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(DEVICE.type == "cuda" and not torch.cuda.is_available(), reason="there is no CUDA device"),
]
EXACT = 1e-4
"""Of the norm, in float32: sums in another order, and products in parts on the matrix units."""
DTYPES = pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=["float32", "bfloat16"])
POINTING = notations.load("tool_call", ActionSpace(MOUSE)).pointing(Size(168, 224))
QUESTIONS = ("Red.", "The blue one on the left.", "OK", "Where is the search field of this page?")


@pytest.fixture(autouse=True)
def whole_precision(monkeypatch: pytest.MonkeyPatch) -> None:
    """By itself torch computes float32 convolutions, such as the encoder's first layer, in a shorter format."""
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", False)


class Held(NamedTuple):
    """A family's model by us on the GPU, by the library on the GPU, and by both on the CPU in float32."""

    ours: IncrementalModel
    there: tiny.Pair
    here: tiny.Pair

    def check(self, logits: Tensor, tokens: Tokens) -> None:
        """Ours are the library's on the CPU; in bfloat16, but for twice what the library loses there itself."""
        expected = tiny.library_logits(self.here.stock, tokens)
        assert expected.std() > 0.5  # flat logits would agree whatever was computed
        allowed = EXACT
        if self.there.ours.dtype is torch.bfloat16:
            allowed += 2 * distance(tiny.library_logits(self.there.stock, tokens), expected)
        assert distance(logits, expected) < allowed


def distance(found: Tensor, expected: Tensor) -> float:
    """Relative to the norm of what is expected."""
    right = expected.double().cpu()
    return float((found.double().cpu() - right).norm() / right.norm())


def incremental(model: tiny.Model) -> IncrementalModel:
    return IncrementalModel(model, 4096, Uncaptured() if DEVICE.type == "cpu" else None)


def engine_of(model: tiny.Model, tokenizer: Tokenizer, side: int) -> LocalEngine:
    engine = LocalEngine(model, tokenizer, tiny.profile_of(side=side))
    engine._model = incremental(model)
    return engine


@pytest.fixture
def held(dtype: torch.dtype, released_folder: Path, pair: tiny.Pair, small_tokenizer: Tokenizer) -> Held:
    there = tiny.read_twice(released_folder, small_tokenizer, DEVICE, dtype)
    return Held(incremental(there.ours), there, pair)


@pytest.fixture
def exact(released_folder: Path, small_tokenizer: Tokenizer) -> tiny.Pair:
    """In float32, where replies are the same token by token."""
    return tiny.read_twice(released_folder, small_tokenizer, DEVICE, torch.float32)


@DTYPES
def test_an_episode_that_grows_and_turns_back_has_the_librarys_logits(held: Held) -> None:
    """Prefixes are reused; tokens are appended one by one and several at once, taken back, and written over."""
    run, encode, lay_out = Run(3, held.here.side), held.here.vocabulary.encode, held.here.vocabulary.lay_out
    known = 0
    for _ in range(4):
        before, tokens = held.ours.tokens_computed, lay_out(run.prompt)
        held.check(held.ours.prefill(tokens), tokens)
        assert held.ours.tokens_computed - before == len(tokens.ids) - known
        held.ours.append(encode("No."))
        held.ours.take_back(len(encode("No.")))
        kept = encode("I see it, ")
        held.ours.append(kept[:1])
        rows = held.ours.append([*kept[1:], *encode("*RESULT*: stray")])
        run.parts.append(Generated("I see it, ", kept))
        held.check(rows[len(kept) - 2], lay_out(run.prompt))
        known = len(lay_out(run.prompt).ids)
        run.parts += [Text("(no)"), run.look(), Text("\n*RETURN*:")]
    assert held.ours.graphs
    assert {width for width, _ in held.ours.graphs._passes} == {1, 16}, "nothing was captured"


@DTYPES
def test_two_episodes_in_turn_never_mix(held: Held) -> None:
    one, other = Run(4, held.here.side), Run(5, held.here.side)
    for _ in range(2):
        for run in (one, other):
            tokens = held.here.vocabulary.lay_out(run.prompt)
            held.check(held.ours.prefill(tokens), tokens)
            run.grow()


def test_graphs_write_what_growing_passes_write(exact: tiny.Pair, small_tokenizer: Tokenizer) -> None:
    """With a grammar and without, and where prompt lookup guesses."""
    fixed, growing = (engine_of(exact.ours, small_tokenizer, exact.side) for _ in range(2))
    growing.model.graphs = None
    assert fixed.model.graphs
    for seed, grammar in enumerate(
        [None, POINTING, None, Grammar("", 'root ::= "Click " [0-9]{3} ", and no other place"')]
    ):
        prompt = tiny.question("Go. Go. Go.", tiny.picture(seed, side=exact.side))._replace(grammar=grammar)
        assert fixed.generate(prompt, (), 60) == growing.generate(prompt, (), 60)
    assert fixed.model.graphs._passes, "nothing was captured"


def test_a_held_reply_is_the_one_that_the_cpu_gives(
    exact: tiny.Pair, pair: tiny.Pair, small_tokenizer: Tokenizer
) -> None:
    there = engine_of(exact.ours, small_tokenizer, exact.side)
    here = LocalEngine(pair.ours, small_tokenizer, tiny.profile_of(side=pair.side))
    for seed in range(3):
        prompt = tiny.question("Click it.", tiny.picture(seed, side=pair.side))._replace(grammar=POINTING)
        reply = there.generate(prompt, (), 120)
        assert (
            allows(constraints_of("small"), POINTING.rules.removeprefix("root ::= "), reply.text) and not reply.cut_off
        )
        assert reply == here.generate(prompt, (), 120)


@pytest.mark.parametrize("grammar", [None, POINTING], ids=["free", "held"])
def test_a_batch_replies_as_one_by_one(grammar: Grammar | None, exact: tiny.Pair, small_tokenizer: Tokenizer) -> None:
    """Rows of all lengths, so that masks of all widths are met."""
    engine = engine_of(exact.ours, small_tokenizer, exact.side)
    prompts = [
        tiny.question(text, tiny.picture(seed, 4, 5, exact.side))._replace(grammar=grammar)
        for seed in (1, 2)
        for text in QUESTIONS
    ]
    limit = 120 if grammar else 20
    expected = [engine.generate(prompt, (), limit) for prompt in prompts]
    assert len({completion.text for completion in expected}) > 1
    assert engine.generate_batch(prompts, (), limit) == expected


@DTYPES
def test_a_batch_in_any_precision_keeps_to_the_grammar(held: Held, small_tokenizer: Tokenizer) -> None:
    engine = engine_of(held.there.ours, small_tokenizer, held.there.side)
    prompts = [
        tiny.question(text, tiny.picture(1, 4, 5, held.there.side))._replace(grammar=POINTING) for text in QUESTIONS
    ]
    for reply in engine.generate_batch(prompts, (), 120):
        assert (
            allows(constraints_of("small"), POINTING.rules.removeprefix("root ::= "), reply.text) and not reply.cut_off
        )


@DTYPES
@pytest.mark.parametrize(("heads", "key_heads", "width"), [(16, 2, 128), (28, 4, 128), (4, 2, 24)])
@pytest.mark.parametrize(("known", "new"), [(0, 77), (300, 1), (300, 77)])
def test_text_attention_is_plain_arithmetic(
    known: int, new: int, heads: int, key_heads: int, width: int, dtype: torch.dtype
) -> None:
    """At the heads of the 3B and the 7B, against float64."""
    query, key, value = states(1, heads, new, width), *(states(1, key_heads, known + new, width) for _ in range(2))
    mask = torch.ones(new, known + new, dtype=torch.bool).tril(known)
    expected = scaled_dot_product_attention(query, key, value, attn_mask=mask, enable_gqa=True).transpose(1, 2)
    query, key, value = (told.to(DEVICE, dtype) for told in (query, key, value))
    ours, _ = attention.attend_text(torch.nn.Module(), query, key, value, None)
    masked, _ = attention.attend_text(torch.nn.Module(), query, key, value, mask[None, None].to(DEVICE))
    allowed = 1e-2 if dtype is torch.bfloat16 else 1e-5
    assert distance(ours, expected) < allowed and distance(masked, expected) < allowed


@DTYPES
@pytest.mark.parametrize("own", [1, 7, 8, 33])
def test_rows_see_a_shared_past_and_of_their_own_what_the_mask_says(own: int, dtype: torch.dtype) -> None:
    rows, known, width = 3, 50, 128
    query, key, value = states(rows, 16, 1, width), states(rows, 2, own, width), states(rows, 2, own, width)
    before = states(1, 2, known, width), states(1, 2, known, width)
    seen = torch.arange(own) < torch.tensor([own, 1, max(own - 2, 1)])[:, None]
    keys, values = (torch.cat([told.expand(rows, -1, -1, -1), own], 2) for told, own in zip(before, (key, value)))  # noqa: B905
    whole = torch.cat([torch.ones(rows, known, dtype=torch.bool), seen], 1)[:, None, None]
    expected = scaled_dot_product_attention(query, keys, values, attn_mask=whole, enable_gqa=True).transpose(1, 2)
    module = torch.nn.Module()
    module.layer_idx = 0  # type: ignore[assignment]  # as the library's layers have it
    past = attention.Past(*([told.to(DEVICE, dtype)] for told in before))
    bias = torch.zeros(seen.shape).masked_fill(~seen, -math.inf)[:, None, None].to(DEVICE, dtype)
    query, key, value = (told.to(DEVICE, dtype) for told in (query, key, value))
    ours, _ = attention.attend_text(module, query, key, value, bias, None, past)
    assert distance(ours, expected) < (1e-2 if dtype is torch.bfloat16 else 1e-5)


def states(rows: int, heads: int, tokens: int, width: int) -> Tensor:
    generator = torch.Generator().manual_seed(rows + heads + tokens + width)
    return torch.randn(rows, heads, tokens, width, generator=generator, dtype=torch.float64)


def test_the_embedded_model_answers_on_the_gpu_as_on_the_cpu(small_tokenizer: Tokenizer) -> None:
    here, there = (embedded(device, torch.float32, small_tokenizer) for device in (torch.device("cpu"), DEVICE))
    for prompt in PRESSING:
        assert there.generate(prompt, (), 48) == here.generate(prompt, (), 48)


def test_in_bfloat16_the_embedded_models_logits_are_off_by_its_rounding_alone(small_tokenizer: Tokenizer) -> None:
    """Compared with float32 on the CPU along the same reply: at most twice the error of bfloat16 on the CPU.

    The replies themselves may differ, those of bfloat16 and float32 on one CPU too: the pictures are noise, and some
    tokens' best two logits are closer to each other than the rounding. Where they are not, the best one stays the best.
    A margin of 12 times the root mean square of an error is more than 8 times that of the difference of two.
    """
    cpu = torch.device("cpu")
    exact, rounded = (embedded(cpu, dtype, small_tokenizer) for dtype in (torch.float32, torch.bfloat16))
    there = embedded(DEVICE, torch.bfloat16, small_tokenizer)
    replies = [exact.generate(prompt, (), 48).ids for prompt in PRESSING]
    expected, costly, found = (
        torch.cat([told(engine, prompt, ids) for prompt, ids in zip(PRESSING, replies, strict=True)])
        for engine in (exact, rounded, there)
    )
    assert distance(found, expected) < 2 * distance(costly, expected)
    best = expected.topk(2).values
    clear = best[:, 0] - best[:, 1] > 12 * (costly - expected).square().mean().sqrt()
    assert clear.float().mean() > 0.3  # else little was compared
    assert torch.equal(found[clear].argmax(1), expected[clear].argmax(1))


PRESSING = [tiny.question("Click button ONE.", tiny.picture(seed)) for seed in range(8)]


def embedded(device: torch.device, dtype: torch.dtype, tokenizer: Tokenizer) -> LocalEngine:
    profile = profiles.load("embedded")
    engine = LocalEngine(load(tiny.EMBEDDED, profile, device, dtype), tokenizer, profile)
    if device == DEVICE:
        engine._model = incremental(engine.model._model)
    return engine


def told(engine: LocalEngine, prompt: Prompt, ids: Sequence[int]) -> Tensor:
    """The logits before each token of a reply: [tokens, vocabulary]."""
    rows = [engine.model.prefill(engine.vocabulary.lay_out(prompt))[None]]
    rows += [engine.model.append([id]) for id in ids[:-1]]
    return torch.cat(rows)[:, : engine.vocabulary.size].cpu()


def test_memory_that_ran_out_is_given_back_and_the_reply_is_the_same(
    exact: tiny.Pair, small_tokenizer: Tokenizer
) -> None:
    engine = engine_of(exact.ours, small_tokenizer, exact.side)
    prompt = tiny.question("Go.", tiny.picture(1, side=exact.side))
    expected = engine.generate(prompt, (), 10)
    engine.model.make_room()
    assert engine.generate(prompt, (), 10) == expected


@pytest.mark.parametrize("scale", [1, 2])
def test_a_training_step_in_bfloat16_has_the_gradient_of_float32(scale: int, tmp_path: Path) -> None:
    """Finite on the first step, whatever kernels the device has for these lengths: 192 and 768 patches."""
    shards.write(tmp_path / "squares.jsonl.gz", (screen(number, scale) for number in range(24)))
    run = training.start(tiny.EMBEDDED, tmp_path, minutes=1.0, seed=3)
    run.seconds = training.READ_UNTIL * 60
    batch = run.decks.batch(8).to(run.device)

    def gradient() -> Tensor:
        run.total(run.losses(batch)).backward()  # type: ignore[no-untyped-call]
        grads = [weight.grad for weight, _ in run.masters if weight.grad is not None]
        flat = torch.cat([grad.double().flatten() for grad in grads])
        for weight, _ in run.masters:
            weight.grad = None
        return flat

    coarse = gradient()
    with torch.no_grad():
        for weight, copy in run.masters:
            weight.data = copy.data.clone()
    exact = gradient()
    assert coarse.isfinite().all() and torch.cosine_similarity(coarse, exact, 0) > 0.9
