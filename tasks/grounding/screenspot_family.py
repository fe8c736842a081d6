"""ScreenSpot and ScreenSpot-v2: three lists, one per platform, in the official format or the repacked one of v2.

The official files (njucckevin/SeeClick, OS-Copilot/ScreenSpot-v2) write a box as x, y, width, height; the repacked
ones (microsoft/GUI-Actor, ScreenSpot-v2-new) have the same file names and write x1, y1, x2, y2. The keys of an entry
show the format.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, TypeAdapter

from actions.geometry import Box, Size
from tasks.grounding.annotations import Numbers, checked, files, from_width_and_height, picture, read_list
from tasks.grounding.item import Item
from tasks.grounding.target import BoxTarget

PLATFORMS = ("mobile", "desktop", "web")
PICTURES = ("screenspotv2_image", "screenspot_imgs", "images", ".")


class Official(BaseModel):
    """An entry of the official files."""

    img_filename: str
    bbox: Numbers
    """x, y, width, height."""
    instruction: str
    data_type: Literal["text", "icon"]
    data_source: str

    @property
    def ui_type(self) -> str:
        return self.data_type

    def box(self) -> Box:
        return from_width_and_height(self.bbox)

    def size(self) -> Size | None:
        return None


class Repacked(BaseModel):
    """An entry of the repacked files of v2."""

    img_filename: str
    bbox: Numbers
    """x1, y1, x2, y2."""
    instruction: str
    ui_type: Literal["text", "icon"]
    img_size: tuple[int, int]

    def box(self) -> Box:
        return Box(*self.bbox)

    def size(self) -> Size | None:
        return Size(*self.img_size)


def load(root: Path, suffix: str) -> Iterator[Item]:
    """The items of `screenspot_{platform}{suffix}.json`, for the platforms that exist.

    Raises:
        UsageError: none exists, or an entry is in neither format, or a box leaves its picture.
    """
    there = {
        path.name: path for path in files(root, *(f"screenspot_{platform}{suffix}.json" for platform in PLATFORMS))
    }
    for platform in PLATFORMS:
        path = there.get(f"screenspot_{platform}{suffix}.json")
        entries = read_list(path, TypeAdapter(list[Official | Repacked])) if path else []
        for index, entry in enumerate(entries):
            where, shown = f"{path}, entry {index}", picture(root, PICTURES, entry.img_filename)
            box = checked(entry.box(), entry.size(), shown, where)
            name = f"{platform}-{index:04d}"
            yield Item(name, shown, entry.instruction, BoxTarget(box), platform, entry.ui_type)
