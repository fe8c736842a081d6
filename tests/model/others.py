"""Tiny checkpoints of architectures that only the library knows, with random weights, each with its own processor.

`llava` has positions in one dimension and a tokenizer of SentencePiece's kind; `idefics3` cuts a picture into several;
`qwen3_5` has layers whose state cannot be cropped, and M-RoPE.
"""

import shutil
from pathlib import Path
from typing import Any

import torch
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers
from transformers import (
    Idefics3Config,
    Idefics3ForConditionalGeneration,
    Idefics3Processor,
    LlavaConfig,
    LlavaForConditionalGeneration,
    LlavaProcessor,
    PreTrainedTokenizerFast,
    Qwen3_5Config,
    Qwen3_5ForConditionalGeneration,
)
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil
from transformers.models.idefics3.image_processing_pil_idefics3 import Idefics3ImageProcessorPil
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil

from tests.model import tiny

NAMES = ("llava", "idefics3", "qwen3_5")
SPEECH = """{% for message in messages %}{{ message.role | upper }}: {% for part in message.content %}\
{% if part.type == 'image' %}<image>{% else %}{{ part.text }}{% endif %}{% endfor %}</s>{% endfor %}\
{% if add_generation_prompt %}ASSISTANT:{% endif %}"""
TEXT = dict(hidden_size=64, intermediate_size=128, num_hidden_layers=3, num_attention_heads=4, num_key_value_heads=2)
EYE = dict(
    hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=2, image_size=56, patch_size=14
)


def write(name: str, folder: Path) -> None:
    """The checkpoint of that name."""
    torch.manual_seed(0)
    {"llava": _llava, "idefics3": _idefics3, "qwen3_5": _qwen3_5}[name](folder)


def _save(model: Any, folder: Path) -> None:
    with torch.no_grad():
        for weight in model.parameters():
            if weight.dim() == 2:
                weight.mul_(8)
    model.save_pretrained(folder)


def _pieces(*special: str) -> PreTrainedTokenizerFast:
    """A tokenizer of SentencePiece's kind: letters, a mark for a space, and bytes by their number."""
    letters = [chr(code) for code in range(0x21, 0x7F)]
    tokens = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256)), "\u2581", *letters, "\u2581Go", "Go"]
    vocabulary = {token: id for id, token in enumerate(dict.fromkeys(tokens))}
    merges = [("G", "o"), ("\u2581", "Go")]
    tokenizer = Tokenizer(models.BPE(vocabulary, merges, unk_token="<unk>", byte_fallback=True))
    tokenizer.normalizer = normalizers.Replace(" ", "\u2581")
    tokenizer.decoder = decoders.Sequence([decoders.Replace("\u2581", " "), decoders.ByteFallback(), decoders.Fuse()])
    tokenizer.add_special_tokens([AddedToken(token, special=True) for token in ("<unk>", "<s>", "</s>", *special)])
    library: Any = PreTrainedTokenizerFast
    found: PreTrainedTokenizerFast = library(
        tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>", unk_token="<unk>", pad_token="<unk>"
    )
    return found


def _llava(folder: Path) -> None:
    tokenizer: Any = _pieces("<image>")
    size = {"height": 56, "width": 56}
    images = CLIPImageProcessorPil(size={"shortest_edge": 56}, crop_size=size)
    library: Any = LlavaProcessor
    library(
        images, tokenizer, patch_size=14, vision_feature_select_strategy="default", num_additional_image_tokens=1,
        chat_template=SPEECH,
    ).save_pretrained(folder)  # fmt: skip
    text = TEXT | {"model_type": "llama", "vocab_size": len(tokenizer) + 10, "eos_token_id": 2, "bos_token_id": 1}
    config = LlavaConfig(
        vision_config=EYE | {"model_type": "clip_vision_model", "projection_dim": 32},
        text_config=text,
        image_token_index=tokenizer.convert_tokens_to_ids("<image>"),
    )
    _save(LlavaForConditionalGeneration(config), folder)


def _idefics3(folder: Path) -> None:
    tokenizer: Any = _pieces("<image>")
    images = Idefics3ImageProcessorPil(size={"longest_edge": 112}, max_image_size={"longest_edge": 56})
    library: Any = Idefics3Processor
    processor = library(images, tokenizer, image_seq_len=4, chat_template=SPEECH)
    processor.save_pretrained(folder)
    text = TEXT | {"model_type": "llama", "vocab_size": len(tokenizer) + 10, "eos_token_id": 2, "bos_token_id": 1}
    config = Idefics3Config(
        vision_config=EYE,
        text_config=text | {"pad_token_id": 0},
        scale_factor=2,
        image_token_id=tokenizer.convert_tokens_to_ids("<image>"),
    )
    _save(Idefics3ForConditionalGeneration(config), folder)


def _qwen3_5(folder: Path) -> None:
    ids = tiny.tokenizer_of(tiny.EMBEDDED / "tokenizer.json").get_vocab()
    text = TEXT | {
        "num_hidden_layers": 4, "head_dim": 16, "vocab_size": len(ids) + 34, "eos_token_id": ids["<|im_end|>"],
        "layer_types": ["linear_attention", "linear_attention", "linear_attention", "full_attention"],
        "linear_num_value_heads": 4, "linear_num_key_heads": 2, "linear_key_head_dim": 16, "linear_value_head_dim": 16,
        "rope_parameters": {
            "rope_type": "default", "rope_theta": 1e7, "partial_rotary_factor": 1.0, "mrope_section": [4, 2, 2],
            "mrope_interleaved": True,
        },
    }  # fmt: skip
    vision = {
        "depth": 2, "hidden_size": 32, "intermediate_size": 64, "num_heads": 2, "out_hidden_size": 64, "patch_size": 16,
        "deepstack_visual_indexes": [],
    }  # fmt: skip
    config = Qwen3_5Config(
        text_config=text,
        vision_config=vision,
        image_token_id=ids["<|image_pad|>"],
        video_token_id=ids["<|video_pad|>"],
        vision_start_token_id=ids["<|vision_start|>"],
        vision_end_token_id=ids["<|vision_end|>"],
    )
    _save(Qwen3_5ForConditionalGeneration(config), folder)
    halves = [0.5, 0.5, 0.5]
    size = {"shortest_edge": 1024, "longest_edge": 262_144}
    Qwen2VLImageProcessorPil(patch_size=16, size=size, image_mean=halves, image_std=halves).save_pretrained(folder)
    tokenizer: Any = PreTrainedTokenizerFast
    tokenizer(
        tokenizer_file=str(tiny.EMBEDDED / "tokenizer.json"), eos_token="<|im_end|>", pad_token="<|endoftext|>"
    ).save_pretrained(folder)
    shutil.copy(tiny.EMBEDDED / "chat_template.jinja", folder)
