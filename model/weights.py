"""Where a model's files are on this machine, and its tokenizer. Nothing is ever downloaded from here."""

import unicodedata
from collections.abc import Callable
from pathlib import Path

from huggingface_hub import try_to_load_from_cache
from tokenizers import Tokenizer

ROOT = Path(__file__).parent.parent


def find_folder(weights: str) -> Path | None:
    """The folder that holds these weights: a path, one below the project, or the local Hugging Face cache's copy."""
    for folder in (Path(weights).expanduser(), ROOT / weights):
        if (folder / "config.json").is_file():
            return folder
    try:
        config = try_to_load_from_cache(weights, "config.json")
    except ValueError:  # not the form of a repository id, so no cache can hold it
        return None
    return Path(config).parent if isinstance(config, str) else None


def find_tokenizer(weights: str) -> Tokenizer | None:
    """The tokenizer that lies beside these weights, if they are here."""
    folder = find_folder(weights)
    if folder is None or not (folder / "tokenizer.json").is_file():
        return None
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.encode_special_tokens = True  # text is text: no character sequence in it becomes a special token
    return tokenizer


def token_counter(weights: str) -> Callable[[str], int]:
    """Counts the tokens of a text: exactly with the model's tokenizer, else by its bytes.

    A byte-level tokenizer never makes more tokens than there are bytes in the NFC form that it encodes.
    """
    tokenizer = find_tokenizer(weights)
    if tokenizer is None:
        return lambda text: len(unicodedata.normalize("NFC", text).encode("utf-8", "surrogatepass"))
    return lambda text: len(tokenizer.encode(text, add_special_tokens=False).ids)
