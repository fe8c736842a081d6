"""The batched Muon takes the steps of PyTorch's own."""

import torch
from torch import nn

from model.embedded.muon import Muon


def test_it_takes_the_steps_of_pytorchs_own() -> None:
    chance = torch.Generator().manual_seed(0)
    shapes = [(24, 16), (8, 32), (24, 16), (16, 16), (32, 8)]
    ours = [nn.Parameter(torch.randn(shape, generator=chance)) for shape in shapes]
    theirs = [nn.Parameter(matrix.detach().clone()) for matrix in ours]
    batched = Muon(ours, 3e-3, weight_decay=0.01, momentum=0.95)
    single = torch.optim.Muon(theirs, 3e-3, weight_decay=0.01, momentum=0.95, adjust_lr_fn="match_rms_adamw")
    for step in range(4):
        for one, other in zip(ours, theirs, strict=True):
            one.grad = None if step == 1 and len(one) == 8 else torch.randn(one.shape, generator=chance)
            other.grad = None if one.grad is None else one.grad.clone()
        batched.step()
        single.step()  # type: ignore[no-untyped-call]
    for one, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-6)
