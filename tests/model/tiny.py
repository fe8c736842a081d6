"""Tiny models with random weights, made on the fly, and the library's own answer for a prompt."""

import json
import random
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import torch
from PIL import Image
from safetensors.torch import save_file
from tokenizers import Tokenizer
from torch import Tensor
from transformers import AutoModelForImageTextToText, LogitsProcessorList
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil

from model import profile as profiles
from model.engine import Message, Picture, Prompt, Text
from model.engines.local.families import FAMILIES
from model.engines.local.load import load
from model.engines.local.shape import Shape
from model.engines.local.tokens import Tokens, Vocabulary
from model.profile import Profile

EMBEDDED = Path(__file__).parent.parent.parent / "model" / "embedded"
PADDING_ROWS = 34
QWEN2_5_VL = "Qwen2_5_VLForConditionalGeneration"
Model = Any
"""A model of one of the families, whose parts the library does not type."""


class Pair(NamedTuple):
    """One checkpoint, read by us and by the library alone."""

    ours: Model
    stock: Model
    vocabulary: Vocabulary
    side: int
    """The pixels that become one token, across and down."""


def tokenizer_of(file: Path) -> Tokenizer:
    tokenizer = Tokenizer.from_file(str(file))
    tokenizer.encode_special_tokens = True
    return tokenizer


def released(architecture: str, tokenizer: Tokenizer) -> dict[str, Any]:
    """A small `config.json` with the keys of the released ones of that architecture."""
    ids = tokenizer.get_vocab()
    text: dict[str, Any] = {
        "attention_dropout": 0.0,
        "bos_token_id": ids["<|im_end|>"],
        "eos_token_id": ids["<|im_end|>"],
        "hidden_act": "silu",
        "hidden_size": 64,
        "initializer_range": 0.02,
        "intermediate_size": 128,
        "max_position_embeddings": 32768,
        "num_attention_heads": 4,
        "num_hidden_layers": 3,
        "num_key_value_heads": 2,
        "rms_norm_eps": 1e-06,
        "use_cache": True,
        "vocab_size": tokenizer.get_vocab_size() + PADDING_ROWS,
    }
    vision: dict[str, Any] = {"depth": 4, "num_heads": 2, "spatial_merge_size": 2, "temporal_patch_size": 2}
    config: dict[str, Any] = {
        "architectures": [architecture],
        "image_token_id": ids["<|image_pad|>"],
        "video_token_id": ids["<|video_pad|>"],
        "vision_start_token_id": ids["<|vision_start|>"],
        "vision_end_token_id": ids["<|vision_end|>"],
        "tie_word_embeddings": False,
    }
    if architecture == "Qwen3VLForConditionalGeneration":
        rope = {"mrope_interleaved": True, "mrope_section": [6, 3, 3], "rope_type": "default"}
        text |= {"model_type": "qwen3_vl_text", "attention_bias": False, "dtype": "bfloat16", "head_dim": 24}
        vision |= {
            "model_type": "qwen3_vl", "hidden_size": 32, "intermediate_size": 64, "out_hidden_size": 64,
            "patch_size": 16, "num_position_embeddings": 2304, "deepstack_visual_indexes": [0, 1, 2],
            "hidden_act": "gelu_pytorch_tanh", "in_channels": 3, "initializer_range": 0.02,
        }  # fmt: skip
        nested = {"text_config": text | {"rope_scaling": rope, "rope_theta": 5000000}, "vision_config": vision}
        return config | nested | {"model_type": "qwen3_vl", "transformers_version": "4.57.0.dev0"}
    text |= {
        "max_window_layers": 3, "sliding_window": 32768, "use_sliding_window": False, "rope_theta": 1000000.0,
        "rope_scaling": {"type": "mrope", "mrope_section": [2, 3, 3]},
    }  # fmt: skip
    vision |= {"in_chans": 3, "patch_size": 14, "spatial_patch_size": 14}
    if architecture == "Qwen2VLForConditionalGeneration":
        vision |= {"embed_dim": 32, "hidden_size": 64, "mlp_ratio": 4}
        kind = "qwen2_vl"
    else:
        vision |= {
            "hidden_act": "silu", "hidden_size": 32, "intermediate_size": 64, "out_hidden_size": 64,
            "window_size": 112, "fullatt_block_indexes": [1, 3], "tokens_per_second": 2,
        }  # fmt: skip
        kind = "qwen2_5_vl"
    described = {
        "model_type": kind,
        "torch_dtype": "bfloat16",
        "transformers_version": "4.41.2",
        "vision_config": vision,
    }
    return config | text | described


def config_for(tokenizer: Tokenizer, architecture: str = QWEN2_5_VL) -> Any:
    """The library's configuration, from what the released ones say."""
    return FAMILIES[architecture].model.config_class(**released(architecture, tokenizer))


def model_for(tokenizer: Tokenizer, architecture: str = QWEN2_5_VL) -> Any:
    """In float32, always the same, with weights large enough that its logits are not flat."""
    torch.manual_seed(0)
    model: Any = FAMILIES[architecture].model(config_for(tokenizer, architecture)).float()
    model.train(False)
    with torch.no_grad():
        for weight in model.parameters():
            if weight.dim() == 2:
                weight.mul_(8)
    return model


