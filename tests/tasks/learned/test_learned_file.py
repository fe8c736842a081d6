"""The file of a learned run: what is wrong with it is said in one sentence, and its placeholders are filled in."""

import re
from datetime import date
from pathlib import Path

import pytest
from PIL import Image

from actions.errors import UsageError
from actions.geometry import Box, Point, Size
from actions.secrets import Secret, Secrets
from tasks.learned.file import path_of, read_learned, write_learned
from tasks.learned.filling import dated, emptied
from tasks.learned.schema import LearnedFile, LearnedStep, Target

WHOLE = LearnedFile(
    instruction="Search for tea by 2026-11-26 as {{PASSWORD}}.",
    device="browser",
    screen=Size(100, 80),
    density=1,
    secrets=("PASSWORD",),
    parameters={"query": "tea"},
    steps=(
        LearnedStep(
            action="Click",
            arguments={"point": [40, 30]},
            targets={
                "point": Target(
                    role="button", name="Buy tea", picture=Path("it/0.png"), box=Box(1, 2, 9, 8), at=Point(4, 5)
                )
            },
        ),
        LearnedStep(action="Type", arguments={"text": "tea\n\"'\\ {{PASSWORD}} steam"}),
    ),
)
SECRETS = Secrets([Secret("PASSWORD", "lovelace", "example.com")])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = path_of("it", tmp_path)
    write_learned(path, WHOLE, {Path("it/0.png"): Image.new("RGB", (10, 10))}, SECRETS)
    return path


def test_what_is_written_is_read_with_the_values_of_its_parameters(file: Path) -> None:
    assert read_learned(file, {}, SECRETS).content == WHOLE
    run = read_learned(file, {"query": "coffee"}, SECRETS)
    assert run.content.instruction == "Search for coffee by 2026-11-26 as {{PASSWORD}}."
    assert run.steps[0].targets["point"].name == "Buy coffee"
    assert run.steps[1].arguments == {"text": "coffee\n\"'\\ {{PASSWORD}} steam"}, "only whole words are parameters"
    assert run.pictures[Path("it/0.png")].size == (10, 10)


def test_a_value_is_not_filled_in_again(file: Path) -> None:
    assert "{{today}}" in read_learned(file, {"query": "{{today}}"}, SECRETS).content.instruction


def test_no_value_of_a_secret_is_written(tmp_path: Path) -> None:
    told = WHOLE.model_copy(update={"instruction": "Log in with lovelace."})
    write_learned(path_of("it", tmp_path), told, {Path("it/0.png"): Image.new("RGB", (10, 10))}, SECRETS)
    assert "lovelace" not in path_of("it", tmp_path).read_text()


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("[[steps]]", "[[steps", "is not valid TOML"),
        ('device = "browser"', "", "device: is missing"),
        ('device = "browser"', 'devise = "browser"', "devise: there is no such key"),
        ("screen = [100, 80]", "screen = 7", "screen: cannot be used (got 7)"),
        ("{{query}}", "{{quest}}", "needs a value for {{quest}}. Pass quest=VALUE."),
        ("at = [4.0, 5.0]", "at = [40.0, 5.0]", "does not lie within its picture"),
        ("it/0.png", "it/1.png", "lacks its picture"),
        ("it/0.png", "../0.png", "'../0.png' does not lie in the folder of the file"),
        ("it/0.png", "/tmp/0.png", "'/tmp/0.png' does not lie in the folder of the file"),
    ],
)
def test_a_file_that_was_edited_into_nonsense_is_refused_in_a_sentence(
    file: Path, before: str, after: str, message: str
) -> None:
    text = file.read_text()
    assert before in text
    file.write_text(text.replace(before, after))
    with pytest.raises(UsageError, match=re.escape(message)) as refusal:
        read_learned(file, {}, SECRETS)
    assert str(file.parent) in str(refusal.value) and "\n" not in str(refusal.value).strip()


def test_another_run_of_that_name_replaces_it_with_its_pictures(file: Path) -> None:
    step = WHOLE.steps[1]
    write_learned(file, WHOLE.model_copy(update={"steps": (step,)}), {}, SECRETS)
    assert read_learned(file, {}, SECRETS).steps == (step,)
    assert list((file.parent / "it").iterdir()) == []


@pytest.mark.parametrize(("there", "named"), [("it/photo.png", "it/photo.png"), ("it.toml", "it.toml"), ("it", "it")])
def test_nothing_else_of_that_name_is_overwritten_or_removed(tmp_path: Path, there: str, named: str) -> None:
    """The name may be that of any folder or TOML file of the user, such as `src` or `pyproject`."""
    (tmp_path / there).parent.mkdir(exist_ok=True)
    (tmp_path / there).write_text("[mine]\n")
    with pytest.raises(UsageError, match=re.escape(str(tmp_path / named))):
        write_learned(path_of("it", tmp_path), WHOLE, {Path("it/0.png"): Image.new("RGB", (10, 10))}, SECRETS)
    assert (tmp_path / there).read_text() == "[mine]\n"


def test_a_missing_file_picture_or_secret_and_an_unknown_value_are_named(file: Path) -> None:
    with pytest.raises(UsageError, match="There is no learned run"):
        read_learned(file.with_name("other.toml"), {}, SECRETS)
    with pytest.raises(UsageError, match="types the secret PASSWORD"):
        read_learned(file, {}, Secrets())
    with pytest.raises(UsageError, match="has no parameter 'quary'"):
        read_learned(file, {"quary": "x"}, SECRETS)
    (file.parent / "it/0.png").write_bytes(b"nonsense")
    with pytest.raises(UsageError, match="cannot be read"):
        read_learned(file, {}, SECRETS)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("today", "2026-11-26"),
        ("today+7", "2026-12-03"),
        ("today - 26:%d.%m.%Y", "31.10.2026"),
        ("todays", None),
        ("query", None),
    ],
)
def test_dates(content: str, expected: str | None) -> None:
    assert dated(content, date(2026, 11, 26)) == expected


def test_values_become_placeholders_where_they_are_whole_words() -> None:
    assert emptied("green tea, steam, tea.", {"q": "tea", "all": "green tea"}) == "{{all}}, steam, {{q}}."
    assert (emptied("3 of 13", {"n": "3"}), emptied("3", {"n": "3"})) == ("3 of 13", "{{n}}")
