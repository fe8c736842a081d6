"""Unpacks AndroidControl's episodes once, into the JSON and the pictures that its suite reads.

The folder has the raw TFRecord files `android_control*`, or parquet (smolagents/android-control on the hub), and
`splits.json`, of whose episodes only the test split's are unpacked. Screen elements come from the accessibility trees
(google-deepmind/android_env, `android_accessibility_forest.proto`). The parquet has none: without candidate boxes only
distance decides about a click, which makes EM lower than published figures.
"""

import base64
import binascii
import io
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from PIL import Image, UnidentifiedImageError

from actions.errors import UsageError
from actions.geometry import Box, Point
from tasks.grounding.parquet import rows
from tasks.offline.tfrecord import Value, fields, inner, read_examples

RAW_FILES = "android_control*"
NOT_RAW = (".json", ".parquet")
OUTPUT = "android_control_test.json"
CANDIDATES = 3
"""The largest number of boxes for a click, as in the public conversion: the smallest ones around the point."""
WINDOWS, TREE, NODES = 1, 11, 1
BOUNDS, DESCRIPTION, TEXT = 2, 4, 7
RENAMED = {
    "click": "click", "long_press": "long_press", "input_text": "type", "open_app": "open", "scroll": "swipe",
    "wait": "wait",
}  # fmt: skip
BUTTONS = {"navigate_back": "Back", "navigate_home": "Home"}
FEATURES = {
    "episode_id", "goal", "screenshots", "accessibility_trees", "screenshot_widths", "screenshot_heights", "actions",
    "step_instructions",
}  # fmt: skip
Element = tuple[Box, str]


def unpack(folder: Path, output: Path) -> int:
    """Writes the episodes and their pictures below `output`; returns the number of episodes.

    Raises:
        UsageError: there are no such files, or one is damaged or not of AndroidControl.
    """
    wanted = _test_split(folder / "splits.json")
    (output / "screenshots").mkdir(parents=True, exist_ok=True)
    episodes = [
        _episode(example, output)
        for example in _examples(folder)
        if wanted is None or wanted & set(example.get("episode_id", ()))
    ]
    (output / OUTPUT).write_text(json.dumps(episodes, ensure_ascii=False), encoding="utf-8")
    return len(episodes)


def _examples(folder: Path) -> Iterator[Mapping[str, list[Value]]]:
    """The features of each episode, from the raw files or else from parquet."""
    raw = [path for path in sorted(folder.glob(RAW_FILES)) if path.is_file() and path.suffix not in NOT_RAW]
    if raw:
        for path in raw:
            yield from read_examples(path)
    elif any(folder.rglob("*.parquet")):
        yield from map(_of_row, rows(folder))
    else:
        raise UsageError(f"There is no file {RAW_FILES} in {folder}, nor parquet.")


def _of_row(row: Mapping[str, Any]) -> dict[str, list[Value]]:
    """A row of the hub's parquet as the features of a raw episode, with empty accessibility trees."""
    try:
        shots = [base64.b64decode(shot, validate=True) for shot in row["screenshots_b64"]]
        sizes = [Image.open(io.BytesIO(shot)).size for shot in shots]
        actions = [{key: value for key, value in action.items() if value is not None} for action in row["actions"]]
        return {
            "episode_id": [int(row["episode_id"])],
            "goal": [row["goal"].encode()],
            "screenshots": list(shots),
            "accessibility_trees": [b""] * len(shots),
            "screenshot_widths": [width for width, _ in sizes],
            "screenshot_heights": [height for _, height in sizes],
            "actions": [json.dumps(action).encode() for action in actions],
            "step_instructions": [text.encode() for text in row["step_instructions"]],
        }
    except (KeyError, TypeError, AttributeError, binascii.Error, UnidentifiedImageError) as error:
        raise UsageError(
            f"A row is not an episode of AndroidControl, as in smolagents/android-control: {error!r}."
        ) from error


