"""How long the harness itself takes, without a model: run `python -m tests.performance.harness`.

1,581 items of ScreenSpot-Pro's size judged from a public report and from a recorded run, and as many steps as
AndroidControl's test split has, read from disk. The pictures are tiny: decoding large ones is no part of the harness.
"""

import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tasks import suites
from tasks.harness.rescoring import rescore
from tasks.task import SuiteOptions
from tests.tasks.grounding.made import picture, run, solving, write

ITEMS, FILES = 1_581, 26
EPISODES, STEPS = 1_543, 8_444
GROUPS = ("Dev", "Creative", "CAD", "Scientific", "Office", "OS")


def main() -> None:
    """Prints each time, and all of them in the last line."""
    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        report, run_folder = write_report(root), record_run(root)
        steps = write_android_control(root / "control")
        options = SuiteOptions(data_root=root / "pro")
        times = {
            "public_report_s": seconds(lambda: rescore(report, None, SuiteOptions())),
            "recorded_run_s": seconds(lambda: rescore(run_folder, "screenspot-pro", options)),
            "android_control_s": seconds(lambda: open_android_control(root / "control", steps)),
        }
    table = Table("what", "seconds", "promise")
    table.add_row(f"{ITEMS} items judged from a public report", f"{times['public_report_s']:.2f}", "2")
    table.add_row(f"{ITEMS} items judged from a recorded run", f"{times['recorded_run_s']:.2f}", "2")
    table.add_row(f"{STEPS} steps of AndroidControl loaded, high and low", f"{times['android_control_s']:.2f}", "10")
    Console().print(table)
    print(" ".join(f"{name}={value:.3f}" for name, value in times.items()))


def seconds(work: Callable[[], object]) -> float:
    """The best of three."""
    taken = []
    for _ in range(3):
        started = time.perf_counter()
        work()
        taken.append(time.perf_counter() - started)
    return min(taken)


def write_report(root: Path) -> Path:
    draw = random.Random(0)
    rows = []
    for number in range(ITEMS):
        x, y = draw.randrange(3800), draw.randrange(2100)
        rows.append(
            {
                "bbox": [x, y, x + 40, y + 30],
                "raw_response": f"pyautogui.click(x={x + draw.randrange(-40, 80)}, y={y + 10})",
                "ui_type": draw.choice(["text", "icon"]),
                "group": GROUPS[number % len(GROUPS)],
            }
        )
    write(root / "report.json", {"details": rows})
    return root / "report.json"


def record_run(root: Path) -> Path:
    picture(root / "pro" / "images" / "a.png")
    for file in range(FILES):
        entries = [
            {
                "id": f"app{file}_{number}",
                "img_filename": "a.png",
                "bbox": [100, 50, 180, 90],
                "instruction": "the button",
                "img_size": [640, 480],
                "application": f"app{file}",
                "platform": "windows",
                "group": GROUPS[file % len(GROUPS)],
                "ui_type": ("text", "icon")[number % 2],
            }
            for number in range(file, ITEMS, FILES)
        ]
        write(root / "pro" / "annotations" / f"app{file}_windows.json", entries)
    results = run("screenspot-pro", SuiteOptions(data_root=root / "pro"), root / "run", solving)
    assert len(results) == ITEMS
    return root / "run"


def write_android_control(root: Path) -> int:
    draw = random.Random(0)
    episodes = []
    for number in range(EPISODES):
        length = STEPS // EPISODES + (number < STEPS % EPISODES)
        places = [(draw.randrange(1080), draw.randrange(2400)) for _ in range(length)]
        pams = [{"action": "click", "coordinate": place} for place in places]
        boxes = [[[x - 20, y - 20, x + 20, y + 20]] * 3 for x, y in places]
        shots = [f"images/{number}_{step}.png" for step in range(length + 1)]
        recorded = {"episode_id": number, "goal": "Do it", "step_instructions": ["tap"] * length}
        episodes.append(
            {
                "width": 1080,
                "height": 2400,
                "step_pams": pams,
                "step_check_pams": [pam | {"candidate_bbox": box} for pam, box in zip(pams, boxes, strict=True)],
                "episode": recorded | {"screenshot_paths": shots},
            }
        )
    write(root / "android_control_test.json", episodes)
    return STEPS


def open_android_control(root: Path, steps: int) -> None:
    with suites.open_suite("androidcontrol", SuiteOptions(data_root=root)) as suite:
        assert len(suite) == 2 * steps


if __name__ == "__main__":
    main()
