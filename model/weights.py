"""Finds a model's files on this machine, checks that they are complete, and reads its tokenizer. Downloads nothing."""

import json
import os
import shlex
import sys
import unicodedata
from collections.abc import Callable
from pathlib import Path

from huggingface_hub import try_to_load_from_cache
from huggingface_hub.constants import HF_HUB_CACHE
from tokenizers import Tokenizer

ROOT = Path(__file__).parent.parent
TENSORS = ("model.safetensors", "model.safetensors.index.json", "pytorch_model.bin", "pytorch_model.bin.index.json")
"""The files that hold a model's tensors, or an index of those that do; the first one found counts."""
LFS = b"version https://git-lfs"


def find_folder(weights: str) -> Path | None:
    """The folder of these weights: a path, absolute or below the project, or a copy in the Hugging Face cache."""
    for folder in (Path(weights).expanduser(), ROOT / weights):
        if (folder / "config.json").is_file():
            return folder
    try:
        config = try_to_load_from_cache(weights, "config.json")
    except ValueError:  # not a repository id, so no cache can hold it
        return None
    return Path(config).parent if isinstance(config, str) else None


def download(weights: str, *files: str) -> str:
    """The command that downloads weights, or these files of them, with the program that this Python has for it."""
    program = Path(sys.executable).with_name("hf")
    name = os.path.relpath(program) if program.is_relative_to(Path.cwd()) else str(program)
    return shlex.join([name if program.is_file() else "hf", "download", weights, *files])


def lacking(weights: str) -> str | None:
    """Why these weights cannot be read from this machine, in words; None if all files are complete."""
    folder = find_folder(weights)
    reason = "they are not on this machine" if folder is None else _problem(folder)
    if reason is None:
        return None
    under_way = _under_way(weights, folder)
    return f"{reason}; their download is not finished ({under_way} files are under way)" if under_way else reason


def _problem(folder: Path) -> str | None:
    """What is wrong with the files in a folder that holds a configuration; None if nothing is."""
    named = next((folder / name for name in TENSORS if (folder / name).is_symlink() or (folder / name).exists()), None)
    if named is None:
        return f"{folder} holds a configuration but no tensors ({' or '.join(TENSORS[:2])})"
    parts = [named]
    if named.suffix == ".json":
        try:
            index = json.loads(named.read_text(encoding="utf-8"))
            parts = [folder / name for name in sorted(set(index["weight_map"].values()))]
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            return f"{named} cannot be read ({error})"
    absent = [part.name for part in [*parts, folder / "tokenizer.json"] if not part.is_file()]
    if absent:
        return f"{folder} lacks {len(absent)} files, {absent[0]} for one"
    return next(filter(None, map(_broken, parts)), None)


def _broken(part: Path) -> str | None:
    """What is wrong with a file of tensors, by its size and its first bytes.

    A safetensors file begins with the length of its header and the header, which says where each tensor ends.
    """
    size = part.stat().st_size
    with part.open("rb") as file:
        start = file.read(max(8, len(LFS)))
        if start == LFS:
            return f"{part} is a Git LFS pointer, not the file itself (git lfs pull fetches it)"
        if part.suffix != ".safetensors":
            return None
        file.seek(8)
        length = int.from_bytes(start[:8], "little")
        try:
            header = json.loads(file.read(length)) if len(start) >= 8 and length < size else {}
            wanted = 8 + length + max(entry["data_offsets"][1] for name, entry in header.items() if name[:1] != "_")
        except (ValueError, KeyError, TypeError, AttributeError):
            return f"{part} is not a complete safetensors file ({size} bytes)"
    return None if size == wanted else f"{part} has {size} bytes of {wanted}"


def _under_way(weights: str, folder: Path | None) -> int:
    """How many files of an unfinished download of these weights exist."""
    places = [Path(weights).expanduser() / ".cache" / "huggingface" / "download"]
    places.append(Path(HF_HUB_CACHE) / f"models--{weights.replace('/', '--')}" / "blobs")
    if folder and folder.parent.name == "snapshots":
        places.append(folder.parent.parent / "blobs")
    return len({found for place in places for found in place.glob("**/*.incomplete")})


def find_tokenizer(weights: str) -> Tokenizer | None:
    """The tokenizer beside these weights, if they are on this machine."""
    folder = find_folder(weights)
    if folder is None or not (folder / "tokenizer.json").is_file():
        return None
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.encode_special_tokens = True  # text is text: no character sequence in it becomes a special token
    return tokenizer


def token_counter(weights: str) -> Callable[[str], int]:
    """Counts the tokens of a text: exactly with the model's tokenizer, else by its bytes.

    A byte-level tokenizer never produces more tokens than the bytes of the NFC form that it encodes.
    """
    tokenizer = find_tokenizer(weights)
    if tokenizer is None:
        return lambda text: len(unicodedata.normalize("NFC", text).encode("utf-8", "surrogatepass"))
    return lambda text: len(tokenizer.encode(text, add_special_tokens=False).ids)
