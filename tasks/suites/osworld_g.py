"""OSWorld-G: grounding with boxes, polygons and things that are not there, from the user's copy.

Its own repository was not seen: the format is the one that VLMEvalKit and X-PLUG/MobileAgent read. A file whose name
has `refined` in it holds the refined instructions; `--tasks refined` or `original` picks one.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from pydantic import AliasChoices, BaseModel, Field, TypeAdapter

from actions.errors import UsageError
from actions.geometry import Box, Point
from tasks.grounding.annotations import checked, data_root, files, from_width_and_height, picture, read_list
from tasks.grounding.item import Item
from tasks.grounding.target import BoxTarget, PolygonTarget, Refusal, Target
from tasks.grounding.task import tasks
from tasks.task import Suite, SuiteOptions


class Entry(BaseModel):
    """An entry of a list."""

    picture: str = Field(validation_alias=AliasChoices("img_filename", "image_path"))
    instruction: str
    box_type: Literal["bbox", "polygon", "refusal"] = "bbox"
    numbers: list[float] | None = Field(default=None, validation_alias=AliasChoices("bbox", "box_coordinates"))
    """x, y, width, height of a box; x1, y1, x2, y2, ... of a polygon."""


@contextmanager
def open_suite(options: SuiteOptions) -> Iterator[Suite]:
    """One task per item; every prompt allows to decline."""
    yield tasks(load(data_root(options, "OSWorld-G")), may_decline=True, zoom=options.zoom)


def load(root: Path) -> Iterator[Item]:
    """The items of every annotation file.

    Raises:
        UsageError: there is none, or an entry is not as the format says, or a box leaves its picture.
    """
    for path in files(root, "*.json"):
        style = "refined" if "refined" in path.stem.lower() else "original"
        entries = read_list(path, TypeAdapter(list[Entry]))
        for index, entry in enumerate(entries):
            shown = picture(root, ("images", "."), entry.picture)
            target = _target(entry, shown, f"{path}, entry {index}")
            name = f"{style}-{index:04d}"
            yield Item(name, shown, entry.instruction, target, style, entry.box_type)


def _target(entry: Entry, shown: Path, where: str) -> Target:
    numbers = entry.numbers or []
    if entry.box_type == "refusal":
        return Refusal()
    if entry.box_type == "bbox" and len(numbers) == 4:
        box = from_width_and_height((numbers[0], numbers[1], numbers[2], numbers[3]))
        return BoxTarget(checked(box, None, shown, where))
    if entry.box_type == "polygon" and len(numbers) >= 6 and len(numbers) % 2 == 0:
        target = PolygonTarget(tuple(map(Point, numbers[::2], numbers[1::2])))
        checked(Box(min(numbers[::2]), min(numbers[1::2]), max(numbers[::2]), max(numbers[1::2])), None, shown, where)
        return target
    raise UsageError(f"{where}: {len(numbers)} numbers are no {entry.box_type}.")
