"""The engine on a GPU."""

import pytest
import torch
from tokenizers import Tokenizer

from model import profile as profiles
from model.engines.local.engine import LocalEngine
from model.engines.local.load import load
from tests.model import tiny

pytestmark = [pytest.mark.gpu, pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device")]


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_the_embedded_model_answers_on_the_gpu_as_on_the_cpu(dtype: torch.dtype, small_tokenizer: Tokenizer) -> None:
    """In float32 token by token; in bfloat16, where kernels round differently, most replies are the same."""
    profile = profiles.load("embedded")

    def replies(device: str) -> list[str]:
        engine = LocalEngine(load(tiny.EMBEDDED, profile, torch.device(device), dtype), small_tokenizer, profile)
        prompts = [tiny.question("Click button ONE.", tiny.picture(seed)) for seed in range(8)]
        return [engine.generate(prompt, (), profile.max_new_tokens).text for prompt in prompts]

    same = sum(a == b for a, b in zip(replies("cuda"), replies("cpu"), strict=True))
    assert same == 8 if dtype is torch.float32 else same >= 4


def test_graphs_write_what_plain_passes_write_on_the_gpu(small_tokenizer: Tokenizer) -> None:
    profile = profiles.load("embedded")

    def replies(graphs: bool) -> list[tuple[int, ...]]:
        model = load(tiny.EMBEDDED, profile, torch.device("cuda"), torch.float32)
        engine = LocalEngine(model, small_tokenizer, profile)
        assert engine.model.graphs
        if not graphs:
            engine.model.graphs = None
        prompts = [tiny.question("Click button ONE.", tiny.picture(seed)) for seed in range(8)]
        return [engine.generate(prompt, (), profile.max_new_tokens).ids for prompt in prompts]

    assert replies(graphs=True) == replies(graphs=False)
