"""A suite file that is wrong is answered with its file, its line and what is wrong there."""

from pathlib import Path

import pytest
import yaml

from actions.errors import UsageError
from tasks.scripted import open_suite_file
from tasks.scripted.reading import read_suite_file
from tests.tasks.harness.test_resume import ROOT

EXAMPLE = ROOT / "tasks" / "scripted" / "example.toml"
TOML = """pages = "site"

[[tasks]]
id = "one"
instruction = "Do it."
[tasks.limits]
steps = 3
[[tasks.checks]]
kind = "url"
contains = "x"

[[tasks]]
id = "two"
instruction = "Do it."
[[tasks.checks]]
kind = "answer"
contains = "y"
[[tasks.checks]]
kind = "file"
path = "a.txt"
equals = "z"
"""
YAML = """tasks:
  - id: one
    instruction: Do it.
    checks:
      - kind: url
        contains: x
  - id: two
    instruction: Do it.
    limits: {steps: 3}
    checks:
      - {kind: answer, contains: y}
      - kind: file
        path: a.txt
        equals: z
"""


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("steps = 3", "steps = 0", 7, "greater than 0"),
        ("steps = 3", "stepz = 3", 7, "not permitted"),
        ('id = "two"', 'id = "../two"', 13, "it is also a folder name"),
        ('id = "two"', 'id = "one"', 13, "another task 'one'"),
        ('kind = "file"', 'kind = "smell"', 18, "'smell'"),
        ('equals = "z"', "", 18, "either `contains` or `equals`"),
        ('path = "a.txt"', "path = 3", 20, "path"),
        ('instruction = "Do it."\n[[', 'instruction = ""\n[[', 14, "at least 1 character"),
        ('id = "one"', "id = ", 4, "line 4"),
    ],
)
def test_every_mistake_in_toml_is_named_with_its_line(
    tmp_path: Path, old: str, new: str, line: int, message: str
) -> None:
    assert TOML.count(old) >= 1
    with pytest.raises(UsageError) as raised:
        read(tmp_path / "own.toml", TOML.replace(old, new, 1))
    assert "own.toml" in str(raised.value) and f"line {line}" in str(raised.value) and message in str(raised.value)


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("contains: y", "contains: [y]", 11, "valid string"),
        ("kind: file", "kind: smell", 12, "'smell'"),
        ("steps: 3", "steps: many", 9, "valid integer"),
        ("id: two", "id: one", 7, "another task 'one'"),
        ("  - id: two", " - id: two", 7, "not valid YAML"),
    ],
)
def test_every_mistake_in_yaml_is_named_with_its_line(
    tmp_path: Path, old: str, new: str, line: int, message: str
) -> None:
    with pytest.raises(UsageError) as raised:
        read(tmp_path / "own.yaml", YAML.replace(old, new, 1))
    assert f"own.yaml, line {line}: " in str(raised.value) and message in str(raised.value)


def read(path: Path, text: str) -> None:
    path.write_text(text)
    read_suite_file(path)


def test_the_same_content_reads_the_same_from_either_format(tmp_path: Path) -> None:
    example = read_suite_file(EXAMPLE)
    (tmp_path / "same.yaml").write_text(yaml.safe_dump(example.model_dump(mode="json", exclude_unset=True)))
    assert read_suite_file(tmp_path / "same.yaml") == example
    assert [task.id for task in example.tasks] == ["search", "stars", "note"]


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"gone\.toml cannot be read"):
        read_suite_file(tmp_path / "gone.toml")


def test_a_folder_of_pages_that_is_not_there_is_named(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(TOML)
    with pytest.raises(UsageError, match=r"there is no folder .*site"), open_suite_file(tmp_path / "mine.toml"):
        pass
