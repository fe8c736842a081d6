"""A suite's page: it runs nothing that a screen says, and what is drawn on it lies where the points are."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import sync_playwright

import run_agent
from actions.action import ActionSpace, Outcome
from actions.control import CONTROL
from actions.errors import UsageError
from actions.geometry import Box, Point, Size
from actions.mouse import MOUSE, Click
from agent.episode import Ending, Episode, Seconds, Step, Turn
from agent.loop import Limits
from agent.record import Recorder
from agent.run_info import describe_run, hardware
from devices import Observation
from devices.browser import launch
from model import profile
from model.profile import Profile
from tasks.harness.manifest import Manifest
from tasks.harness.page import write_comparison, write_page
from tasks.harness.results import Results
from tests.tasks.harness.test_results import result

EVIL = '<script>document.title = "owned"</script><img src=x onerror="document.title=1"> {{ 7 * 7 }} "\'</pre>'
SPACE = ActionSpace(MOUSE, CONTROL)
SMALL = profile.load("embedded")


def record(folder: Path, steps: int, said: str, point: Point = Point(50, 25)) -> None:
    """A recorded run of clicks at a point of a screen of 200x100, seen at twice that size."""
    recorder = Recorder(folder, describe_run(said, "still", None, "scripted", SMALL, SPACE, Limits()))
    image = Image.new("RGB", (400, 200), "white")
    step = Step(
        0, Observation(image, Size(200, 100)), Turn(said, said, Click(point=point)), Outcome(said), Seconds(0, 0, 0)
    )
    made = [Step(index, *list(vars(step).values())[1:]) for index in range(steps)]
    for each in made:
        recorder.on_step(each)
    recorder.finish(Episode(said, tuple(made), Ending.FINISHED, said))


def suite(folder: Path, values: dict[str, float | None], model: Profile = SMALL) -> Path:
    """A run of a suite with these scores, each of one step."""
    folder.mkdir()
    manifest = Manifest(
        suite="mine", arguments=("--suite", "mine"), seed=0, trials=1, rule=None, data_root=None, data_sha256=None,
        items=len(values), subset="all", items_sha256="", engine="scripted", profile=model, weights_sha256=None,
        versions={}, commit=None, hardware=hardware(), started=(datetime.now(UTC),),
    )  # fmt: skip
    (folder / "manifest.json").write_text(manifest.model_dump_json())
    results = Results(folder / "results.jsonl")
    for item, value in values.items():
        results.add(result(item, value, why=EVIL, target=Box(40, 20, 80, 40)))
        record(folder / item, 1, EVIL)
    return folder


def test_what_a_screen_or_a_model_says_runs_nothing_and_points_lie_where_they_were(tmp_path: Path) -> None:
    folder = suite(tmp_path / "evil", {"a-0": 1.0, "a-1": 0.0, "b-0": None})
    page = write_page(folder)
    assert "<script" not in page.read_text()
    assert "scripted, laid out as for embedded" in page.read_text()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=launch.program(playwright.chromium.executable_path), args=["--no-sandbox"]
        )
        shown = browser.new_page(viewport={"width": 1200, "height": 900})
        asked: list[str] = []
        shown.on("request", lambda request: asked.append(request.url))
        shown.goto(page.as_uri())
        assert shown.title() == "mine: 50.0 %"
        assert EVIL.split(">")[0] in shown.inner_text("figcaption >> nth=0")
        picture = shown.locator("figure img").first
        picture.scroll_into_view_if_needed()
        assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") == 400
        relation = """mark => {
            const own = mark.getBoundingClientRect();
            const image = mark.parentElement.querySelector("img").getBoundingClientRect();
            const x = own.x + own.width / 2 - image.x, y = own.y + own.height / 2 - image.y;
            return [x / image.width, y / image.height];
        }"""
        for mark, wanted in ((".point", (0.25, 0.25)), (".target", (0.3, 0.3))):
            found = shown.locator(f"figure {mark}").first.evaluate(relation)
            assert found == pytest.approx(wanted, abs=0.01), mark
        shown.click("text=a-1 >> nth=0")
        assert shown.url == (folder / "a-1" / "report.html").as_uri() and shown.title() == EVIL
        shown.click("text=The suite's report")
        assert shown.url == page.as_uri()
        assert all(url.startswith(folder.as_uri()) for url in asked), asked
        browser.close()


def test_a_suites_page_says_how_the_model_was_asked_its_frame_and_its_pictures_limits(tmp_path: Path) -> None:
    wide = profile.adjusted(profile.load("qwen3-vl-8b"), max_pixels=12_845_056)
    one, other = suite(tmp_path / "wide", {"a-0": 1.0}, wide), suite(tmp_path / "small", {"a-0": 0.0})
    asked = "notation tool_call, points in the frame thousandths, pictures of 65,536 to 12,845,056 pixels"
    assert asked in " ".join(write_page(one).read_text().split())
    both = " ".join(write_comparison(one, other).read_text().split())
    assert asked in both and "frame image, pictures of 168x224 pixels" in both


def test_two_runs_are_compared_by_cell_and_by_the_episodes_that_differ(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = suite(tmp_path / "first", {"a-0": 1.0, "a-1": 0.0, "b-0": 1.0, "b-1": None})
    second = suite(tmp_path / "second", {"a-0": 1.0, "a-1": 1.0, "b-0": 0.0, "c-0": 1.0})
    assert run_agent.main(["--report", str(first), str(second)]) == 0
    page = first / "compared-with-second.html"
    assert page.name in "".join(capsys.readouterr().out.split())
    text = page.read_text()
    assert "2 episodes that came out differently" in text
    assert "3 episodes are in both runs, 1 only in A, 1 only in B" in " ".join(text.split())
    assert "+50.0" in text and "-100.0" in text
    assert 'src="../second/a-1/screens/0000.png"' in text and 'src="b-0/screens/0000.png"' in text
    with pytest.raises(UsageError, match="has no run of a suite"):
        write_comparison(first, tmp_path)
    assert run_agent.main(["--report", str(tmp_path)]) == 2
