"""The memory that is predicted is what is allocated, and what is advised fits, but only just."""

import re
from typing import Any

import pytest
import torch
from tokenizers import Tokenizer
from torch.profiler import ProfilerActivity, profile

from actions.errors import EngineFailure
from model import profile as profiles
from model.engines.local import preflight
from model.engines.local.cache import KeyValueLayer, KeyValues
from model.engines.local.incremental import IncrementalModel
from model.engines.local.preflight import GIB, Plan, remedies
from model.engines.local.quantized import Bits
from model.engines.local.shape import PUBLISHED, Shape
from model.engines.local.tokens import Vocabulary
from tests.model import tiny

CPU = torch.device("cpu")
HALF = torch.bfloat16


def plan(name: str, bits: Bits | None = None) -> Plan:
    return Plan(PUBLISHED[name], profiles.load(name), bits, HALF)


@pytest.mark.parametrize("dtype", [torch.float32, HALF])
def test_weights_keys_and_values_are_predicted_to_the_byte(dtype: torch.dtype, tiny_model: tiny.Model) -> None:
    profile = tiny.profile_of(context=96)
    shape = Shape.of(tiny_model.config)
    need = Plan(shape, profile, None, dtype).need
    assert need.weights == sum(weight.numel() * dtype.itemsize for weight in tiny_model.parameters())
    cache = KeyValues(shape, profile.context, torch.empty(0, dtype=dtype))
    layers = [layer for layer in cache.layers if isinstance(layer, KeyValueLayer)]
    assert need.context == sum(states.nbytes for layer in layers for states in layer.buffers())


@pytest.mark.parametrize(
    ("name", "weights", "vision"),
    [
        ("qwen2.5-vl-3b", 3_754_622_976, 668_684_288),
        ("qwen2.5-vl-7b", 8_292_166_656, 676_550_144),
        ("qwen2.5-vl-32b", 33_452_718_336, 688_841_984),
        ("qwen2.5-vl-72b", 73_410_777_344, 704_573_696),
    ],
)
def test_the_published_shapes_have_as_many_weights_as_the_library_makes_of_them(
    name: str, weights: int, vision: int
) -> None:
    """Its models were made without memory, on the meta device, and their weights counted."""
    shape = PUBLISHED[name]
    assert shape.projections + shape.other_weights == weights
    assert shape.vision_weights == vision


def test_encoding_a_picture_takes_the_working_memory_that_is_predicted(
    small_tokenizer: Tokenizer, vocabulary: Vocabulary
) -> None:
    """Two vision layers at the published widths, without values; torch's profiler sees every allocation."""
    config = tiny.config_for(small_tokenizer)
    vision: Any = config.vision_config
    vision.depth, vision.hidden_size, vision.num_heads, vision.intermediate_size = 2, 1280, 16, 3420
    with torch.device("meta"):
        made: Any = tiny.Model(config)
    model = IncrementalModel(made.to(HALF).to_empty(device="cpu").eval(), 64)
    tokens = vocabulary.lay_out(tiny.question("", tiny.picture(1, 6, 8)))
    with torch.inference_mode(), profile(activities=[ProfilerActivity.CPU], profile_memory=True) as seen:
        model.embed(tokens, 0)
    working = [plan("qwen2.5-vl-3b").changed(max_pixels=pixels).need.working for pixels in (8_000 * 784, 9_000 * 784)]
    assert (working[1] - working[0]) / 4000 == pytest.approx(peak(seen) / 192, rel=0.03)


def peak(seen: profile) -> int:
    """The most bytes that were held at once."""
    held = most = 0
    results: Any = getattr(seen.profiler, "kineto_results", None)  # not typed there
    events = [event for event in results.events() if event.name() == "[memory]"]
    for event in sorted(events, key=lambda event: event.start_ns()):
        held += event.nbytes()
        most = max(most, held)
    return most


