"""Muon for many small matrices: those of one shape take each step together.

`torch.optim.Muon` takes them one by one, forty small kernels each, whose launching takes longer than a GPU's work.
"""

import math
from collections.abc import Callable, Iterable
from itertools import groupby
from typing import Any

import torch
from torch import Tensor, nn

NEWTON_SCHULZ, STEPS, LEAST = (3.4445, -4.7750, 2.0315), 5, 1e-7
"""The coefficients and the steps of the iteration that makes an update nearly orthogonal (Jordan et al., 2024)."""


class Muon(torch.optim.Optimizer):
    """`torch.optim.Muon` with Nesterov's momentum and updates of AdamW's size (`match_rms_adamw`, Moonlight)."""

    def __init__(self, matrices: Iterable[nn.Parameter], lr: float, weight_decay: float, momentum: float) -> None:
        super().__init__(sorted(matrices, key=_shape), {"lr": lr, "weight_decay": weight_decay, "momentum": momentum})

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> None:  # type: ignore[override]
        """Updates the matrices that have a gradient; `closure` must be None."""
        assert closure is None
        for group in self.param_groups:
            for (rows, columns), alike in groupby(group["params"], _shape):
                matrices = [matrix for matrix in alike if matrix.grad is not None]
                if not matrices:
                    continue
                size = group["lr"] * 0.2 * math.sqrt(max(rows, columns))
                torch._foreach_mul_(matrices, 1 - group["lr"] * group["weight_decay"])
                updates = _orthogonal(torch.stack(self._averaged(matrices, group["momentum"])))
                torch._foreach_add_(matrices, [*updates.to(matrices[0].dtype).unbind()], alpha=-size)

    def _averaged(self, matrices: list[nn.Parameter], momentum: float) -> list[Tensor]:
        """The gradients, each with what its momentum adds."""
        gradients: list[Any] = [matrix.grad for matrix in matrices]
        for matrix, gradient in zip(matrices, gradients, strict=True):
            self.state[matrix].setdefault("momentum_buffer", torch.zeros_like(gradient))
        buffers = [self.state[matrix]["momentum_buffer"] for matrix in matrices]
        torch._foreach_lerp_(buffers, gradients, 1 - momentum)
        return [*torch._foreach_lerp(gradients, buffers, momentum)]


def _shape(matrix: nn.Parameter) -> tuple[int, int]:
    rows, columns = matrix.shape
    return rows, columns


def _orthogonal(updates: Tensor) -> Tensor:
    """Matrices near the nearest orthogonal ones of a stack (N, rows, columns)."""
    a, b, c = NEWTON_SCHULZ
    found = updates.bfloat16()
    turned = found.shape[1] > found.shape[2]
    if turned:
        found = found.mT
    found = found / found.norm(dim=(1, 2), keepdim=True).clamp(min=LEAST)
    for _ in range(STEPS):
        gram = found @ found.mT
        found = torch.baddbmm(found, torch.baddbmm(gram, gram, gram, beta=b, alpha=c), found, beta=a)
    return found.mT if turned else found
