"""Our attention is the library's: the same model, the same input, with one and with the other."""

import pytest
import torch
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention

from model.engines.local import attention
from model.engines.local.incremental import IncrementalModel
from tests.model import tiny

SCALE = 0.3


@pytest.mark.parametrize(("columns", "rows"), [(1, 1), (4, 4), (6, 9), (13, 7)])
def test_windows_in_one_call_give_the_librarys_features(columns: int, rows: int, pair: tiny.Pair) -> None:
    """Pictures of one window, of whole ones only, and with narrower ones at the edges; the other families have none."""
    tokens = pair.vocabulary.lay_out(tiny.question("", tiny.picture(1, columns, rows, pair.side)))
    (placed,) = tokens.pictures
    model = IncrementalModel(pair.ours, 512)
    with torch.inference_mode():
        ours = model.embed(tokens, placed.start, placed.end)
        theirs = pair.stock.model.get_image_features(*model._preprocess(placed.picture.image))
    assert ours.shape[0::2] == (columns * rows, 64) and theirs.pooler_output[0].std() > 0.01
    assert (ours[:, 0] - theirs.pooler_output[0]).abs().max() < 1e-5
    for level, deep in enumerate(theirs.get("deepstack_features", ()), 1):
        assert deep[0].std() > 0.01 and (ours[:, level] - deep[0]).abs().max() < 1e-5


def states(rows: int, heads: int, tokens: int, seed: int) -> Tensor:
    return torch.randn(rows, heads, tokens, 16, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize(("known", "new"), [(0, 5), (7, 1), (30, 6), (1, 1)])
def test_new_tokens_see_all_of_the_past_and_each_other_causally(known: int, new: int) -> None:
    query, key, value = states(1, 4, new, 1), states(1, 2, known + new, 2), states(1, 2, known + new, 3)
    mask = torch.ones(new, known + new, dtype=torch.bool).tril(known)
    ours, _ = attention.attend_text(torch.nn.Module(), query, key, value, None, SCALE)
    theirs = scaled_dot_product_attention(query, key, value, attn_mask=mask, scale=SCALE, enable_gqa=True)
    assert (ours - theirs.transpose(1, 2)).abs().max() < 1e-6


@pytest.mark.parametrize(("query", "key"), [((3, 4, 6, 16), (3, 2, 6, 16)), ((1, 4, 40, 16), (1, 4, 9, 16))])
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float32])
def test_the_kernels_for_a_gpu_take_these_shapes(
    query: tuple[int, ...], key: tuple[int, ...], dtype: torch.dtype
) -> None:
    """No GPU is needed to learn what the kernels would return: their shapes are known without computing."""
    asked, known = (torch.empty(shape, dtype=dtype, device="meta") for shape in (query, key))
    found, sums = attention._attended(asked, known, known, SCALE, causal=query[2] == key[2])
    assert found.shape == query and sums.shape == query[:3]
    assert found.dtype == dtype


@pytest.mark.parametrize("scale", [SCALE, None])
def test_a_mask_says_what_each_query_sees(scale: float | None) -> None:
    query, key, value = states(1, 4, 3, 1), states(1, 2, 40, 2), states(1, 2, 40, 3)
    mask = torch.arange(40) <= torch.tensor([7, 0, 39])[:, None]
    ours, _ = attention.attend_text(torch.nn.Module(), query, key, value, mask[None, None], scale)
    theirs = scaled_dot_product_attention(query, key, value, attn_mask=mask, scale=scale, enable_gqa=True)
    assert (ours - theirs.transpose(1, 2)).abs().max() < 1e-6