ADVICE = [
    ("qwen2.5-vl-3b", 4, []),
    ("qwen2.5-vl-3b", 6, ["--quantize 4"]),
    ("qwen2.5-vl-3b", 8, ["--context 6144", "--quantize 8"]),
    (
        "qwen2.5-vl-3b",
        9,
        ["max_pixels = 1524096 in a copy of its profile (--model FILE.toml)", "--context 29696", "--quantize 8"],
    ),
    ("qwen2.5-vl-7b", 6, ["--model qwen2.5-vl-3b --quantize 4"]),
    ("qwen2.5-vl-7b", 8, ["--model qwen2.5-vl-3b --quantize 8"]),
    ("qwen2.5-vl-7b", 12, ["--quantize 4", "--model qwen2.5-vl-3b"]),
    ("qwen2.5-vl-7b", 16, ["--quantize 8", "--model qwen2.5-vl-3b"]),
    ("qwen2.5-vl-7b", 18, ["--context 26624", "--quantize 8", "--model qwen2.5-vl-3b"]),
    ("qwen2.5-vl-72b", 24, ["--model qwen2.5-vl-7b"]),
    ("qwen2.5-vl-72b", 48, ["--model qwen2.5-vl-32b --quantize 8"]),
    ("qwen2.5-vl-72b", 64, ["--quantize 4", "--model qwen2.5-vl-32b --quantize 8"]),
    ("qwen2.5-vl-72b", 80, ["--quantize 4", "--model qwen2.5-vl-32b"]),
    ("qwen2.5-vl-72b", 139, ["--quantize 8", "--model qwen2.5-vl-32b"]),
]


@pytest.mark.parametrize(("name", "free_gib", "advised"), ADVICE)
def test_what_is_advised_is_what_fits(name: str, free_gib: int, advised: list[str]) -> None:
    assert list(remedies(plan(name), free_gib * GIB)) == advised


@pytest.mark.parametrize(("name", "free_gib", "advised"), ADVICE)
def test_every_remedy_fits_and_a_little_more_would_not(name: str, free_gib: int, advised: list[str]) -> None:
    for remedy in advised:
        enough, too_much = taken(plan(name), remedy)
        assert enough.fits(free_gib * GIB), remedy
        assert not too_much.fits(free_gib * GIB), remedy


def taken(before: Plan, remedy: str) -> tuple[Plan, Plan]:
    """The plan that a remedy makes, and the next greedier one."""
    larger: dict[Bits | None, Bits | None] = {4: 8, 8: None}
    bits: Bits | None = 4 if "--quantize 4" in remedy else 8 if "--quantize 8" in remedy else None
    if found := re.match(r"max_pixels = (\d+) ", remedy):
        cap = int(found[1])
        return before.changed(max_pixels=cap), before.changed(max_pixels=cap + 784)
    if found := re.match(r"--context (\d+)$", remedy):
        context = int(found[1])
        return before.changed(context=context), before.changed(context=context + 1024)
    if found := re.match(r"--model (\S+)", remedy):
        name = found[1]
        above = [*PUBLISHED][[*PUBLISHED].index(name) + 1]
        return plan(name, bits), plan(name, larger[bits]) if bits else plan(above)
    return before._replace(bits=bits), before._replace(bits=larger[bits])


def test_who_quantises_already_is_told_of_fewer_bits_only() -> None:
    assert list(remedies(plan("qwen2.5-vl-7b", 8), 10 * GIB)) == ["--quantize 4", "--model qwen2.5-vl-3b"]
    assert list(remedies(plan("qwen2.5-vl-7b", 4), 7 * GIB)) == ["--model qwen2.5-vl-3b"]


def test_a_pixel_cap_is_advised_where_the_picture_is_what_is_too_large() -> None:
    native = plan("qwen2.5-vl-7b").changed(max_pixels=12_845_056)
    free = sum(plan("qwen2.5-vl-7b").need)
    assert next(remedies(native, free)) == "max_pixels = 2007040 in a copy of its profile (--model FILE.toml)"


def test_what_does_not_fit_is_refused_with_the_numbers_and_the_remedies() -> None:
    with pytest.raises(EngineFailure) as caught:
        preflight.check(plan("qwen2.5-vl-7b"), 16 * GIB, CPU)
    assert str(caught.value) == (
        "qwen2.5-vl-7b needs 18.38 GiB (15.45 for weights, 1.75 for context, 0.22 for pictures, 0.97 for working), "
        "and the machine has 16.00 GiB free. Any one of these makes it fit: --quantize 8; --model qwen2.5-vl-3b. "
        "Or free some memory, or run the model elsewhere with --engine server --server URL."
    )
    with pytest.raises(EngineFailure, match=r"2\.00 GiB free\. Take --model embedded, free some memory, or run"):
        preflight.check(plan("qwen2.5-vl-7b"), 2 * GIB, CPU)


def test_what_fits_passes() -> None:
    needed = sum(plan("qwen2.5-vl-7b").need)
    preflight.check(plan("qwen2.5-vl-7b"), needed, CPU)
    preflight.check(plan("qwen2.5-vl-7b"), None, CPU)
    with pytest.raises(EngineFailure):
        preflight.check(plan("qwen2.5-vl-7b"), needed - 1, CPU)


def test_free_memory_is_told_here() -> None:
    free = preflight.free_bytes(CPU)
    assert free is None or 0 < free < 2**50
