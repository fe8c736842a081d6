"""`Vocabulary` and `Tokens`: a prompt as the ids that the model reads, with the place of every picture among them."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from tokenizers import Tokenizer

from actions.errors import EngineFailure
from model.engine import Generated, Marker, Picture, Prompt, Segment, Text

CACHED_TEXTS = 1024
VISION_START, IMAGE_PAD, VISION_END = "<|vision_start|>", "<|image_pad|>", "<|vision_end|>"
ENDS_OF_TURN = ("<|im_end|>", "<|endoftext|>")
STRUCTURE = ("<|im_start|>", VISION_START, VISION_END, IMAGE_PAD, "<|vision_pad|>", "<|video_pad|>")
"""What begins a turn or stands for a picture. `<|box_start|>` is special too, but models reply with it."""


class Placed(NamedTuple):
    """A picture in a prompt: the index of its first token, and how many rows and columns of tokens it has."""

    start: int
    rows: int
    columns: int
    picture: Picture

    @property
    def end(self) -> int:
        return self.start + self.rows * self.columns


@dataclass(frozen=True)
class Tokens:
    """Token ids. Only `pictures` says which of them belong to a picture, never the id."""

    ids: list[int]
    pictures: list[Placed]

    def shared_with(self, other: "Tokens") -> int:
        """How many leading tokens both have in common, including the content of the pictures."""
        pairs = zip(self.ids, other.ids, strict=False)
        same = next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(self.ids), len(other.ids)))
        agreed = 0
        for mine, theirs in zip(self.pictures, other.pictures, strict=False):
            if mine[:3] != theirs[:3] or mine.picture.digest != theirs.picture.digest:
                break
            agreed += 1
        return min([same, *(placed.start for tokens in (self, other) for placed in tokens.pictures[agreed:][:1])])


class Vocabulary:
    """A tokenizer, with conversion of its ids to bytes and of prompts to ids.

    `ends` are the tokens that end a turn, if they are not ChatML's.
    """

    def __init__(self, tokenizer: Tokenizer, patch: int, ends: frozenset[int] | None = None) -> None:
        self._tokenizer = tokenizer
        self._patch = patch
        self._byte_of = {letter: byte for byte, letter in enumerate(_letters())}
        self._pieces = tokenizer.token_to_id("<0x0A>") is not None
        """Whether its tokens are SentencePiece's: text with a mark for a space, and bytes by their number."""
        self.encode: Callable[[str], tuple[int, ...]] = lru_cache(CACHED_TEXTS)(self._encode)
        self.size: int = tokenizer.get_vocab_size(with_added_tokens=True)
        self.ends = ends or frozenset(self.marker(token) for token in ENDS_OF_TURN)
        added = tokenizer.get_added_tokens_decoder().items()
        self.special = frozenset(id for id, token in added if token.special)
        """The special tokens, which no text encodes to. Other added tokens, such as `<tool_call>`, are their text."""
        found = (tokenizer.token_to_id(token) for token in STRUCTURE)
        self.structure = frozenset(id for id in found if id is not None)
        """The tokens that no reply may contain: in the next prompt they would begin a turn or require a picture."""

    def _encode(self, text: str) -> tuple[int, ...]:
        readable = text.encode("utf-8", "replace").decode()  # a lone surrogate from a page has no UTF-8 form
        return tuple(self._tokenizer.encode(readable, add_special_tokens=False).ids)

    def marker(self, token: str) -> int:
        """The id of a special token.

        Raises:
            EngineFailure: the tokenizer does not have it.
        """
        id = self._tokenizer.token_to_id(token)
        if id is None:
            raise EngineFailure(
                f"The tokenizer of the weights has no token {token}, so it is not Qwen's. "
                "Copy tokenizer.json from the original checkpoint into the folder of the weights."
            )
        return id

    def bytes_of(self, id: int) -> bytes:
        """The bytes of a token; a character may be spread over several tokens."""
        token = self._tokenizer.id_to_token(id) or ""
        if self._pieces:
            found = re.fullmatch("<0x([0-9A-F]{2})>", token)
            return bytes.fromhex(found[1]) if found else token.replace("\u2581", " ").encode()
        try:
            return bytes(self._byte_of[letter] for letter in token)
        except KeyError:  # an added token, which stands for its own text
            return token.encode()

    def lay_out(self, prompt: Prompt) -> Tokens:
        """The whole prompt as the model reads it."""
        tokens = Tokens([], [])
        for segment in prompt.chatml():
            if isinstance(segment, Picture):
                columns, rows = (side // self._patch for side in segment.size)
                tokens.pictures.append(Placed(len(tokens.ids) + 1, rows, columns, segment))
                pads = [self.marker(IMAGE_PAD)] * (rows * columns)
                tokens.ids.extend([self.marker(VISION_START), *pads, self.marker(VISION_END)])
            else:
                tokens.ids.extend(self._ids(segment))
        return tokens

    def _ids(self, segment: Segment) -> tuple[int, ...]:
        match segment:
            case Marker(token):
                return (self.marker(token),)
            case Generated(text, ids):
                return ids or self.encode(text)
            case Text(text):
                return self.encode(text)
        raise TypeError(f"{segment!r} has a size, not ids")


def _letters() -> list[str]:
    """The character by which byte-level BPE writes each byte: itself where it is printable, else one from 256 on."""
    printable = {*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    others = iter(range(0x100, 0x200))
    return [chr(byte if byte in printable else next(others)) for byte in range(256)]
