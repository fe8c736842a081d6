"""The memory that is predicted is what is allocated, and what is advised fits, but only just."""

import re
from functools import cache
from typing import Any

import pytest
import torch
from tokenizers import Tokenizer
from torch.profiler import ProfilerActivity, profile

from actions.errors import EngineFailure
from model.engines.local import preflight
from model.engines.local.cache import KeyValueLayer, KeyValues
from model.engines.local.families import FAMILIES, blank
from model.engines.local.incremental import IncrementalModel
from model.engines.local.preflight import GIB, Plan, remedies
from model.engines.local.quantized import Bits
from model.engines.local.tokens import Vocabulary
from tests.model import tiny

CPU = torch.device("cpu")
HALF = torch.bfloat16


FAMILY_OF = {name: family for family in FAMILIES.values() for name in family.published}


@cache
def plan(name: str, bits: Bits | None = None) -> Plan:
    return Plan.released(FAMILY_OF[name], name, bits, HALF, CPU)


@pytest.mark.parametrize("dtype", [torch.float32, HALF])
def test_weights_keys_and_values_are_predicted_to_the_byte(
    dtype: torch.dtype, pair: tiny.Pair, small_tokenizer: Tokenizer
) -> None:
    architecture = type(pair.ours).__name__
    config = tiny.config_for(small_tokenizer, architecture)
    profile = tiny.profile_of(context=96, side=pair.side)
    plan = Plan.of(FAMILIES[architecture], config, profile, None, dtype, CPU)
    assert plan.need.weights == sum(weight.numel() * dtype.itemsize for weight in pair.ours.parameters())
    cache = KeyValues(plan.shape, profile.context, torch.empty(0, dtype=dtype))
    layers = [layer for layer in cache.layers if isinstance(layer, KeyValueLayer)]
    assert plan.need.context == sum(states.nbytes for layer in layers for states in layer.buffers())


@pytest.mark.parametrize(
    ("name", "weights"),
    [
        ("qwen2-vl-2b", 2_208_985_600),
        ("qwen2-vl-7b", 8_291_375_616),
        ("qwen2-vl-72b", 73_405_560_320),
        ("qwen2.5-vl-3b", 3_754_622_976),
        ("qwen2.5-vl-7b", 8_292_166_656),
        ("qwen2.5-vl-32b", 33_452_718_336),
        ("qwen2.5-vl-72b", 73_410_777_344),
        ("qwen3-vl-2b", 2_127_532_032),
        ("qwen3-vl-4b", 4_437_815_808),
        ("qwen3-vl-8b", 8_767_123_696),
        ("qwen3-vl-32b", 33_357_390_064),
    ],
)
def test_the_published_sizes_make_models_of_the_released_ones_weights(name: str, weights: int) -> None:
    found = plan(name)
    assert found.weights.total == weights
    assert found.shape.patch * found.shape.merge == found.profile.patch


def test_every_released_model_has_its_profile_and_smaller_ones_come_first() -> None:
    for family in FAMILIES.values():
        totals = [plan(name).weights.total for name in family.published]
        assert totals == sorted(totals)


WIDTHS: dict[str, tuple[str, dict[str, Any]]] = {
    "Qwen2VLForConditionalGeneration": ("qwen2-vl-2b", {"depth": 2, "embed_dim": 1280, "num_heads": 16}),
    "Qwen2_5_VLForConditionalGeneration": (
        "qwen2.5-vl-3b", {"depth": 2, "hidden_size": 1280, "num_heads": 16, "intermediate_size": 3420},
    ),
    "Qwen3VLForConditionalGeneration": (
        "qwen3-vl-8b", {"depth": 2, "hidden_size": 1152, "num_heads": 16, "intermediate_size": 4304,
                        "deepstack_visual_indexes": [0]},
    ),
}  # fmt: skip


