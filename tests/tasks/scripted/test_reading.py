"""A suite file that is wrong is answered with its file, its line and what is wrong there."""

import json
import socket
import sys
from pathlib import Path

import httpx
import pytest
import yaml

import devices
from actions.errors import UsageError
from devices import DeviceOptions
from tasks.scripted import open_suite_file
from tasks.scripted.checks import TextCheck
from tasks.scripted.reading import read_suite_file
from tasks.scripted.schema import SuiteFile
from tasks.scripted.scripted_task import ScriptedTask
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


WRAPPED = """[[tasks]]
id = "one"  # {{
instruction = "Do ] it."
solution = [  # [
    { action = "Wait", arguments = { seconds = 1 } },
    { action = "Click", arguments = { point = [10, 20] } },
]
checks = [
    { kind = "url", contains = "a, [b" }, { kind = "answer", equals = "z" },
    # { kind = "file" }
    { kind = "file", path = 'it''s' , json = "a[0]", equals = 4.5 },
    { kind = "element", role = "button", count = 3 },
]
tags = ["quick"]
""".replace("'it''s'", '"""it\n"s"""')


@pytest.mark.parametrize(
    ("text", "old", "new", "line", "message"),
    [
        (TOML, "steps = 3", "steps = 0", 7, "must be more than 0"),
        (TOML, "steps = 3", "stepz = 3", 7, "did you mean 'steps'?"),
        (TOML, 'id = "two"', 'id = "../two"', 13, "it is also a folder name"),
        (TOML, 'id = "two"', 'id = "one"', 13, "another task 'one'"),
        (TOML, 'kind = "file"', 'kind = "smell"', 18, "there is no kind 'smell'"),
        (TOML, 'equals = "z"', 'equals = "z"\ncontains = "z"', 18, "give one of `contains`, `equals`"),
        (TOML, 'path = "a.txt"', "path = 3", 20, "path"),
        (TOML, 'instruction = "Do it."\n[[', 'instruction = ""\n[[', 14, "must not be empty"),
        (TOML, 'id = "one"', "id = ", 4, "line 4"),
        (WRAPPED, "seconds = 1 ", 'seconds = "x" ', 5, "seconds"),
        (WRAPPED, "[10, 20]", "[10, 2000]", 6, "lies outside the screen"),
        (WRAPPED, 'contains = "a, [b"', 'contain = "a, [b"', 9, "did you mean 'contains'?"),
        (WRAPPED, 'kind = "answer"', 'kind = "answr"', 9, "did you mean 'answer'?"),
        (WRAPPED, 'json = "a[0]", ', "", 12, "equals: must be a text"),
        (WRAPPED, 'role = "button"', 'role = "buton"', 13, "did you mean 'button'?"),
        (WRAPPED, "count = 3", "count = -3", 13, "count"),
        (WRAPPED, "count = 3", "cuont = 3", 13, "did you mean 'count'?"),
        (WRAPPED, '["quick"]', "[3]", 15, "must be a text"),
    ],
)
def test_every_mistake_in_toml_is_named_with_its_line(
    tmp_path: Path, text: str, old: str, new: str, line: int, message: str
) -> None:
    assert text.count(old) >= 1
    with pytest.raises(UsageError) as raised:
        read(tmp_path / "own.toml", text.replace(old, new, 1))
    assert f"own.toml, line {line}: " in str(raised.value) and message in str(raised.value), raised.value


def test_a_list_may_have_several_lines(tmp_path: Path) -> None:
    assert read(tmp_path / "own.toml", WRAPPED).tasks[0].tags == ("quick",)


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("contains: y", "contains: [y]", 11, "must be a text"),
        ("kind: file", "kind: smell", 12, "'smell'"),
        ("steps: 3", "steps: many", 9, "must be a whole number"),
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


def read(path: Path, text: str) -> SuiteFile:
    path.write_text(text)
    return read_suite_file(path)


