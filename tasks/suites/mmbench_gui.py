"""MMBench-GUI L2: grounding on six platforms with basic and advanced instructions, from the user's copy."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import BaseModel, TypeAdapter

from actions.geometry import Box, Size
from tasks.grounding.annotations import Numbers, checked, files, picture, read_list
from tasks.grounding.grounding_task import tasks
from tasks.grounding.item import Item
from tasks.grounding.target import BoxTarget
from tasks.published import ALL, Published
from tasks.task import Suite, SuiteOptions

DATA = Published(
    name="MMBench-GUI L2",
    source="https://huggingface.co/datasets/OpenGVLab/MMBench-GUI",
    holds="L2_annotations.json and the folder offline_images of MMBench-GUI-OfflineImages.zip",
    tasks={ALL: 3594},
)
IMAGES = ("offline_images", "MMBench-GUI-OfflineImages/offline_images")


class Entry(BaseModel):
    """An entry of `L2_annotations.json`."""

    image_path: str
    bbox: Numbers
    """x1, y1, x2, y2 in parts of the picture's sides."""
    image_size: tuple[int, int]
    instruction: str
    platform: str
    grounding_type: str


@contextmanager
def open_suite(options: SuiteOptions) -> Iterator[Suite]:
    """One task per item; `--tasks os_mac` and the like pick a platform."""
    yield tasks(load(DATA.root(options)), zoom=options.zoom)


def load(root: Path) -> Iterator[Item]:
    """The items of the second level.

    Raises:
        UsageError: the file is missing, an entry does not match the format, or a box leaves its picture.
    """
    (path,) = files(root, "L2_annotations.json")
    entries = read_list(path, TypeAdapter(list[Entry]))
    for index, entry in enumerate(entries):
        size = Size(*entry.image_size)
        folders = (*(f"{images}/{entry.platform}" for images in IMAGES), *IMAGES)
        shown = picture(root, folders, entry.image_path)
        box = checked(_box(entry.bbox, size), size, shown, f"{path}, entry {index}")
        name = f"{entry.platform}-{index:04d}"
        yield Item(name, shown, entry.instruction, BoxTarget(box), entry.platform, entry.grounding_type)


def _box(numbers: Numbers, size: Size) -> Box:
    """The box in pixels of the picture.

    As in the authors' evaluation (open-compass/MMBench-GUI, `benchmarks/l2_element_grounding.py`), an edge of -1 means
    0, and a box that reaches beyond 1 is in pixels.
    """
    left, top, right, bottom = (0.0 if number == -1 else number for number in numbers)
    across, down = size if max(left, top, right, bottom) <= 1 else (1, 1)
    return Box(left * across, top * down, right * across, bottom * down)
