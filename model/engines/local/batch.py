"""Answers several prompts at once: their common prefix is computed once, the rest in rows of one batch.

Questions about one screenshot share its features and everything before the question. The replies equal those of single
prompts (in float32; in bfloat16 tokens with nearly equal logits may differ).
"""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from model.engines.local.cache import KeyValues
from model.engines.local.decode import Decoded, Writing
from model.engines.local.incremental import IncrementalModel
from model.engines.local.positions import Counter
from model.engines.local.tokens import Tokens


def batches(prompts: Sequence[Tokens], budget: int) -> list[list[int]]:
    """Indexes of the prompts, in batches by screenshot, each of at most `budget` padded tokens beyond the prefix."""

    def alike(index: int) -> tuple[list[str], int]:
        return [placed.picture.digest for placed in prompts[index].pictures], len(prompts[index].ids)

    order = sorted(range(len(prompts)), key=alike)
    found: list[list[int]] = []
    for index in order:
        if found:
            together = [*found[-1], index]
            own = max(len(prompts[i].ids) for i in together) - shared([prompts[i] for i in together])
            if own * len(together) <= budget:
                found[-1].append(index)
                continue
        found.append([index])
    return found


def shared(prompts: Sequence[Tokens]) -> int:
    """The length of the common prefix; each prompt keeps at least one token, whose logits are needed."""
    return min(min(prompts[0].shared_with(other), len(other.ids) - 1) for other in prompts)


@torch.inference_mode()
def answer(model: IncrementalModel, prompts: Sequence[Tokens], replies: Sequence[Writing], limit: int) -> list[Decoded]:
    """The replies to a batch, each of at most `limit` tokens."""
    done: dict[int, Decoded] = {}
    begun = [_begun(prompt, next(reply)) for prompt, reply in zip(prompts, replies, strict=True)]
    rows = _Rows(model, begun, limit)
    logits = rows.first()
    waiting: list[list[int]] = [[] for _ in prompts]
    while True:
        for row, reply in enumerate(replies):
            if row not in done and not waiting[row]:
                try:
                    waiting[row] = list(reply.send(logits[row]))
                except StopIteration as end:
                    done[row] = end.value
        if len(done) == len(prompts):
            return [done[row] for row in range(len(prompts))]
        logits = rows.step([ids.pop(0) if ids else None for ids in waiting])


def _begun(prompt: Tokens, ids: list[int]) -> Tokens:
    """The prompt with the required start of the reply."""
    return Tokens([*prompt.ids, *ids], prompt.pictures)


class _Rows:
    """Prompts as rows, padded on the right; decoded tokens follow the padding."""

    def __init__(self, model: IncrementalModel, prompts: Sequence[Tokens], limit: int) -> None:
        self._model = model
        self._past = shared(prompts)
        start = prompts[0]
        model.prefill(Tokens(start.ids[: self._past], [p for p in start.pictures if p.start < self._past]))
        self._own = torch.tensor([len(prompt.ids) - self._past for prompt in prompts], device=model.device)
        embeddings = [model.embed(prompt, self._past) for prompt in prompts]
        self._embeddings = pad_sequence(embeddings, batch_first=True)
        counters = [Counter() for _ in prompts]
        positions = [
            counter.all_of(prompt)[:, self._past :].T for counter, prompt in zip(counters, prompts, strict=True)
        ]
        self._positions = pad_sequence(positions, batch_first=True).permute(2, 0, 1).to(model.device)
        self._next = torch.tensor([counter.next for counter in counters], device=model.device)
        width = self._embeddings.shape[1]
        self._cache = KeyValues(model.shape, width + limit, self._embeddings, len(prompts))
        padding = torch.arange(width, device=model.device) >= self._own[:, None]
        self._mask = torch.zeros(len(prompts), 1, 1, width, dtype=self._embeddings.dtype, device=model.device)
        self._mask.masked_fill_(padding[:, None, None], -torch.inf)

    def first(self) -> Tensor:
        """The logits after every prompt: [rows, rows of the embedding table]."""
        return self._model.rows(self._embeddings, self._positions, self._cache, self._past, None, self._own - 1)

    def step(self, ids: Sequence[int | None]) -> Tensor:
        """The logits after one more token of every row that has one; the logits of the other rows are undefined."""
        added = Tokens([id or 0 for id in ids], [])
        embeddings = self._model.embed(added, 0)[:, None, :1]
        positions = self._next.expand(3, -1)[..., None]
        self._next = self._next + 1
        self._mask = torch.nn.functional.pad(self._mask, (0, 1))
        only = torch.zeros_like(self._own)
        return self._model.rows(embeddings, positions, self._cache, self._past, self._mask, only)
