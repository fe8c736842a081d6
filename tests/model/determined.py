"""A model whose reply is known beforehand, behind the seam of the decoding loop."""

import random
from collections.abc import Sequence

import torch
from torch import Tensor

from model.engines.local.tokens import Vocabulary


class Determined:
    """Wants to write `ids`, whatever it is told, and keeps what it was told."""

    def __init__(self, ids: Sequence[int], rows: int = 1024) -> None:
        self._ids = ids
        self._rows = rows
        self.fed: list[int] = []
        self.passes = 0

    def first(self) -> Tensor:
        return self._logits(0)

    def append(self, ids: Sequence[int]) -> Tensor:
        self.passes += 1
        self.fed.extend(ids)
        return torch.stack([self._logits(len(self.fed) - len(ids) + 1 + place) for place in range(len(ids))])

    def take_back(self, count: int) -> None:
        del self.fed[len(self.fed) - count :]

    def _logits(self, place: int) -> Tensor:
        logits = torch.zeros(self._rows)
        logits[self._ids[min(place, len(self._ids) - 1)]] = 5
        logits[-1] = 9  # a row without a token
        return logits


class Whimsical:
    """Wants any token, and most of all those that close texts and brackets."""

    def __init__(self, vocabulary: Vocabulary, draw: random.Random) -> None:
        self._draw = torch.Generator().manual_seed(draw.randrange(2**31))
        closing = [float(bool(set(b"\"'}])>") & set(vocabulary.bytes_of(id)))) for id in range(vocabulary.size)]
        self._favour = 0.6 * torch.tensor(closing)

    def first(self) -> Tensor:
        return torch.rand(len(self._favour), generator=self._draw) + self._favour

    def append(self, ids: Sequence[int]) -> Tensor:
        return torch.stack([self.first() for _ in ids])

    def take_back(self, count: int) -> None:
        """It does not matter what was written."""
