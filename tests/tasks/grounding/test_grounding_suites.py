"""Every grounding suite reads its original format, and is solved by clicking what is meant and by nothing else."""

import json
from pathlib import Path

import pytest

from actions.errors import UsageError
from actions.geometry import Box, Point, Size
from actions.mouse import Click
from agent.episode import Ending, Mistake, Turn
from tasks import suites
from tasks.grounding.grounding_task import GroundingTask, meant
from tasks.grounding.target import BoxTarget
from tasks.harness.rescoring import rescore
from tasks.task import SuiteOptions
from tests.tasks.grounding.made import BOXES, FORMATS, run, saying, screenspot, solving, write

CLICK = (
    '<tool_call>\n{"name": "computer_use", "arguments": {"action": "left_click", "coordinate": [%d, %d]}}\n</tool_call>'
)


@pytest.mark.parametrize("name", FORMATS)
def test_a_suite_is_solved_by_its_solution_through_the_real_path(tmp_path: Path, name: str) -> None:
    results = run(name, SuiteOptions(data_root=FORMATS[name](tmp_path / "data")), tmp_path / "run", solving)
    assert {result.task: result.score and result.score.why for result in results} == {
        result.task: "correct" for result in results
    }
    assert len(results) >= 2 and all(len(result.episode.steps) == 1 for result in results)


@pytest.mark.parametrize("name", FORMATS)
def test_asked_again_on_the_part_around_the_first_point(tmp_path: Path, name: str) -> None:
    options = SuiteOptions(data_root=FORMATS[name](tmp_path / "data"), zoom=True)
    results = run(name, options, tmp_path / "run", solving)
    assert {result.task: result.score and result.score.why for result in results} == {
        result.task: "correct" for result in results
    }
    whole, part = results[0].episode.steps[0], results[0].episode.steps[1]
    assert part.observation.screen.width == whole.observation.screen.width // 2
    assert rescore(tmp_path / "run", name, options).figures["correct"] == len(results)


def test_the_second_point_is_the_one_that_counts() -> None:
    first, second = (Turn("", "", Click(point=at)) for at in (Point(600, 400), Point(10, 20)))
    assert meant([first, second], Size(640, 480)).action == Click(point=Point(320 + 10, 240 + 20))
    assert meant([first], Size(640, 480)) is first
    declined = Turn("", "", mistake=Mistake("NoCall", ""))
    assert meant([first, declined], Size(640, 480)) is declined


@pytest.mark.parametrize(
    ("reply", "verdict"),
    [
        (CLICK % (0, 0), "wrong"),
        (CLICK % (101, 50), "correct"),
        (CLICK % (100, 50), "wrong"),
        (CLICK % (5000, 50), "wrong"),
        ("I see no such thing.", "wrong_format"),
        ('<tool_call>\n{"name": "computer_use"', "wrong_format"),
        (CLICK.replace("[%d, %d]", '"here"'), "wrong_format"),
    ],
)
def test_a_reply_has_its_verdict(tmp_path: Path, reply: str, verdict: str) -> None:
    """The picture of 640x480 is sent at 644x476: (101, 50) of it is the corner (100, 50), and (100, 50) is outside."""
    root = screenspot(tmp_path / "data")
    for platform in ("desktop", "web"):
        (root / f"screenspot_{platform}.json").unlink()
    results = run("screenspot", SuiteOptions(data_root=root), tmp_path / "run", saying(reply))
    assert results[0].score and results[0].score.why == verdict
    assert results[0].episode.ending in (Ending.FINISHED, Ending.STEP_LIMIT, Ending.NO_CALL)


def test_both_box_formats_of_v2_are_told_apart_by_their_keys(tmp_path: Path) -> None:
    official = loaded("screenspot-v2", screenspot(tmp_path / "official", "_v2"))
    repacked = loaded("screenspot-v2", screenspot(tmp_path / "repacked", "_v2", repacked=True))
    assert [task.item.target for task in official] == [task.item.target for task in repacked]
    assert [(task.id, task.item.ui_type) for task in official] == [(task.id, task.item.ui_type) for task in repacked]
    assert len(official) == 6


