"""`lines_in`: the lines of text in a picture, read by RapidOCR (the extra `ocr`), whose package holds its models."""

import importlib.util
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

from actions.errors import UsageError
from actions.geometry import Box

NEEDED = "Text in a picture is read by RapidOCR. Install it with: pip install '.[ocr]'"
_ALIKE = str.maketrans({"I": "l", "i": "l", "1": "l", "|": "l", "!": "l", "O": "0", "o": "0"})
"""Characters that small letters of a screen do not tell apart."""


class Line(NamedTuple):
    """A line of text, and where it is in the picture, in its pixels."""

    text: str
    box: Box


def available() -> bool:
    """Whether the extra is installed."""
    return importlib.util.find_spec("rapidocr") is not None


def lines_in(picture: Image.Image) -> list[Line]:
    """The lines in a picture, from the top. It takes seconds on a whole screen.

    Raises:
        UsageError: the extra is not installed.
    """
    read = _reader()(np.asarray(picture.convert("RGB"))[:, :, ::-1])  # it expects blue, green, red
    if read.txts is None:
        return []
    found = [Line(text, _around(corners)) for text, corners in zip(read.txts, read.boxes, strict=True)]
    return sorted(found, key=lambda line: (line.box.top, line.box.left))


def as_read(text: str) -> str:
    """A text without what reading loses: spaces, and the difference between letters that look alike, as I and l."""
    return "".join(text.translate(_ALIKE).split())


@cache
def _reader() -> Any:
    if not available():
        raise UsageError(NEEDED)
    from rapidocr import RapidOCR

    return RapidOCR(params={"Global.log_level": "critical"})


def _around(corners: Any) -> Box:
    (left, top), (right, bottom) = corners.min(axis=0), corners.max(axis=0)
    return Box(float(left), float(top), float(right), float(bottom))
