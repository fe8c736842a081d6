"""Replaying what was recorded scores 100 % under every rule; history is what was done; y stands before x in AITZ."""

import json
from pathlib import Path

import pytest

from actions.control import Finish
from actions.errors import UsageError
from actions.geometry import Point
from actions.keyboard import Type
from actions.phone import Back, Enter
from actions.touch import Swipe, Tap
from tasks import suites
from tasks.harness.rescoring import rescore
from tasks.offline.aitz import dual_point
from tasks.offline.offline_task import OfflineTask, prompt
from tasks.offline.report import Matched, summary
from tasks.offline.rules import AITZ, ANDROID_CONTROL, Match
from tasks.offline.step import TYPED_NOTHING, direction
from tasks.task import SuiteOptions
from tests.tasks.grounding.made import run, saying, solving
from tests.tasks.offline.made_steps import SIZE, aitz, android_control

CLICK = '<tool_call>\n{"name": "mobile_use", "arguments": {"action": "click", "coordinate": [270, 600]}}\n</tool_call>'


def steps(name: str, root: Path) -> list[OfflineTask]:
    with suites.open_suite(name, SuiteOptions(data_root=root)) as suite:
        return [task for task in suite if isinstance(task, OfflineTask)]


@pytest.mark.parametrize(("name", "rules"), [("androidcontrol", ANDROID_CONTROL), ("aitz", AITZ)])
def test_replaying_the_record_scores_everything_under_every_rule(
    tmp_path: Path, name: str, rules: dict[str, object]
) -> None:
    root = {"androidcontrol": android_control, "aitz": aitz}[name](tmp_path / "data")
    results = run(name, SuiteOptions(data_root=root), tmp_path / "run", solving)
    assert [result.score and result.score.value for result in results] == [1.0] * len(results)
    for rule in rules:
        figures = rescore(tmp_path / "run", name, SuiteOptions(data_root=root, rule=rule)).figures
        assert (figures["rule"], figures["tm"], figures["em"], figures["goal_progress"]) == (rule, 1.0, 1.0, 1.0)
        assert figures["episode_success"] == 1.0 and figures["wrong_format"] == 0 and figures["missing"] == 0
        json.dumps(figures)


def test_always_clicking_the_middle_and_saying_nothing_have_their_figures(tmp_path: Path) -> None:
    options = SuiteOptions(data_root=android_control(tmp_path / "data"))
    run("androidcontrol", options, tmp_path / "clicks", saying(CLICK))
    figures = rescore(tmp_path / "clicks", "androidcontrol", options).figures["per_group"]["high"]
    assert (figures["total"], figures["tm"], figures["em"]) == (11, 2 / 11, 0.0), "the click and the icon of the app"
    assert figures["per_action"]["open"] == {"total": 1, "tm": 1.0, "em": 0.0}
    run("androidcontrol", options, tmp_path / "words", saying("Well."))
    figures = rescore(tmp_path / "words", "androidcontrol", options).figures
    assert (figures["tm"], figures["wrong_format"], figures["total"]) == (0.0, 22, 22)


@pytest.mark.parametrize("text", [" ", ""])
def test_typed_blanks_are_contained_in_any_text_and_counted(tmp_path: Path, text: str) -> None:
    options = SuiteOptions(data_root=android_control(tmp_path / "data"))
    blanks = f'<tool_call>\n{{"name": "mobile_use", "arguments": {{"action": "type", "text": "{text}"}}}}\n</tool_call>'
    run("androidcontrol", options, tmp_path / "run", saying(blanks))
    figures = rescore(tmp_path / "run", "androidcontrol", options).figures
    assert figures["per_action"]["type"] == {"total": 4, "tm": 1.0, "em": 1.0} and figures["blank_text"] == 4
    strict = rescore(tmp_path / "run", "androidcontrol", options._replace(rule="paper")).figures
    same = 2 if text == "" else 0  # one step, in both settings
    assert (strict["per_action"]["type"]["em"], strict["blank_text"]) == (same / 4, same)


