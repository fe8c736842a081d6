"""The model families that `IncrementalModel` runs, and their differences.

They share a layout (a vision encoder in `model.visual`, a language model in `model.language_model`, `lm_head`) and
count positions alike. Other differences, such as M-RoPE's interleaved sections or the interpolation of Qwen3-VL's
position embeddings, are inside the library's own modules, which are used as they are.
"""

from typing import Any, NamedTuple

import torch
from transformers import (
    Qwen2_5_VLForConditionalGeneration,
    Qwen2VLForConditionalGeneration,
    Qwen3VLForConditionalGeneration,
)

CLIP_MEAN, CLIP_DEVIATION = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)
"""Mean and deviation of CLIP's training pictures: red, green and blue."""
HALVES = (0.5, 0.5, 0.5)


class Family(NamedTuple):
    """One architecture; for one that `IncrementalModel` does not run, only the library's class."""

    model: Any
    """The library's class (its configuration is untyped)."""
    mean: tuple[float, ...] = ()
    deviation: tuple[float, ...] = ()
    """The mean and deviation that normalise pixels."""
    published: dict[str, dict[str, Any]] = {}
    """The sizes in the released configurations, by profile, smallest first."""

    def config(self, name: str) -> Any:
        """The configuration of a released model, with only its sizes."""
        return self.model.config_class(**self.published[name])


TEXT = (
    "hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads", "num_key_value_heads", "vocab_size"
)  # fmt: skip


def _text(*sizes: int) -> dict[str, Any]:
    return dict(zip(TEXT, sizes, strict=True))


def _qwen2(vision: dict[str, Any], tied: bool, *text: int) -> dict[str, Any]:
    rope = {"rope_type": "default", "rope_theta": 1e6, "mrope_section": [16, 24, 24]}
    return {
        "text_config": _text(*text) | {"rope_parameters": rope},
        "vision_config": vision,
        "tie_word_embeddings": tied,
    }


def _qwen2_vl(tied: bool, *text: int) -> dict[str, Any]:
    return _qwen2({"embed_dim": 1280, "hidden_size": text[0]}, tied, *text)


def _qwen2_5_vl(inner: int, tied: bool, *text: int) -> dict[str, Any]:
    return _qwen2({"hidden_size": 1280, "intermediate_size": inner, "out_hidden_size": text[0]}, tied, *text)


def _qwen3_vl(vision: dict[str, Any], tied: bool, *text: int) -> dict[str, Any]:
    rope = {"rope_type": "default", "rope_theta": 5e6, "mrope_section": [24, 20, 20], "mrope_interleaved": True}
    return {
        "text_config": _text(*text, 151_936) | {"head_dim": 128, "rope_parameters": rope},
        "vision_config": vision | {"out_hidden_size": text[0]},
        "tie_word_embeddings": tied,
    }


_SMALL_EYE = {"depth": 24, "hidden_size": 1024, "intermediate_size": 4096, "deepstack_visual_indexes": [5, 11, 17]}
_LARGE_EYE = {"depth": 27, "hidden_size": 1152, "intermediate_size": 4304, "deepstack_visual_indexes": [8, 16, 24]}

FAMILIES = {
    "Qwen2VLForConditionalGeneration": Family(
        Qwen2VLForConditionalGeneration,
        CLIP_MEAN,
        CLIP_DEVIATION,
        {
            "qwen2-vl-2b": _qwen2_vl(True, 1536, 8960, 28, 12, 2, 151_936),
            "qwen2-vl-7b": _qwen2_vl(False, 3584, 18944, 28, 28, 4, 152_064),
            "qwen2-vl-72b": _qwen2_vl(False, 8192, 29568, 80, 64, 8, 152_064),
        },
    ),
    "Qwen2_5_VLForConditionalGeneration": Family(
        Qwen2_5_VLForConditionalGeneration,
        CLIP_MEAN,
        CLIP_DEVIATION,
        {
            "qwen2.5-vl-3b": _qwen2_5_vl(3420, True, 2048, 11008, 36, 16, 2, 151_936),
            "qwen2.5-vl-7b": _qwen2_5_vl(3420, False, 3584, 18944, 28, 28, 4, 152_064),
            "qwen2.5-vl-32b": _qwen2_5_vl(3456, False, 5120, 27648, 64, 40, 8, 152_064),
            "qwen2.5-vl-72b": _qwen2_5_vl(3456, False, 8192, 29568, 80, 64, 8, 152_064),
        },
    ),
    "Qwen3VLForConditionalGeneration": Family(
        Qwen3VLForConditionalGeneration,
        HALVES,
        HALVES,
        {
            "qwen3-vl-2b": _qwen3_vl(_SMALL_EYE, True, 2048, 6144, 28, 16, 8),
            "qwen3-vl-4b": _qwen3_vl(_SMALL_EYE, True, 2560, 9728, 36, 32, 8),
            "qwen3-vl-8b": _qwen3_vl(_LARGE_EYE, False, 4096, 12288, 36, 32, 8),
            "qwen3-vl-32b": _qwen3_vl(_LARGE_EYE, False, 5120, 25600, 64, 64, 8),
        },
    ),
}
"""The families, by the architecture's name in `config.json`."""


def blank(model: Any, config: Any) -> Any:
    """The model of a configuration without memory for its weights, for counting."""
    with torch.device("meta"):
        return model(config)
