"""`IncrementalModel`: a Qwen-VL that computes only the part of a prompt that is new.

It remembers the tokens whose keys and values it holds. A new prompt is compared with them, pictures by their content,
and everything after the longest common prefix is computed. A prompt that grows costs its new part, one that was
shortened in the middle costs the rest, and alternating episodes are slower but never mixed.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from transformers import PreTrainedModel

from model.engines.local import attention
from model.engines.local.cache import Features, KeyValues
from model.engines.local.families import FAMILIES
from model.engines.local.graphs import Capture, Captured, Graphs
from model.engines.local.positions import Counter
from model.engines.local.preprocess import Preprocessor
from model.engines.local.shape import Shape
from model.engines.local.tokens import Placed, Tokens

CHUNK = 2048
"""Tokens computed in one pass, which bounds the memory of a long prompt's attention mask."""


class IncrementalModel:
    """A model of one of the `FAMILIES`, with its key/value cache. `context` is the most tokens a prompt and its reply
    can have.

    On a GPU short passes are captured as CUDA graphs; `capture` is another way to do that, on any device.
    """

    def __init__(self, model: PreTrainedModel, context: int, capture: Capture | None = None) -> None:
        attention.install(model)
        family = FAMILIES[type(model).__name__]
        self.shape = Shape.of(model.config)
        self._model: Any = model  # the library does not type its parts
        self._language: Any = self._model.model.language_model
        like = self._model.lm_head.weight
        self.device: torch.device = like.device
        self._cache = KeyValues(self.shape, context, like)
        if self.device.type == "cuda":
            capture = capture or Captured()
        self.graphs = Graphs(model, self._cache, capture) if capture else None
        self._features = Features(context * self.shape.levels * self.shape.hidden * like.itemsize)
        self._preprocess = Preprocessor(self.shape.patch, self.shape.merge, family.mean, family.deviation, self.device)
        self._known = Tokens([], [])
        self._counter = Counter()
        self._chunk = CHUNK
        self.tokens_computed = 0
        self.pictures_encoded = 0

    @torch.inference_mode()
    def prefill(self, tokens: Tokens) -> Tensor:
        """The logits of the token after the prompt: float32, [rows of the embedding table]."""
        # The last token is always computed, because its logits are needed.
        shared = min(tokens.shared_with(self._known), len(tokens.ids) - 1)
        self._roll_back(shared)
        self._counter = Counter()
        positions = self._counter.all_of(tokens).to(self.device)
        for start in range(shared, len(tokens.ids), self._chunk):
            end = min(start + self._chunk, len(tokens.ids))
            hidden = self._forward(self.embed(tokens, start, end), positions[:, start:end])
            self._known.ids.extend(tokens.ids[start:end])
            self._known.pictures[:] = [placed for placed in tokens.pictures if placed.start < end]
        return self._logits(hidden[-1:])[0]

    @torch.inference_mode()
    def append(self, ids: Sequence[int]) -> Tensor:
        """Appends text tokens; returns the logits after each: float32, [tokens, rows of the embedding table]."""
        first, positions = self._counter.next, self._counter.text(len(ids))
        logits = self.graphs.append(ids, first, len(self._known.ids)) if self.graphs else None
        if logits is None:
            embeddings = self._language.embed_tokens(torch.tensor(ids, device=self.device))[:, None]
            logits = self._logits(self._forward(embeddings, positions.to(self.device)))
        else:
            self._cache.grow(len(ids))
            self.tokens_computed += len(ids)
        self._known.ids.extend(ids)
        return logits

    def take_back(self, count: int) -> None:
        """Drops the last `count` appended tokens."""
        self._roll_back(len(self._known.ids) - count)
        self._counter.next -= count

    def make_room(self) -> None:
        """Frees memory: drops the caches and halves the tokens computed in one pass."""
        self.forget()
        self._preprocess.forget()
        self._chunk = max(1, self._chunk // 2)
        if self.device.type == "cuda":
            torch.cuda.empty_cache()

    def forget(self) -> None:
        """Drops the caches."""
        self._roll_back(0)
        self._features.clear()

    def _roll_back(self, length: int) -> None:
        del self._known.ids[length:]
        self._known.pictures[:] = [placed for placed in self._known.pictures if placed.start < length]
        self._cache.roll_back(length)

    @torch.inference_mode()
    def embed(self, tokens: Tokens, start: int, end: int | None = None) -> Tensor:
        """The input of every token from `start` to `end`: [tokens, levels, width].

        The first level is the language model's input; the others are added after its first layers, and are zero for
        text.
        """
        ids = tokens.ids[start:end]
        embeddings: Tensor = self._model.lm_head.weight.new_zeros(len(ids), self.shape.levels, self.shape.hidden)
        embeddings[:, 0] = self._language.embed_tokens(torch.tensor(ids, device=self.device))
        for placed in tokens.pictures:
            first, last = max(placed.start, start), min(placed.end, start + len(ids))
            if first < last:
                embeddings[first - start : last - start] = self._see(placed)[first - placed.start : last - placed.start]
        return embeddings

    def _see(self, placed: Placed) -> Tensor:
        """The picture's features: [tokens, levels, width]."""
        return self._features.get(placed.picture.digest, lambda: self._encode(placed))

    def _encode(self, placed: Placed) -> Tensor:
        seen: Any = self._model.model.get_image_features(*self._preprocess(placed.picture.image))
        self.pictures_encoded += 1
        levels = [seen.pooler_output[0], *(deep[0] for deep in seen.get("deepstack_features", ()))]
        return torch.stack(levels, dim=1)

    def rows(
        self, embeddings: Tensor, positions: Tensor, cache: KeyValues, past: int, mask: Tensor | None, wanted: Tensor
    ) -> Tensor:
        """The logits after one token of each row; the rows share the first `past` known tokens.

        `embeddings` are as from `embed`: [rows, tokens, levels, width]; later levels are absent where there is only
        text. `cache` holds each row's own keys and values, `mask` what the row attends to, as in `attend_text`, and
        `wanted` the index in each row whose logits are returned: those of all tokens would take gigabytes.
        """
        hidden = self._run(embeddings, positions, cache, past=self._cache.past(past), attention_mask=mask)
        return self._logits(hidden[torch.arange(len(wanted)), wanted])

    def _forward(self, embeddings: Tensor, positions: Tensor) -> Tensor:
        """The last hidden state of every token given: [tokens, width]."""
        return self._run(embeddings[None], positions[:, None], self._cache)[0]

    def _run(self, embeddings: Tensor, positions: Tensor, cache: KeyValues, **more: Any) -> Tensor:
        """The last hidden states: [rows, tokens, width]. Positions are always explicit, never inferred."""
        first, *deep = embeddings.unbind(2)
        if deep:
            more |= {
                "visual_pos_masks": torch.ones(first.shape[:2], dtype=torch.bool, device=self.device),
                "deepstack_visual_embeds": [level.flatten(0, 1) for level in deep],
            }
        output = self._language(
            inputs_embeds=first, position_ids=positions, past_key_values=cache, use_cache=True, **more
        )
        self.tokens_computed += embeddings.shape[0] * embeddings.shape[1]
        hidden: Tensor = output.last_hidden_state
        return hidden

    def _logits(self, hidden: Tensor) -> Tensor:
        logits: Tensor = self._model.lm_head(hidden).float()
        return logits
