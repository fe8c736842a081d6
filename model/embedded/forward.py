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

from model.embedded.batches import ALPHABET, Batch, Grid, patches

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

    def __init__(self, model: Qwen2_5_VLForConditionalGeneration) -> None:
        self.model: Any = model
        self._angles: dict[Grid, tuple[Tensor, Tensor]] = {}

    def picture(self, batch: Batch) -> Tensor:
        """The pictures' tokens from the vision encoder: (B, picture tokens, width)."""
        visual = self.model.model.visual
        weight = visual.patch_embed.proj.weight
        hidden = F.linear(patches(batch.pictures).to(weight), weight.reshape(len(weight), -1))
        cos, sin = (part.to(hidden) for part in self._vision_angles(batch.grid))
        for block in visual.blocks:
            hidden = hidden + self._look(block.attn, block.norm1(hidden), cos, sin)
            hidden = hidden + block.mlp(block.norm2(hidden))
        merged: Tensor = visual.merger(hidden)
        return merged.reshape(len(hidden), batch.grid.tokens, -1)

    def __call__(self, batch: Batch, picture: Tensor) -> Seen:
        language = self.model.model.language_model
        embedded = F.embedding(batch.ids, language.embed_tokens.weight)
        shown = slice(batch.grid.start, batch.grid.start + batch.grid.tokens)
        hidden = torch.cat([embedded[:, : shown.start], picture, embedded[:, shown.stop :]], 1)
        cos, sin = (part.unsqueeze(1) for part in self._text_angles(hidden, batch.positions))
        mask = _mask(batch.branch)
        looks: list[Tensor] = []
        copying: list[Tensor] = []
        for index, layer in enumerate(language.layers):
            query, key, value = self._projected(layer.self_attn, layer.input_layernorm(hidden), cos, sin)
            if index >= len(language.layers) - LOOKING_LAYERS:
                scale = query.shape[-1] ** -0.5
                looks.append(query[:, :LOOKING_HEADS] @ key[:, :1, shown].transpose(-1, -2) * scale)
                scores = query[:, LOOKING_HEADS : 2 * LOOKING_HEADS] @ key[:, 1:2].transpose(-1, -2) * scale
                copying.append(scores.masked_fill(~mask, -torch.inf))
            groups = query.shape[1] // key.shape[1]
            key, value = (part.repeat_interleave(groups, 1) for part in (key, value))
            mixed = _mixed(query, key, value, mask)
            hidden = hidden + layer.self_attn.o_proj(mixed.transpose(1, 2).flatten(2))
            hidden = hidden + layer.mlp(layer.post_attention_layernorm(hidden))
        return Seen(language.norm(hidden), looks, copying)

    def logits(self, hidden: Tensor) -> Tensor:
        scores: Tensor = self.model.lm_head(hidden)
        return scores.float()

    def _text_angles(self, hidden: Tensor, positions: Tensor) -> tuple[Tensor, Tensor]:
        cos, sin = self.model.model.language_model.rotary_emb(hidden[:, :1], positions)
        return cos, sin

    def _vision_angles(self, grid: Grid) -> tuple[Tensor, Tensor]:
        if grid not in self._angles:
            visual = self.model.model.visual
            shape = torch.tensor([[1, 2 * grid.rows, 2 * grid.columns]])
            places = get_vision_position_ids(shape, visual.spatial_merge_size)
            self._angles[grid] = visual.rotary_pos_emb(torch.zeros(1), places)
        return self._angles[grid]

    def _projected(self, attention: Any, hidden: Tensor, cos: Tensor, sin: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Queries, keys and values by head, the first two turned to their positions."""
        shape = (*hidden.shape[:2], -1, attention.head_dim)
        query, key, value = (
            project(hidden).view(shape).transpose(1, 2)
            for project in (attention.q_proj, attention.k_proj, attention.v_proj)
        )
        return query * cos + _turned(query) * sin, key * cos + _turned(key) * sin, value

    def _look(self, attention: Any, hidden: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        count, patches, _ = hidden.shape
        parts = attention.qkv(hidden).reshape(count, patches, 3, attention.num_heads, -1).permute(2, 0, 3, 1, 4)
        query, key = (part * cos + _turned(part) * sin for part in parts[:2])
        mixed = _mixed(query, key, parts[2])
        out: Tensor = attention.proj(mixed.transpose(1, 2).flatten(2))
        return out


class Places(nn.Module):
    """Training only: predicts the row and column of each picture token."""

    def __init__(self, width: int, rows: int, columns: int) -> None:
        """For grids of at most so many rows and columns."""
        super().__init__()
        self._most = [rows, columns]
        self.read = nn.Linear(width, rows + columns)

    def loss(self, picture: Tensor, grid: Grid) -> Tensor:
        rows, columns = self.read(picture.float() / 10).split(self._most, -1)
        cells = torch.arange(grid.tokens, device=picture.device).expand(len(picture), -1)
        return F.cross_entropy(rows[..., : grid.rows].flatten(0, 1), (cells // grid.columns).flatten()) + (
            F.cross_entropy(columns[..., : grid.columns].flatten(0, 1), (cells % grid.columns).flatten())
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
    """Attention in separate steps.

    On a CPU its backward pass takes half the time of PyTorch's own. On an H100 or H200, PyTorch from 2.11 on chooses
    cuDNN's attention, whose backward pass gives NaN in bfloat16 for some lengths and scores (pytorch/pytorch#196678).
    """
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
