"""Chooses the past rounds and screenshots that fit the context: a pure function of their costs.

Everything stays until the prompt would exceed the available room. Then screenshots are dropped, oldest first, until the
prompt has shrunk to a low mark; if text alone is too long, the oldest rounds are condensed likewise. Dropping a block
at a time instead of one screenshot per step keeps the start of the prompt unchanged for many steps, so an engine's
prefix cache keeps hitting. The newest screenshot and the last round always stay, and the round before them while it
fits.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from actions.errors import ContextOverflow

LOW_MARK = 0.45
"""The low mark, as a fraction of the room."""
LAST_ROUNDS = 2


class Kept(NamedTuple):
    """The first round and the first screenshot in the prompt; all later ones are in it too."""

    first_round: int
    first_picture: int


START = Kept(0, 0)


def choose(
    base: int,
    rounds: Sequence[int],
    pictures: Sequence[int],
    condensed: Callable[[int], int],
    room: int,
    most_pictures: int | None = None,
    before: Kept = START,
    since: int = 0,
) -> Kept:
    """What to keep of the past `rounds` and of `pictures`, which has one more element: the current look.

    All figures are tokens: `base` the prompt without rounds and pictures, `rounds[i]` round i without its picture,
    `pictures[i]` what picture i adds to that, `condensed(n)` the line that replaces the first n rounds. At most
    `most_pictures` may be shown, whatever their size. The choice depends on the choice at every earlier step, so equal
    pasts give equal prompts. It is computed again from the start, or from the step `since`, before which `before` was
    kept.

    Raises:
        ContextOverflow: even the smallest prompt is larger than `room`.
    """
    kept = before
    for now in range(since, len(pictures)):

        def size(kept: Kept, now: int = now) -> int:
            line = condensed(kept.first_round) if kept.first_round else 0
            return base + line + sum(rounds[kept.first_round : now]) + sum(pictures[kept.first_picture : now + 1])

        if most_pictures is not None:
            kept = Kept(kept.first_round, max(kept.first_picture, now + 1 - most_pictures))
        if size(kept) <= room:
            continue
        while kept.first_picture < now and size(kept) > room * LOW_MARK:
            kept = Kept(kept.first_round, kept.first_picture + 1)
        if size(kept) > room:
            while kept.first_round < now - LAST_ROUNDS and size(kept) > room * LOW_MARK:
                kept = Kept(kept.first_round + 1, kept.first_picture)
        while kept.first_round < now - 1 and size(kept) > room:
            kept = Kept(kept.first_round + 1, kept.first_picture)
        if size(kept) > room:
            raise ContextOverflow(
                f"The actions, the instruction and the newest screenshot take {size(kept)} tokens, but the prompt has "
                f"room for {room}. Pass a larger --context or a smaller --max-pixels."
            )
    return kept
