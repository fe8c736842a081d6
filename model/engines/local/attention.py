"""Attention that is cheap where much is remembered and little is new: what `IncrementalModel` has its model use.

For text, the new tokens see all of the past without a mask and each other causally; the two parts are joined by the
logarithm of their sums, as in FlashAttention (Dao et al. 2022) and Hydragen (Juravsky et al. 2024). No mask as long as
the past is made, and no key or value is copied for each query head that shares it. For vision, windows of equal size
are one batched call instead of one call each.
"""

from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import pad, scaled_dot_product_attention
from torch.utils.weak import WeakTensorKeyDictionary
from transformers import AttentionInterface, PreTrainedModel

TEXT = "screenhand_text"
VISION = "screenhand_vision_flash"
"""The library passes the windows' bounds only to implementations with `flash` in the name."""
ALIGNED = 16
"""Numbers in a row of a mask, or a multiple of that: what the kernel that takes masks on a GPU wants."""
_windows_of: Any = WeakTensorKeyDictionary()
"""By their bounds: all layers of an encoder get the same ones, and reading them waits for the GPU."""


class Past(NamedTuple):
    """Keys and values that every row of a batch begins with, by layer: [1, key heads, tokens, width]."""

    keys: list[Tensor]
    values: list[Tensor]


def install(model: PreTrainedModel) -> None:
    """Makes a model use this attention."""
    AttentionInterface.register(TEXT, attend_text)
    AttentionInterface.register(VISION, attend_windows)
    config: Any = model.config  # whose parts the library does not type
    config.text_config._attn_implementation = TEXT
    config.vision_config._attn_implementation = VISION


def attend_text(
    module: nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    scaling: float | None = None,
    past: Past | None = None,
    **_: Any,
) -> tuple[Tensor, None]:
    """Grouped-query attention, in the library's shapes: [batch, heads, tokens, width] in, tokens before heads out.

    The last keys are those of the queries, causally. With `past`, those come before, for every row of the batch, and
    `attention_mask` ([batch, 1, queries, keys], added to the scores) says which of a row's own keys it sees, None that
    they are causal. Without `past` a mask (boolean, [1, 1, queries, keys]) says all that each query sees.
    """
    if past is not None:
        layer: Any = module
        before = _over_past(query, past.keys[layer.layer_idx], past.values[layer.layer_idx], scaling)
        found = _joined(before, _attended(query, key, value, scaling, attention_mask is None, attention_mask))
        return found.transpose(1, 2), None
    if attention_mask is not None:
        return _masked(query, key, value, scaling, attention_mask).transpose(1, 2), None
    new = query.shape[2]
    known = key.shape[2] - new
    if not known:
        found = _attended(query, key, value, scaling, causal=True)[0]
    elif new == 1:
        found = _over_past(query, key, value, scaling)[0]
    else:
        before = _over_past(query, key[:, :, :known], value[:, :, :known], scaling)
        found = _joined(before, _attended(query, key[:, :, known:], value[:, :, known:], scaling, causal=True))
    return found.transpose(1, 2), None


def attend_windows(
    module: nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    scaling: float | None = None,
    cu_seq_lens_q: Tensor | None = None,
    **_: Any,
) -> tuple[Tensor, None]:
    """Attention within windows that follow each other: [1, heads, patches, width] in, patches before heads out."""
    if cu_seq_lens_q is None:
        raise ValueError("attend_windows needs the bounds of the windows")
    if cu_seq_lens_q not in _windows_of:
        _windows_of[cu_seq_lens_q] = _windows(cu_seq_lens_q)
    seen = torch.empty_like(query.transpose(1, 2))
    for places in _windows_of[cu_seq_lens_q]:
        mine, theirs, values = (states[0, :, places].transpose(0, 1) for states in (query, key, value))
        found = scaled_dot_product_attention(mine, theirs, values, scale=scaling)
        seen[0, places] = found.transpose(1, 2)
    return seen, None


def _windows(bounds: Tensor) -> list[Tensor]:
    """The places of the patches of all windows of each size: [windows, patches]."""
    starts, lengths = bounds[:-1].cpu(), bounds.cpu().diff()
    return [
        (starts[lengths == length, None] + torch.arange(length)).to(bounds.device)
        for length in sorted(set(lengths.tolist()))
    ]


def _over_past(query: Tensor, keys: Tensor, values: Tensor, scaling: float | None) -> tuple[Tensor, Tensor]:
    """All queries over all keys of one row. The rows and the heads that share a key head are queries of one call."""
    (rows, heads, tokens, width), key_heads = query.shape, keys.shape[1]
    grouped = query.view(rows, key_heads, -1, tokens, width).transpose(0, 1)
    found, sums = _attended(grouped.reshape(1, key_heads, -1, width), keys, values, scaling)
    shape = (key_heads, rows, heads // key_heads, tokens)
    return (
        found.view(*shape, width).transpose(0, 1).reshape(query.shape),
        sums.view(shape).transpose(0, 1).reshape(rows, heads, tokens),
    )


def _masked(query: Tensor, keys: Tensor, values: Tensor, scaling: float | None, mask: Tensor) -> Tensor:
    """A few queries over many keys in plain arithmetic, which a CUDA graph repeats whatever the mask says by then.

    In half precision the scores are rounded to it, as they are in the library's own eager attention.
    """
    (rows, _, tokens, width), key_heads = query.shape, keys.shape[1]
    grouped = query.reshape(rows, key_heads, -1, width)
    scores = (grouped @ keys.transpose(2, 3)).view(rows, key_heads, -1, tokens, keys.shape[2]).float()
    scores *= width**-0.5 if scaling is None else scaling
    shares = scores.masked_fill(~mask[:, :, None], -torch.inf).softmax(-1).to(query.dtype)
    return (shares.view(rows, key_heads, -1, keys.shape[2]) @ values).reshape(query.shape)


def _attended(
    query: Tensor, key: Tensor, value: Tensor, scaling: float | None, causal: bool = False, mask: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """Attention, and the logarithm of its sum for each query: [batch, heads, tokens, width], [batch, heads, tokens]."""
    aten: Any = torch.ops.aten
    if query.device.type == "cpu":
        found, sums = aten._scaled_dot_product_flash_attention_for_cpu(
            query, key, value, is_causal=causal, attn_mask=mask, scale=scaling
        )
        return found, sums
    groups = query.shape[1] // key.shape[1]
    key, value = (states.repeat_interleave(groups, dim=1) if groups > 1 else states for states in (key, value))
    if mask is None and query.dtype in (torch.float16, torch.bfloat16):
        found, sums, *_ = aten._scaled_dot_product_flash_attention(query, key, value, 0.0, causal, scale=scaling)
    else:
        bias = mask if mask is None else _aligned(mask).expand(*query.shape[:3], key.shape[2])
        found, sums, *_ = aten._scaled_dot_product_efficient_attention(
            query, key, value, bias, True, 0.0, causal, scale=scaling
        )
    return found, sums[..., : query.shape[2]]


def _aligned(mask: Tensor) -> Tensor:
    """The same mask in memory whose rows begin at multiples of `ALIGNED`."""
    keys = mask.shape[-1]
    return pad(mask, (0, -keys % ALIGNED))[..., :keys]


def _joined(one: tuple[Tensor, Tensor], other: tuple[Tensor, Tensor]) -> Tensor:
    """Attention over the keys of both parts."""
    share = torch.sigmoid(one[1] - other[1]).unsqueeze(-1)
    return torch.lerp(other[0].float(), one[0].float(), share.float()).to(one[0].dtype)
