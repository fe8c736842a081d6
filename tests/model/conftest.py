"""What the tests of the local engine share: a tiny model in memory and the same model as a folder."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer

from model.engines.local.families import FAMILIES
from model.engines.local.tokens import Vocabulary
from tests.model import tiny


@pytest.fixture(scope="session", autouse=True)
def two_threads() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def small_tokenizer() -> Tokenizer:
    return tiny.tokenizer_of(tiny.EMBEDDED / "tokenizer.json")


@pytest.fixture(scope="session")
def vocabulary(small_tokenizer: Tokenizer) -> Vocabulary:
    return Vocabulary(small_tokenizer, 28)


@pytest.fixture(scope="session")
def tiny_model(small_tokenizer: Tokenizer) -> tiny.Model:
    return tiny.model_for(small_tokenizer)


@pytest.fixture
def tiny_folder(tiny_model: tiny.Model, tmp_path: Path) -> Path:
    folder = tmp_path / "weights"
    tiny_model.save_pretrained(folder)
    shutil.copy(tiny.EMBEDDED / "tokenizer.json", folder)
    return folder


@pytest.fixture(scope="session", params=FAMILIES)
def released_folder(
    request: pytest.FixtureRequest, small_tokenizer: Tokenizer, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Of each family a model in files laid out like the released ones."""
    folder = tmp_path_factory.mktemp("released") / "weights"
    tiny.write_released(tiny.model_for(small_tokenizer, request.param), tiny.EMBEDDED / "tokenizer.json", folder)
    return folder


@pytest.fixture(scope="session")
def pair(released_folder: Path, small_tokenizer: Tokenizer) -> tiny.Pair:
    """Of each family a model read by us, and the same files read by the library alone."""
    return tiny.read_twice(released_folder, small_tokenizer, torch.device("cpu"), torch.float32)
