"""Loads a model from a folder: quietly, offline, and only if it is the right one and fits."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import torch
from huggingface_hub.errors import StrictDataclassError
from safetensors import SafetensorError
from transformers import (
    AutoConfig,
    AutoImageProcessor,
    AutoModelForImageTextToText,
    AutoProcessor,
    AutoTokenizer,
    PreTrainedModel,
)
from transformers.models.auto.processing_auto import PROCESSOR_MAPPING
from transformers.utils import logging
from transformers.utils.import_utils import is_torchvision_available

from actions.errors import EngineFailure
from model.engines.local import preflight, quantized
from model.engines.local.families import FAMILIES, Family, blank
from model.engines.local.shape import Shape
from model.profile import Profile
from model.weights import download, find_folder, lacking


class Checkpoint(NamedTuple):
    """A model's files, of which only the configuration is read."""

    folder: Path
    family: Family
    config: Any
    """The library's."""

    @property
    def incremental(self) -> bool:
        """Whether `IncrementalModel` runs it."""
        return self.family in FAMILIES.values()


def require_folder(weights: str, profile: Profile) -> Path:
    """The folder that holds the weights on this machine.

    Raises:
        EngineFailure: it is not here, or its files are incomplete.
    """
    reason, folder = lacking(weights), find_folder(weights)
    if folder is None or reason:
        raise EngineFailure(
            f"The weights {weights!r} of {profile.name} cannot be used: {reason}. Nothing is downloaded unasked. "
            f"Fetch them with `{download(profile.weights)}`, or name their folder with --weights FOLDER, or use a "
            "running server with --engine server --server URL, or the small model that is included: --model embedded."
        )
    return folder


def load(
    folder: Path, profile: Profile, device: torch.device, dtype: torch.dtype, bits: quantized.Bits | None = None
) -> PreTrainedModel:
    """The model, on the device and ready to be used, in `dtype`, with the language model in this many bits if given.

    Raises:
        UsageError: a package that quantising needs is missing.
        EngineFailure: it is another model, its files are broken or incomplete, or it does not fit.
    """
    if bits:
        quantized.require_packages(bits)
    found = examined(folder, profile)
    plan = preflight.Plan.of(found.family, found.config, profile, bits, dtype, device)
    preflight.check(plan, preflight.free_bytes(device))
    try:
        with _quiet(), preflight.memory_told(profile):
            loaded: Any = found.family.model.from_pretrained(
                folder,
                config=found.config,
                dtype=dtype,
                local_files_only=True,
                output_loading_info=True,
                ignore_mismatched_sizes=True,  # which are refused by name below
                **quantized.settings(blank(found.family.model, found.config), bits, device, dtype),
            )
            # Quantised weights are on the device already, and 8-bit ones refuse to be moved.
            model: PreTrainedModel = (loaded[0] if bits else loaded[0].to(device)).eval()
    except (OSError, ValueError, ImportError, KeyError, SafetensorError) as error:
        raise EngineFailure(
            f"The weights in {folder} cannot be read: {error}. Download them again, or name others with --weights."
        ) from error
    _refuse_other_tensors(folder, loaded[1])
    return model


def _refuse_other_tensors(folder: Path, report: Any) -> None:
    """Refuses weights whose tensors are not exactly those of the model that their configuration describes.

    Raises:
        EngineFailure: tensors are missing, too many, or of another shape.
    """
    shapes = {name: f"{name} ({_by(stored)}, not {_by(wanted)})" for name, stored, wanted in report["mismatched_keys"]}
    for what, names in {
        "have another shape than config.json says": sorted(shapes.values()),
        "are missing": sorted({*report["missing_keys"]} - {*shapes}),
        "have no place in the model that config.json describes": sorted(report["unexpected_keys"]),
    }.items():
        if names:
            raise EngineFailure(
                f"The weights in {folder} do not fit their configuration: {len(names)} tensors {what}, {names[0]} for "
                "one. Download them again, with all of their files, or name others with --weights."
            )


def _by(shape: Any) -> str:
    return "x".join(map(str, shape))


def predicted(folder: Path, profile: Profile, bits: quantized.Bits | None) -> str:
    """The memory that loading and running would take on this machine's best device, and how much is free.

    Raises:
        EngineFailure: `load` would refuse.
    """
    device = best_device()
    found = examined(folder, profile)
    plan = preflight.Plan.of(found.family, found.config, profile, bits, torch.bfloat16, device)
    free = preflight.free_bytes(device)
    preflight.check(plan, free)
    return f"{plan.need}" if free is None else f"{plan.need} of {free / preflight.GIB:.2f} GiB free"


