"""Predicts whether a model fits before it is loaded, and reports running out of memory as an `EngineFailure`."""

import os
from bisect import bisect_left
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import torch

from actions.errors import EngineFailure
from model import profile as profiles
from model.engines.local.families import FAMILIES, Family, blank
from model.engines.local.incremental import CHUNK
from model.engines.local.quantized import Bits, weight_bytes
from model.engines.local.shape import CHANNELS, FRAMES, Shape, Weights
from model.profile import Profile

GIB = 2**30
Result = TypeVar("Result")
LOGIT_ROWS = 16
"""Tokens whose logits are computed at once: forced and guessed ones, seldom more."""
WORKSPACE = 2**28
"""Bytes reserved for the libraries. An allowance, not measured."""
CUDA = 1900 * 2**20
"""Bytes that a GPU held beyond what is counted below, on an H200 with torch 2.11: 1.83 GiB at the shape of the 3B, 1.86
at that of the 7B. Of these 0.8 were outside torch (context, kernels, graphs), 0.8 and 0.9 blocks that torch kept for
later, 0.25 and 0.13 tensors, such as those of the graphs. The context counts twice, to be on the safe side: asking for
the free memory makes it.
"""
LEAST_TOKENS = 256
"""The smallest pixel cap that is suggested, in tokens: the minimum of Qwen2.5-VL's README."""
PROMPT_TOKENS = 2048
"""The smallest context that is suggested has this many tokens besides a picture, for a few steps."""
SMALLER: dict[Bits | None, tuple[Bits | None, ...]] = {None: (None, 8, 4), 8: (8, 4), 4: (4,)}
"""For each requested width of the weights, the widths that take no more memory."""


class Need(NamedTuple):
    """Bytes. `working` is temporary, the others are permanent. `libraries` is what CUDA and its allocator hold."""

    weights: int
    context: int
    pictures: int
    working: int
    libraries: int = 0

    def __str__(self) -> str:
        parts = (f"{size / GIB:.2f} for {part}" for part, size in self._asdict().items() if size)
        return f"{sum(self) / GIB:.2f} GiB ({', '.join(parts)})"


