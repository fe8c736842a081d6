"""Finding invented words on 168x224 pages painted with Pillow, by kind of element and font size.

The pages are those of `tasks/worlds/painted.py` with their own seeds and questions. A kind of task is the kind of
element and the font size in pixels.
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
    """Ten pages for each kind and size, or as many as requested."""
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