def best_device() -> torch.device:
    """The GPU if there is one, else the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def examined(folder: Path, profile: Profile) -> Checkpoint:
    """The checkpoint in a folder, identified by its configuration.

    Raises:
        EngineFailure: it is of another architecture, its configuration is broken, or the profile is not for it.
    """
    path = folder / "config.json"
    try:
        described = json.loads(path.read_text(encoding="utf-8"))
        architecture = str((described.get("architectures") or ["unnamed"])[0])
    except (OSError, ValueError, AttributeError) as error:
        raise EngineFailure(f"{path} cannot be read: {error}. Download the weights again.") from error
    try:
        with _quiet():
            config: Any = AutoConfig.from_pretrained(folder, local_files_only=True)
    except (OSError, ValueError, KeyError, StrictDataclassError) as error:
        raise EngineFailure(f"{path} cannot be read: {error}. Download the weights again.") from error
    quantized.refuse_quantized(config, str(folder))
    family = FAMILIES.get(architecture)
    if family:
        _refuse_other_habits(folder, family, config, profile)
        return Checkpoint(folder, family, config)
    library: Any = AutoModelForImageTextToText
    known = library._model_mapping.get(type(config), None)
    if known is None or architecture not in (known.__name__, "unnamed"):
        raise EngineFailure(
            f"The weights in {folder} are a {architecture}, which is no image-text-to-text model that the installed "
            "transformers loads. Serve them with another program and use --engine server --server URL, or choose "
            "another --model."
        )
    return Checkpoint(folder, Family(known), config)


def processor(found: Checkpoint) -> Any:
    """The library's own processor of a checkpoint; without torchvision, one for still pictures only.

    Raises:
        EngineFailure: the folder has none that can be loaded here.
    """
    try:
        with _quiet():
            library: Any = AutoProcessor
            kind: Any = PROCESSOR_MAPPING[type(found.config)]
            stills = "video_processor" in kind.get_attributes() and not is_torchvision_available()
            loaded = (_without_video(kind) if stills else library).from_pretrained(found.folder, local_files_only=True)
    except (OSError, ValueError, ImportError, KeyError, TypeError, AttributeError) as error:
        raise EngineFailure(
            f"The processor of the weights in {found.folder} cannot be loaded: {error}. Download the weights again, "
            "with all of their files, or serve them with another program and use --engine server --server URL."
        ) from error
    return loaded


def _without_video(kind: Any) -> Any:
    """A processor's class without its video part, which needs torchvision."""

    class Stills(kind):  # type: ignore[misc]  # a class known only now
        @classmethod
        def _get_arguments_from_pretrained(cls, folder: Any, processor_dict: Any = None, **options: Any) -> list[Any]:
            parts: dict[str, Any] = {"image_processor": AutoImageProcessor, "tokenizer": AutoTokenizer}
            return [parts[n].from_pretrained(folder, **options) if n in parts else None for n in cls.get_attributes()]

        def check_argument_for_proper_class(self, name: str, argument: Any) -> Any:
            return None if argument is None else super().check_argument_for_proper_class(name, argument)

    return Stills


def _refuse_other_habits(folder: Path, family: Family, config: Any, profile: Profile) -> None:
    """Refuses a checkpoint that the engine would compute wrongly.

    Raises:
        EngineFailure: the profile has another patch, pixels are normalised differently, or attention has a window.
    """
    shape = Shape.of(config)
    side = shape.patch * shape.merge
    if side != profile.patch:
        raise EngineFailure(
            f"The profile {profile.name} says patch = {profile.patch}, but a token of the weights in {folder} is "
            f"{side} pixels wide. Correct the profile or choose other weights."
        )
    if "sliding_attention" in (getattr(config.text_config, "layer_types", None) or ()):
        raise EngineFailure(
            f"The language model in {folder} attends within a sliding window, which the local engine does not do. "
            "Serve it with another program and use --engine server --server URL."
        )
    path = folder / "preprocessor_config.json"
    config = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    for name, ours in {"image_mean": family.mean, "image_std": family.deviation}.items():
        if tuple(config.get(name, ours)) != ours:
            raise EngineFailure(
                f"{path} says {name} = {config[name]}, but the local engine normalises pixels by {list(ours)}. Serve "
                "these weights with another program and use --engine server --server URL."
            )


@contextmanager
def _quiet() -> Iterator[None]:
    """Hides the library's progress bars and notes, and restores its settings afterwards."""
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
