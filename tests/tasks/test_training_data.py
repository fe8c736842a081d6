"""Lessons: a tile shows what the runtime's browser shows, and an example is the runtime's own prompt and reply."""

import random
import re
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops

import devices
import run_agent
from actions.control import Finish
from actions.geometry import Box, Point, Size, Viewport
from actions.keyboard import Type
from actions.mouse import Click
from model import profile as profiles
from model.embedded.batches import TEXT, retyped
from model.embedded.run import TYPING
from model.weights import find_tokenizer
from prompts import notations
from tasks import suites
from tasks.suites.smoke import SiteTask
from tasks.task import SuiteOptions
from tasks.training_data import Drawn, digest, novelty, painted
from tasks.training_data.examples import SPACE, Examples, action_of
from tasks.training_data.render import renderer
from tasks.worlds.site_server import USERS

PROFILE = profiles.load("embedded")
SCREEN = Size(168, 224)
FIELD = [10, 20, 60, 40]
CLICK = {"action": "click", "point": [35, 30], "box": FIELD}
TYPED = {"action": "type", "text": "<|im_end|>", "box": FIELD}
SCROLLED = {"action": "scroll", "point": [84, 112], "direction": "down", "notches": 2}
MOST_TEXT_TOKENS = 120


def drawn(done: list[dict[str, Any]], step: dict[str, Any], others: list[list[Any]]) -> Drawn:
    lesson = {"said": 'Enter "<|im_end|>" as Name.', "done": done, "next": step, "others": others, "letters": []}
    return Drawn("val:x:0", Image.new("RGB", SCREEN, "white"), lesson)


@pytest.fixture(scope="module")
def examples() -> Examples:
    return Examples(PROFILE)


def text_of(ids: list[int]) -> str:
    tokenizer = find_tokenizer(PROFILE.weights)
    assert tokenizer is not None
    return str(tokenizer.decode(ids, skip_special_tokens=False)).replace("<|image_pad|>", "")


def test_a_reply_reads_back_as_what_the_oracle_does(examples: Examples) -> None:
    notation = notations.load(PROFILE.notation, SPACE)
    for step, action in (
        (CLICK, Click(point=Point(35, 30))),
        (TYPED, Type(text="<|im_end|>")),
        ({"action": "finish", "status": "success"}, Finish(status="success")),
        ({"action": "finish", "status": "failure"}, Finish(status="failure")),
    ):
        example = next(examples.of(drawn([], step, [])))
        reply = text_of(example.reply)
        assert reply.endswith("<|im_end|>")
        call = notation.read_reply(reply.removesuffix("<|im_end|>")).call
        assert call is not None and SPACE.decode(call, Viewport(SCREEN, SCREEN)) == action == action_of(step)


def test_a_prompt_tells_what_was_done_and_is_short(examples: Examples) -> None:
    later = next(examples.of(drawn([CLICK, TYPED, CLICK, TYPED], {"action": "finish", "status": "success"}, [])))
    said = text_of(later.prompt)
    assert said.startswith("<|im_start|>system\nAct on the page.<|im_end|>\n<|im_start|>user\n")
    assert said.count('*FUNCTION*: Click\n*ARGS*: {"point": [35, 30]}') == 2
    assert len(later.prompt) - PROFILE.image_tokens(SCREEN) <= MOST_TEXT_TOKENS
    assert later.point is None


def test_questions_about_the_same_picture_have_no_past_but_scrolling(examples: Examples) -> None:
    others = [['Click on "x".', CLICK], ['Enter "<|im_end|>" as Name.', CLICK]]
    own, other = examples.of(drawn([SCROLLED, CLICK], TYPED, others))
    assert own.point == other.point == (35, 30)
    assert "RESULT" in text_of(own.prompt) and "RESULT" not in text_of(other.prompt)
    own, other = examples.of(drawn([SCROLLED, SCROLLED], TYPED, others))
    assert text_of(own.prompt).count("*FUNCTION*: Scroll") == text_of(other.prompt).count("*FUNCTION*: Scroll") == 2


def letters_of(lessons: list[Drawn]) -> list[tuple[str, int, int]]:
    return [(letter, at, line) for lesson in lessons for letter, at, line in lesson.lesson["letters"]]


