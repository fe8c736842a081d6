"""MiniWoB++'s pages on SimPhone: taps through adb solve them, and the page answers through its server."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.request import urlopen

import pytest

import devices
from actions.errors import DeviceFailure, UsageError
from actions.geometry import Box, Point
from actions.phone import Home
from actions.touch import Swipe, Tap
from agent.episode import Ending, Episode
from devices.wrappers.settled import Settled
from tasks import miniwob, suites
from tasks.miniwob.handler import PageHandler
from tasks.suites.mobile_miniwob_sim import MobileTask, to_touch
from tasks.task import SuiteOptions
from tasks.worlds.asking import Asking, asking
from tests.tasks.test_suites import run, solving

RULED = {"androidcontrol", "aitz", "miniwob", "mobile-miniwob-sim"}
SAMPLE = (
    "click-test-2", "click-dialog", "click-option", "enter-text", "grid-coordinate", "login-user", "click-tab-2",
    "click-shape", "email-inbox-star-reply", "scroll-text",
)  # fmt: skip


@pytest.mark.slow
@pytest.mark.usefixtures("adb_server")
def test_pages_are_solved_by_tapping(tmp_path: Path) -> None:
    results = run("mobile-miniwob-sim", 4, tmp_path, solving, kinds=SAMPLE)
    solved = {result.task: result.score.value if result.score else result.episode.answer for result in results}
    assert solved == {f"{kind}-4": 1.0 for kind in SAMPLE}


@pytest.mark.usefixtures("adb_server")
def test_the_page_fills_the_phone_s_width_and_leaving_it_is_a_failure() -> None:
    with suites.open_suite("mobile-miniwob-sim", SuiteOptions(0)) as suite:
        task = next(task for task in suite if task.kind == "click-button")
        with devices.connect(task.device, task.options) as phone:
            assert task.setup(phone).startswith("Click on the ")
            seen = Settled(phone).observe()
            assert seen.screen == (1080, 2400) and not task.ended(phone)
            scale = 1080 / miniwob.SCREEN.width
            assert seen.image.getpixel((round(80 * scale), 84 + round(20 * scale))) == (255, 255, 255), "the task area"
            assert seen.image.getpixel((round(165 * scale), 84 + round(20 * scale))) == (85, 85, 85), "its margin"
            phone.perform(Home())
            assert task.ended(phone)
            assert task.score(phone, Episode("", (), Ending.FINISHED, ""))[:2] == (0.0, "the page was left")


@pytest.mark.usefixtures("adb_server")
def test_the_rule_that_is_chosen_decides_and_one_that_is_not_there_is_refused() -> None:
    unfair = suites.open_suite("mobile-miniwob-sim", SuiteOptions(rule="fair"))
    with pytest.raises(UsageError, match="no rule 'fair'"), unfair:
        pass
    with suites.open_suite("mobile-miniwob-sim", SuiteOptions(0, rule="positive")) as suite:
        assert {task.rule for task in suite if isinstance(task, MobileTask)} == {"positive"}


@pytest.mark.parametrize("name", sorted(set(suites.names()) - RULED))
def test_a_suite_without_rules_refuses_one(name: str) -> None:
    with pytest.raises(UsageError, match=f"The suite {name} has no rules to choose from"):
        suites.open_suite(name, SuiteOptions(rule="binary"))


def test_places_of_the_page_become_places_of_the_screen() -> None:
    page, scale = Box(0, 84, 1080, 2268), 1 / 168
    assert to_touch({"action": "click", "point": [84, 112]}, page, scale) == Tap(point=Point(540, 804))
    step = {"action": "scroll", "point": [84, 112], "direction": "down", "notches": 1, "box": [0, 12, 168, 212]}
    swipe = to_touch(step, page, scale)
    assert isinstance(swipe, Swipe) and swipe.start and swipe.start.y > swipe.end.y and swipe.start.x == swipe.end.x


def test_a_page_that_does_not_answer_is_a_failure_of_the_device() -> None:
    with pytest.raises(DeviceFailure, match="did not answer"):
        Asking(patience_s=0.1).evaluate("nobody", "1 + 1")


def test_a_value_comes_back_and_what_fails_is_told() -> None:
    with asking(PageHandler) as pages, ThreadPoolExecutor() as pool:
        channel = pages.open("page")

        def answered(body: bytes) -> str:
            question = urlopen(f"{pages.address}/question?{channel}").read().decode()
            urlopen(f"{pages.address}/answer?{channel}", data=body).close()
            return str(question)

        asked = pool.submit(answered, b"[1, null]")
        assert pages.evaluate("page", "anything()") == [1, None] and asked.result() == "anything()"
        pool.submit(answered, b'{"failure": "ReferenceError: x"}')
        with pytest.raises(DeviceFailure, match="could not evaluate 'x': ReferenceError"):
            pages.evaluate("page", "x")