def write_released(model: Any, tokenizer_file: Path, folder: Path) -> None:
    """The model as the released checkpoints are laid out: their configuration's keys, their tensors' names."""
    architecture = type(model).__name__
    folder.mkdir()
    shutil.copy(tokenizer_file, folder)
    config = released(architecture, tokenizer_of(tokenizer_file))
    (folder / "config.json").write_text(json.dumps(config))
    family = FAMILIES[architecture]
    processor = {
        "image_processor_type": "Qwen2VLImageProcessor", "patch_size": model.config.vision_config.patch_size,
        "merge_size": 2, "temporal_patch_size": 2, "image_mean": family.mean, "image_std": family.deviation,
        "size": {"shortest_edge": 784, "longest_edge": 12_845_056},
    }  # fmt: skip
    (folder / "preprocessor_config.json").write_text(json.dumps(processor))
    old = architecture != "Qwen3VLForConditionalGeneration"
    tensors = {_released_name(name) if old else name: tensor for name, tensor in model.state_dict().items()}
    save_file(tensors, folder / "model.safetensors", {"format": "pt"})


def _released_name(name: str) -> str:
    """A tensor's name as Qwen2-VL and Qwen2.5-VL were released."""
    return name.replace("model.language_model.", "model.").replace("model.visual.", "visual.")


def profile_of(context: int = 4096, side: int = 28) -> Profile:
    return profiles.load("embedded").model_copy(update={"name": "tiny", "context": context, "patch": side})


def side_of(model: Any) -> int:
    """The pixels that become one token, across and down."""
    shape = Shape.of(model.config)
    return shape.patch * shape.merge


def read_twice(folder: Path, tokenizer: Tokenizer, device: torch.device, dtype: torch.dtype) -> Pair:
    """A folder's model read by us, and by the library alone."""
    library: Any = AutoModelForImageTextToText
    stock = library.from_pretrained(folder, dtype=dtype, attn_implementation="sdpa", local_files_only=True)
    side = side_of(stock)
    ours = load(folder, profile_of(side=side), device, dtype)
    return Pair(ours, stock.to(device).eval(), Vocabulary(tokenizer, side), side)


def picture(seed: int, columns: int = 6, rows: int = 8, side: int = 28) -> Picture:
    """Noise of so many tokens."""
    noise = random.Random(seed).randbytes(columns * rows * side * side * 3)
    return Picture(Image.frombytes("RGB", (columns * side, rows * side), noise))


def question(text: str, *pictures: Picture) -> Prompt:
    return Prompt(
        (
            Message("system", (Text("Act on the page."),)),
            Message("user", (*pictures, Text(text))),
            Message("assistant", ()),
        )
    )


def library_inputs(model: Model, tokens: Tokens) -> dict[str, Tensor]:
    """The prompt as the library's own code takes it, its pictures through the library's own processor, on the model's
    device."""
    ids = torch.tensor([tokens.ids])
    types = torch.zeros_like(ids, dtype=torch.int32)
    for placed in tokens.pictures:
        types[0, placed.start : placed.end] = 1
    inputs = {"input_ids": ids, "attention_mask": torch.ones_like(ids), "mm_token_type_ids": types}
    if tokens.pictures:
        family = FAMILIES[type(model).__name__]
        processor = Qwen2VLImageProcessorPil(
            size={"shortest_edge": 28 * 28, "longest_edge": 12_845_056},
            patch_size=model.config.vision_config.patch_size,
            image_mean=family.mean,
            image_std=family.deviation,
        )
        images = [placed.picture.image for placed in tokens.pictures]
        inputs |= dict(processor(images=images, return_tensors="pt"))
        inputs["pixel_values"] = inputs["pixel_values"].to(model.dtype)
    return {name: value.to(model.device) for name, value in inputs.items()}


@contextmanager
def library_attention(model: Any) -> Iterator[None]:
    """The model with the library's own attention in place of ours."""
    parts: tuple[Any, ...] = (model.config.text_config, model.config.vision_config)
    before = [part._attn_implementation for part in parts]
    for part in parts:
        part._attn_implementation = "sdpa"
    yield
    for part, name in zip(parts, before, strict=True):
        part._attn_implementation = name


@torch.inference_mode()
def library_logits(model: Model, tokens: Tokens) -> Tensor:
    """The next token's logits by the library's forward pass over the whole prompt, with positions of its own."""
    model.model.rope_deltas = None
    with library_attention(model):
        logits: Tensor = model(**library_inputs(model, tokens), use_cache=False).logits[0, -1]
    return logits


def library_reply(model: Any, tokens: Tokens, vocabulary: Vocabulary, limit: int) -> list[int]:
    """What the library's `generate` writes, greedily, without the token that ends the turn."""
    return library_generate(model, library_inputs(model, tokens), vocabulary, limit)


@torch.inference_mode()
def library_generate(model: Any, inputs: dict[str, Tensor], vocabulary: Vocabulary, limit: int) -> list[int]:
    """`library_reply` of inputs that are ready."""
    ends = sorted(vocabulary.ends)
    barred = torch.tensor(sorted(vocabulary.structure), device=model.device)
    untyped: Any = model

    def allowed(_: Tensor, scores: Tensor) -> Tensor:
        """Without what our engine bars: rows of the embedding table that no token has, and the structure of a prompt.

        `suppress_tokens` searches its list anew for each token: for the 150,000 rows that the small vocabulary leaves
        of a released model's, that took longer than the model.
        """
        scores[:, vocabulary.size :] = -torch.inf
        return scores.index_fill(1, barred, -torch.inf)

    with library_attention(model):
        written = untyped.generate(
            **inputs,
            max_new_tokens=limit,
            do_sample=False,
            eos_token_id=ends,
            pad_token_id=ends[0],
            logits_processor=LogitsProcessorList([allowed]),
        )
    return [id for id in written[0, inputs["input_ids"].shape[1] :].tolist() if id not in ends]
