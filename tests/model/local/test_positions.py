"""Our counter gives the positions of the library's `get_rope_index`."""

from functools import cache

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from model.engines.local.families import FAMILIES, blank
from model.engines.local.positions import Counter
from model.engines.local.tokens import Placed, Tokens
from tests.model import tiny

TEXT_ID = 5
pieces = st.lists(st.integers(1, 40) | st.tuples(st.integers(1, 12), st.integers(1, 12)), min_size=1, max_size=12)


def laid_out(pieces: list[int | tuple[int, int]], pad: int) -> Tokens:
    """A text of so many tokens for a number, a picture of so many rows and columns for a pair."""
    tokens = Tokens([], [])
    for piece in pieces:
        if isinstance(piece, int):
            tokens.ids.extend([TEXT_ID] * piece)
        else:
            tokens.ids.append(TEXT_ID)  # two pictures never touch: each has its own start token
            tokens.pictures.append(Placed(len(tokens.ids), *piece, tiny.picture(0, 1, 1)))
            tokens.ids.extend([pad] * (piece[0] * piece[1]))
    return tokens


@settings(max_examples=60, deadline=None)
@given(pieces=pieces, architecture=st.sampled_from([*FAMILIES]))
def test_positions_equal_the_librarys_for_any_interleaving(
    pieces: list[int | tuple[int, int]], architecture: str
) -> None:
    model = shared_model(architecture)
    tokens = laid_out(pieces, model.config.image_token_id)
    ids = torch.tensor([tokens.ids])
    types = torch.zeros_like(ids)
    for placed in tokens.pictures:
        types[0, placed.start : placed.end] = 1
    grids = torch.tensor([[1, 2 * placed.rows, 2 * placed.columns] for placed in tokens.pictures])
    theirs, deltas = model.model.get_rope_index(ids, types, grids if len(grids) else None)
    counter = Counter()
    assert torch.equal(counter.all_of(tokens), theirs[:, 0])
    assert counter.next == len(tokens.ids) + int(deltas[0])


def test_counting_on_equals_counting_at_once() -> None:
    grown = laid_out([3, (4, 7), 5], 0)
    at_once, stepwise = Counter(), Counter()
    positions = [stepwise.text(4), stepwise.picture(4, 7), *(stepwise.text(1) for _ in range(5))]
    assert torch.equal(at_once.all_of(grown), torch.cat(positions, dim=1))
    assert at_once.next == stepwise.next == 4 + 7 + 5


@cache
def shared_model(architecture: str) -> tiny.Model:
    config = tiny.config_for(tiny.tokenizer_of(tiny.EMBEDDED / "tokenizer.json"), architecture)
    return blank(FAMILIES[architecture].model, config)  # positions come from the configuration alone
