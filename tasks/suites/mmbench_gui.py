"""MMBench-GUI L2: grounding on six platforms with basic and advanced instructions, from the user's copy."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import BaseModel, TypeAdapter

from actions.geometry import Box, Size
from tasks.grounding.annotations import checked, data_root, files, picture, read_list
from tasks.grounding.item import Item
from tasks.grounding.target import BoxTarget
from tasks.grounding.task import tasks
from tasks.task import Suite, SuiteOptions


class Entry(BaseModel):
    """An entry of `L2_annotations.json`."""

    image_path: str
    bbox: tuple[float, float, float, float]
    """x1, y1, x2, y2 in parts of the picture's sides."""
    image_size: tuple[int, int]
    instruction: str
    platform: str
    grounding_type: str


@contextmanager
def open_suite(options: SuiteOptions) -> Iterator[Suite]:
    """One task per item; `--tasks os_mac` and the like pick a platform."""
    yield tasks(load(data_root(options, "MMBench-GUI L2")), zoom=options.zoom)


def load(root: Path) -> Iterator[Item]:
    """The items of the second level.

    Raises:
        UsageError: the file is not there, or an entry is not as the format says, or a box leaves its picture.
    """
    (path,) = files(root, "L2_annotations.json")
    entries = read_list(path, TypeAdapter(list[Entry]))
    for index, entry in enumerate(entries):
        width, height = entry.image_size
        shown = picture(root, (f"offline_images/{entry.platform}", "offline_images", "."), entry.image_path)
        left, top, right, bottom = entry.bbox
        box = Box(left * width, top * height, right * width, bottom * height)
        checked(box, Size(width, height), shown, f"{path}, entry {index}")
        name = f"{entry.platform}-{index:04d}"
        yield Item(name, shown, entry.instruction, BoxTarget(box), entry.platform, entry.grounding_type)
