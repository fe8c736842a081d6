"""Greedy decoding up to the end of the turn, a stop string or the end of what a grammar allows.

Two shortcuts save passes through the model. Tokens that a grammar forces are appended at once. Tokens that a `Lookup`
guesses are computed together with the token before them and kept as far as they equal what would have been written
anyway, so the reply is the same (in float32; in bfloat16 two nearly equal logits may change places with the shape of a
pass).
"""

from collections.abc import Generator, Sequence
from typing import NamedTuple, Protocol

import torch
from torch import Tensor

from model.engines.local.constraint import Constraint
from model.engines.local.lookup import Lookup
from model.engines.local.tokens import Vocabulary


class Writer(Protocol):
    """A model that holds a prompt and continues it."""

    def append(self, ids: Sequence[int]) -> Tensor:
        """Appends text tokens; returns the logits after each: [tokens, rows of the embedding table]."""
        ...

    def take_back(self, count: int) -> None:
        """Drops the last appended tokens."""
        ...


class Decoded(NamedTuple):
    """A reply: `ids` encode exactly `text`. `steps` counts every generated token, including the ones cut off."""

    ids: tuple[int, ...]
    text: str
    steps: int
    cut_off: bool


Writing = Generator[list[int], Tensor, Decoded]
"""A reply being written; it yields tokens and receives the logits after each."""


def decode(
    logits: Tensor,
    writer: Writer,
    vocabulary: Vocabulary,
    stop: tuple[str, ...],
    limit: int,
    constraint: Constraint | None = None,
    lookup: Lookup | None = None,
) -> Decoded:
    """The reply of one model; `logits` are those after the prompt, `lookup` guesses what comes next."""
    reply = write(vocabulary, stop, limit, constraint)
    ahead = _Ahead(writer, lookup)
    try:
        ids = next(reply)
        while True:
            logits = ahead.after(ids) if ids else logits
            ids = reply.send(logits)
    except StopIteration as end:
        decoded: Decoded = end.value
        return decoded


def write(vocabulary: Vocabulary, stop: tuple[str, ...], limit: int, constraint: Constraint | None) -> Writing:
    """Takes the likeliest allowed token until the reply ends or has `limit` tokens.

    No reply contains a token of `vocabulary.structure`; other special tokens are allowed like text.
    Stop strings do not count within a call that the constraint describes, for they may stand in a text to be typed; one
    that the constraint has behind the call is cut away.
    """
    reply = _Reply(vocabulary)
    stops = [string.encode() for string in stop if string]
    new: list[int] = []
    while True:
        if constraint and constraint.on:
            forced = constraint.forced()[: limit - len(reply.ids)]
            constraint.accept(forced)
            new = [*new, *reply.add(forced)]
            if constraint.complete:
                end = next((string for string in stops if reply.written.endswith(string)), b"")
                return reply.up_to(len(reply.written) - len(end)).whole(reply.steps, cut_off=False)
        if len(reply.ids) >= limit:
            return reply.whole(reply.steps, cut_off=True)
        token = _likeliest((yield new), vocabulary, constraint)
        if token in vocabulary.ends:
            return reply.whole(reply.steps + 1, cut_off=False)
        new = reply.add([token])
        if constraint and constraint.on:
            constraint.accept(new)
            continue
        found = _first_stop(reply.written, len(reply.pieces[-1]), stops)
        if found is not None:
            return reply.up_to(found).whole(reply.steps, cut_off=False)
        if constraint:
            new = _switched(constraint, reply, new)


def _likeliest(logits: Tensor, vocabulary: Vocabulary, constraint: Constraint | None) -> int:
    # The embedding table has more rows than there are tokens; those were never trained.
    known = logits[: vocabulary.size]
    if constraint and constraint.on:
        return constraint.likeliest(known)
    wanted = int(known.argmax())
    if wanted in vocabulary.structure:  # seldom, so that mostly nothing is masked
        barred = torch.tensor(sorted(vocabulary.structure), device=known.device)
        wanted = int(known.index_fill(0, barred, -torch.inf).argmax())
    return wanted


def _switched(constraint: Constraint, reply: "_Reply", new: list[int]) -> list[int]:
    """Switches the constraint on if the newest token has completed its keyword; returns the tokens that the model must
    still read.

    The part of that token after the keyword stays if the grammar allows it; else the keyword is tokenised anew.
    """
    end = constraint.keyword_end(reply.written, len(reply.pieces[-1]))
    if end is None or constraint.switch_on(reply.written[end:]):
        return new
    known = len(reply.ids) - len(new)
    reply.up_to(end)
    return reply.ids[known:]


class _Ahead:
    """The writer, with guessed tokens beyond the reply and the logits after each."""

    def __init__(self, writer: Writer, lookup: Lookup | None) -> None:
        self._writer = writer
        self._lookup = lookup
        self._guessed: list[int] = []
        self._rows: list[Tensor] = []

    def after(self, ids: list[int]) -> Tensor:
        """The logits after appending `ids` to the reply."""
        if self._lookup:
            for id in ids:
                self._lookup.add(id)
        while self._guessed and ids and self._guessed[0] == ids[0]:
            ids, self._guessed = ids[1:], self._guessed[1:]
            row = self._rows.pop(0)
        if ids:
            self._writer.take_back(len(self._guessed))
            self._guessed = self._lookup.guess() if self._lookup else []
            row, *self._rows = self._writer.append([*ids, *self._guessed])[len(ids) - 1 :]
        return row


class _Reply:
    """The tokens of a reply and their bytes."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self.ids: list[int] = []
        self.pieces: list[bytes] = []
        self.written = b""
        self.steps = 0

    def add(self, ids: list[int]) -> list[int]:
        """Appends tokens and returns them."""
        for id in ids:
            self.ids.append(id)
            self.pieces.append(self._vocabulary.bytes_of(id))
            self.written += self.pieces[-1]
        self.steps += len(ids)
        return ids

    def up_to(self, length: int) -> "_Reply":
        """Truncates to this many bytes.

        A token may contain the end of a call and the start of a stop string, such as `}*`: the part before the cut is
        kept, in tokens of its own.
        """
        kept = self.written[:length]
        while sum(map(len, self.pieces)) > length:
            self.ids.pop()
            self.pieces.pop()
        rest = kept[sum(map(len, self.pieces)) :]
        steps, self.written = self.steps, b"".join(self.pieces)
        self.add(list(self._vocabulary.encode(_readable(rest))) if rest else [])
        self.steps = steps
        return self

    def whole(self, steps: int, cut_off: bool) -> Decoded:
        return Decoded(tuple(self.ids), _readable(self.written), steps, cut_off)


def _first_stop(written: bytes, new: int, stops: list[bytes]) -> int | None:
    """The start of the first stop string that the last `new` bytes have completed."""
    found = (written.find(string, max(0, len(written) - new - len(string) + 1)) for string in stops)
    return min((place for place in found if place >= 0), default=None)


def _readable(written: bytes) -> str:
    return written.decode("utf-8", "replace")
