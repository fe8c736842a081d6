"""Shards: screens with their questions as token ids, a line of JSON each, compressed."""

import base64
import gzip
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

Example = tuple[list[int], list[int], tuple[int, int] | None]
"""Prompt ids, reply ids, and the place on the picture that the reply is about."""


class Letters(NamedTuple):
    """What is to be read on a picture: letters, and by letter the column and the row of its middle in pixels."""

    text: str
    columns: list[int]
    rows: list[int]


class Screen(NamedTuple):
    """A picture and what is asked about it; the first example is the lesson's own next step."""

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
    """The screens of a shard as they are written, which takes a fourth of the memory."""
    with gzip.open(path) as file:
        yield from file


def screen_of(line: bytes) -> Screen:
    told = json.loads(line)
    png, letters = base64.b64decode(told["png"]), Letters(*told["letters"])
    return Screen(told["page"], told["seed"], png, told["examples"], letters)
