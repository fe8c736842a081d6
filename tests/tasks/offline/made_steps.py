"""Small generated episodes in the formats of AndroidControl's conversion and of AITZ."""

import json
from pathlib import Path
from typing import Any

from PIL import Image

from actions.geometry import Size

SIZE = Size(540, 1200)


def _picture(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", SIZE, "white").save(path, compress_level=1)


ANDROID_CONTROL: tuple[dict[str, Any], ...] = (
    {"action": "open", "text": "Zoho Meet"},
    {"action": "click", "coordinate": [100, 200]},
    {"action": "long_press", "coordinate": [300, 600], "time": 2},
    {"action": "swipe", "coordinate": [270, 900], "coordinate2": [270, 300]},
    {"action": "swipe", "coordinate": [400, 600], "coordinate2": [100, 600]},
    {"action": "swipe", "direction": "down"},
    {"action": "type", "text": "Coffee & cake"},
    {"action": "type", "text": ""},
    {"action": "system_button", "button": "Back"},
    {"action": "system_button", "button": "Home"},
    {"action": "wait", "time": 2},
)
"""One of each, and a text left empty; the label of the first swipe is that of the content, as in the conversion."""


def android_control(root: Path) -> Path:
    checks: list[dict[str, Any]] = [dict(pam) for pam in ANDROID_CONTROL]
    checks[0]["candidate_bbox"] = [[400, 1000, 500, 1100]]
    checks[1]["candidate_bbox"] = [[80, 180, 120, 220]]
    checks[3]["direction"] = "down"
    checks[4]["direction"] = "left"
    shots = [f"images/7_{index}.png" for index in range(len(ANDROID_CONTROL) + 1)]
    for shot in shots:
        _picture(root / shot)
    episode = {
        "episode_id": 7,
        "goal": "Have a coffee",
        "step_instructions": [f"do step {index}" for index in range(len(ANDROID_CONTROL))],
        "screenshot_paths": shots,
    }
    entry = {"width": SIZE.width, "height": SIZE.height, "episode": episode}
    entry |= {"step_pams": ANDROID_CONTROL, "step_check_pams": checks}
    (root / "android_control_test.json").write_text(json.dumps([entry]), encoding="utf-8")
    return root


def aitz(root: Path) -> Path:
    """Eight steps; places are y before x, so an exchange of the two leaves the screen's lower part."""
    unused = [-1.0, -1.0]
    steps: list[tuple[int, str, list[float], list[float]]] = [
        (4, "", [0.8, 0.2], [0.81, 0.21]),
        (4, "", [0.8, 0.5], [0.2, 0.5]),
        (4, "", [0.5, 0.2], [0.5, 0.8]),
        (3, "clock", unused, unused),
        (3, "", unused, unused),
        (7, "", unused, unused),
        (5, "", unused, unused),
        (10, "", unused, unused),
    ]
    folder = root / "general" / "GENERAL-1"
    entries = []
    for index, (kind, text, touch, lift) in enumerate(steps):
        _picture(folder / f"GENERAL-1_{index}.png")
        entries.append(
            {
                "episode_id": "1",
                "episode_length": len(steps),
                "step_id": index,
                "instruction": "open the clock",
                "ui_positions": "[[950, 90, 40, 50], [10, 10, 20, 20]]",
                "ui_text": '["Clock", ""]',
                "ui_types": '["TEXT", "ICON_PLAY"]',
                "result_action_type": kind,
                "result_action_text": text,
                "result_touch_yx": json.dumps(touch),
                "result_lift_yx": json.dumps(lift),
                "image_path": f"general/GENERAL-1/GENERAL-1_{index}.png",
                "coat_action_desc": "",
            }
        )
    (folder / "GENERAL-1.json").write_text(json.dumps(entries), encoding="utf-8")
    return root
