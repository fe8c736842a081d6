"""Shards: screens with their questions as token ids, a line of JSON each, compressed."""

import base64
import gzip
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

Example = tuple[list[int], list[int], tuple[int, int] | None]
"""Prompt ids, reply ids, and the point on the picture that the reply refers to."""


class Letters(NamedTuple):
    """The text on a picture: its letters, and the column and row of each letter's centre in pixels."""

    text: str
    columns: list[int]
    rows: list[int]


class Screen(NamedTuple):
    """A picture and the questions about it; the first example is the lesson's own next step."""

    page: str
    seed: str
    png: bytes
    examples: list[Example]
    letters: Letters


def write(path: Path, screens: Iterable[Screen]) -> None:
    """Writes a shard."""
    with gzip.open(path, "wt", compresslevel=1, encoding="utf-8") as file:
        for screen in screens:
            line = screen._asdict() | {"png": base64.b64encode(screen.png).decode()}
            file.write(json.dumps(line) + "\n")


def read(path: Path) -> Iterator[Screen]:
    """The screens of a shard."""
    return map(screen_of, lines(path))


def lines(path: Path) -> Iterator[bytes]:
    """The screens of a shard in their stored form, which takes a quarter of the memory."""
    with gzip.open(path) as file:
        yield from file


def screen_of(line: bytes) -> Screen:
    stored = json.loads(line)
    png, letters = base64.b64decode(stored["png"]), Letters(*stored["letters"])
    return Screen(stored["page"], stored["seed"], png, stored["examples"], letters)
