"""The player of one episode, in a browser: what it shows, and that it runs nothing of a screen and asks for nothing."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Page, sync_playwright

from actions.action import ActionSpace, Outcome
from actions.control import CONTROL, Finish
from actions.geometry import Box, Point, Size
from actions.mouse import MOUSE, Click, Drag
from agent.episode import Ending, Episode, How, Mistake, Repetition, Seconds, Step, Turn, Usage, Verification
from agent.loop import Limits
from agent.record import Recorder
from agent.run_info import describe_run
from devices import Observation
from devices.browser import launch
from model import profile
from tasks.harness.changes import changed_boxes
from tasks.harness.page import write_page
from tasks.harness.player import MOST_BYTES
from tasks.harness.story import read_story
from tests.tasks.harness.test_page import EVIL, record

SCREEN = Size(320, 200)


def look(*boxes: tuple[int, int, int, int]) -> Observation:
    image = Image.new("RGB", SCREEN, "white")
    for box in boxes:
        ImageDraw.Draw(image).rectangle(box, "black")
    return Observation(image, SCREEN, location="https://example.com/")


def recorded(folder: Path, score: float | None = None) -> Path:
    """A run with a click, a mistake, a drag, and a claim that its check denies."""
    space = ActionSpace(MOUSE, CONTROL)
    info = describe_run(EVIL, "still", None, "scripted", profile.load("embedded"), space, Limits())
    check = Verification(look((0, 0, 9, 9)), "is it done?", False, "The list is empty.", "no")
    drag = Drag(start=Point(32, 20), end=Point(160, 100))
    turns = [
        Turn(EVIL, EVIL, Click(point=Point(80, 150)), usage=Usage(1234, 5, 0.1, 0.2)),
        Turn("?", "", None, Mistake("MalformedReply", "no call in it")),
        Turn("drag", "over there", drag, repetition=Repetition(How.FOUND_AGAIN, EVIL)),
        Turn("done", "", Finish(status="success", text="ok"), verification=check),
    ]
    looks = [look(), look((100, 40, 139, 59)), look((100, 40, 139, 59)), look()]
    steps = [
        Step(index, seen, turn, Outcome(f"outcome {index}"), Seconds(0.5, 1.0, 0.25))
        for index, (seen, turn) in enumerate(zip(looks, turns, strict=True))
    ]
    with Recorder(folder, info) as recorder:
        for step in steps:
            recorder.on_step(step)
        recorder.finish(Episode(EVIL, tuple(steps), Ending.FINISHED_UNVERIFIED, "ok"), score)
    return write_page(folder)


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=launch.program(playwright.chromium.executable_path), args=["--no-sandbox"]
        )
        yield browser.new_page(viewport={"width": 1200, "height": 900})
        browser.close()


def test_a_run_is_stepped_through_by_keys_with_what_was_acted_on_and_what_changed(page: Page, tmp_path: Path) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(recorded(tmp_path / "run").as_uri())
    assert page.title() == EVIL and page.inner_text("h1") == EVIL
    facts = page.inner_text(".facts")
    for fact in (
        "finished_unverified",
        "laid out as for embedded",
        "still",
        "4 steps",
        "1 mistake",
        "0 repeated, 1 found again",
        "7.0 s",
    ):
        assert fact in facts
    details = page.locator("section.panel")
    assert EVIL in details.inner_text() and "1,234 tokens read, 5 written" in details.inner_text()
    assert where(page, ".mark.point") == [pytest.approx((0.25, 0.75), abs=0.01)]
    page.keyboard.press("b")
    assert page.locator(".mark.point").count() == 0
    (changed,) = page.locator(".mark.changed").all()
    assert changed.evaluate("mark => [mark.style.left, mark.style.width]") == ["30%", "15%"]
    page.keyboard.press("ArrowRight")
    assert "MalformedReply: no call in it" in details.inner_text() and page.url.endswith("#1")
    page.keyboard.press("ArrowRight")
    assert where(page, ".mark.point") == [pytest.approx((0.1, 0.1), abs=0.01), pytest.approx((0.5, 0.5), abs=0.01)]
    assert details.locator(".badge").all_inner_texts() == ["found again"] and EVIL in details.inner_text()
    page.keyboard.press("End")
    assert "false claim" in details.inner_text() and "not confirmed: The list is empty." in details.inner_text()
    page.keyboard.press("m")
    assert [button.inner_text().strip() for button in page.locator(".timeline button").all()] == [
        "1 MalformedReply",
        "3 Finish",
    ]
    page.keyboard.press("ArrowLeft")
    assert page.url.endswith("#1")
    assert page.locator(".screen img").evaluate("image => image.decode().then(() => image.naturalWidth)") == 320
    assert asked == [(tmp_path / "run" / "report.html").as_uri()]


def test_it_fits_a_phone_and_the_dark(page: Page, tmp_path: Path) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    page.emulate_media(color_scheme="dark")
    page.goto(recorded(tmp_path / "run").as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 23, 27)"
    page.emulate_media(color_scheme="light")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


def test_a_long_run_is_a_small_page_because_each_picture_is_in_it_once(tmp_path: Path) -> None:
    record(tmp_path / "long", 500, "The long way round. " * 300)
    text = write_page(tmp_path / "long").read_text()
    assert len(text) < 5_000_000 and text.count("data:image/png") == 1 and "more characters" in text


def test_pictures_of_a_very_long_run_stay_files(tmp_path: Path) -> None:
    recorded(tmp_path / "run")
    (tmp_path / "run" / "screens" / "0000.png").write_bytes(bytes(MOST_BYTES + 1))
    assert "data:image/png" not in write_page(tmp_path / "run").read_text()


def test_a_picture_outside_the_runs_folder_is_not_taken_into_the_page(tmp_path: Path) -> None:
    """A record that somebody else made may name any file."""
    recorded(tmp_path / "run")
    look().image.save(tmp_path / "private.png")
    (tmp_path / "run" / "screens" / "link.png").symlink_to(tmp_path / "private.png")
    trajectory = tmp_path / "run" / "trajectory.jsonl"
    before = trajectory.read_text()
    for name in ("../private.png", "screens/../../private.png", "screens/link.png", str(tmp_path / "private.png")):
        trajectory.write_text(before.replace("screens/0000.png", name))
        page = write_page(tmp_path / "run").read_text()
        assert page.count("data:image/png") == len({"0001", "0003-check"}), name


def test_a_turn_that_a_run_was_broken_off_in_is_shown_as_what_it_is(tmp_path: Path) -> None:
    record(tmp_path / "broken", 2, "on and on")
    line = json.loads((tmp_path / "broken" / "trajectory.jsonl").read_text().splitlines()[-1])
    decided = {name: value for name, value in line.items() if name not in ("outcome", "seconds")}
    (tmp_path / "broken" / "pending.json").write_text(json.dumps(decided | {"index": 2}))
    assert write_page(tmp_path / "broken").read_text().count("it is unknown whether this was done") == 1


def test_an_end_without_the_full_score_of_its_task_is_a_false_claim(tmp_path: Path) -> None:
    record(tmp_path / "run", 1, "said")
    result = tmp_path / "run" / "result.json"
    for score, false in ((0.5, True), (1.0, False), (None, False)):
        result.write_text(json.dumps({"ending": "finished", "answer": "", "score": score}))
        assert read_story(tmp_path / "run").false_claim is false, score


def test_changes_are_boxes_around_what_differs() -> None:
    before, both = look().image, look((100, 40, 139, 59), (10, 150, 11, 151)).image
    assert changed_boxes(before, before) == []
    assert changed_boxes(before, both) == [Box(0, 144, 16, 160), Box(96, 32, 144, 64)]
    edge = look((319, 199, 319, 199)).image
    assert changed_boxes(before, edge) == [Box(304, 192, 320, 200)]
    assert changed_boxes(before, Image.new("RGB", (10, 20))) == [Box(0, 0, 10, 20)]
    scattered = look(*((x, y, x, y) for x in range(0, 320, 64) for y in range(0, 200, 64))).image
    assert changed_boxes(before, scattered) == [Box(0, 0, 272, 200)]


def where(page: Page, mark: str) -> list[tuple[float, float]]:
    """The centres of marks, as parts of the picture's sides."""
    relation = """mark => {
        const own = mark.getBoundingClientRect();
        const image = mark.parentElement.querySelector("img").getBoundingClientRect();
        return [(own.x + own.width / 2 - image.x) / image.width, (own.y + own.height / 2 - image.y) / image.height];
    }"""
    return [tuple(each.evaluate(relation)) for each in page.locator(mark).all()]
