"""Weights in 8 or 4 bits, quantised while they are loaded, by bitsandbytes.

8 bits are LLM.int8 (Dettmers et al. 2022), 4 are NF4 in blocks of 64 (QLoRA, Dettmers et al. 2023). Only the language
model's linear layers are quantised: the vision encoder, the embeddings and the last layer stay as they are, since a
quantised model points worse (midscene issue 1006). Run on a CPU, with small models; not on a GPU.
"""

import importlib.util
import logging
from typing import Any, Literal

import torch
from transformers import BitsAndBytesConfig

from actions.errors import EngineFailure, UsageError
from model.engines.local.shape import Weights

Bits = Literal[8, 4]
PACKAGES = ("bitsandbytes", "accelerate")
BLOCK = 64


def require_packages(bits: Bits) -> None:
    """Checks that the packages for quantisation are installed.

    Raises:
        UsageError: one is missing.
    """
    for package in PACKAGES:
        if importlib.util.find_spec(package) is None:
            raise UsageError(
                f"--quantize {bits} needs the package {package!r}. Install it with: pip install '.[quantized]'"
            )


def settings(model: Any, bits: Bits | None, device: torch.device, dtype: torch.dtype) -> dict[str, Any]:
    """The arguments of `from_pretrained` that quantise onto the device; empty for None.

    `model` has the same layout; it needs no memory.
    """
    if bits is None:
        return {}
    # It warns at every layer of every step that it computes in float16.
    logging.getLogger("bitsandbytes").setLevel(logging.ERROR)
    library: Any = BitsAndBytesConfig  # not typed there
    config = library(
        load_in_8bit=bits == 8,
        load_in_4bit=bits == 4,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_compute_dtype=dtype,
        llm_int8_skip_modules=_whole(model),
    )
    return {"quantization_config": config, "device_map": {"": device}}


def _whole(model: Any) -> list[str]:
    """The full names of the parts that are not quantised (the library compares prefixes)."""
    parts = model.base_model.named_children()
    return [f"{model.base_model_prefix}.{name}" for name, part in parts if part is not model.get_decoder()] + [
        "lm_head"
    ]


def weight_bytes(weights: Weights, bits: Bits | None, dtype: torch.dtype) -> int:
    """The memory of a model's weights, with the scales (float32) of the quantised ones."""
    others = weights.others * dtype.itemsize
    if bits is None:
        return others + weights.projections * dtype.itemsize
    scales = weights.projection_rows if bits == 8 else weights.projections // BLOCK
    return others + weights.projections * bits // 8 + scales * torch.float32.itemsize


def refuse_quantized(config: Any, where: str) -> None:
    """Refuses a checkpoint whose files are quantised, as AWQ's are.

    The library reads those only with more packages and in float16, which has been seen to point worse (Qwen3-VL issue
    601); none of that has been tried here.

    Raises:
        EngineFailure: it is quantised.
    """
    config = getattr(config, "quantization_config", None)
    if config is None:
        return
    method = config.get("quant_method", "unnamed") if isinstance(config, dict) else config.quant_method
    raise EngineFailure(
        f"The weights in {where} are quantised already ({method}), and the local engine reads only whole weights. "
        "Use the whole weights with --quantize 4, or serve these with another program and use "
        "--engine server --server URL."
    )
