"""The parts of the loss of a batch: that of the replies, and the auxiliary ones, which exist in training only."""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from model.embedded.batches import IGNORED, Batch
from model.embedded.forward import Forward, Places, Reading, Seen

HARD_WEIGHT = 2.0
"""The loss weight of a reply's digits and of copied tokens, relative to other tokens."""


class Losses(NamedTuple):
    """Parts of the loss: place and letters; once replies are trained, also replies, digits, looks and copies.

    A part is 0 where the batch has nothing for it: the mean of nothing would be no number.
    """

    place: Tensor
    read: Tensor
    reply: Tensor | None = None
    digit: Tensor | None = None
    look: Tensor | None = None
    copy: Tensor | None = None
    hit: Tensor | None = None
    """The fraction of looks at the right token."""

    def numbers(self) -> dict[str, float]:
        found = {name: value for name, value in self._asdict().items() if value is not None}
        return dict(zip(found, torch.stack([*found.values()]).tolist(), strict=True))


class Objective(nn.Module):
    """Computes the losses; holds the weights that exist in training only."""

    def __init__(self, forward: Forward, places: Places, reading: Reading, digits: list[int]) -> None:
        """`digits` are the tokens of the digits."""
        super().__init__()
        self.places, self.reading = places, reading
        self._forward = forward
        self.register_buffer("digits", torch.tensor(digits), persistent=False)

    def seen(self, batch: Batch) -> Losses:
        """The losses of the vision encoder alone."""
        return self._seen(batch, self._forward.picture(batch))

    def all(self, batch: Batch) -> Losses:
        picture = self._forward.picture(batch)
        seen = self._forward(batch, picture)
        asked = batch.targets != IGNORED
        targets = batch.targets[asked]
        # For all tokens, though few are needed: a product of a new size is compiled, and cached, at each step.
        logits = self._forward.logits(seen.hidden).flatten(0, 1)
        each = F.cross_entropy(logits, batch.targets.flatten(), ignore_index=IGNORED, reduction="none")[asked.flatten()]
        digits = torch.isin(targets, self.get_buffer("digits"))
        weight = 1 + (HARD_WEIGHT - 1) * (digits | (batch.sources >= 0)[asked])
        looking = batch.looks >= 0
        wanted = batch.looks[looking]
        looked = [head[looking].float() for layer in seen.attention for head in layer.unbind(1)]
        return self._seen(batch, picture)._replace(
            reply=(each * weight).sum() / weight.sum().clamp(min=1),
            digit=_mean(each[digits]),
            look=torch.stack([_mean(F.cross_entropy(scores, wanted, reduction="none")) for scores in looked]).mean(),
            copy=_copy_loss(batch, seen),
            hit=_mean((looked[-1].argmax(-1) == wanted).float()),
        )

    def _seen(self, batch: Batch, picture: Tensor) -> Losses:
        return Losses(self.places.loss(picture, batch.grid), self.reading.loss(picture, batch.labels()))


def _copy_loss(batch: Batch, seen: Seen) -> Tensor:
    copies = batch.sources >= 0
    heads = [head[copies].float() for layer in seen.copying for head in layer.unbind(1)]
    wanted = batch.sources[copies]
    return torch.stack([_mean(F.cross_entropy(scores, wanted, reduction="none")) for scores in heads]).mean()


def _mean(each: Tensor) -> Tensor:
    """The mean; 0, with a gradient of 0, where there is nothing."""
    return each.sum() / max(each.numel(), 1)
