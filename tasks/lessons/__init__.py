"""Lessons for the model in the box: screens drawn by Chromium, each with what to do there, as shards to train on."""

import hashlib

from PIL import Image


def digest(image: Image.Image) -> str:
    """A screen's own name: equal for equal pixels."""
    return hashlib.sha256(image.convert("RGB").tobytes()).hexdigest()[:16]
