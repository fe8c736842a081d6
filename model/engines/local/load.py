"""A model read from a folder: quietly, offline, and only if it is the right one and fits."""

import importlib.util
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from huggingface_hub.errors import StrictDataclassError
from safetensors import SafetensorError
from transformers import Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration
from transformers.utils import logging

from actions.errors import EngineFailure
from model.engines.local import preflight, quantized
from model.engines.local.shape import Shape
from model.profile import Profile
from model.weights import find_folder

ARCHITECTURE = "Qwen2_5_VLForConditionalGeneration"


def require_folder(weights: str, profile: Profile) -> Path:
    """The folder that holds the weights on this machine.

    Raises:
        EngineFailure: it is not here.
    """
    folder = find_folder(weights)
    if folder is None:
        raise EngineFailure(
            f"The weights {weights!r} of {profile.name} are not on this machine, and nothing is downloaded unasked. "
            f"Fetch them with `hf download {profile.weights}`, or name their folder with --weights FOLDER, or use a "
            "running server with --engine server --server URL, or the small model that is included: --model embedded."
        )
    return folder


def load(
    folder: Path, profile: Profile, device: torch.device, dtype: torch.dtype, bits: quantized.Bits | None = None
) -> Qwen2_5_VLForConditionalGeneration:
    """The model, on the device and ready to be used, in `dtype` and the language model in so many bits if told.

    Raises:
        UsageError: a package that quantising needs is missing.
        EngineFailure: it is another model, its files are broken or incomplete, or it does not fit.
    """
    if bits:
        quantized.require_packages(bits)
    config = _config(folder, profile)
    preflight.check(preflight.Plan(Shape.of(config), profile, bits, dtype), preflight.free_bytes(device), device)
    try:
        with _quiet(), preflight.memory_told(profile):
            loaded: Any = Qwen2_5_VLForConditionalGeneration.from_pretrained(
                folder,
                config=config,
                dtype=dtype,
                attn_implementation=attention(device),
                local_files_only=True,
                output_loading_info=True,
                **quantized.settings(bits, device, dtype),
            )
            # What is quantised is on the device, and 8-bit weights refuse to be told again.
            model: Qwen2_5_VLForConditionalGeneration = (loaded[0] if bits else loaded[0].to(device)).eval()
    except (OSError, ValueError, ImportError, KeyError, SafetensorError) as error:
        raise EngineFailure(
            f"The weights in {folder} cannot be read: {error}. Download them again, or name others with --weights."
        ) from error
    absent = sorted(loaded[1]["missing_keys"])
    if absent:
        raise EngineFailure(
            f"The weights in {folder} are incomplete: {len(absent)} tensors are missing, {absent[0]} for one. "
            "Download them again, or name others with --weights."
        )
    return model


def predicted(folder: Path, profile: Profile, bits: quantized.Bits | None) -> str:
    """The memory that `load` and what follows would take on the best device of this machine, beside what is free.

    Raises:
        EngineFailure: `load` would refuse.
    """
    device = best_device()
    plan = preflight.Plan(Shape.of(_config(folder, profile)), profile, bits, torch.bfloat16)
    free = preflight.free_bytes(device)
    preflight.check(plan, free, device)
    return f"{plan.need}" if free is None else f"{plan.need} of {free / preflight.GIB:.2f} GiB free"


def best_device() -> torch.device:
    """The GPU where there is one, else the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def attention(device: torch.device) -> str:
    """The fastest attention there is here."""
    flash = device.type == "cuda" and importlib.util.find_spec("flash_attn") is not None
    return "flash_attention_2" if flash else "sdpa"


def _config(folder: Path, profile: Profile) -> Qwen2_5_VLConfig:
    path = folder / "config.json"
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        architecture = str((told.get("architectures") or ["unnamed"])[0])
    except (OSError, ValueError, AttributeError) as error:
        raise EngineFailure(f"{path} cannot be read: {error}. Download the weights again.") from error
    if architecture != ARCHITECTURE:
        raise EngineFailure(
            f"The weights in {folder} are a {architecture}, and the local engine runs {ARCHITECTURE} only. "
            "Serve them with another program and use --engine server --server URL, or choose a Qwen2.5-VL with --model."
        )
    try:
        with _quiet():
            config: Qwen2_5_VLConfig = Qwen2_5_VLConfig.from_pretrained(folder, local_files_only=True)
    except (OSError, ValueError, StrictDataclassError) as error:
        raise EngineFailure(f"{path} cannot be read: {error}. Download the weights again.") from error
    quantized.refuse_quantized(config, str(folder))
    shape = Shape.of(config)
    side = shape.patch * shape.merge
    if side != profile.patch:
        raise EngineFailure(
            f"The profile {profile.name} says patch = {profile.patch}, but a token of the weights in {folder} is "
            f"{side} pixels wide. Correct the profile or choose other weights."
        )
    return config


@contextmanager
def _quiet() -> Iterator[None]:
    """Keeps the library's progress bars and notes off the terminal, and leaves its settings as they were."""
    verbosity, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    library: Any = logging  # not typed there
    library.set_verbosity_error()
    library.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)
        if bars:
            library.enable_progress_bar()