def _test_split(path: Path) -> set[Value] | None:
    """The episodes of the test split; None, meaning all, without a split file."""
    return set(json.loads(path.read_text(encoding="utf-8"))["test"]) if path.is_file() else None


def _episode(example: Mapping[str, list[Value]], output: Path) -> dict[str, Any]:
    if missing := FEATURES - set(example):
        raise UsageError(f"A record lacks {', '.join(sorted(missing))}: these are not episodes of AndroidControl.")
    (number, *_) = example["episode_id"]
    if not isinstance(number, int):
        raise UsageError(f"The episode {number!r} has no number: these are not episodes of AndroidControl.")
    shots = [f"screenshots/{number}_{index}.png" for index in range(len(example["screenshots"]))]
    for shot, content in zip(shots, _bytes(example["screenshots"]), strict=True):
        (output / shot).write_bytes(content)
    actions = [json.loads(text) for text in _bytes(example["actions"])]
    screens = [list(elements(forest)) for forest in _bytes(example["accessibility_trees"])][: len(actions)]
    pams = [_arguments(action, f"episode {number}, step {index}") for index, action in enumerate(actions)]
    return {
        "width": example["screenshot_widths"][0],
        "height": example["screenshot_heights"][0],
        "episode": {
            "episode_id": number,
            "goal": next(_bytes(example["goal"])).decode(),
            "step_instructions": [text.decode() for text in _bytes(example["step_instructions"])],
            "screenshot_paths": shots,
        },
        "step_pams": pams,
        "step_check_pams": [
            {**pam, "candidate_bbox": _candidates(pam, found)} for pam, found in zip(pams, screens, strict=True)
        ],
        "elements": screens,
    }


def elements(forest: bytes) -> Iterator[Element]:
    """All elements of a screen with an area, in the order of its trees."""
    for window in inner(forest, WINDOWS):
        for node in (node for tree in inner(window, TREE) for node in inner(tree, NODES)):
            words = [text.decode() for field in (TEXT, DESCRIPTION) for text in inner(node, field)]
            for bounds in inner(node, BOUNDS):
                side = dict(fields(bounds))
                left, top, right, bottom = (_signed(side.get(number, 0)) for number in (1, 2, 3, 4))
                if left < right and top < bottom:
                    yield Box(left, top, right, bottom), " ".join(filter(None, words))


def _candidates(pam: Mapping[str, Any], found: list[Element]) -> list[Box]:
    """The smallest elements that contain a click; for an app to open, those with its name."""
    if "coordinate" in pam:
        boxes = [box for box, _ in found if box.holds(Point(*pam["coordinate"]))]
    elif pam["action"] == "open":
        boxes = [box for box, text in found if text.strip().lower() == pam["text"].strip().lower()]
    else:
        boxes = []
    return sorted(boxes, key=lambda box: (box.right - box.left) * (box.bottom - box.top))[:CANDIDATES]


def _arguments(action: Mapping[str, Any], where: str) -> dict[str, Any]:
    """A raw action as arguments of `mobile_use`; a scroll keeps its label, which says where the content goes."""
    kind = action.get("action_type")
    if kind in BUTTONS:
        return {"action": "system_button", "button": BUTTONS[kind]}
    if kind not in RENAMED:
        raise UsageError(f"{where}: {kind!r} is not an action of AndroidControl.")
    arguments: dict[str, Any] = {"action": RENAMED[kind]}
    if "x" in action:
        arguments["coordinate"] = [action["x"], action["y"]]
    if (text := action.get("text", action.get("app_name"))) is not None:
        arguments["text"] = text
    if "direction" in action:
        arguments["direction"] = action["direction"]
    return arguments


def _bytes(values: list[Value]) -> Iterator[bytes]:
    return (value for value in values if isinstance(value, bytes))


def _signed(value: Value) -> int:
    """A number that may be below zero, which a protocol buffer writes as its 64-bit complement."""
    assert isinstance(value, int), "an edge is a number"
    return value - (1 << 64) if value >= 1 << 63 else value
