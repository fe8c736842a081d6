"""Reads a benchmark's annotation files below `--data-root`; errors name the file and the entry."""

import math
import re
from pathlib import Path
from typing import TypeVar

from PIL import Image
from pydantic import TypeAdapter, ValidationError

from actions.errors import UsageError
from actions.geometry import Box, Size

FOLDERS = (".", "annotations", "benchmark")
"""Subfolders of a copy that may contain its annotation files."""
UNPACK = f"python -m {(__package__ or '').rpartition('.')[0]}.unpack"
SLACK = 0.01
"""A box may leave its picture by this fraction of the longer side; some published ones do by a pixel or two."""

Entry = TypeVar("Entry")
Numbers = tuple[float, float, float, float]
"""The four numbers of a box, in the order of the data set."""


def files(root: Path, *names: str) -> list[Path]:
    """The annotation files with one of these names or patterns, in the first of `FOLDERS` that has any.

    Other files are ignored.

    Raises:
        UsageError: there are none.
    """
    for folder in FOLDERS:
        if found := sorted({path for name in names for path in (root / folder).glob(name)}):
            return found
    hint = f" Unpack its parquet files once: {UNPACK} SUITE {root}" if any(root.rglob("*.parquet")) else ""
    raise UsageError(f"There is no file {' or '.join(names)} in {root}, nor in its {' or '.join(FOLDERS[1:])}.{hint}")


def read_list(path: Path, entries: TypeAdapter[list[Entry]]) -> list[Entry]:
    """The entries of a JSON list.

    Raises:
        UsageError: the file cannot be read, or an entry does not match the format.
    """
    try:
        return entries.validate_json(path.read_bytes())
    except OSError as error:
        raise UsageError(f"The annotations {path} cannot be read: {error.strerror}.") from error
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        place = ".".join(map(str, problem["loc"]))
        raise UsageError(f"{path}, entry {place or 'list'}: {problem['msg']}.") from error


def picture(root: Path, folders: tuple[str, ...], name: str) -> Path:
    """The path of a picture in the first of these folders that has it."""
    paths = [root / folder / name.lstrip("/") for folder in folders]
    return next((path for path in paths if path.is_file()), paths[0])


def checked(box: Box, size: Size | None, path: Path, where: str) -> Box:
    """Checks that the box lies on the picture: corners read as width and height would make it leave the picture.

    The picture's size is used if the annotations have none; without either, only the order is checked.

    Raises:
        UsageError: its edges are in the wrong order, or it leaves the picture.
    """
    size = size or _size(path)
    wide, high = size or (math.inf, math.inf)
    over = SLACK * max(size) if size else SLACK
    if not (-over <= box.left <= box.right <= wide + over and -over <= box.top <= box.bottom <= high + over):
        raise UsageError(
            f"{where}: the box {tuple(box)} leaves its picture of {size or 'unknown size'}. "
            "Its numbers may be in another order than in this suite's files."
        )
    return box


def from_width_and_height(numbers: Numbers) -> Box:
    """A box from x, y, width, height."""
    x, y, width, height = numbers
    return Box(x, y, x + width, y + height)


def file_name(text: str) -> str:
    """An id as a folder name."""
    return re.sub(r"[^\w.-]+", "_", text).strip(".") or "_"


def _size(path: Path) -> Size | None:
    try:
        with Image.open(path) as image:
            return Size(*image.size)
    except OSError:
        return None