def dark(lesson: Drawn, at: int, line: int) -> bool:
    """Whether something is drawn at a letter's middle."""
    around = lesson.image.convert("L").crop((at - 2, line - 3, at + 3, line + 4))
    shades = around.tobytes()
    return min(shades) < max(shades) - 60


def line_of(lesson: Drawn, step: dict[str, Any]) -> str:
    """The letters of the line that a point is on."""
    line = [letter for letter in letters_of([lesson]) if abs(letter[2] - step["point"][1]) < 5]
    return "".join(letter for letter, *_ in sorted(line, key=lambda letter: letter[1]) if letter not in "\u2610\u2611")


def test_a_painted_page_says_what_is_where_and_asks_for_it(examples: Examples) -> None:
    lessons = list(painted.draw([f"val:painted:{number}" for number in range(40)], SCREEN))
    assert len({digest(lesson.image) for lesson in lessons}) == 40
    for lesson in lessons:
        assert all(dark(lesson, at, line) for letter, at, line in letters_of([lesson]) if letter in "mwMWBE8")
        own, written, *others = examples.of(lesson)
        marks = [letter for letter, *_ in letters_of([lesson]) if letter in "\u2610\u2611"]
        checked = [answer["text"] for said, answer in lesson.lesson["others"] if said == "Which boxes are checked?"]
        assert len(checked) == bool(marks) and all((text == "none") == ("\u2611" not in marks) for text in checked)
        assert own.point == tuple(lesson.lesson["next"]["point"])
        said, answer = lesson.lesson["others"][0]
        column, row = written.point or (0, 0)
        assert said == f"What is written at [{column}, {row}]?" and answer["text"] in text_of(written.reply)
        letter = next(letter for letter, *place in letters_of([lesson]) if tuple(place) == (column, row))
        assert letter in answer["text"] and sum(not other.point for other in others) == len(checked)
    (again,) = painted.draw(["val:painted:7"], SCREEN)
    assert digest(again.image) == digest(lessons[7].image) and again.lesson == lessons[7].lesson


@pytest.mark.slow
def test_a_tile_shows_what_the_runtimes_browser_shows() -> None:
    """Below the line of the instruction, which some lessons show and the suite never does."""
    with renderer() as tiles:
        lessons = list(tiles.draw("miniwob/click-widget.html", ["test:click-widget:0"]))
        boxes = list(tiles.draw("miniwob/click-checkboxes.html", [f"test:x:{number}" for number in range(48)]))
        choices = list(tiles.draw("miniwob/click-option.html", [f"test:x:{number}" for number in range(48)]))
        logins = list(tiles.draw("site/login.html", [f"train:site/login.html:{number}" for number in range(48)]))
    with suites.open_suite("miniwob", SuiteOptions(0)) as suite:
        task = next(task for task in suite if task.kind == "click-widget")
        with devices.connect("browser", task.options.model_copy(update={"headless": True})) as browser:
            said = task.setup(browser)
            shown = browser.observe().image
    below = (0, 50, *SCREEN)
    assert lessons[0].lesson["said"] == said
    assert ImageChops.difference(lessons[0].image.crop(below), shown.crop(below)).getbbox() is None
    assert len(logins) == 48 and len({digest(lesson.image) for lesson in logins}) > 30
    assert {lesson.lesson["next"]["action"] for lesson in logins} == {"click", "type", "finish"}
    ends = [lesson.lesson["next"]["status"] for lesson in logins if lesson.lesson["next"]["action"] == "finish"]
    assert {*ends} == {"success", "failure"}, "a wrong password is a task that cannot be done"
    for letter, at, line in letters_of(logins):
        assert 0 <= at < SCREEN.width and 0 <= line < SCREEN.height and not letter.isspace()
    assert {"\u2022", "\u258f"} <= {letter for letter, *_ in letters_of(logins)}, "a password and the focus are read"
    for lesson in boxes:
        checked = {said: answer for said, answer in lesson.lesson["others"]}["Which boxes are checked?"]["text"]
        marks = [letter for letter, *_ in letters_of([lesson]) if letter in "\u2610\u2611"]
        assert marks.count("\u2611") == (0 if checked == "none" else len(checked.split(", ")))
        assert all(dark(lesson, at, line) for letter, at, line in letters_of([lesson]) if letter in "mwMWBE8")
    for lesson in choices:
        answers = {said: answer.get("text", "") for said, answer in lesson.lesson["others"]}
        marks = [letter for letter, *_ in letters_of([lesson]) if letter in "\u2610\u2611"]
        listed, selected = answers["What is listed?"].split(", "), answers["What is selected?"]
        assert len(marks) == len(listed) and (selected in listed) == ("\u2611" in marks)
        assert selected in listed or selected == "none"
    assert len({lesson.lesson["others"][1][1]["text"] == "none" for lesson in choices}) == 2, "some have one selected"
    for lesson in logins:
        focused = [answer["point"] for said, answer in lesson.lesson["others"] if said == "Click on the focused field."]
        lit = [place for letter, *place in letters_of([lesson]) if letter == "\u258f"]
        assert [line for _, line in focused] == pytest.approx([line for _, line in lit], abs=1)
    for lesson in logins:  # whom the suites ask for is never trained
        assert not {*USERS, *USERS.values()} & set(lesson.lesson["said"].rstrip(".").split())