@pytest.mark.parametrize("architecture", FAMILIES)
def test_encoding_a_picture_takes_the_working_memory_that_is_predicted(
    architecture: str, small_tokenizer: Tokenizer
) -> None:
    """Two vision layers at the published widths, without values; torch's profiler sees every allocation."""
    name, widths = WIDTHS[architecture]
    config = tiny.config_for(small_tokenizer, architecture)
    for width, value in widths.items():
        setattr(config.vision_config, width, value)
    made = blank(FAMILIES[architecture].model, config)
    model = IncrementalModel(made.to(HALF).to_empty(device="cpu").eval(), 64)
    side = tiny.side_of(made)
    tokens = Vocabulary(small_tokenizer, side).lay_out(tiny.question("", tiny.picture(1, 12, 16, side)))
    with torch.inference_mode(), profile(activities=[ProfilerActivity.CPU], profile_memory=True) as seen:
        model.embed(tokens, 0)
    working = [plan(name).changed(max_pixels=count * side**2).need.working for count in (8_000, 9_000)]
    assert (working[1] - working[0]) / 4000 == pytest.approx(peak(seen) / 768, rel=0.03)


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
        8.75,
        ["max_pixels = 973728 in a copy of its profile (--model FILE.toml)", "--context 25600", "--quantize 8"],
    ),
    ("qwen2.5-vl-7b", 6, ["--model qwen2.5-vl-3b --quantize 4"]),
    ("qwen2.5-vl-7b", 8, ["--model qwen2.5-vl-3b --quantize 8"]),
    ("qwen2.5-vl-7b", 12, ["--quantize 4", "--model qwen2.5-vl-3b"]),
    ("qwen2.5-vl-7b", 16, ["--quantize 8", "--model qwen2.5-vl-3b"]),
    ("qwen2.5-vl-7b", 17.5, ["--context 21504", "--quantize 8", "--model qwen2.5-vl-3b"]),
    ("qwen2.5-vl-72b", 24, ["--model qwen2.5-vl-7b"]),
    ("qwen2.5-vl-72b", 48, ["--model qwen2.5-vl-32b --quantize 8"]),
    ("qwen2.5-vl-72b", 64, ["--quantize 4", "--model qwen2.5-vl-32b --quantize 8"]),
    ("qwen2.5-vl-72b", 80, ["--quantize 4", "--model qwen2.5-vl-32b"]),
    ("qwen2.5-vl-72b", 139, ["--quantize 8", "--model qwen2.5-vl-32b"]),
    ("qwen2-vl-7b", 8, ["--model qwen2-vl-2b"]),
    ("qwen2-vl-72b", 24, ["--model qwen2-vl-7b"]),
    ("qwen3-vl-8b", 8, ["--model qwen3-vl-2b --quantize 8"]),
    ("qwen3-vl-8b", 12, ["--model qwen3-vl-4b --quantize 8"]),
    ("qwen3-vl-8b", 20, ["--context 16384", "--quantize 8", "--model qwen3-vl-4b"]),
]


@pytest.mark.parametrize(("name", "free_gib", "advised"), ADVICE)
def test_what_is_advised_is_what_fits(name: str, free_gib: float, advised: list[str]) -> None:
    assert list(remedies(plan(name), int(free_gib * GIB))) == advised


@pytest.mark.parametrize(("name", "free_gib", "advised"), ADVICE)
def test_every_remedy_fits_and_a_little_more_would_not(name: str, free_gib: float, advised: list[str]) -> None:
    for remedy in advised:
        enough, too_much = taken(plan(name), remedy)
        assert enough.fits(int(free_gib * GIB)), remedy
        assert not too_much.fits(int(free_gib * GIB)), remedy


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
        names = [*FAMILY_OF[name].published]
        above = names[names.index(name) + 1]
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
        preflight.check(plan("qwen2.5-vl-7b"), 16 * GIB)
    assert str(caught.value) == (
        "qwen2.5-vl-7b needs 18.18 GiB (15.45 for weights, 1.75 for context, 0.22 for pictures, 0.76 for working), "
        "and the machine has 16.00 GiB free. Any one of these makes it fit: --quantize 8; --model qwen2.5-vl-3b. "
        "Or free some memory, or run the model elsewhere with --engine server --server URL."
    )
    with pytest.raises(EngineFailure, match=r"2\.00 GiB free\. Take --model embedded, free some memory, or run"):
        preflight.check(plan("qwen2.5-vl-7b"), 2 * GIB)


MEASURED = {"qwen2.5-vl-3b": (9.83, 10.60, 11.41), "qwen2.5-vl-7b": (18.30, 19.23, 20.03)}
"""GiB on an H200, 26 November 2026: the peak of tensors, that of what torch held, and what the GPU held in the end."""


@pytest.mark.parametrize(("name", "measured"), MEASURED.items())
def test_on_a_gpu_what_was_measured_there_is_predicted(name: str, measured: tuple[float, ...]) -> None:
    """By the random model of those shapes, whose head is its own also where the released 3B shares the embedding's."""
    there = plan(name)._replace(device=torch.device("cuda"))
    head = 0 if name.endswith("7b") else there.shape.vocabulary * there.shape.hidden
    there = there._replace(weights=there.weights._replace(others=there.weights.others + head))
    predicted = sum(there.need) / GIB
    assert all(abs(gib / predicted - 1) < 0.15 for gib in measured)
    assert max(measured) < predicted * 1.01
    assert "for libraries" in str(there.need) and "for libraries" not in str(plan(name).need)
    with pytest.raises(EngineFailure, match="and the GPU has"):
        preflight.check(there, int((predicted - 0.01) * GIB))


def test_what_fits_passes() -> None:
    needed = sum(plan("qwen2.5-vl-7b").need)
    preflight.check(plan("qwen2.5-vl-7b"), needed)
    preflight.check(plan("qwen2.5-vl-7b"), None)
    with pytest.raises(EngineFailure):
        preflight.check(plan("qwen2.5-vl-7b"), needed - 1)


def test_free_memory_is_told_here() -> None:
    free = preflight.free_bytes(CPU)
    assert free is None or 0 < free < 2**50
