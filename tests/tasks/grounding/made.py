"""Small generated data in the formats of the grounding benchmarks, and runs over them."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

import devices
from actions.geometry import Size
from agent.loop import Limits, Policy
from agent.policy import ModelPolicy
from agent.record import Recorder
from agent.run_info import describe_run
from devices import Environment
from model import profile
from model.engines.scripted import ScriptedEngine
from tasks import suites
from tasks.harness.solution import SolutionPolicy
from tasks.runner import Setting, run_suite
from tasks.task import SuiteOptions, Task, TaskResult

MODEL = profile.adjusted(profile.load("qwen2.5-vl-7b"), notation="tool_call")
SIZE = Size(640, 480)
BOXES = {"text": (100, 50, 180, 90), "icon": (600, 400, 640, 480)}
"""Left, top, right, bottom. The second one's right edge times two is far outside the picture."""


def picture(path: Path, size: Size = SIZE) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.new("RGB", size, "white")
    for box in BOXES.values():
        ImageDraw.Draw(image).rectangle(box, "navy")
    image.save(path, compress_level=1)


def write(path: Path, content: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content), encoding="utf-8")


def _width_and_height(box: tuple[int, int, int, int]) -> list[int]:
    return [box[0], box[1], box[2] - box[0], box[3] - box[1]]


def screenspot(root: Path, suffix: str = "", repacked: bool = False) -> Path:
    """A text and an icon item for each platform."""
    for platform in ("mobile", "desktop", "web"):
        entries: list[dict[str, Any]] = []
        for ui_type, box in BOXES.items():
            common = {"img_filename": f"{platform}.png", "instruction": f"the {ui_type} on {platform}"}
            if repacked:
                more = {"bbox": box, "ui_type": ui_type, "img_size": SIZE, "platform": platform, "group": platform}
            else:
                more = {"bbox": _width_and_height(box), "data_type": ui_type, "data_source": "windows"}
            entries.append(common | more)
        write(root / f"screenspot_{platform}{suffix}.json", entries)
        picture(root / ("screenspotv2_image" if suffix else "screenspot_imgs") / f"{platform}.png")
    return root


def screenspot_pro(root: Path) -> Path:
    for application, platform, group in (("vscode", "macos", "Dev"), ("blender", "windows", "Creative")):
        name = f"{application}_{platform}"
        picture(root / "images" / name / "0.png")
        write(
            root / "annotations" / f"{name}.json",
            [
                {
                    "id": f"{name}_{ui_type}",
                    "img_filename": f"{name}/0.png",
                    "bbox": box,
                    "instruction": f"the {ui_type}",
                    "instruction_cn": "那个",
                    "img_size": SIZE,
                    "application": application,
                    "platform": platform,
                    "group": group,
                    "ui_type": ui_type,
                }
                for ui_type, box in BOXES.items()
            ],
        )
    return root


def osworld_g(root: Path) -> Path:
    """The whole of its repository's folder `benchmark`, with the files that are not lists of items."""
    picture(root / "benchmark" / "images" / "a.png")
    shapes: list[tuple[str, list[float], str]] = [
        ("bbox", [float(number) for number in _width_and_height(BOXES["text"])], "the box"),
        ("polygon", [10, 10, 90, 10, 90, 30, 30, 30, 30, 90, 10, 90], "the hook"),
        ("refusal", [0, 0, 0, 0], "the unicorn"),
        ("refusal", [-1, -1, -1, -1], "the griffin"),
    ]
    entries = [
        {
            "id": f"a-{index}",
            "image_path": "a.png",
            "image_size": SIZE,
            "instruction": instruction,
            "box_type": box_type,
            "box_coordinates": numbers,
            "GUI_types": ["Button", "Icon"],
        }
        for index, (box_type, numbers, instruction) in enumerate(shapes)
    ]
    write(root / "benchmark" / "OSWorld-G.json", entries)
    write(root / "benchmark" / "OSWorld-G_refined.json", entries)
    write(root / "benchmark" / "classification_result.json", {"classified": {"refusal": [{"id": "a-2"}]}})
    write(root / "benchmark" / "buckets.json", {"text_matching": ["Button"]})
    return root


def mmbench_gui(root: Path) -> Path:
    picture(root / "offline_images" / "os_mac" / "a.png")
    entries = [
        {
            "image_path": "a.png",
            "bbox": [box[0] / 640, box[1] / 480, box[2] / 640, box[3] / 480],
            "image_size": SIZE,
            "instruction": f"the {kind}",
            "platform": "os_mac",
            "grounding_type": kind,
        }
        for kind, box in zip(("basic", "advanced"), BOXES.values(), strict=True)
    ]
    write(root / "L2_annotations.json", entries)
    return root


FORMATS: dict[str, Callable[[Path], Path]] = {
    "screenspot": screenspot,
    "screenspot-v2": lambda root: screenspot(root, "_v2"),
    "screenspot-pro": screenspot_pro,
    "osworld-g": osworld_g,
    "mmbench-gui": mmbench_gui,
}
Actor = Callable[[Task, Environment], Policy]


def solving(task: Task, environment: Environment) -> Policy:
    return SolutionPolicy(MODEL, environment.action_space, task.solution(environment))


def saying(reply: str) -> Actor:
    """A model that gives every task the same reply."""

    def actor(task: Task, environment: Environment) -> Policy:
        return ModelPolicy(MODEL, ScriptedEngine([reply], MODEL), environment.action_space)

    return actor


def run(name: str, options: SuiteOptions, folder: Path, actor: Actor) -> list[TaskResult]:
    """The results of a suite, recorded in a folder."""

    @contextmanager
    def setting(task: Task) -> Iterator[Setting]:
        with devices.connect(task.device, task.options) as device:
            yield Setting(device, device, actor(task, device))

    def record(task: Task, instruction: str, where: Setting, place: Path) -> Recorder:
        space = where.environment.action_space
        return Recorder(place, describe_run(instruction, task.device, None, "test", MODEL, space, Limits()))

    with suites.open_suite(name, options) as suite:
        return list(run_suite(suite, setting, record, lambda step: None, folder))
