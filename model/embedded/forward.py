"""The forward pass for training: a whole batch at once (the library's vision encoder takes pictures one by one).

It uses the modules and weights of the library's model, so that model is what is trained. `Seen` holds the hidden states
and the inputs of the auxiliary losses.
"""

from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers import Qwen2_5_VLForConditionalGeneration
from transformers.vision_utils import get_vision_position_ids

from model.embedded.batches import ALPHABET, Batch, Grid

LOOKING_LAYERS = 2
LOOKING_HEADS = 2
"""The first LOOKERS heads attend to the picture; the next ones, with their own key head, to the instruction."""


RARE = -5.0
"""The initial logit of a letter in a patch."""


class Seen(NamedTuple):
    """Hidden states by token, and the attention of the looking heads."""

    hidden: Tensor
    attention: list[Tensor]
    """For each of the last layers: (B, heads, L, picture tokens), before the softmax."""
    copying: list[Tensor]
    """For each of the last layers: (B, heads, L, L), before the softmax; masked tokens are -inf."""


class Forward:
    """The model's forward pass over batches whose pictures have equal grids; every vision layer has full attention."""

    def __init__(self, model: Qwen2_5_VLForConditionalGeneration, grid: Grid) -> None:
        self.model: Any = model
        self.grid = grid
        visual = self.model.model.visual
        patches = torch.tensor([[1, 2 * grid.rows, 2 * grid.columns]])
        self._angles = visual.rotary_pos_emb(
            torch.zeros(1), get_vision_position_ids(patches, visual.spatial_merge_size)
        )

    def picture(self, batch: Batch) -> Tensor:
        """The pictures' tokens from the vision encoder: (B, picture tokens, width)."""
        visual = self.model.model.visual
        weight = visual.patch_embed.proj.weight
        hidden = F.linear(batch.pixels.to(weight), weight.reshape(len(weight), -1))
        cos, sin = (part.to(hidden) for part in self._angles)
        for block in visual.blocks:
            hidden = hidden + self._look(block.attn, block.norm1(hidden), cos, sin)
            hidden = hidden + block.mlp(block.norm2(hidden))
        merged: Tensor = visual.merger(hidden)
        return merged.reshape(len(hidden), self.grid.tokens, -1)

    def __call__(self, batch: Batch, picture: Tensor) -> Seen:
        language = self.model.model.language_model
        embedded = F.embedding(batch.ids, language.embed_tokens.weight)
        start, end = self.grid.start, self.grid.start + self.grid.tokens
        hidden = torch.cat([embedded[:, :start], picture, embedded[:, end:]], 1)
        cos, sin = (part.unsqueeze(1) for part in self._text_angles(hidden, batch.positions))
        mask = _mask(batch.branch)
        looks: list[Tensor] = []
        copying: list[Tensor] = []
        for index, layer in enumerate(language.layers):
            last = index >= len(language.layers) - LOOKING_LAYERS
            seen = (looks, copying) if last else None
            hidden = hidden + self._attend(layer.self_attn, layer.input_layernorm(hidden), cos, sin, mask, seen)
            hidden = hidden + layer.mlp(layer.post_attention_layernorm(hidden))
        return Seen(language.norm(hidden), looks, copying)

    def logits(self, hidden: Tensor) -> Tensor:
        scores: Tensor = self.model.lm_head(hidden)
        return scores.float()

    def _text_angles(self, hidden: Tensor, positions: Tensor) -> tuple[Tensor, Tensor]:
        cos, sin = self.model.model.language_model.rotary_emb(hidden[:, :1], positions)
        return cos, sin

    def _attend(
        self,
        attention: Any,
        hidden: Tensor,
        cos: Tensor,
        sin: Tensor,
        mask: Tensor,
        seen: tuple[list[Tensor], list[Tensor]] | None,
    ) -> Tensor:
        shape = (*hidden.shape[:2], -1, attention.head_dim)
        query, key, value = (
            project(hidden).view(shape).transpose(1, 2)
            for project in (attention.q_proj, attention.k_proj, attention.v_proj)
        )
        query, key = (part * cos + _turned(part) * sin for part in (query, key))
        if seen is not None:
            pictures = key[:, :1, self.grid.start : self.grid.start + self.grid.tokens]
            seen[0].append(query[:, :LOOKING_HEADS] @ pictures.transpose(-1, -2) / attention.head_dim**0.5)
            copying = query[:, LOOKING_HEADS : 2 * LOOKING_HEADS] @ key[:, 1:2].transpose(-1, -2)
            seen[1].append((copying / attention.head_dim**0.5).masked_fill(~mask, -torch.inf))
        groups = query.shape[1] // key.shape[1]
        key, value = (part.repeat_interleave(groups, 1) for part in (key, value))
        mixed = _mixed(query, key, value, mask)
        out: Tensor = attention.o_proj(mixed.transpose(1, 2).flatten(2))
        return out

    def _look(self, attention: Any, hidden: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        count, patches, _ = hidden.shape
        parts = attention.qkv(hidden).reshape(count, patches, 3, attention.num_heads, -1).permute(2, 0, 3, 1, 4)
        query, key = (part * cos + _turned(part) * sin for part in parts[:2])
        mixed = _mixed(query, key, parts[2])
        out: Tensor = attention.proj(mixed.transpose(1, 2).flatten(2))
        return out


class Places(nn.Module):
    """Training only: predicts the row and column of each picture token."""

    def __init__(self, width: int, grid: Grid) -> None:
        super().__init__()
        self.grid = grid
        self.read = nn.Linear(width, grid.rows + grid.columns)

    def loss(self, picture: Tensor) -> Tensor:
        scores = self.read(picture.float() / 10)
        cells = torch.arange(self.grid.tokens, device=picture.device).expand(len(picture), -1)
        rows, columns = scores.split([self.grid.rows, self.grid.columns], -1)
        return F.cross_entropy(rows.flatten(0, 1), (cells // self.grid.columns).flatten()) + F.cross_entropy(
            columns.flatten(0, 1), (cells % self.grid.columns).flatten()
        )


class Reading(nn.Module):
    """Training only: predicts the letters and marks in each of the four patches of a picture token."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.read = nn.Linear(width, 4 * len(ALPHABET))
        nn.init.constant_(self.read.bias, RARE)

    def loss(self, picture: Tensor, letters: Tensor) -> Tensor:
        """The loss in nats per letter of the batch."""
        scores = self.read(picture.float() / 10)
        return F.binary_cross_entropy_with_logits(scores, letters, reduction="sum") / letters.sum().clamp(min=1)


def _mixed(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> Tensor:
    """Attention in separate steps: on a CPU its backward pass takes half the time of PyTorch's own."""
    scores = query * query.shape[-1] ** -0.5 @ key.transpose(-1, -2)
    if mask is not None:
        scores = scores.masked_fill(~mask, -torch.inf)
    mixed: Tensor = scores.softmax(-1) @ value
    return mixed


def _turned(part: Tensor) -> Tensor:
    first, second = part.chunk(2, -1)
    return torch.cat((-second, first), -1)


def _mask(branch: Tensor) -> Tensor:
    """(B, 1, L, L): a token attends to itself and to earlier tokens of the shared part and of its own branch."""
    length = branch.shape[1]
    before = torch.ones(length, length, dtype=torch.bool, device=branch.device).tril()
    same = (branch[:, None] == branch[:, :, None]) | (branch[:, None] == 0)
    return (before & same)[:, None]
