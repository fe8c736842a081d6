"""`Graphs`: passes of a few tokens in fixed shapes, captured once as CUDA graphs and replayed from then on.

What a token costs on a GPU is mostly the launching of its hundreds of kernels, which a replay does at once. So the
shapes must not grow with the reply: a pass takes 1 or 16 tokens, what is lacking is padding, and looks at a power of
two of the cache's places, those that do not count masked. At the 3B's shape an H200 decoded 173 tokens a second with
them and 41 without. On a CPU the passes are tested as they are, without capturing. Batches are decoded without graphs.
"""

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from transformers.cache_utils import Cache

from model.engines.local.cache import KeyValueLayer, KeyValues

WIDTHS = (1, 16)
"""One token; and what a grammar forces or a `Lookup` guesses."""
LEAST_SPAN = 1024
Capture = Callable[[Callable[[], Tensor]], Callable[[], Tensor]]
"""Makes of a computation on fixed memory one that repeats it there."""


class Captured:
    """Makes CUDA graphs that share their memory, so none may be replayed while another's result is still needed."""

    def __init__(self) -> None:
        self._cuda: Any = torch.cuda  # not typed there
        self._pool = self._cuda.graph_pool_handle()

    def __call__(self, compute: Callable[[], Tensor]) -> Callable[[], Tensor]:
        """The computation as a graph. Raises RuntimeError where that cannot be."""
        cuda = self._cuda
        graph = cuda.CUDAGraph()
        aside = cuda.Stream()  # kernels are chosen at the first calls, which must not be captured
        aside.wait_stream(cuda.current_stream())
        with cuda.stream(aside):
            for _ in range(2):
                compute()
        cuda.current_stream().wait_stream(aside)
        with cuda.graph(graph, pool=self._pool):
            found = compute()

        def replay() -> Tensor:
            graph.replay()
            return found

        return replay


class Graphs:
    """The passes captured so far, over one cache."""

    def __init__(self, model: Any, cache: KeyValues, capture: Capture) -> None:
        self._model = model
        self._cache = cache
        self._capture: Capture | None = capture
        self._passes: dict[tuple[int, int], _Pass] = {}

    def append(self, ids: Sequence[int], position: int, known: int) -> Tensor | None:
        """The logits after each of the text tokens: float32, [tokens, rows of the embedding table].

        The cache holds `known` tokens. The keys and values of the new ones are written behind those; that they count is
        for the caller to say. None if no graph takes them: they are too many, or capturing fails, which is said once.
        """
        width = next((width for width in WIDTHS if width >= len(ids)), None)
        if width is None or known + width > self._cache.context:
            return None
        span = min(max(LEAST_SPAN, 1 << (known + width - 1).bit_length()), self._cache.context)
        fitting = self._passes.get((width, span)) or self._captured(width, span, known)
        return fitting.run(ids, position, known) if fitting else None

    def _captured(self, width: int, span: int, known: int) -> "_Pass | None":
        if self._capture is None:
            return None
        try:
            self._passes[width, span] = _Pass(self._model, self._cache, width, span, known, self._capture)
        except RuntimeError as error:
            self._capture = None
            told = (str(error).splitlines() or [type(error).__name__])[0]
            warnings.warn(f"Decoding goes on without CUDA graphs, slower: {told}", RuntimeWarning, stacklevel=2)
        return self._passes.get((width, span))


class _Pass:
    """`width` tokens over the first `span` places of a cache. Ids, positions and places are told in fixed memory."""

    def __init__(self, model: Any, cache: KeyValues, width: int, span: int, known: int, capture: Capture) -> None:
        self._model = model
        self._told = torch.zeros(3, width, dtype=torch.int64, device=model.lm_head.weight.device)
        self._places = torch.arange(span, device=self._told.device)
        past = cache.past(span)
        for states in (*past.keys, *past.values):
            states[:, :, known:] = 0  # fresh memory may hold infinities, which no mask takes away
        self._cache = Cache([_FixedLayer(*layer, self._told[2]) for layer in zip(*past, strict=True)])
        self._tell([], 0, known)
        self._repeat = capture(self._compute)

    def run(self, ids: Sequence[int], position: int, known: int) -> Tensor:
        self._tell(ids, position, known)
        return self._repeat()[: len(ids)].clone()  # the next run writes over it

    def _tell(self, ids: Sequence[int], position: int, known: int) -> None:
        width = self._told.shape[1]
        padded = [*ids, *[0] * (width - len(ids))]
        rows = [padded, range(position, position + width), range(known, known + width)]
        self._told.copy_(torch.tensor([list(row) for row in rows]))

    def _compute(self) -> Tensor:
        ids, positions, places = self._told
        language = self._model.model.language_model
        output = language(
            inputs_embeds=language.embed_tokens(ids)[None],
            position_ids=positions.expand(3, 1, -1),
            past_key_values=self._cache,
            use_cache=True,
            attention_mask=(self._places <= places[:, None])[None, None],
        )
        logits: Tensor = self._model.lm_head(output.last_hidden_state[0]).float()
        return logits


class _FixedLayer(KeyValueLayer):  # type: ignore[no-untyped-call]  # its __init_subclass__
    """One layer's keys and values at a fixed number of places; `places` says where a pass writes."""

    def __init__(self, keys: Tensor, values: Tensor, places: Tensor) -> None:
        super().__init__(keys, values)
        self._places = places

    def update(self, key_states: Tensor, value_states: Tensor, *args: Any, **kwargs: Any) -> tuple[Tensor, Tensor]:
        """Writes, and returns all there is."""
        self._keys.index_copy_(2, self._places, key_states)
        self._values.index_copy_(2, self._places, value_states)
        return self._keys, self._values