def task(more: str, checks: str = 'checks = [{ kind = "answer", equals = "y" }]') -> str:
    return f'pages = "site"\n[[tasks]]\nid = "one"\ninstruction = "Do it."\n{checks}\n{more}\n'


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        (task('device = "androyd"'), 6, "did you mean 'android'?"),
        (
            task('device = "desktop"', 'checks = [{ kind = "url", contains = "x" }]'),
            5,
            "is for browser, and the device",
        ),
        (task("", 'checks = [{ kind = "adb", command = ["id"], equals = "x" }]'), 5, "is for android, and the device"),
        (task("", 'checks = [{ kind = "region", box = [0, 0, 9, 9], picture = "gone.png" }]'), 5, "gone.png"),
        (task("", 'checks = [{ kind = "element", role = "buton" }]'), 5, "did you mean 'button'?"),
        (task("", 'checks = [{ kind = "element", name = "Pay" }]'), 5, "either `selector` or `role`"),
        (task("", 'checks = [{ kind = "text", matches = "(" }]'), 5, "no regular expression"),
        (task("", 'checks = [{ kind = "text", contain = "x" }]'), 5, "did you mean 'contains'?"),
        (task("", 'checks = [{ contains = "x" }]'), 5, "`kind` is missing"),
        (task('address = "/gone.html"'), 6, "there is no page gone.html"),
        (task('adb = [["id"]]'), 6, "`adb` is for a phone"),
        (
            task('solution = [{ action = "Click", arguments = { point = [1281, 3] } }]'),
            6,
            "(1281, 3) lies outside the screen; x must be 0 to 1279 and y 0 to 799. Points of a solution are in pixels",
        ),
        (task('solution = [{ action = "Clik" }]'), 6, "no action 'Clik' on the device browser; did you mean 'Click'?"),
        (task('solution = [{ action = "Type", arguments = { txt = "a" } }]'), 6, "txt: is no argument of this action"),
        (task('retries = "two"'), 6, "must be a whole number"),
        (task('policy = "gone.toml"'), 6, "The policy"),
        (task('secrets = ["PW=env:SCREENHAND_NOT_SET@shop"]'), 6, "SCREENHAND_NOT_SET, which is not set"),
        (task('variables = { item = "tea" }').replace("Do it", "Buy {{itme}}"), 4, "no variable 'itme'; did you mean"),
        (task('address = "{{shop}}/"'), 6, "address: there is no variable 'shop'."),
        (task('learned = "gone"'), 6, "there is no learned run"),
        (task("", 'checks = [{ kind = "file", path = "a", json = "open[", equals = 1 }]'), 5, "is no place in JSON"),
        ('include = [\n  "moor.toml",\n]\n', 2, "did you mean 'more.toml'?"),
        (task("").replace("[[tasks]]", "[[task]]"), 2, "did you mean 'tasks'?"),
        (task("", 'checks = [{ asks = "" }]'), 5, "asks: must not be empty"),
        (task("rows = 3"), 6, "`rows` must be a list"),
        (task("rows = [{ word = [1] }]"), 6, "the value of word must be a text or a number"),
        (task('variables = { "a b" = "c" }'), 6, "'a b' is no name"),
        ("variables = 3\n" + task(""), 1, "must be a table of names and values"),
        (
            '[server]\ncommand = []\nurl = "http://127.0.0.1:1"\n' + task("").replace("pages", "#"),
            2,
            "must not be empty",
        ),
        ('pages = "site"\n', 1, "`tasks` is missing"),
    ],
)
def test_what_cannot_be_is_named_before_anything_runs(tmp_path: Path, text: str, line: int, message: str) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "more.toml").write_text("")
    with pytest.raises(UsageError) as raised:
        read(tmp_path / "own.toml", text)
    assert f"own.toml, line {line}: " in str(raised.value) and message in str(raised.value), raised.value
    assert "pydantic" not in str(raised.value)


def test_a_task_with_rows_is_one_task_for_each_and_only_given_names_are_filled_in(tmp_path: Path) -> None:
    text = """variables = { shop = "Corner", word = "unused" }
[[tasks]]
id = "find"
instruction = "Find {{word}} in {{shop}} for {{price}} with {{SECRET}}."
checks = [{ kind = "text", contains = "{{word}}" }]
rows = [{ word = "tea {{shop}}", price = 2 }, { word = "milk", price = 1.5 }]
[[tasks]]
id = "buy-{{word}}"
instruction = "Buy {{word}}."
tags = ["shop"]
checks = [{ kind = "answer", equals = "{{word}}" }]
rows = [{ word = "tea" }, { word = "milk" }]
"""
    tasks = read(tmp_path / "own.toml", text).tasks
    assert [task.id for task in tasks] == ["find-1", "find-2", "buy-tea", "buy-milk"]
    assert [task.instruction for task in tasks[:2]] == [
        "Find tea {{shop}} in Corner for 2 with {{SECRET}}.",
        "Find milk in Corner for 1.5 with {{SECRET}}.",
    ]
    assert [check.contains for task in tasks[:2] for check in task.checks if isinstance(check, TextCheck)] == [
        "tea {{shop}}",
        "milk",
    ]
    with pytest.raises(UsageError) as raised:
        read(tmp_path / "own.toml", text.replace('equals = "{{word}}"', "equals = 3"))
    assert "line 11: tasks.1.checks.0.equals: must be a text" in str(raised.value)
    assert len(str(raised.value).splitlines()) == 1, "said once, not for every row"


