"""ScreenSpot-Pro: grounding on full-screen professional software, from the user's copy of its annotations and pictures.

Only the leaderboard's setting: positive items, English instructions. The pictures are far larger than usual screens:
a profile whose `max_pixels` is small ruins the score.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import BaseModel, TypeAdapter

from actions.geometry import Box, Size
from tasks.grounding.annotations import checked, file_name, files, picture, read_list
from tasks.grounding.grounding_task import tasks
from tasks.grounding.item import Item
from tasks.grounding.target import BoxTarget
from tasks.published import Published
from tasks.task import Suite, SuiteOptions

DATA = Published(
    name="ScreenSpot-Pro",
    source="https://huggingface.co/datasets/likaixin/ScreenSpot-Pro",
    holds="the folder annotations with 26 files such as vscode_macos.json, and the folder images",
    tasks={"Dev": 299, "Creative": 341, "CAD": 261, "Scientific": 254, "Office": 230, "OS": 196},
)
SYSTEMS = ("*_windows.json", "*_macos.json", "*_linux.json")


class Entry(BaseModel):
    """An entry of one of the 26 files."""

    id: str
    img_filename: str
    bbox: tuple[float, float, float, float]
    """x1, y1, x2, y2."""
    instruction: str
    img_size: tuple[int, int]
    application: str
    platform: str
    group: str
    ui_type: str


@contextmanager
def open_suite(options: SuiteOptions) -> Iterator[Suite]:
    """One task per item; `--tasks Dev` and the like pick a group."""
    yield tasks(load(DATA.root(options)), zoom=options.zoom)


def load(root: Path) -> Iterator[Item]:
    """The items of every annotation file, which are named by application and system.

    Raises:
        UsageError: there is none, an entry does not match the format, or a box leaves its picture.
    """
    for path in files(root, *SYSTEMS):
        entries = read_list(path, TypeAdapter(list[Entry]))
        for index, entry in enumerate(entries):
            shown = picture(root, ("images", "."), entry.img_filename)
            box = checked(Box(*entry.bbox), Size(*entry.img_size), shown, f"{path}, entry {index}")
            details = {
                "img_path": str(shown),
                "group": entry.group,
                "platform": entry.platform,
                "application": entry.application,
                "lang": "en",
                "instruction_style": "instruction",
                "prompt_to_evaluate": entry.instruction,
                "gt_type": "positive",
                "ui_type": entry.ui_type,
                "task_filename": path.stem,
                "bbox": list(box),
            }
            yield Item(
                file_name(entry.id), shown, entry.instruction, BoxTarget(box), entry.group, entry.ui_type, details
            )
