"""`KeyValues` and `Features`: results of the model that are kept for reuse."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from torch import Tensor
from transformers.cache_utils import Cache, CacheLayerMixin

from model.engines.local.attention import Past
from model.engines.local.shape import Shape


class KeyValueLayer(CacheLayerMixin):  # type: ignore[no-untyped-call]  # its __init_subclass__
    """One layer's keys and values in buffers of fixed size, of which the first `length` tokens are valid."""

    def __init__(self, keys: Tensor, values: Tensor) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._keys, self._values = self.keys, self.values = keys, values
        self.length = 0
        self.is_initialized = True

    def lazy_initialization(self, key_states: Tensor, value_states: Tensor) -> None:
        """Nothing to do: the buffers are there from the start."""

    def update(self, key_states: Tensor, value_states: Tensor, *args: Any, **kwargs: Any) -> tuple[Tensor, Tensor]:
        """Appends, and returns all valid keys and values."""
        start, self.length = self.length, self.length + key_states.shape[-2]
        self._keys[:, :, start : self.length] = key_states
        self._values[:, :, start : self.length] = value_states
        return self._keys[:, :, : self.length], self._values[:, :, : self.length]

    def buffers(self) -> tuple[Tensor, Tensor]:
        """The keys and values, including the unused part of the buffers."""
        return self._keys, self._values

    def get_mask_sizes(self, query_length: int) -> tuple[int, int]:
        return self.length + query_length, 0

    def get_seq_length(self) -> int:
        return self.length

    def get_max_length(self) -> int:
        return self._keys.shape[-2]


class KeyValues(Cache):
    """The keys and values of all layers, allocated once for the whole context.

    A rollback sets the length: later entries are overwritten.
    """

    def __init__(self, shape: Shape, context: int, like: Tensor, rows: int = 1) -> None:
        self.context = context
        extent = (rows, shape.key_heads, context, shape.head_width)
        super().__init__([KeyValueLayer(like.new_empty(extent), like.new_empty(extent)) for _ in range(shape.layers)])

    def past(self, length: int) -> Past:
        """A view of the first `length` tokens, for rows that share them."""
        layers = [layer for layer in self.layers if isinstance(layer, KeyValueLayer)]
        return Past(
            *(
                [states[:, :, :length] for states in kind]
                for kind in zip(*map(KeyValueLayer.buffers, layers), strict=True)
            )
        )

    def grow(self, count: int) -> None:
        """Marks this many more tokens, already written, as valid."""
        for layer in self.layers:
            if isinstance(layer, KeyValueLayer):
                layer.length += count

    def roll_back(self, length: int) -> None:
        """Drops all but the first `length` tokens."""
        for layer in self.layers:
            if not isinstance(layer, KeyValueLayer) or layer.length < length:
                raise ValueError(f"cannot roll {layer} back to {length} tokens")
            layer.length = length


class Features:
    """The most recently used picture features, by digest, up to a number of bytes."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._found: OrderedDict[str, Tensor] = OrderedDict()

    def get(self, digest: str, encode: Callable[[], Tensor]) -> Tensor:
        """The features of that picture, encoded if they are not in the cache."""
        features = self._found.pop(digest, None)
        features = encode() if features is None else features
        self._found[digest] = features
        while self.bytes > self._max_bytes and len(self._found) > 1:
            self._found.popitem(last=False)
        return features

    @property
    def bytes(self) -> int:
        return sum(features.nbytes for features in self._found.values())

    def clear(self) -> None:
        self._found.clear()
