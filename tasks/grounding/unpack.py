"""Unpacks grounding benchmarks from the Hugging Face hub's parquet into the lists that their suites read.

Supported are rootsautomation/ScreenSpot and HongxinLi/ScreenSpot_v2, whose boxes are x1, y1, x2, y2 in fractions of the
picture, lmms-lab/ScreenSpot-v2, whose boxes are the official x, y, width, height in pixels, lmms-lab/ScreenSpot-Pro,
and MMInstruction/OSWorld-G, a cut of 510 items: the 54 to decline are missing, and a polygon became the pixels x1, y1,
x2, y2 around it.
"""

import io
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from PIL import Image, UnidentifiedImageError

from actions.errors import UsageError
from actions.geometry import Box, Size
from tasks.grounding.annotations import Numbers, checked, file_name, from_width_and_height
from tasks.grounding.parquet import rows

PICTURES = "images"
PLATFORMS = {
    "mobile": "mobile", "pc": "desktop", "desktop": "desktop", "web": "web",
    "ios": "mobile", "android": "mobile", "windows": "desktop", "macos": "desktop",
}  # fmt: skip
"""The prefix of a picture's name, or the source of an item, and the item's list."""
DIGITS = 2
"""A hundredth of a pixel, above the rounding error of binary fractions of a side."""

Row = Mapping[str, Any]
Entry = dict[str, Any]


def unpack_screenspot(folder: Path, output: Path, suffix: str) -> int:
    """Writes `screenspot_PLATFORM{suffix}.json` and the pictures; returns the number of items.

    Raises:
        UsageError: there is no parquet file, or a row does not match the format.
    """

    def entry(row: Row, name: str, size: Size) -> tuple[str, Entry]:
        left, top, right, bottom = _box(row["bbox"], size, name, from_width_and_height)
        kept = {key: row[key] for key in ("instruction", "data_type", "data_source")}
        begins = name.replace("-", "_").split("_")[0].lower()
        platform = PLATFORMS.get(begins) or PLATFORMS.get(kept["data_source"].lower(), "web")
        return f"screenspot_{platform}{suffix}", {
            "img_filename": name, "bbox": _rounded(left, top, right - left, bottom - top), **kept
        }  # fmt: skip

    return _unpack(folder, output, entry)


def unpack_screenspot_pro(folder: Path, output: Path) -> int:
    """Writes a list for each application and system, and the pictures; how many items those are.

    The rows have the fields of the lists, a box as x1, y1, x2, y2 in pixels: so modelscope/evalscope reads
    lmms-lab/ScreenSpot-Pro (`screenspot_pro_adapter.py`). A box in fractions is read too. Raises UsageError as above.
    """

    def entry(row: Row, name: str, size: Size) -> tuple[str, Entry]:
        kept = {key: row[key] for key in ("id", "instruction", "application", "platform", "group", "ui_type")}
        sizes = {"bbox": _rounded(*_box(row["bbox"], size, name, Box._make)), "img_size": list(row["img_size"])}
        if tuple(sizes["img_size"]) != size:
            raise ValueError(f"the picture is of {size} and not of {row['img_size']}")
        return f"{kept['application']}_{kept['platform']}", {"img_filename": name, **sizes, **kept}

    return _unpack(folder, output, entry)


def unpack_osworld_g(folder: Path, output: Path) -> int:
    """Writes `OSWorld-G.json` and the pictures; returns the number of items. Raises UsageError as above."""

    def entry(row: Row, name: str, size: Size) -> tuple[str, Entry]:
        numbers = list(row["box_coordinates"])
        if row["box_type"] == "polygon" and len(numbers) == 4:
            left, top, right, bottom = numbers
            numbers = [left, top, right, top, right, bottom, left, bottom]
        kept = {key: row[key] for key in ("id", "instruction", "box_type")}
        return "OSWorld-G", {**kept, "image_path": name, "image_size": size, "box_coordinates": numbers}

    return _unpack(folder, output, entry)


def _box(numbers: Numbers, size: Size, name: str, in_pixels: Callable[[Numbers], Box]) -> Box:
    """A row's box in pixels. Numbers up to 1 are the fractions x1, y1, x2, y2 of the picture's sides.

    Raises:
        UsageError: it leaves the picture, as pixels in another order than `in_pixels` expects do for some row.
    """
    if max(numbers) <= 1:
        left, top, right, bottom = numbers
        box = Box(left * size.width, top * size.height, right * size.width, bottom * size.height)
    else:
        box = in_pixels(numbers)
    return checked(box, size, Path(name), f"The row of {name}")


def _rounded(*numbers: float) -> list[float]:
    return [round(number, DIGITS) for number in numbers]


def _unpack(folder: Path, output: Path, entry: Callable[[Row, str, Size], tuple[str, Entry]]) -> int:
    """Writes each row's picture, and adds its entry to the list that `entry` names."""
    (output / PICTURES).mkdir(parents=True, exist_ok=True)
    lists: dict[str, list[Entry]] = {}
    for index, row in enumerate(rows(folder)):
        try:
            name, content = _picture(row, index)
            (output / PICTURES / name).write_bytes(content)
            with Image.open(io.BytesIO(content)) as image:
                stem, made = entry(row, name, Size(*image.size))
        except (KeyError, TypeError, ValueError, UnidentifiedImageError) as error:
            raise UsageError(
                f"Row {index} below {folder} does not match the format: {type(error).__name__}: {error}."
            ) from error
        lists.setdefault(stem, []).append(made)
    for stem, entries in lists.items():
        (output / f"{stem}.json").write_text(json.dumps(entries, ensure_ascii=False), encoding="utf-8")
    return sum(map(len, lists.values()))


def _picture(row: Row, index: int) -> tuple[str, bytes]:
    """The name and the content of a row's picture. Several rows may share a picture."""
    name = (
        row.get("file_name")
        or row.get("img_filename")
        or row.get("image_path")
        or row["image"].get("path")
        or f"{index:05d}.png"
    )
    return file_name(Path(name).name), bytes(row["image"]["bytes"])
