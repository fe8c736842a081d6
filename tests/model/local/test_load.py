"""Loading is quiet and offline, reads checkpoints of either generation, and refuses what it cannot run."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from actions.errors import EngineFailure
from model import profile as profiles
from model.engines import EngineOptions, connect
from model.engines.local.load import load
from model.engines.local.tokens import Vocabulary
from tests.model import tiny

CPU = torch.device("cpu")
ROOT = Path(__file__).parent.parent.parent.parent


def started(folder: Path) -> None:
    connect("local", tiny.profile_of(), EngineOptions(weights=str(folder))).close()


def edit(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    config = json.loads(path.read_text())
    change(config)
    path.write_text(json.dumps(config))


def test_a_saved_model_answers_as_before(tiny_folder: Path, tiny_model: tiny.Model, vocabulary: Vocabulary) -> None:
    loaded = load(tiny_folder, tiny.profile_of(), CPU, torch.float32)
    tokens = vocabulary.lay_out(tiny.question("Click.", tiny.picture(1)))
    assert torch.equal(tiny.library_logits(loaded, tokens), tiny.library_logits(tiny_model, tokens))


def test_the_layout_of_the_published_checkpoints_is_read(
    tiny_folder: Path, tiny_model: tiny.Model, vocabulary: Vocabulary
) -> None:
    """They have one flat configuration with `rope_scaling`, and tensors without `language_model` in their names."""
    config = json.loads((tiny_folder / "config.json").read_text())
    text = config.pop("text_config")
    rope = text.pop("rope_parameters")
    scaling = {"type": "mrope", "mrope_section": rope["mrope_section"]}
    text |= {"rope_theta": rope["rope_theta"], "rope_scaling": scaling}
    kept = ("image_token_id", "video_token_id", "vision_start_token_id", "vision_end_token_id", "vision_config")
    flat = text | {key: config[key] for key in kept}
    flat |= {"architectures": config["architectures"], "model_type": "qwen2_5_vl", "tie_word_embeddings": False}
    flat |= {"transformers_version": "4.41.2", "torch_dtype": "bfloat16"}
    del flat["layer_types"]
    (tiny_folder / "config.json").write_text(json.dumps(flat))
    tensors = load_file(tiny_folder / "model.safetensors")
    renamed = {
        name.replace("model.language_model.", "model.").replace("model.visual.", "visual."): tensor
        for name, tensor in tensors.items()
    }
    save_file(renamed, tiny_folder / "model.safetensors", {"format": "pt"})
    loaded = load(tiny_folder, tiny.profile_of(), CPU, torch.float32)
    tokens = vocabulary.lay_out(tiny.question("Click.", tiny.picture(1)))
    assert torch.equal(tiny.library_logits(loaded, tokens), tiny.library_logits(tiny_model, tokens))


def test_starting_prints_nothing_and_warns_of_nothing() -> None:
    code = (
        "from model import profile; from model.engines import EngineOptions, connect; "
        "connect('local', profile.load('embedded'), EngineOptions()).close()"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_absent_weights_are_refused_with_every_way_out() -> None:
    profile = profiles.load("embedded").model_copy(update={"name": "far", "weights": "nobody/no-such-weights"})
    with pytest.raises(EngineFailure) as caught:
        connect("local", profile, EngineOptions())
    for remedy in ("hf download nobody/no-such-weights", "--weights FOLDER", "--engine server", "--model embedded"):
        assert remedy in str(caught.value)


def test_another_architecture_is_refused_by_name(tiny_folder: Path) -> None:
    edit(tiny_folder / "config.json", lambda config: config.update(architectures=["LlamaForCausalLM"]))
    with pytest.raises(EngineFailure, match=r"LlamaForCausalLM.*--engine server"):
        started(tiny_folder)


def test_what_the_engine_would_compute_wrongly_is_refused(tiny_folder: Path) -> None:
    processor = tiny_folder / "preprocessor_config.json"
    processor.write_text('{"image_mean": [0.5, 0.5, 0.5]}')
    with pytest.raises(EngineFailure, match=r"image_mean = \[0\.5, 0\.5, 0\.5\], but.*0\.48145466"):
        started(tiny_folder)
    processor.unlink()
    edit(
        tiny_folder / "config.json", lambda config: config["text_config"].update(layer_types=["sliding_attention"] * 3)
    )
    with pytest.raises(EngineFailure, match="sliding window"):
        started(tiny_folder)


def test_a_profile_of_another_patch_size_is_refused(tiny_folder: Path) -> None:
    with pytest.raises(EngineFailure, match=r"patch = 32.*28 pixels"):
        load(tiny_folder, tiny.profile_of().model_copy(update={"patch": 32}), CPU, torch.float32)


def test_a_broken_configuration_is_refused(tiny_folder: Path) -> None:
    (tiny_folder / "config.json").write_text("{")
    with pytest.raises(EngineFailure, match=r"config\.json cannot be read"):
        started(tiny_folder)
    (tiny_folder / "config.json").write_text(
        '{"architectures": ["Qwen2_5_VLForConditionalGeneration"], "text_config": {"hidden_size": "large"}}'
    )
    with pytest.raises(EngineFailure, match=r"config\.json cannot be read"):
        started(tiny_folder)


def test_half_a_download_is_refused(tiny_folder: Path) -> None:
    weights = tiny_folder / "model.safetensors"
    content = weights.read_bytes()
    weights.write_bytes(content[: len(content) // 2])
    with pytest.raises(EngineFailure, match=f"has {len(content) // 2} bytes of {len(content)}.*hf download"):
        started(tiny_folder)
    weights.unlink()
    with pytest.raises(EngineFailure, match="a configuration but no tensors"):
        started(tiny_folder)


def changed(folder: Path, change: Callable[[dict[str, torch.Tensor]], object]) -> None:
    tensors = load_file(folder / "model.safetensors")
    change(tensors)
    save_file(tensors, folder / "model.safetensors", {"format": "pt"})


NORM = "model.language_model.layers.1.input_layernorm.weight"
RELEASED_NORM = "model.layers.1.input_layernorm.weight"
"""How the files name it."""


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda tensors: tensors.pop(RELEASED_NORM), f"1 tensors are missing, {NORM} for one"),
        (
            lambda tensors: tensors.update({RELEASED_NORM: torch.ones(65)}),
            f"1 tensors have another shape than config.json says, {NORM} (65, not 64) for one",
        ),
        (
            lambda tensors: tensors.update({"model.language_model.layers.7.mlp.up_proj.weight": torch.ones(2, 2)}),
            "1 tensors have no place in the model that config.json describes, "
            "model.language_model.layers.7.mlp.up_proj.weight for one",
        ),
    ],
)
def test_tensors_that_do_not_fit_are_refused_by_name(
    change: Callable[[dict[str, torch.Tensor]], object], message: str, tiny_folder: Path
) -> None:
    changed(tiny_folder, change)
    with pytest.raises(EngineFailure) as caught:
        started(tiny_folder)
    assert message in str(caught.value)
