"""Greedy decoding, one token at a time, up to the end of the turn or a stop string."""

from collections.abc import Callable
from typing import NamedTuple

from torch import Tensor

from model.engines.local.tokens import Vocabulary


class Decoded(NamedTuple):
    """A reply: `ids` stand for exactly `text`. `steps` counts every token made, those cut away too."""

    ids: tuple[int, ...]
    text: str
    steps: int
    cut_off: bool


def decode(
    logits: Tensor, step: Callable[[int], Tensor], vocabulary: Vocabulary, stop: tuple[str, ...], limit: int
) -> Decoded:
    """Takes the likeliest token until one ends the turn, a stop string is complete, or `limit` tokens are made."""
    stops = [string.encode() for string in stop if string]
    ids: list[int] = []
    pieces: list[bytes] = []
    written = b""
    while len(ids) < limit:
        # The embedding table has more rows than there are tokens; those were never trained.
        token = int(logits[: vocabulary.size].argmax())
        if token in vocabulary.ends:
            return Decoded(tuple(ids), _readable(written), len(ids) + 1, cut_off=False)
        ids.append(token)
        pieces.append(vocabulary.bytes_of(token))
        written += pieces[-1]
        found = _first_stop(written, len(pieces[-1]), stops)
        if found is not None:
            return _cut(ids, pieces, written[:found], vocabulary)
        if len(ids) < limit:
            logits = step(token)
    return Decoded(tuple(ids), _readable(written), len(ids), cut_off=True)


def _first_stop(written: bytes, new: int, stops: list[bytes]) -> int | None:
    """Where the first stop string starts that the last `new` bytes have completed."""
    found = (written.find(string, max(0, len(written) - new - len(string) + 1)) for string in stops)
    return min((place for place in found if place >= 0), default=None)


def _cut(ids: list[int], pieces: list[bytes], kept: bytes, vocabulary: Vocabulary) -> Decoded:
    """Goes back to the last token boundary before a stop string.

    A token may hold the end of the call as well as the start of the stop string, such as `}*`: what it says before
    the stop string is kept, in tokens of its own.
    """
    count, length = 0, 0
    while length + len(pieces[count]) <= len(kept):
        length += len(pieces[count])
        count += 1
    rest = vocabulary.encode(_readable(kept[length:])) if kept[length:] else ()
    return Decoded((*ids[:count], *rest), _readable(kept), len(ids), cut_off=False)


def _readable(written: bytes) -> str:
    return written.decode("utf-8", "replace")