def test_a_box_in_the_wrong_order_of_numbers_is_refused_because_it_leaves_the_picture(tmp_path: Path) -> None:
    root = screenspot(tmp_path, "_v2")
    path = root / "screenspot_web_v2.json"
    entries = json.loads(path.read_text())
    for entry in entries:
        entry["bbox"] = BOXES[entry["data_type"]]
    path.write_text(json.dumps(entries))
    with pytest.raises(UsageError, match=r"web_v2.json, entry 1: .* leaves its picture of 640x480"):
        open_(root)


@pytest.mark.parametrize(
    ("damage", "said"),
    [("[{}]", "entry 0"), ("{", "screenspot_web_v2.json"), ('[{"img_filename": 3}]', "entry 0")],
)
def test_a_damaged_annotation_is_said_with_file_and_place(tmp_path: Path, damage: str, said: str) -> None:
    (screenspot(tmp_path, "_v2") / "screenspot_web_v2.json").write_text(damage)
    with pytest.raises(UsageError, match=said):
        open_(tmp_path)


def test_a_missing_data_root_is_asked_for(tmp_path: Path) -> None:
    for root in (None, tmp_path / "none", tmp_path):
        with pytest.raises(UsageError, match=r"--data-root|no file"):
            open_(root)


def test_only_the_annotations_of_the_benchmark_are_read_whatever_lies_beside_them(tmp_path: Path) -> None:
    for name, make in FORMATS.items():
        root = make(tmp_path / name)
        before = [task.id for task in loaded(name, root)]
        for folder in [root, *(path for path in root.iterdir() if path.is_dir())]:
            write(folder / "dataset_infos.json", {"default": {"features": {}}})
            write(folder / "my_report.json", [{"score": 1}])
        assert [task.id for task in loaded(name, root)] == before
    both = loaded("osworld-g", tmp_path / "osworld-g")
    (tmp_path / "osworld-g" / "benchmark" / "OSWorld-G.json").unlink()
    refined = [task.id for task in both if task.kind == "refined"]
    assert refined and [task.id for task in loaded("osworld-g", tmp_path / "osworld-g")] == refined


@pytest.mark.parametrize(
    ("numbers", "box"),
    [
        ([0.25, 0.5, 0.5, 1.0], (160, 240, 320, 480)),
        ([-1, 0.5, 0.5, 1.0], (0, 240, 320, 480)),
        ([-1, -1, -1, -1], (0, 0, 0, 0)),
        ([-1, 24, 320, 48], (0, 24, 320, 48)),
    ],
)
def test_an_edge_of_minus_one_in_mmbench_gui_is_an_edge_at_0(
    tmp_path: Path, numbers: list[float], box: tuple[int, int, int, int]
) -> None:
    path = FORMATS["mmbench-gui"](tmp_path) / "L2_annotations.json"
    entries = json.loads(path.read_text())
    path.write_text(json.dumps([entries[0] | {"bbox": numbers}, *entries[1:]]))
    first, *others = loaded("mmbench-gui", tmp_path)
    assert first.item.target == BoxTarget(Box(*box)) and len(others) == len(entries) - 1


def test_mmbench_guis_pictures_are_found_where_its_archive_puts_them(tmp_path: Path) -> None:
    root = FORMATS["mmbench-gui"](tmp_path)
    (root / "offline_images").rename(tmp_path / "moved")
    (root / "MMBench-GUI-OfflineImages").mkdir()
    (tmp_path / "moved").rename(root / "MMBench-GUI-OfflineImages" / "offline_images")
    assert all(task.item.picture.is_file() for task in loaded("mmbench-gui", root))


def test_a_missing_picture_is_no_failure_of_the_model(tmp_path: Path) -> None:
    root = screenspot(tmp_path / "data", "_v2", repacked=True)
    (root / "screenspotv2_image" / "web.png").unlink()
    results = run("screenspot-v2", SuiteOptions(data_root=root), tmp_path / "run", solving)
    assert [result.score is None for result in results] == [False] * 4 + [True] * 2
    assert "web.png" in results[-1].episode.answer


def loaded(name: str, root: Path) -> list[GroundingTask]:
    with suites.open_suite(name, SuiteOptions(data_root=root)) as suite:
        return [task for task in suite if isinstance(task, GroundingTask)]


def open_(root: Path | None) -> None:
    with suites.open_suite("screenspot-v2", SuiteOptions(data_root=root)):
        pass
