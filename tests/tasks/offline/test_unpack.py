"""AndroidControl's raw TFRecord files become what its suite reads; the bytes are made as protobuf writes them."""

import gzip
import io
import json
import struct
from pathlib import Path

import pytest
from PIL import Image

from actions.errors import UsageError
from actions.geometry import Box, Point
from actions.keyboard import Type
from actions.phone import Back, OpenApp
from actions.touch import Swipe, Tap
from tasks.offline.rules import ANDROID_CONTROL
from tasks.offline.step import TYPED_NOTHING, Element, direction
from tasks.offline.tfrecord import read_examples
from tasks.offline.unpack import unpack
from tests.tasks.offline.test_offline_suites import steps

ACTIONS = (
    {"action_type": "open_app", "app_name": "Notes"},
    {"action_type": "click", "x": 150, "y": 150},
    {"action_type": "scroll", "direction": "down"},
    {"action_type": "navigate_back"},
    {"action_type": "input_text", "text": ""},
)


def varint(number: int) -> bytes:
    number %= 1 << 64
    return bytes([number & 0x7F | 0x80]) + varint(number >> 7) if number > 0x7F else bytes([number])


def field(number: int, value: bytes | int) -> bytes:
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def node(box: tuple[int, int, int, int], text: str) -> bytes:
    bounds = b"".join(field(index, side) for index, side in enumerate(box, start=1))
    return field(2, bounds) + field(7, text.encode()) + field(23, 1)


def forest() -> bytes:
    nodes = (node((0, 0, 540, 1200), ""), node((100, 100, 200, 200), "Notes"), node((-9, 5, -1, 50), "off"))
    tree = b"".join(field(1, one) for one in nodes)
    return field(1, field(5, b"title") + field(11, tree))


def example(episode: int) -> bytes:
    picture = io.BytesIO()
    Image.new("RGB", (540, 1200)).save(picture, "PNG")
    count = len(ACTIONS) + 1
    texts = {
        "goal": [b"Take a note"],
        "screenshots": [picture.getvalue()] * count,
        "accessibility_trees": [forest()] * count,
        "actions": [json.dumps(action).encode() for action in ACTIONS],
        "step_instructions": [b"do it"] * len(ACTIONS),
    }
    numbers = {"episode_id": [episode], "screenshot_widths": [540] * count, "screenshot_heights": [1200] * count}
    features = {name: field(1, b"".join(field(1, text) for text in values)) for name, values in texts.items()}
    features |= {name: field(3, field(1, b"".join(map(varint, values)))) for name, values in numbers.items()}
    entries = (field(1, field(1, name.encode()) + field(2, feature)) for name, feature in features.items())
    return field(1, b"".join(entries))


def record(body: bytes) -> bytes:
    return struct.pack("<Q", len(body)) + b"sum1" + body + b"sum2"


def raw(folder: Path, content: bytes) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "android_control-00000-of-00001").write_bytes(gzip.compress(content))
    (folder / "splits.json").write_text(json.dumps({"train": [1], "test": [300]}))
    return folder


def test_raw_episodes_of_the_test_split_become_steps(tmp_path: Path) -> None:
    folder = raw(tmp_path, record(example(1)) + record(example(300)))
    assert unpack(folder, folder) == 1
    high = [task.step for task in steps("androidcontrol", folder) if task.kind == "high"]
    assert [type(step.gold) for step in high] == [OpenApp, Tap, Swipe, Back, Type]
    assert (high[1].gold, high[0].gold) == (Tap(point=Point(150, 150)), OpenApp(app="Notes"))
    assert isinstance(high[2].gold, Swipe) and direction(high[2].gold, high[2].seen.size) == "up"
    assert high[1].seen.candidates == (Box(100, 100, 200, 200), Box(0, 0, 540, 1200))
    assert high[0].seen.candidates == (Box(100, 100, 200, 200),), "the icon of the app"
    assert high[3].seen.elements[1] == Element(Box(100, 100, 200, 200), "Notes")
    assert Element(Box(-9, 5, -1, 50), "off") in high[3].seen.elements
    assert high[4].gold == TYPED_NOTHING
    assert high[0].goal == "Take a note" and high[3].picture.is_file()
    match = ANDROID_CONTROL["paper"](high[0].gold, high[1].gold, high[0].seen)
    assert match.exact, "a click on something named like the app"


@pytest.mark.parametrize(
    "content", [record(example(300))[:-30], b"\x05", record(field(1, field(1, b"\x0a\xff"))), record(b"\x0f")]
)
def test_damage_is_said_with_the_files_name(tmp_path: Path, content: bytes) -> None:
    folder = raw(tmp_path, content)
    with pytest.raises(UsageError, match="android_control-00000"):
        list(read_examples(folder / "android_control-00000-of-00001"))


def test_what_is_no_raw_data_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no file"):
        unpack(tmp_path, tmp_path)
    nothing = raw(tmp_path / "other", record(b""))
    (nothing / "splits.json").unlink()
    with pytest.raises(UsageError, match="A record lacks accessibility_trees, actions"):
        unpack(nothing, nothing)
    (tmp_path / "android_control-0").write_bytes(b"plain")
    with pytest.raises(UsageError, match="not a GZIP TFRecord"):
        unpack(tmp_path, tmp_path)
