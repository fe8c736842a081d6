"""Data sets in the hub's parquet become what their suites read; pyarrow writes the rows as the hub's converter does."""

import base64
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow
import pytest
from PIL import Image
from pyarrow import parquet

from actions.errors import UsageError
from actions.geometry import Box, Point
from actions.keyboard import Type
from actions.phone import Back, OpenApp
from actions.touch import Swipe, Tap
from tasks import suites
from tasks.grounding.grounding_task import GroundingTask
from tasks.grounding.target import BoxTarget
from tasks.offline.offline_task import OfflineTask
from tasks.task import SuiteOptions, Task
from tasks.unpack import main
from tests.tasks.grounding.made import BOXES, SIZE, osworld_g, screenspot

FILES = {"mobile": "mobile_1.png", "desktop": "pc_2.png", "web": "web_3.png"}


def png() -> bytes:
    content = io.BytesIO()
    Image.new("RGB", SIZE, "white").save(content, "PNG")
    return content.getvalue()


def write(folder: Path, rows: list[dict[str, Any]]) -> Path:
    """Two files of one split, as `data/test-00000-of-00002.parquet`."""
    (folder / "data").mkdir(parents=True)
    for index in range(2):
        table = pyarrow.Table.from_pylist(rows[index::2], pyarrow.Table.from_pylist(rows).schema)
        parquet.write_table(table, folder / "data" / f"test-0000{index}-of-00002.parquet")
    return folder


def in_parts(box: tuple[int, int, int, int]) -> list[float]:
    """As rootsautomation/ScreenSpot and HongxinLi/ScreenSpot_v2 write a box."""
    width, height = SIZE
    return [box[0] / width, box[1] / height, box[2] / width, box[3] / height]


def in_pixels(box: tuple[int, int, int, int]) -> list[float]:
    """As lmms-lab/ScreenSpot-v2 writes a box."""
    return [box[0], box[1], box[2] - box[0], box[3] - box[1]]


def screenspot_rows(written: Callable[[tuple[int, int, int, int]], list[float]]) -> list[dict[str, Any]]:
    return [
        {
            "file_name": file,
            "bbox": written(box),
            "instruction": f"the {ui_type} on {platform}",
            "data_type": ui_type,
            "data_source": "shop",
            "image": {"bytes": png(), "path": file},
        }
        for platform, file in FILES.items()
        for ui_type, box in BOXES.items()
    ]


def loaded(name: str, root: Path) -> list[Task]:
    with suites.open_suite(name, SuiteOptions(data_root=root)) as suite:
        return list(suite)


def meant(tasks: list[Task]) -> set[tuple[object, ...]]:
    grounding = [task for task in tasks if isinstance(task, GroundingTask)]
    assert grounding and all(task.item.picture.is_file() for task in grounding)
    return {(task.kind, task.item.instruction, task.item.ui_type, task.item.target) for task in grounding}