def test_low_tells_the_step_and_both_tell_what_was_done_before(tmp_path: Path) -> None:
    both = steps("androidcontrol", android_control(tmp_path))
    high, low = ([task for task in both if task.kind == kind] for kind in ("high", "low"))
    assert prompt(low[3].step) == (
        "The user query: Have a coffee\nCurrent step query: do step 3\n"
        "Task progress (You have done the following operation on the current device): "
        'Step 1: open "Zoho Meet"; Step 2: click 19% across and 17% down; '
        "Step 3: long_press 56% across and 50% down;"
    )
    assert "Current step" not in prompt(high[3].step) and prompt(high[0].step).endswith("current device):")
    assert [task.id for task in high[:2]] == ["high-7-000", "high-7-001"]


def test_a_swipe_is_what_the_finger_does_and_a_bare_label_what_the_content_does(tmp_path: Path) -> None:
    swipes = [task.step.gold for task in steps("androidcontrol", android_control(tmp_path))[3:6]]
    assert [direction(swipe, SIZE) for swipe in swipes if isinstance(swipe, Swipe)] == ["up", "left", "up"]


def test_aitz_is_read_with_y_before_x(tmp_path: Path) -> None:
    read = steps("aitz", aitz(tmp_path))
    assert read[0].step.gold == Tap(point=Point(113, 972))
    assert [direction(task.step.gold, SIZE) for task in read if isinstance(task.step.gold, Swipe)] == ["up", "right"]
    assert [task.step.gold for task in read[3:]] == [
        Type(text="clock"),
        TYPED_NOTHING,
        Enter(),
        Back(),
        Finish(status="success"),
    ]
    assert read[0].step.seen.candidates == ((90, 950, 140, 990),) and read[0].kind == "general"


@pytest.mark.parametrize(
    ("lift", "kind"),
    [((0.54, 0.5), "tap"), ((0.5401, 0.5), "down"), ((0.59, 0.6), "down"), ((0.589, 0.6), "right"), ((0.1, 0.5), "up")],
)
def test_a_dual_point_is_a_tap_up_to_its_limit_and_a_scroll_beyond(lift: tuple[float, float], kind: str) -> None:
    action = dual_point((0.5, 0.5), lift, SIZE)
    assert (direction(action, SIZE) if isinstance(action, Swipe) else "tap") == kind


def test_of_both_splits_of_aitz_only_the_test_split_is_read_and_a_lost_screenshot_is_named(tmp_path: Path) -> None:
    aitz(tmp_path / "train")
    (folder,) = aitz(tmp_path / "test").rglob("GENERAL-1")
    assert len(steps("aitz", tmp_path)) == 8
    (folder / "GENERAL-1_0.png").unlink()
    with pytest.raises(UsageError, match=r"test/general/GENERAL-1/GENERAL-1_0\.png cannot be opened: No such file"):
        steps("aitz", tmp_path)


def test_goal_progress_is_the_part_before_the_first_wrong_step() -> None:
    right, wrong = Match(True, True), Match(True, False)
    first = [Matched("a", "g", "click", match, True) for match in (right, right, wrong, right)]
    figures = summary([*first, Matched("b", "g", "click", right, True)], "qwen")
    assert (figures["goal_progress"], figures["episode_success"], figures["em"]) == (0.75, 0.5, 0.8)
    assert summary([], "qwen")["tm"] is None


@pytest.mark.parametrize(
    ("pam", "said"),
    [
        ({"action": "fly"}, "entry 0, step 0"),
        ({"action": "click"}, "missing|required"),
        ({"action": "swipe", "coordinate": [1, 2]}, "entry 0, step 0"),
        ({"action": "type"}, "text: is missing"),
    ],
)
def test_a_step_that_is_no_action_is_said_with_its_place(tmp_path: Path, pam: dict[str, object], said: str) -> None:
    path = android_control(tmp_path) / "android_control_test.json"
    entries = json.loads(path.read_text())
    entries[0]["step_pams"][0] = pam
    path.write_text(json.dumps(entries))
    with pytest.raises(UsageError, match=said):
        steps("androidcontrol", tmp_path)


def test_an_unknown_rule_and_missing_data_are_said_so(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="qwen, qwen_pixels, os_atlas, paper"):
        open_("androidcontrol", SuiteOptions(data_root=android_control(tmp_path / "a"), rule="lax"))
    for name in ("androidcontrol", "aitz"):
        with pytest.raises(UsageError, match="There is no"):
            open_(name, SuiteOptions(data_root=tmp_path))


def open_(name: str, options: SuiteOptions) -> None:
    with suites.open_suite(name, options):
        pass
