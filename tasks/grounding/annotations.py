"""Reads a benchmark's annotation files below `--data-root`; what is wrong in one is said with file and place."""

import math
import re
from pathlib import Path
from typing import TypeVar

from PIL import Image
from pydantic import TypeAdapter, ValidationError

from actions.errors import UsageError
from actions.geometry import Box, Size
from tasks.task import SuiteOptions

SLACK = 0.01
"""A box may leave its picture by this part of the longer side, as some published ones do by a pixel or two."""

Entry = TypeVar("Entry")


def data_root(options: SuiteOptions, what: str) -> Path:
    """The folder of the user's copy. Raises UsageError when none is named or it is not there."""
    if options.data_root is None:
        raise UsageError(f"This suite needs a copy of {what}: pass its folder with --data-root.")
    if not options.data_root.is_dir():
        raise UsageError(f"There is no folder {options.data_root}. Pass the folder of {what} with --data-root.")
    return options.data_root


def files(root: Path, pattern: str) -> list[Path]:
    """The annotation files, in the folder itself or in its `annotations`. Raises UsageError when there are none."""
    found = sorted(root.glob(pattern)) or sorted((root / "annotations").glob(pattern))
    if not found:
        raise UsageError(f"There is no file {pattern} in {root} or in {root / 'annotations'}.")
    return found


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
