"""Keys and values can be rolled back, and pictures' features stay within their bytes."""

import pytest
import torch

from model.engines.local.cache import Features, KeyValues
from model.engines.local.shape import Shape

SHAPE = Shape(hidden=8, inner=8, layers=2, key_heads=1, head_width=4, vocabulary=16)


def test_what_lies_behind_a_rollback_is_written_over() -> None:
    cache = KeyValues(SHAPE, 10, torch.zeros(1))
    first, second = torch.rand(1, 1, 6, 4), torch.rand(1, 1, 3, 4)
    for layer in range(SHAPE.layers):
        cache.update(first, first, layer)
    cache.roll_back(4)
    keys, values = cache.update(second, second, 0)
    assert torch.equal(keys, torch.cat([first[:, :, :4], second], dim=2)) and torch.equal(keys, values)
    assert cache.get_seq_length(0) == 7 and cache.get_seq_length(1) == 4
    assert cache.get_mask_sizes(2, 1) == (6, 0) and cache.get_max_length() == 10


def test_nothing_can_be_rolled_forward() -> None:
    with pytest.raises(ValueError, match="to 1 tokens"):
        KeyValues(SHAPE, 10, torch.zeros(1)).roll_back(1)


def test_features_are_encoded_once_and_the_longest_unused_go_first() -> None:
    encoded: list[str] = []

    def get(features: Features, digest: str) -> None:
        def encode() -> torch.Tensor:
            encoded.append(digest)
            return torch.zeros(10)  # 40 bytes

        assert features.get(digest, encode).numel() == 10

    features = Features(max_bytes=100)
    for digest in ("a", "b", "a", "c", "a", "b"):
        get(features, digest)
    assert encoded == ["a", "b", "c", "b"]
    assert features.bytes == 80


def test_one_picture_is_kept_even_if_it_alone_is_too_large() -> None:
    features = Features(max_bytes=1)
    assert features.get("a", lambda: torch.ones(10)) is features.get("a", lambda: torch.zeros(10))
