"""A tiny Qwen2.5-VL with random weights, made on the fly, and the library's own answer for a prompt."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from tokenizers import Tokenizer
from torch import Tensor
from transformers import Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil

from model import profile as profiles
from model.engine import Message, Picture, Prompt, Text
from model.engines.local.tokens import Tokens, Vocabulary
from model.profile import Profile

EMBEDDED = Path(__file__).parent.parent.parent / "model" / "embedded"
PADDING_ROWS = 34
Model = Qwen2_5_VLForConditionalGeneration


def tokenizer_of(file: Path) -> Tokenizer:
    tokenizer = Tokenizer.from_file(str(file))
    tokenizer.encode_special_tokens = True
    return tokenizer


def config_for(tokenizer: Tokenizer) -> Qwen2_5_VLConfig:
    rope = {"rope_type": "default", "type": "mrope", "rope_theta": 1e6, "mrope_section": [2, 3, 3]}

    def id_of(token: str) -> int:
        found: int = tokenizer.get_vocab()[token]
        return found

    ends = id_of("<|im_end|>")
    return Qwen2_5_VLConfig(
        architectures=["Qwen2_5_VLForConditionalGeneration"],
        text_config={
            "vocab_size": tokenizer.get_vocab_size() + PADDING_ROWS,
            "hidden_size": 64,
            "intermediate_size": 128,
            "num_hidden_layers": 3,
            "num_attention_heads": 4,
            "num_key_value_heads": 2,
            "rope_parameters": rope,
            "max_position_embeddings": 32768,
            "eos_token_id": ends,
            "bos_token_id": ends,
            "pad_token_id": ends,
        },
        vision_config={
            "depth": 4,
            "hidden_size": 32,
            "num_heads": 2,
            "intermediate_size": 64,
            "out_hidden_size": 64,
            "fullatt_block_indexes": [1, 3],
            "window_size": 112,
            "patch_size": 14,
            "spatial_merge_size": 2,
            "temporal_patch_size": 2,
            "tokens_per_second": 2,
        },
        image_token_id=id_of("<|image_pad|>"),
        video_token_id=id_of("<|video_pad|>"),
        vision_start_token_id=id_of("<|vision_start|>"),
        vision_end_token_id=id_of("<|vision_end|>"),
        tie_word_embeddings=False,
    )


def model_for(tokenizer: Tokenizer) -> Qwen2_5_VLForConditionalGeneration:
    """In float32, always the same, with weights large enough that its logits are not flat."""
    torch.manual_seed(0)
    model = Qwen2_5_VLForConditionalGeneration(config_for(tokenizer))
    model.train(False)
    with torch.no_grad():
        for weight in model.parameters():
            if weight.dim() == 2:
                weight.mul_(8)
    return model


def profile_of(context: int = 4096) -> Profile:
    return profiles.load("embedded").model_copy(update={"name": "tiny", "context": context})


def picture(seed: int, columns: int = 6, rows: int = 8) -> Picture:
    """Noise of so many tokens."""
    noise = random.Random(seed).randbytes(columns * rows * 28 * 28 * 3)
    return Picture(Image.frombytes("RGB", (columns * 28, rows * 28), noise))


def question(text: str, *pictures: Picture) -> Prompt:
    return Prompt(
        (
            Message("system", (Text("Act on the page."),)),
            Message("user", (*pictures, Text(text))),
            Message("assistant", ()),
        )
    )


def library_inputs(model: Qwen2_5_VLForConditionalGeneration, tokens: Tokens) -> dict[str, Tensor]:
    """The prompt as the library's own code takes it, its pictures through the library's own processor."""
    ids = torch.tensor([tokens.ids])
    types = torch.zeros_like(ids, dtype=torch.int32)
    for placed in tokens.pictures:
        types[0, placed.start : placed.end] = 1
    inputs = {"input_ids": ids, "attention_mask": torch.ones_like(ids), "mm_token_type_ids": types}
    if tokens.pictures:
        processor = Qwen2VLImageProcessorPil(size={"shortest_edge": 28 * 28, "longest_edge": 12_845_056})
        images = [placed.picture.image for placed in tokens.pictures]
        inputs |= dict(processor(images=images, return_tensors="pt"))
        inputs["pixel_values"] = inputs["pixel_values"].to(model.dtype)
    return inputs


@contextmanager
def library_attention(model: Qwen2_5_VLForConditionalGeneration) -> Iterator[None]:
    """The model with the library's own attention in place of ours."""
    parts: tuple[Any, ...] = (model.config.text_config, model.config.vision_config)
    before = [part._attn_implementation for part in parts]
    for part in parts:
        part._attn_implementation = "sdpa"
    yield
    for part, name in zip(parts, before, strict=True):
        part._attn_implementation = name


@torch.inference_mode()
def library_logits(model: Qwen2_5_VLForConditionalGeneration, tokens: Tokens) -> Tensor:
    """The next token's logits by the library's forward pass over the whole prompt, with positions of its own."""
    model.model.rope_deltas = None
    with library_attention(model):
        logits: Tensor = model(**library_inputs(model, tokens), use_cache=False).logits[0, -1]
    return logits


def library_reply(model: Model, tokens: Tokens, vocabulary: Vocabulary, limit: int) -> list[int]:
    """What the library's `generate` writes, greedily, without the token that ends the turn."""
    return library_generate(model, library_inputs(model, tokens), vocabulary, limit)


@torch.inference_mode()
def library_generate(model: Model, inputs: dict[str, Tensor], vocabulary: Vocabulary, limit: int) -> list[int]:
    """`library_reply` of inputs that are ready."""
    ends = sorted(vocabulary.ends)
    # The library would take rows of the embedding table that no token has.
    padding = list(range(vocabulary.size, model.lm_head.out_features))
    untyped: Any = model
    with library_attention(model):
        written = untyped.generate(
            **inputs,
            max_new_tokens=limit,
            do_sample=False,
            eos_token_id=ends,
            pad_token_id=ends[0],
            suppress_tokens=padding or None,
        )
    return [id for id in written[0, inputs["input_ids"].shape[1] :].tolist() if id not in ends]