@pytest.mark.parametrize(
    ("name", "suffix", "written"),
    [("screenspot", "", in_parts), ("screenspot-v2", "_v2", in_parts), ("screenspot-v2", "_v2", in_pixels)],
)
def test_screenspot_in_parquet_has_the_same_items_as_its_lists(
    tmp_path: Path,
    name: str,
    suffix: str,
    written: Callable[[tuple[int, int, int, int]], list[float]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = write(tmp_path / "hub", screenspot_rows(written))
    with pytest.raises(UsageError, match=rf"python -m tasks\.unpack SUITE {folder}"):
        loaded(name, folder)
    assert main([name, str(folder)]) == 0
    assert f"6 of {'ScreenSpot' + suffix.replace('_', '-')}." in capsys.readouterr().out
    assert meant(loaded(name, folder)) == meant(loaded(name, screenspot(tmp_path / "official", suffix)))


@pytest.mark.parametrize("written", [list, in_parts])
def test_screenspot_pro_in_parquet_has_a_list_for_each_application_and_system(
    tmp_path: Path, written: Callable[[tuple[int, int, int, int]], list[float]]
) -> None:
    common = {"application": "vscode", "group": "Dev", "img_size": SIZE, "image": {"bytes": png(), "path": None}}
    rows = [
        {
            "id": f"vscode_{platform}_{ui_type}", "instruction": f"the {ui_type}", "bbox": written(box),
            "ui_type": ui_type, "platform": platform, "img_filename": f"vscode_{platform}/{ui_type}.png", **common,
        }
        for platform in ("macos", "windows")
        for ui_type, box in BOXES.items()
    ]  # fmt: skip
    folder = write(tmp_path / "hub", rows)
    assert main(["screenspot-pro", str(folder), str(tmp_path / "out")]) == 0
    assert sorted(path.name for path in (tmp_path / "out").glob("*.json")) == [
        "vscode_macos.json",
        "vscode_windows.json",
    ]
    found = meant(loaded("screenspot-pro", tmp_path / "out"))
    assert found == {("Dev", f"the {ui_type}", ui_type, BoxTarget(Box(*box))) for ui_type, box in BOXES.items()}
    assert len(loaded("screenspot-pro", tmp_path / "out")) == len(rows)


def test_osworld_g_in_parquet_is_its_cut_without_the_items_to_decline(tmp_path: Path) -> None:
    common = {"image": {"bytes": png(), "path": None}, "image_size": SIZE, "image_path": "a.png"}
    left, top, right, bottom = BOXES["text"]
    rows = [
        ("a-0", "the box", "bbox", [left, top, right - left, bottom - top]),
        ("a-1", "the hook", "polygon", [10, 10, 90, 90]),
    ]
    keys = ("id", "instruction", "box_type", "box_coordinates")
    folder = write(tmp_path / "hub", [dict(zip(keys, row, strict=True)) | common for row in rows])
    assert main(["osworld-g", str(folder), str(tmp_path / "out")]) == 0
    cut, whole = loaded("osworld-g", tmp_path / "out"), loaded("osworld-g", osworld_g(tmp_path / "whole"))
    (box, hook), official = cut, whole[0]
    assert isinstance(box, GroundingTask) and isinstance(hook, GroundingTask) and isinstance(official, GroundingTask)
    assert box.item.target == official.item.target
    corner, outside = Point(10, 90), Point(9, 90)
    assert hook.item.target.contains(corner) and not hook.item.target.contains(outside)
    data = suites.data_of("osworld-g")
    assert data and "original 2 of 564" in data.shortfall(cut)


def test_android_control_in_parquet_has_its_steps_and_no_candidate_boxes(tmp_path: Path) -> None:
    nothing = {"action_type": None, "app_name": None, "direction": None, "text": None, "x": None, "y": None}
    actions: list[dict[str, object]] = [
        {"action_type": "open_app", "app_name": "Notes"},
        {"action_type": "click", "x": 150, "y": 160},
        {"action_type": "input_text", "text": "Coffee"},
        {"action_type": "scroll", "direction": "down"},
        {"action_type": "navigate_back"},
    ]
    row = {
        "episode_id": 7,
        "goal": "Take a note",
        "screenshots_b64": [base64.b64encode(png()).decode()] * (len(actions) + 1),
        "actions": [nothing | action for action in actions],
        "step_instructions": ["do it"] * len(actions),
    }
    folder = write(tmp_path / "hub", [row, row | {"episode_id": 8}])
    (folder / "splits.json").write_text('{"train": [8], "test": [7]}')
    assert main(["androidcontrol", str(folder)]) == 0
    steps = [task.step for task in loaded("androidcontrol", folder) if isinstance(task, OfflineTask)]
    high = [step for step in steps if step.group == "high"]
    assert [type(step.gold) for step in high] == [OpenApp, Tap, Type, Swipe, Back]
    assert all(step.picture.is_file() and step.seen.size == SIZE and not step.seen.candidates for step in high)


@pytest.mark.parametrize(
    ("name", "row", "message"),
    [
        ("screenspot", {"bbox": [600, 400, 640, 480]}, "leaves its picture"),
        ("screenspot-v2", {"bbox": [0.5, 0.2, 0.1, 0.3]}, "another order"),
        ("screenspot", {"image": {"bytes": b"no picture", "path": None}}, "Row 0"),
        ("osworld-g", {}, "KeyError: 'box_coordinates'"),
        ("androidcontrol", {}, "not an episode of AndroidControl"),
    ],
)
def test_a_row_of_another_form_is_said_with_its_place(
    tmp_path: Path, name: str, row: dict[str, Any], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write(tmp_path / "hub", [screenspot_rows(in_parts)[0] | row])
    assert main([name, str(folder)]) == 2
    assert message in capsys.readouterr().err


def test_damage_and_nothing_at_all_are_said_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["screenspot", str(tmp_path)]) == 2
    (tmp_path / "test.parquet").write_bytes(b"PAR1 but no more")
    assert main(["screenspot", str(tmp_path)]) == 2
    printed = capsys.readouterr().err
    assert (
        "There is no parquet file below" in printed and "test.parquet is not a parquet file, or is damaged" in printed
    )
