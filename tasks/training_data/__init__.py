"""Lessons for the model in the box: screens that Chromium or Pillow draws, with what to do there, in shards."""

import hashlib
from typing import Any, NamedTuple

from PIL import Image


class Drawn(NamedTuple):
    """A picture of a lesson's page, and what its drawer says of it: `said`, `done`, `next`, `others`, `letters`."""

    seed: str
    image: Image.Image
    lesson: dict[str, Any]


def digest(image: Image.Image) -> str:
    """A screen's own name: equal for equal pixels."""
    return hashlib.sha256(image.convert("RGB").tobytes()).hexdigest()[:16]
