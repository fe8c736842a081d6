"""OSWorld-G: grounding with boxes, polygons and missing targets, from the user's copy.

`OSWorld-G.json` has the original instructions and `OSWorld-G_refined.json` the same items with refined ones; `--tasks
original` or `refined` picks one. The other files of its folder, such as `classification_result.json`, are not read.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from pydantic import AliasChoices, BaseModel, Field, TypeAdapter

from actions.errors import UsageError
from actions.geometry import Box, Point, Size
from tasks.grounding.annotations import checked, files, from_width_and_height, picture, read_list
from tasks.grounding.grounding_task import tasks
from tasks.grounding.item import Item
from tasks.grounding.target import BoxTarget, PolygonTarget, Refusal, Target
from tasks.published import Published
from tasks.task import Suite, SuiteOptions

DATA = Published(
    name="OSWorld-G",
    source="https://github.com/xlang-ai/OSWorld-G",
    holds="OSWorld-G.json or OSWorld-G_refined.json, or both, and the folder images, as its folder benchmark does",
    tasks={"original": 564, "refined": 564},
)
STYLES = {"OSWorld-G": "original", "OSWorld-G_refined": "refined"}
PICTURES = ("images", "benchmark/images", ".")


class Entry(BaseModel):
    """An entry of a list."""

    picture: str = Field(validation_alias=AliasChoices("img_filename", "image_path"))
    instruction: str
    box_type: Literal["bbox", "polygon", "refusal"] = "bbox"
    numbers: list[float] | None = Field(default=None, validation_alias=AliasChoices("box_coordinates", "bbox"))
    """x, y, width, height of a box; x1, y1, x2, y2, ... of a polygon; ignored for a refusal."""
    image_size: tuple[int, int] | None = None


@contextmanager
def open_suite(options: SuiteOptions) -> Iterator[Suite]:
    """One task per item; every prompt allows declining."""
    yield tasks(load(DATA.root(options)), may_decline=True, zoom=options.zoom)


def load(root: Path) -> Iterator[Item]:
    """The items of both annotation files, or of the existing one.

    Raises:
        UsageError: there is none, an entry does not match the format, or a box leaves its picture.
    """
    for path in files(root, *(f"{name}.json" for name in STYLES)):
        style = STYLES[path.stem]
        entries = read_list(path, TypeAdapter(list[Entry]))
        for index, entry in enumerate(entries):
            shown = picture(root, PICTURES, entry.picture)
            target = _target(entry, shown, f"{path}, entry {index}")
            name = f"{style}-{index:04d}"
            yield Item(name, shown, entry.instruction, target, style, entry.box_type)


def _target(entry: Entry, shown: Path, where: str) -> Target:
    numbers = entry.numbers or []
    size = Size(*entry.image_size) if entry.image_size else None
    if entry.box_type == "refusal":
        return Refusal()
    if entry.box_type == "bbox" and len(numbers) == 4:
        box = from_width_and_height((numbers[0], numbers[1], numbers[2], numbers[3]))
        return BoxTarget(checked(box, size, shown, where))
    if entry.box_type == "polygon" and len(numbers) >= 6 and len(numbers) % 2 == 0:
        target = PolygonTarget(tuple(map(Point, numbers[::2], numbers[1::2])))
        checked(Box(min(numbers[::2]), min(numbers[1::2]), max(numbers[::2]), max(numbers[1::2])), size, shown, where)
        return target
    raise UsageError(f"{where}: {len(numbers)} numbers are not a {entry.box_type}.")