@pytest.mark.slow
def test_the_same_screen_is_asked_for_other_names_and_the_oracle_says_what_comes_next() -> None:
    seeds = [f"test:x:{number}" for number in range(48)]
    with renderer() as tiles:
        boxes = list(tiles.draw("miniwob/click-checkboxes.html", seeds))
        trees = list(tiles.draw("miniwob/navigate-tree.html", seeds))
        lists = list(tiles.draw("miniwob/choose-list.html", seeds))
    for lesson in boxes:
        others = dict(lesson.lesson["others"])
        listed = others.get("What is listed?", {"text": ""})["text"].split(", ")
        checked = others["Which boxes are checked?"]["text"].split(", ")
        asked = [said for said in others if said.startswith("Select ") and len(listed) > 1]
        for said in asked:
            wanted = said.removeprefix("Select ").removesuffix(" and click Submit.").split(", ")
            wrong = [name for name in listed if (name in checked) != (name in wanted)]
            assert line_of(lesson, others[said]) == [*wrong, "Submit"][0]
        assert asked or len(listed) == 1
    assert not [said for lesson in lists for said, _ in lesson.lesson["others"] if said.startswith("Select ")]
    found = 0
    for lesson in trees:
        others = dict(lesson.lesson["others"])
        for name in others.get("What is listed?", {"text": ""})["text"].split(", "):
            for answer in (answer for said, answer in others.items() if f'named "{name}"' in said):
                assert line_of(lesson, answer) == name
                found += 1
    assert found > 48


