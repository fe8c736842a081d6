"""`Lookup`: guesses tokens from an earlier occurrence of the last ones (prompt lookup decoding, Saxena 2023)."""

from collections.abc import Iterable

from model.engines.local.tokens import Tokens

SAME = 3
"""The number of tokens that must match."""
GUESSED = 8
"""The largest number of guessed tokens."""
_BREAK = -1


class Lookup:
    """The text of a prompt and of the reply to it, with a growing index of continuations."""

    def __init__(self, ids: Iterable[int]) -> None:
        self._ids: list[int] = []
        self._next: dict[tuple[int, ...], int] = {}
        for id in ids:
            self.add(id)

    @classmethod
    def of(cls, tokens: Tokens) -> "Lookup":
        """The lookup over all text in a prompt."""
        found, done = cls(()), 0
        for placed in tokens.pictures:
            for id in (*tokens.ids[done : placed.start], _BREAK):
                found.add(id)
            done = placed.end
        for id in tokens.ids[done:]:
            found.add(id)
        return found

    def add(self, id: int) -> None:
        if len(self._ids) >= SAME:
            self._next[tuple(self._ids[-SAME:])] = len(self._ids)
        self._ids.append(id)

    def guess(self) -> list[int]:
        """The continuation of the latest earlier occurrence of the last tokens; empty if there is none."""
        start = self._next.get(tuple(self._ids[-SAME:]))
        if start is None:
            return []
        found = self._ids[start : start + GUESSED]
        return found[: found.index(_BREAK)] if _BREAK in found else found
