"""Weights in 8 or 4 bits: really quantised, on the CPU, and run by our own model."""

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from actions.errors import EngineFailure, UsageError
from agent import flags
from model.engines import EngineOptions, connect
from model.engines.local import quantized
from model.engines.local.engine import LocalEngine
from model.engines.local.families import blank
from model.engines.local.incremental import IncrementalModel
from model.engines.local.load import load
from model.engines.local.quantized import Bits
from model.engines.local.shape import Weights
from model.engines.local.tokens import Vocabulary
from tasks.options import Options
from tests.model import tiny

CPU = torch.device("cpu")
BITS = pytest.mark.parametrize("bits", [8, 4])


@pytest.fixture(scope="module")
def models(tiny_model: tiny.Model, tmp_path_factory: pytest.TempPathFactory) -> dict[int, tiny.Model]:
    """The tiny model, by bits; what it computes changes how it is stored."""
    folder = tmp_path_factory.mktemp("weights")
    tiny_model.save_pretrained(folder)
    return {bits: load(folder, tiny.profile_of(), CPU, torch.bfloat16, bits) for bits in (8, 4)}


@BITS
def test_only_the_language_models_projections_are_quantised(bits: Bits, models: dict[int, tiny.Model]) -> None:
    kinds: dict[str, set[str]] = {"visual": set(), "language_model": set(), "lm_head": set()}
    for name, module in models[bits].named_modules():
        if isinstance(module, nn.Linear):
            kinds[next(part for part in kinds if part in name)].add(type(module).__name__)
    name = {8: "Linear8bitLt", 4: "Linear4bit"}[bits]
    assert kinds == {"visual": {"Linear"}, "language_model": {name}, "lm_head": {"Linear"}}


def test_our_pass_is_the_librarys_and_eight_bits_are_nearer_to_the_whole_weights_than_four(
    models: dict[int, tiny.Model], tiny_model: tiny.Model, vocabulary: Vocabulary, caplog: pytest.LogCaptureFixture
) -> None:
    tokens = vocabulary.lay_out(tiny.question("Click.", tiny.picture(1)))
    whole = tiny.library_logits(tiny_model, tokens)
    off = {}
    for bits, model in models.items():
        found = IncrementalModel(model, 512).prefill(tokens)
        assert (found - tiny.library_logits(model, tokens)).norm() < 0.02 * found.norm()
        off[bits] = float((found - whole).norm() / whole.norm())
    assert 0 < off[8] < 0.1 < off[4] < 0.7
    assert not [record for record in caplog.records if record.name.startswith("bitsandbytes")]


@BITS
def test_quantised_weights_take_as_many_bytes_as_predicted(bits: Bits, tiny_folder: Path) -> None:
    model = load(tiny_folder, tiny.profile_of(), CPU, torch.bfloat16, bits)

    def scales(weight: Any) -> int:
        found = getattr(weight, "SCB", None) if bits == 8 else getattr(weight, "quant_state", None)
        if found is None:
            return 0
        size: int = found.nbytes if bits == 8 else found.absmax.nbytes
        return size

    held = sum(weight.nbytes + scales(weight) for weight in model.parameters())
    assert held == quantized.weight_bytes(Weights.of(blank(type(model), model.config)), bits, torch.bfloat16)


def test_the_flag_reaches_the_weights(tiny_folder: Path) -> None:
    given = flags.parsed(["Click.", "--quantize", "8", "--weights", str(tiny_folder)])
    profile = tiny.profile_of()
    with closing(connect("local", profile, Options.chosen(given).engine_options())) as engine:
        assert isinstance(engine, LocalEngine)
        projection = engine.model._model.model.language_model.layers[0].mlp.up_proj
        assert projection.weight.dtype is torch.int8


@pytest.mark.parametrize("value", ["5", "four"])
def test_other_numbers_of_bits_are_refused(value: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        flags.parser().parse_args(["Click.", "--quantize", value])
    assert value in capsys.readouterr().err


def test_without_the_flag_the_weights_stay_whole() -> None:
    given = flags.parsed(["Click."])
    assert Options.chosen(given).engine_options() == EngineOptions()
    assert quantized.settings(None, None, CPU, torch.bfloat16) == {}


def test_the_library_is_told_to_compute_in_the_models_type_and_to_spare_the_vision_encoder(
    pair: tiny.Pair,
) -> None:
    options = quantized.settings(pair.stock, 4, torch.device("cuda"), torch.bfloat16)
    config = options["quantization_config"]
    assert options["device_map"] == {"": torch.device("cuda")}
    assert (config.load_in_4bit, config.load_in_8bit, config.bnb_4bit_quant_type) == (True, False, "nf4")
    assert config.bnb_4bit_compute_dtype is torch.bfloat16
    assert config.llm_int8_skip_modules == ["model.visual", "lm_head"]
    assert quantized.settings(pair.stock, 8, CPU, torch.bfloat16)["quantization_config"].load_in_8bit


def test_a_missing_package_is_named_with_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(
        UsageError, match=r"--quantize 4 needs the package 'bitsandbytes'.*pip install '\.\[quantized\]'"
    ):
        quantized.require_packages(4)


def test_weights_that_are_quantised_already_are_refused_with_both_ways_out(tiny_folder: Path) -> None:
    path = tiny_folder / "config.json"
    awq = {"quant_method": "awq", "bits": 4, "group_size": 128, "version": "gemm", "modules_to_not_convert": ["visual"]}
    path.write_text(json.dumps(json.loads(path.read_text()) | {"quantization_config": awq}))
    with pytest.raises(EngineFailure, match=r"quantised already \(awq\).*--quantize 4.*--engine server --server URL"):
        load(tiny_folder, tiny.profile_of(), CPU, torch.bfloat16)
