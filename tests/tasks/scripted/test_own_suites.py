"""A user's own suite runs in the real browser, and each kind of check accepts right and rejects wrong states."""

import json
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PIL import Image

import devices
import run_agent
from actions.errors import DeviceFailure, UsageError
from agent.episode import Ending, Episode
from devices import DeviceOptions
from tasks.harness.junit import junit
from tasks.scripted import open_suite_file
from tasks.scripted.checking import Scene, complaint
from tasks.scripted.schema import Check, SuiteFile
from tests.tasks.harness.test_results import result
from tests.tasks.scripted.test_reading import EXAMPLE

PAGE = """<body style="margin:0;background:white"><div style="width:60px;height:40px;background:red"></div>
<p>Total: $4.20</p>"""


def test_the_example_runs_and_is_reported_exported_and_written_as_junit(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flags = ["--suite", str(EXAMPLE), "--engine", "scripted", "--headless", "--runs", str(tmp_path / "runs"), "--json"]
    assert run_agent.main([*flags, "--junit", str(tmp_path / "results.xml")]) == 0
    summary = json.loads(capsys.readouterr().out)
    assert (summary["suite"], summary["episodes"], summary["success_rate"]) == ("example", 3, 1.0)
    cases = ElementTree.parse(tmp_path / "results.xml").getroot()
    assert [case.get("name") for case in cases] == ["note", "search", "stars"] and cases.get("failures") == "0"
    assert (Path(summary["run"]) / "report.html").is_file()
    for form in ("sharegpt", "chatml"):
        target = tmp_path / f"data.{form}.jsonl"
        assert run_agent.main(["--export", summary["run"], str(target)]) == 0
        _, search, _ = map(json.loads, target.read_text().splitlines())
        if form == "sharegpt":
            said = "".join(turn["value"] for turn in search["conversations"])
            pictures = search["images"]
            assert said.count("<image>") == len(pictures)
            assert search["conversations"][-1]["from"] == "gpt"
        else:
            parts = [part for message in search["messages"] for part in message["content"]]
            pictures = [part["image"] for part in parts if part["type"] == "image"]
            assert search["messages"][-1]["role"] == "assistant"
        assert len(pictures) == 4 and all((tmp_path / picture).is_file() for picture in pictures)
    assert run_agent.main(["--export", summary["run"], str(tmp_path / "data.jsonl")]) == 2


@pytest.mark.parametrize(
    ("check", "wrong"),
    [
        ({"kind": "url", "contains": "own.html"}, None),
        ({"kind": "url", "equals": "own.html"}, "the address is 'file:///"),
        ({"kind": "text", "contains": "$4.20"}, None),
        ({"kind": "text", "contains": "$5.20"}, "'$5.20' is not on the screen"),
        ({"kind": "answer", "equals": "42"}, None),
        ({"kind": "answer", "equals": "4"}, "the answer is ' 42\\n'"),
        ({"kind": "file", "path": "note.txt", "contains": "milk"}, None),
        ({"kind": "file", "path": "gone.txt", "contains": "milk"}, "gone.txt cannot be read"),
        ({"kind": "region", "box": [0, 0, 60, 40], "picture": "red.png"}, None),
        ({"kind": "region", "box": [10, 0, 70, 40], "picture": "red.png"}, "16.7 % of the region's pixels differ"),
        ({"kind": "region", "box": [0, 0, 50, 40], "picture": "red.png"}, "50x40 pixels, its picture 60x40"),
    ],
)
def test_each_check_tells_right_from_wrong(scene: Scene, check: dict[str, object], wrong: str | None) -> None:
    said = complaint(read_check(check), scene)
    assert said is None if wrong is None else said and wrong in said, said


def test_a_check_that_does_not_fit_the_device_is_no_failure_of_the_actor(scene: Scene) -> None:
    with pytest.raises(UsageError, match="android"):
        complaint(read_check({"kind": "adb", "command": ["id"], "contains": "root"}), scene)
    with pytest.raises(UsageError, match=r"gone\.png"):
        complaint(read_check({"kind": "region", "box": [0, 0, 9, 9], "picture": "gone.png"}), scene)


def read_check(check: dict[str, object]) -> Check:
    task = {"id": "a", "instruction": "b", "checks": [check]}
    return SuiteFile.model_validate({"tasks": [task]}).tasks[0].checks[0]


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("own")
    (folder / "note.txt").write_text("buy milk")
    Image.new("RGB", (60, 40), "red").save(folder / "red.png")
    (folder / "own.html").write_text(PAGE)
    with devices.connect("browser", DeviceOptions(address=str(folder / "own.html"), headless=True)) as environment:
        yield Scene(environment, Episode("", (), Ending.ANSWERED, " 42\n"), folder)


def test_commands_that_fail_and_solutions_that_are_missing_are_told(tmp_path: Path, scene: Scene) -> None:
    (tmp_path / "own.yaml").write_text(
        "tasks: [{id: a, instruction: b, commands: [[ls, /nowhere]], checks: [{kind: answer, equals: c}]}]"
    )
    with open_suite_file(tmp_path / "own.yaml") as suite:
        with pytest.raises(DeviceFailure, match=r"'ls /nowhere' of 'a' ended with 2: .*nowhere"):
            suite[0].setup(scene.environment)
        with pytest.raises(UsageError, match="no solution to play"):
            suite[0].solution(scene.environment)


def test_junit_tells_failures_from_errors_and_holds_any_text() -> None:
    document = junit("mine", [result("a-0"), result("a-1", 0.5, why="bad \x00 <&> \ud83d"), result("b-0", None)])
    root = ElementTree.fromstring(document)
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("3", "1", "1")
    assert [[part.tag for part in case] for case in root] == [[], ["failure"], ["error"]]
    message = root[1][0].get("message")
    assert message == "score 0.5: bad \N{REPLACEMENT CHARACTER} <&> \N{REPLACEMENT CHARACTER}"
