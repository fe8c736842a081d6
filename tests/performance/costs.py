"""What a step must cost at least, counted from a model's shape, and what it is expected to cost on a GPU."""

from typing import Any, NamedTuple

import torch
from torch import nn

from model.engines.local.shape import Shape
from tests.performance.shapes import timed

EFFICIENCY = 0.5
"""Of the matrix rate that the passes over pictures and prompts are expected to reach."""
KERNELS, VISION_KERNELS = 45, 59
"""Of a layer of the language model and of the vision encoder. Counted on a CPU; the former are 41 for one token and 49
for a prompt that goes on."""
REPLAYED_S, LAUNCHED_S = 2.5e-6, 17e-6
"""What a kernel is expected to take at least in a CUDA graph, and launched one by one (measured beside an H200)."""


class Chip(NamedTuple):
    """What the machine reaches in the two plainest tasks: bytes copied (read and written), products of matrices."""

    bytes_per_s: float
    flop_per_s: float

    @classmethod
    def measured(cls, device: torch.device) -> "Chip":
        """On a CPU with small ones, in float32."""
        there = device.type == "cuda"
        dtype = torch.bfloat16 if there else torch.float32
        whole, side = (2**30, 8192) if there else (2**24, 512)
        source, target = (torch.empty(whole, dtype=dtype, device=device) for _ in range(2))
        one, other = (torch.randn(side, side, dtype=dtype, device=device) for _ in range(2))
        copying, multiplying = (
            _shortest(work) for work in (lambda: target.copy_(source), lambda: torch.mm(one, other))
        )
        return cls(2 * source.nbytes / copying, 2 * side**3 / multiplying)


def _shortest(work: Any, repeats: int = 10) -> float:
    work()

    def ten() -> None:
        for _ in range(10):
            work()

    return min(timed(ten) / 10 for _ in range(repeats))


class Costs:
    """Of one model: `least_*` are seconds that the chip's limits ask for, the others what is expected."""

    def __init__(self, model: Any, chip: Chip) -> None:
        self._chip = chip
        self._shape = Shape.of(model.config)
        self._heads: int = model.config.text_config.num_attention_heads
        layers = [*model.model.language_model.layers, model.model.language_model.norm]
        self._layers = sum(map(_weights, layers))
        self._head: int = model.lm_head.weight.numel()
        self._size: int = model.lm_head.weight.itemsize
        self._vision = _weights(model.model.visual)
        self._vision_layers = len(model.model.visual.blocks)
        self._vision_full = len(getattr(model.config.vision_config, "fullatt_block_indexes", ()))

    def least_token(self, known: int) -> float:
        """One token of a reply: all weights and all that is remembered are read once."""
        read = (self._layers + self._head + known * self._shape.key_values_per_token) * self._size
        return read / self._chip.bytes_per_s

    def token(self, known: int) -> float:
        return self.least_token(known) + self._shape.layers * KERNELS * REPLAYED_S

    def least_picture(self, tokens: int) -> float:
        """Encoding a picture: every weight for every patch, and the layers that attend to all of it."""
        patches = tokens * self._shape.merge**2
        attending = 4 * patches**2 * self._shape.vision_hidden * self._vision_full
        return (2 * self._vision * patches + attending) / self._chip.flop_per_s

    def picture(self, tokens: int) -> float:
        return max(self.least_picture(tokens) / EFFICIENCY, self._vision_layers * VISION_KERNELS * LAUNCHED_S)

    def least_prompt(self, new: int, known: int) -> float:
        """New tokens of a prompt: every weight for each, and attention to all before it."""
        attending = 4 * self._shape.layers * self._heads * self._shape.head_width * new * (known + new / 2)
        return (2 * self._layers * new + attending) / self._chip.flop_per_s

    def prompt(self, new: int, known: int) -> float:
        return max(self.least_prompt(new, known) / EFFICIENCY, self._shape.layers * KERNELS * LAUNCHED_S)


def _weights(module: nn.Module) -> int:
    return sum(weight.numel() for weight in module.parameters())
