"""Whether a model fits, told in numbers before it is loaded; and running out of memory told as an `EngineFailure`."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, TypeVar

import torch

from actions.errors import EngineFailure
from model.engines.local.shape import Shape
from model.profile import Profile

GIB = 2**30
Result = TypeVar("Result")
SCREEN_PIXELS = 1932 * 1092
"""A full HD screenshot, the picture that the working memory is estimated for."""
WEIGHTS_GIB = {"qwen2.5-vl-3b": 7.0, "qwen2.5-vl-7b": 15.4, "qwen2.5-vl-32b": 62.3, "qwen2.5-vl-72b": 136.7}
"""In bfloat16, counted from the shapes of the published configurations."""


class Need(NamedTuple):
    """Bytes. `working` is an estimate, the others are counted."""

    weights: int
    context: int
    working: int

    def __str__(self) -> str:
        parts = (f"{size / GIB:.2f} GiB for {part}" for part, size in self._asdict().items())
        return f"{sum(self) / GIB:.2f} GiB ({', '.join(parts)})"


def need(folder: Path, shape: Shape, profile: Profile, dtype: torch.dtype) -> Need:
    """What these weights take with the profile's context."""
    token = shape.key_values_per_token + shape.hidden  # and as much again as the vision features that are kept
    patches = min(profile.max_pixels, SCREEN_PIXELS) // shape.patch**2
    patch = 3 * shape.vision_inner + 10 * shape.vision_hidden
    weights = sum(file.stat().st_size for file in folder.glob("*.safetensors"))
    return Need(weights, profile.context * token * dtype.itemsize, patches * patch * dtype.itemsize)


def free_bytes(device: torch.device) -> int | None:
    """The free memory of the device, or of the machine where it is the CPU; None where the system does not tell."""
    if device.type == "cuda":
        return torch.cuda.mem_get_info(device)[0]
    told = Path("/proc/meminfo")
    if told.is_file():
        lines = dict(line.split(":", 1) for line in told.read_text().splitlines() if ":" in line)
        return int(lines["MemAvailable"].split()[0]) * 1024
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return None


def check(needed: Need, free: int | None, profile: Profile, device: torch.device) -> None:
    """Refuses a model that cannot fit.

    Raises:
        EngineFailure: it needs more than is free; the text says what would fit.
    """
    if free is None or sum(needed) <= free:
        return
    where = "GPU" if device.type == "cuda" else "machine"
    remedy = _what_fits(needed, free, profile)
    raise EngineFailure(f"{profile.name} needs {needed}, and the {where} has {free / GIB:.2f} GiB free. {remedy}")


def _what_fits(needed: Need, free: int, profile: Profile) -> str:
    for_context = free - needed.weights - needed.working
    context = max(for_context, 0) * profile.context // needed.context // 1024 * 1024
    if context > profile.max_new_tokens:
        return f"With --context {context} it fits."
    smaller = [name for name, gib in WEIGHTS_GIB.items() if gib * 1.2 * GIB < min(free, needed.weights)]
    fits = f"--model {smaller[-1]}" if smaller else "--model embedded"
    return f"Free some memory, take {fits}, or run the model elsewhere with --engine server --server URL."


@contextmanager
def memory_told(profile: Profile) -> Iterator[None]:
    """Turns running out of memory into an `EngineFailure`."""
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if not _is_of_memory(error):
            raise
        raise EngineFailure(_out_of_memory(profile, error)) from error


def retried(work: Callable[[], Result], make_room: Callable[[], None], profile: Profile) -> Result:
    """The work, done once more after making room if it runs out of memory.

    Raises:
        EngineFailure: it ran out of memory again.
    """
    try:
        return work()
    except (MemoryError, RuntimeError) as error:
        if not _is_of_memory(error):
            raise
    make_room()
    with memory_told(profile):
        return work()


def _is_of_memory(error: Exception) -> bool:
    told = "can't allocate memory" in str(error)  # how torch tells it for the CPU
    return told or isinstance(error, (torch.OutOfMemoryError, MemoryError))


def _out_of_memory(profile: Profile, error: Exception) -> str:
    first = (str(error).splitlines() or [type(error).__name__])[0]
    return (
        f"{profile.name} ran out of memory ({first}). Close what else uses it, or pass a smaller --context than "
        f"{profile.context}, a smaller --model, or --engine server --server URL."
    )