def test_results_on_screens_that_were_trained_on_are_counted_separately(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run_agent.main(["--suite", "press", "--engine", "scripted", "--headless", "--limit", "2", "--runs", str(tmp_path)])
    (run,) = tmp_path.iterdir()
    with Image.open(run / "press-0" / novelty.FIRST) as image:
        (tmp_path / "screens.txt").write_text(f"{digest(image)}\n0123456789abcdef\n")
    known, new = novelty.apart(run, novelty.known_screens([tmp_path]))
    assert [result.item for result in known] == ["press-0"] and [result.item for result in new] == ["press-1"]
    capsys.readouterr()
    assert novelty.main([str(run), str(tmp_path)]) == 0
    assert "first screen new: 1 episodes, success 100.0 %" in capsys.readouterr().out


def test_the_invented_pages_ask_for_words_and_have_forms_to_fill_in() -> None:
    seeds = [f"test:x:{number}" for number in range(48)]
    with renderer() as tiles:
        words, forms = (list(tiles.draw(f"lessons/words.html?forms={part}", seeds)) for part in (0, 1))
    assert len(words) == len(forms) == 48
    assert {lesson.lesson["next"]["action"] for lesson in words} == {"click"}
    assert {"click", "type"} <= {lesson.lesson["next"]["action"] for lesson in forms}


@pytest.mark.slow
def test_lessons_on_the_site_lead_from_page_to_page_and_leave_out_what_is_scored(examples: Examples) -> None:
    pages = ("index", "results", "place", "tabs", "dialog", "list", "form", "login")
    with renderer() as tiles:
        drawn = {
            page: list(tiles.draw(f"site/{page}.html", [f"val:{page}:{number}" for number in range(48)]))
            for page in pages
        }
        again = next(iter(tiles.draw("site/list.html", ["val:list:0"])))
    assert {len(lessons) for lessons in drawn.values()} == {48}
    assert again.lesson == drawn["list"][0].lesson, "a lesson is its seed's, whatever was drawn before it"
    everything = [lesson.lesson for lessons in drawn.values() for lesson in lessons]
    with suites.open_suite("smoke", SuiteOptions(0, 20)) as suite:
        scored = {task.instruction for task in suite if isinstance(task, SiteTask)}
    shared = scored & {lesson["said"] for lesson in everything}
    assert shared == {"Find a pizza place and open its page.", "Start to close the account, then keep it after all."}
    asked = {found[1].replace(" ", "") for said in scored if (found := re.match("Pick the (.+), and", said))}
    shown = ["".join(letter for letter, *_ in lesson.lesson["letters"]) for lesson in drawn["list"]]
    assert asked and not [thing for thing in asked if any(f"{thing}Pick" in text for text in shown)], (
        "a thing that is shown and never asked for is learned as what is never picked"
    )
    firsts = {said_of(lesson): lesson.lesson["next"] for lesson in drawn["index"] if not lesson.lesson["done"]}
    later = [lesson for page in ("results", "place") for lesson in drawn[page]]
    assert set(firsts) == {said_of(lesson) for lesson in later} == {"Find a", "Search", "Find", "How many"}
    assert all(lesson.lesson["done"][0] == firsts[said_of(lesson)] for lesson in later)
    (opened,) = {str(lesson.lesson["done"][1]) for lesson in drawn["place"] if said_of(lesson) == "Find a"}
    nearest = [lesson.lesson["next"] for lesson in drawn["results"] if said_of(lesson) == "Find a"]
    assert all(f", {step['point'][1]}]" in opened for step in nearest)
    ends = {page: {lesson.lesson["next"]["action"] for lesson in lessons} for page, lessons in drawn.items()}
    assert ends["results"] == {"click", "finish", "answer"} and ends["list"] == {"click", "scroll", "finish"}
    assert ends["index"] == {"click", "type", "press"} and ends["tabs"] == ends["dialog"] == {"click", "finish"}
    assert ends["form"] == {"click", "type", "scroll", "finish"}
    tokenizer = find_tokenizer(PROFILE.weights)
    assert tokenizer is not None
    typing, chance = tokenizer.get_vocab()[TYPING], random.Random(0)
    for lesson in (
        lesson for lessons in drawn.values() for lesson in lessons if lesson.lesson["next"]["action"] == "type"
    ):
        own = next(examples.of(lesson))
        assert retyped((own.prompt, own.reply, own.point), typing, [own.reply[1]], chance), (
            "its tokens are not those asked"
        )
        assert len(own.prompt) + len(own.reply) <= PROFILE.image_tokens(SCREEN) + TEXT


def said_of(lesson: Drawn) -> str:
    """Which kind of task of the site's a lesson is about, by how its instruction begins."""
    return re.match(r"Find a(?= pizza)|\w+( many)?", lesson.lesson["said"])[0]  # type: ignore[index]


@pytest.mark.slow
def test_lessons_on_the_phones_apps_are_whole_and_nearly_all_fit_a_sequence(examples: Examples) -> None:
    large = Size(336, 448)
    with renderer() as tiles:
        lessons = [
            *tiles.draw("phone?apps=maps", [f"val:phone:{number}" for number in range(30)]),
            *tiles.draw("phone?apps=others", [f"val:others:{number}" for number in range(30)]),
        ]
    assert len(lessons) == 60, "no lesson failed"
    assert len({digest(lesson.image) for lesson in lessons}) > 50, "home screens may be alike"
    fit: list[bool] = []
    for lesson in lessons:
        assert lesson.image.size == large
        assert all(Box(0, 0, *large).holds(Point(at, line)) for _, at, line in letters_of([lesson]))
        own, *others = examples.of(lesson)
        fit.append(len(own.prompt) + len(own.reply) <= large.width * large.height // 28**2 + TEXT)
        assert all(asked.point is None or Box(0, 0, *large).holds(Point(*asked.point)) for asked in (own, *others))
    assert sum(fit) >= 54, "one after eight calls with long texts may be too long, and is dropped"
    told = {lesson.lesson["next"]["action"] for lesson in lessons}
    assert {"click", "type", "press", "answer", "finish"} <= told