class Plan(NamedTuple):
    """A model and the way to run it."""

    family: Family
    shape: Shape
    weights: Weights
    profile: Profile
    bits: Bits | None
    dtype: torch.dtype
    device: torch.device
    chunk: int = CHUNK
    """Tokens computed in one pass."""

    @classmethod
    def of(
        cls,
        family: Family,
        config: Any,
        profile: Profile,
        bits: Bits | None,
        dtype: torch.dtype,
        device: torch.device,
    ) -> "Plan":
        """The plan for the model of a configuration."""
        chunk = CHUNK if family in FAMILIES.values() else profile.context
        weights = Weights.of(blank(family.model, config))
        return cls(family, Shape.of(config), weights, profile, bits, dtype, device, chunk)

    @classmethod
    def released(cls, family: Family, name: str, bits: Bits | None, dtype: torch.dtype, device: torch.device) -> "Plan":
        """The plan for a released model, by its profile's name."""
        shape = Shape.of(family.config(name))
        return cls(family, shape, _counted(family.model.__name__, name), profiles.load(name), bits, dtype, device)

    @property
    def need(self) -> Need:
        """The expected peak.

        Keys, values and the features of as many pictures as the context holds are allocated or bounded by
        `IncrementalModel`. The working memory is the larger of two: the rotation of queries and keys in a layer of the
        vision encoder, for the largest picture that the profile allows, and the inner layers of `chunk` text tokens.
        Its factors come from torch's memory profiler, in bfloat16 on a CPU: 51,234 bytes per patch and 82,968 per token
        at the 3B's widths, where this computes 50,784 and 82,432; and 57,730 per patch of Qwen3-VL-8B, where it
        computes 56,832.
        """
        shape, size = self.shape, self.dtype.itemsize
        context = self.profile.context
        embedded = self.chunk * shape.levels * shape.hidden * size
        moments = (self._seeing, self.chunk * (3 * shape.inner + 3 * shape.hidden) * size)
        logits = LOGIT_ROWS * shape.vocabulary * (size + torch.float32.itemsize)
        unpacked = shape.hidden * shape.inner * size if self.bits == 4 else 0
        return Need(
            weights=weight_bytes(self.weights, self.bits, self.dtype),
            context=context * shape.key_values_per_token * size,
            pictures=context * shape.levels * shape.hidden * size,
            working=embedded + max(moments) + logits + unpacked + WORKSPACE,
            libraries=CUDA if self.device.type == "cuda" else 0,
        )

    @property
    def _seeing(self) -> int:
        shape = self.shape
        tokens = min(self.profile.max_pixels // self.profile.patch**2, self.profile.context)
        pixels = CHANNELS * FRAMES * shape.patch**2 * torch.float32.itemsize
        rotating = 6 * shape.vision_hidden * (self.dtype.itemsize + torch.float32.itemsize)
        places = shape.vision_hidden * (2 * self.dtype.itemsize + torch.float32.itemsize)
        return tokens * shape.merge**2 * (pixels + rotating + (places if shape.learned_positions else 0))

    def fits(self, free: int) -> bool:
        return sum(self.need) <= free

    def changed(self, **fields: object) -> "Plan":
        """The same with other values in the profile."""
        return self._replace(profile=self.profile.model_copy(update=fields))


@cache
def _counted(architecture: str, name: str) -> Weights:
    """The weights of a released model. To count them its layers are built, and advice asks for each of a family."""
    family = FAMILIES[architecture]
    return Weights.of(blank(family.model, family.config(name)))


def free_bytes(device: torch.device) -> int | None:
    """The free memory of the GPU, or of the machine for the CPU; None if the system does not report it."""
    if device.type == "cuda":
        return torch.cuda.mem_get_info(device)[0]
    meminfo = Path("/proc/meminfo")
    if meminfo.is_file():
        lines = dict(line.split(":", 1) for line in meminfo.read_text().splitlines() if ":" in line)
        return int(lines["MemAvailable"].split()[0]) * 1024
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return None


def check(plan: Plan, free: int | None) -> None:
    """Refuses a model that cannot fit.

    Raises:
        EngineFailure: it needs more than is free; the message says what would fit.
    """
    if free is None or plan.fits(free):
        return
    where = "GPU" if plan.device.type == "cuda" else "machine"
    found = list(remedies(plan, free))
    advice = f"Any one of these makes it fit: {'; '.join(found)}. Or" if found else "Take --model embedded,"
    raise EngineFailure(
        f"{plan.profile.name} needs {plan.need}, and the {where} has {free / GIB:.2f} GiB free. "
        f"{advice} free some memory, or run the model elsewhere with --engine server --server URL."
    )


def remedies(plan: Plan, free: int) -> Iterator[str]:
    """The changes that each make the model fit, as small as possible, cheapest first."""
    profile = plan.profile
    token, step = profile.patch**2, 1024
    least = max(LEAST_TOKENS, -(-profile.min_pixels // token))
    cap = _largest(lambda count: plan.changed(max_pixels=count * token).fits(free), least, profile.max_pixels // token)
    if cap:
        yield f"max_pixels = {cap * token} in a copy of its profile (--model FILE.toml)"
    least = -(-(profile.max_pixels // token + profile.reply_tokens + PROMPT_TOKENS) // step)
    context = _largest(lambda count: plan.changed(context=count * step).fits(free), least, profile.context // step)
    if context:
        yield f"--context {context * step}"
    for bits in SMALLER[plan.bits][1:]:
        if plan._replace(bits=bits).fits(free):
            yield f"--quantize {bits}"
            break
    yield from _smaller_models(plan, free)


def _smaller_models(plan: Plan, free: int) -> Iterator[str]:
    """The largest smaller model of the family that fits, quantised as little as possible; empty if there is none."""
    for name in reversed(plan.family.published):
        smaller = Plan.released(plan.family, name, plan.bits, plan.dtype, plan.device)
        smaller = smaller.changed(context=plan.profile.context)
        if smaller.weights.total >= plan.weights.total:
            continue
        for bits in SMALLER[plan.bits]:
            if smaller._replace(bits=bits).fits(free):
                yield f"--model {name}" + (f" --quantize {bits}" if bits != plan.bits else "")
                return


def _largest(fits: Callable[[int], bool], least: int, most: int) -> int | None:
    """The largest number within the bounds that fits, given that all smaller ones fit too."""
    fitting = bisect_left(range(least, most + 1), True, key=lambda number: not fits(number))
    return least + fitting - 1 if fitting else None


@contextmanager
def memory_told(profile: Profile) -> Iterator[None]:
    """Converts running out of memory to an `EngineFailure`."""
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if not _is_of_memory(error):
            raise
        raise EngineFailure(_out_of_memory(profile, error)) from error


def retried(work: Callable[[], Result], make_room: Callable[[], None], profile: Profile) -> Result:
    """Does the work, once more after freeing memory if it runs out.

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
    refused = "can't allocate memory" in str(error)  # torch's message on the CPU
    return refused or isinstance(error, (torch.OutOfMemoryError, MemoryError))


def _out_of_memory(profile: Profile, error: Exception) -> str:
    first = (str(error).splitlines() or [type(error).__name__])[0]
    return (
        f"{profile.name} ran out of memory ({first}). Close what else uses it, or pass a smaller --context than "
        f"{profile.context}, --quantize 4, a smaller --model, or --engine server --server URL."
    )
