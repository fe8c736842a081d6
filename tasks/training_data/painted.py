"""Lessons on pages painted with Pillow, without a browser.

The questions are those of `words.html`, and a lesson has the same parts as one that a browser draws.
"""

import random
from collections.abc import Iterator, Sequence
from typing import Any

from actions.geometry import Size
from tasks.training_data import Drawn
from tasks.worlds.painted import CHECKED, KINDS, SIZES, Thing, page

PAGE = "painted"
MOST_OTHERS = 6


def draw(seeds: Sequence[str], size: Size) -> Iterator[Drawn]:
    """A lesson for each seed, on a page of that size."""
    for seed in seeds:
        chance = random.Random(seed)
        image, things = page(chance, size, chance.choice(KINDS), chance.choice(SIZES))
        asked, *others = things
        read = chance.choice(things)
        _, column, row = read.letters[-(len(read.text) // 2 + 1)]
        written = {"action": "answer", "text": read.text, "point": [column, row]}
        yield Drawn(seed, image, {
            "said": asked.question(chance), "done": [], "next": asked.answer,
            "others": [[f"What is written at [{column}, {row}]?", written], *_checked(things),
                       *([thing.question(chance), thing.answer] for thing in others[:MOST_OTHERS])],
            "letters": [letter for thing in things for letter in thing.letters],
        })  # fmt: skip


def _checked(things: Sequence[Thing]) -> Iterator[list[Any]]:
    """The question which boxes are checked, if there are any, answered from top to bottom."""
    marks = sorted((thing for thing in things if thing.kind == "mark"), key=lambda mark: (mark.box[1], mark.box[0]))
    names = [mark.text for mark in marks if mark.letters[0][0] == CHECKED]
    if marks:
        yield ["Which boxes are checked?", {"action": "answer", "text": ", ".join(names) or "none"}]
