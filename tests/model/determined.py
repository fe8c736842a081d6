"""A model whose reply is known beforehand, behind the seam of the decoding loop."""

from collections.abc import Sequence

import torch
from torch import Tensor

from model.engines.local.tokens import Vocabulary


class Determined:
    """Tries to write `ids`, whatever it gets, and records what it gets."""

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
    """Wants any token, and those that close texts and brackets more often."""

    def __init__(self, vocabulary: Vocabulary, seed: int) -> None:
        self._draw = torch.Generator().manual_seed(seed)
        closing = {id for mark in "\"'}])>:," for id in vocabulary.encode(mark)} | vocabulary.ends
        self._favour = torch.tensor([0.9 if id in closing else 0.0 for id in range(vocabulary.size)])

    def first(self) -> Tensor:
        return torch.rand(len(self._favour), generator=self._draw) + self._favour

    def append(self, ids: Sequence[int]) -> Tensor:
        return torch.stack([self.first() for _ in ids])

    def take_back(self, count: int) -> None:
        """It does not matter what was written."""