def test_files_include_others_and_have_commands_and_a_server_for_all_tasks(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", str(port)]
    (tmp_path / "sub").mkdir()
    more = task("").replace('pages = "site"', "").replace('"one"', '"two"').replace("Do it", "Buy {{item}} in {{shop}}")
    (tmp_path / "sub" / "more.toml").write_text('variables = { item = "tea" }\n' + more)
    text = f"""variables = {{ shop = "Corner", item = "milk" }}
include = ["sub/more.toml"]
commands = [["touch", "before"]]
cleanup = [["touch", "after"]]
server = {{ command = {json.dumps(command)}, url = "http://127.0.0.1:{port}/", within_s = 60 }}
""" + task('commands = [["test", "-e", "before"]]').replace('pages = "site"', "")
    (tmp_path / "own.toml").write_text(text)
    with open_suite_file(tmp_path / "own.toml") as suite:
        assert [each.id for each in suite] == ["one", "two"]
        assert isinstance(suite[1], ScriptedTask) and suite[1].described.instruction == "Buy tea in Corner."
        assert httpx.get(f"http://127.0.0.1:{port}/own.toml").text == text
        with open_suite_file(tmp_path / "own.toml"):  # a second reader, as workers are, uses the one that is there
            pass
        with devices.connect("gridworld", DeviceOptions()) as device:
            suite[0].setup(device)
            suite[0].teardown(device)
        assert (tmp_path / "before").exists() and (tmp_path / "after").exists()
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://127.0.0.1:{port}/")


@pytest.mark.parametrize(
    ("include", "other", "message"),
    [
        ("own.toml", "", "includes this file in turn"),
        ("other.toml", 'include = ["own.toml"]', "includes this file in turn"),
        ("other.toml", task("").replace('pages = "site"', ""), "another task 'one'"),
        ("gone.toml", "", "there is no file"),
        ("other.txt", "", "is no suite file"),
    ],
)
def test_files_that_cannot_be_included_are_named(tmp_path: Path, include: str, other: str, message: str) -> None:
    (tmp_path / "other.toml").write_text(other)
    (tmp_path / "own.toml").write_text(f'include = ["{include}"]\n' + task("").replace('pages = "site"', ""))
    with pytest.raises(UsageError, match=message), open_suite_file(tmp_path / "own.toml"):
        pass


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (["no-such-program"], "does not start"),
        ([sys.executable, "-c", "print('oh')"], r"ended with 0 .* It printed: 'oh'"),
    ],
)
def test_a_server_that_does_not_start_is_named(tmp_path: Path, command: list[str], message: str) -> None:
    server = f'server = {{ command = {json.dumps(command)}, url = "http://127.0.0.1:9/" }}\n'
    (tmp_path / "own.toml").write_text(server + task("").replace('pages = "site"', ""))
    with pytest.raises(UsageError, match=message), open_suite_file(tmp_path / "own.toml"):
        pass


def test_a_text_equals_a_whole_line_or_cell() -> None:
    page = "Catalogue\n\nSpade \t15.50\tAdd\n"
    for wanted, holds in (("Catalogue", True), ("Spade", True), ("15.50", True), ("Cat", False), ("15", False)):
        assert TextCheck(kind="text", equals=wanted).holds(page) is holds, wanted
    assert TextCheck(kind="text", matches="(?s)Catalogue.*Add").holds(page)


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


@pytest.mark.parametrize("name", ["own.toml", "own.yaml"])
def test_a_file_that_is_nested_too_deeply_is_named(tmp_path: Path, name: str) -> None:
    setting = " = " if name.endswith(".toml") else ": "
    with pytest.raises(UsageError, match=f"{name} cannot be read: maximum recursion depth"):
        read(tmp_path / name, f"pages{setting}" + "[" * 5000 + "]" * 5000)
