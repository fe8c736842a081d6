"""Lessons for the model in the box: screens drawn by Chromium or Pillow, with labelled steps, in shards."""

import hashlib
from typing import Any, NamedTuple

from PIL import Image


class Drawn(NamedTuple):
    """A picture of a lesson's page, and its description: `said`, `done`, `next`, `others`, `letters`."""

    seed: str
    image: Image.Image
    lesson: dict[str, Any]


def digest(image: Image.Image) -> str:
    """A screen's digest: equal for equal pixels."""
    return hashlib.sha256(image.convert("RGB").tobytes()).hexdigest()[:16]
