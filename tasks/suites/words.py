"""Invented words on 168x224 pages that Pillow draws: whether the right one is found, by what it is on and how large.

The pages are those of `tasks/worlds/painted.py` with seeds of their own, and the questions are in its words. A
kind of task is what the word is on and the size of its letters in pixels.
"""

import random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from actions.geometry import Box
from tasks.grounding.grounding_task import GroundingTask
from tasks.grounding.item import Item
from tasks.grounding.target import BoxTarget
from tasks.miniwob import SCREEN
from tasks.task import Suite, SuiteOptions
from tasks.worlds import painted

PAGES = 10
SIZES = (9, 10, 12, 14, 16)


@contextmanager
def open_suite(options: SuiteOptions) -> Iterator[Suite]:
    """Ten pages for each kind and size, or as many as are asked for."""
    with tempfile.TemporaryDirectory(prefix="words-") as folder:
        yield [
            GroundingTask(_item(Path(folder), kind, pixels, seed), asked="{instruction}")
            for kind in sorted(set(painted.KINDS))
            for pixels in SIZES
            for seed in options.seeds(PAGES)
        ]


def _item(folder: Path, kind: str, pixels: int, seed: int) -> Item:
    group = f"{kind}-{pixels}px"
    chance = random.Random(f"test:{group}:{seed}")
    image, (thing, *_) = painted.page(chance, SCREEN, kind, pixels)
    picture = folder / f"{group}-{seed}.png"
    image.save(picture)
    return Item(picture.stem, picture, thing.question(chance), BoxTarget(Box(*thing.box)), group, "text")
