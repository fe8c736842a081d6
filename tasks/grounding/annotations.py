"""Reads a benchmark's annotation files below `--data-root`; what is wrong in one is said with file and place."""

import math
import re
from pathlib import Path
from typing import TypeVar

from PIL import Image
from pydantic import TypeAdapter, ValidationError

from actions.errors import UsageError
from actions.geometry import Box, Size

FOLDERS = (".", "annotations", "benchmark")
"""Where below the folder of a copy its annotation files may lie."""
UNPACK = f"python -m {(__package__ or '').rpartition('.')[0]}.unpack"
SLACK = 0.01
"""A box may leave its picture by this part of the longer side, as some published ones do by a pixel or two."""

Entry = TypeVar("Entry")


def files(root: Path, *names: str) -> list[Path]:
    """The annotation files that have one of these names or patterns, in the first of `FOLDERS` that has any.

    Whatever else lies beside them is not read.

    Raises:
        UsageError: there are none.
    """
    for folder in FOLDERS:
        if found := sorted({path for name in names for path in (root / folder).glob(name)}):
            return found
    hint = f" Its parquet files have to be unpacked once: {UNPACK} SUITE {root}" if any(root.rglob("*.parquet")) else ""
    raise UsageError(f"There is no file {' or '.join(names)} in {root}, nor in its {' or '.join(FOLDERS[1:])}.{hint}")


def read_list(path: Path, entries: TypeAdapter[list[Entry]]) -> list[Entry]:
    """The entries of a JSON list.

    Raises:
        UsageError: the file cannot be read, or an entry is not as the format says.
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
    """The box, where it lies on the picture: corners taken for a width and a height make it leave the picture.

    The picture's own size stands in for a size that the annotations lack; without either, only the order is checked.

    Raises:
        UsageError: its edges are in the wrong order, or it leaves the picture.
    """
    size = size or _size(path)
    wide, high = size or (math.inf, math.inf)
    over = SLACK * max(size) if size else SLACK
    if not (-over <= box.left <= box.right <= wide + over and -over <= box.top <= box.bottom <= high + over):
        raise UsageError(
            f"{where}: the box {tuple(box)} leaves its picture of {size or 'unknown size'}. "
            "It may be written in another order of numbers than this suite's files have."
        )
    return box


def from_width_and_height(numbers: tuple[float, float, float, float]) -> Box:
    """The box of x, y, width, height."""
    x, y, width, height = numbers
    return Box(x, y, x + width, y + height)


def file_name(text: str) -> str:
    """An id as a folder's name."""
    return re.sub(r"[^\w.-]+", "_", text).strip(".") or "_"


def _size(path: Path) -> Size | None:
    try:
        with Image.open(path) as image:
            return Size(*image.size)
    except OSError:
        return None
