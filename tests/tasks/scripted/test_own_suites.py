"""A user's own suite runs in the real browser, and each kind of check accepts right and rejects wrong states."""

import json
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PIL import Image

import devices
import run_agent
from actions.errors import TaskFailure, UsageError
from agent.episode import Ending, Episode
from devices import DeviceOptions
from tasks.harness.junit import junit
from tasks.scripted import open_suite_file
from tasks.scripted.checking import Scene, unmet
from tasks.scripted.checks import Check
from tasks.scripted.schema import SuiteFile
from tests.tasks.harness.test_results import result
from tests.tasks.scripted.test_reading import EXAMPLE

PAGE = """<title>Basket</title><body style="margin:0;background:white">
<div style="width:60px;height:40px;background:red"></div><p>Total: $4.20</p>
<button disabled>Pay</button><label><input type=checkbox checked> Gift</label><input id=who value="Ada">
<ul><li>tea<li>milk</ul><p id=late hidden>Saved</p>
<script>setTimeout(() => late.hidden = false, 700); var basket = {items: 2};</script>"""
JSON = '{"orders": [{"total": 4.2, "note": "in a hurry"}]}'


def test_the_example_runs_and_is_reported_exported_and_written_as_junit(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flags = ["--suite", str(EXAMPLE), "--engine", "scripted", "--headless", "--runs", str(tmp_path / "runs"), "--json"]
    assert run_agent.main([*flags, "--junit", str(tmp_path / "results.xml")]) == 0
    summary = json.loads(capsys.readouterr().out)
    assert (summary["suite"], summary["episodes"], summary["success_rate"]) == ("example", 3, 1.0)
    cases = ElementTree.parse(tmp_path / "results.xml").getroot()
    assert [case.get("name") for case in cases] == ["search", "stars", "note"] and cases.get("failures") == "0"
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


AT_ONCE: dict[str, object] = {"within_s": 0}


@pytest.mark.parametrize(
    ("check", "wrong"),
    [
        ({"kind": "url", "contains": "own.html"}, None),
        ({"kind": "url", "equals": "own.html"}, "the address equals 'own.html'; it is 'file:///"),
        ({"kind": "url", "matches": r"own\.\w+$"}, None),
        ({"kind": "url", "contains": "own.html", "not": True}, "does not hold: the address contains 'own.html'; it is"),
        ({"kind": "title", "equals": "Basket"}, None),
        ({"kind": "title", "equals": "Shop"}, "the title equals 'Shop'; it is 'Basket'"),
        ({"kind": "text", "contains": "$4.20"}, None),
        ({"kind": "text", "contains": "$5.20"}, "contains '$5.20'; the text is 'Total: $4.20"),
        ({"kind": "text", "contains": "$5.20", "not": True}, None),
        ({"kind": "answer", "equals": "42"}, None),
        ({"kind": "answer", "equals": "4"}, "the answer equals '4'; it is '42'"),
        ({"kind": "file", "path": "note.txt", "contains": "milk"}, None),
        ({"kind": "file", "path": "note.txt"}, None),
        ({"kind": "file", "path": "gone.txt"}, "the file gone.txt exists; the file cannot be read"),
        ({"kind": "file", "path": "gone.txt", "not": True}, None),
        ({"kind": "file", "path": "order.json", "json": "orders[0].total", "equals": "4.2"}, None),
        ({"kind": "file", "path": "order.json", "json": "orders[0].total", "equals": 4.2}, None),
        ({"kind": "file", "path": "order.json", "json": "orders[0].note", "contains": "hurry"}, None),
        ({"kind": "file", "path": "order.json", "json": "orders[1].total", "equals": "1"}, "the file has no '[1]'"),
        ({"kind": "file", "path": "note.txt", "json": "a", "equals": "1"}, "not valid JSON"),
        ({"kind": "command", "command": ["grep", "milk", "note.txt"], "contains": "buy"}, None),
        ({"kind": "command", "command": ["grep", "tea", "note.txt"]}, "ends with 0; it ended with 1"),
        ({"kind": "element", "role": "button", "name": "Pay"}, None),
        ({"kind": "element", "role": "button", "name": "Pay", "state": "enabled"}, "it is visible, disabled"),
        ({"kind": "element", "role": "checkbox", "name": "Gift", "state": "checked"}, None),
        ({"kind": "element", "selector": "#who", "value": "Ada"}, None),
        ({"kind": "element", "selector": "#who", "value": "Bob"}, "has the value 'Bob'; it has the value 'Ada'"),
        ({"kind": "element", "selector": "li", "count": 2}, None),
        ({"kind": "element", "selector": "li", "count": 3}, "is there 3 times; there are 2"),
        ({"kind": "element", "selector": "nav"}, "there is none"),
        ({"kind": "element", "selector": "nav", "state": "hidden"}, None),
        ({"kind": "javascript", "expression": "basket.items", "equals": 2}, None),
        ({"kind": "javascript", "expression": "basket.items"}, "'basket.items' is True; it is 2"),
        ({"kind": "javascript", "expression": "cart.items"}, "cart is not defined"),
        ({"kind": "javascript", "expression": "cart.items", "not": True}, "cart is not defined"),
        ({"kind": "region", "box": [0, 0, 60, 40], "picture": "red.png"}, None),
        ({"kind": "region", "box": [10, 0, 70, 40], "picture": "red.png"}, "16.7 % of its pixels differ"),
        ({"kind": "region", "box": [0, 0, 50, 40], "picture": "red.png"}, "50x40 pixels, its picture 60x40"),
    ],
)
def test_each_check_accepts_right_and_rejects_wrong_states(
    scene: Scene, check: dict[str, object], wrong: str | None
) -> None:
    found = unmet([read_check(check | AT_ONCE)], scene)
    assert [] == found if wrong is None else len(found) == 1 and wrong in found[0].why, found


def test_a_check_waits_for_what_is_still_to_come_and_the_time_of_all_is_that_of_the_longest(scene: Scene) -> None:
    scene.environment.reset()
    late: dict[str, object] = {"kind": "text", "contains": "Saved"}
    never: dict[str, object] = {"kind": "text", "contains": "Sent"}
    assert unmet([read_check(late | {"within_s": 20})], scene) == []
    assert unmet([read_check(late | {"not": True} | AT_ONCE)], scene)
    started = time.monotonic()
    assert len(unmet([read_check(never | {"within_s": 0.5})] * 8, scene)) == 8
    assert time.monotonic() - started > 0.5
    (found,) = unmet([read_check({"kind": "element", "selector": "#who", "value": "Bob"} | AT_ONCE)], scene)
    assert found.box and found.box.left < found.box.right


def test_a_check_that_cannot_be_made_is_no_failure_of_the_actor(scene: Scene) -> None:
    checks: tuple[dict[str, object], ...] = (
        {"kind": "region", "box": [0, 0, 9, 9], "picture": "gone.png"},
        {"kind": "command", "command": ["no-such-program"]},
    )
    for check in checks:
        with pytest.raises(TaskFailure, match=r"gone\.png|no-such-program"):
            unmet([read_check(check)], scene)


def read_check(check: dict[str, object]) -> Check:
    task = {"id": "a", "instruction": "b", "checks": [check]}
    return SuiteFile.model_validate({"tasks": [task]}).tasks[0].checks[0]


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("own")
    (folder / "note.txt").write_text("buy milk")
    Image.new("RGB", (60, 40), "red").save(folder / "red.png")
    (folder / "order.json").write_text(JSON)
    (folder / "own.html").write_text(PAGE)
    with devices.connect("browser", DeviceOptions(address=str(folder / "own.html"), headless=True)) as environment:
        yield Scene(environment, Episode("", (), Ending.ANSWERED, " 42\n"), folder)


def test_commands_that_fail_and_solutions_that_are_missing_are_told(tmp_path: Path, scene: Scene) -> None:
    (tmp_path / "own.yaml").write_text(
        "tasks: [{id: a, instruction: b, commands: [[ls, /nowhere]], checks: [{kind: answer, equals: c}]}]"
    )
    with open_suite_file(tmp_path / "own.yaml") as suite:
        with pytest.raises(TaskFailure, match=r"'ls /nowhere' of 'a' ended with 2\. .*nowhere"):
            suite[0].setup(scene.environment)
        with pytest.raises(UsageError, match="no solution to play"):
            suite[0].solution(scene.environment)


SERVER = """import http.server, pathlib
with pathlib.Path("starts.txt").open("a") as file: file.write("started ")
http.server.ThreadingHTTPServer(("127.0.0.1", %d), http.server.SimpleHTTPRequestHandler).serve_forever()
"""


def test_workers_use_one_server_which_lives_as_long_as_the_suite(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (tmp_path / "serve.py").write_text(SERVER % port)
    answers = [sys.executable, "-c", f"import urllib.request as r; r.urlopen('http://127.0.0.1:{port}/')"]
    tasks = "".join(
        f"""
[[tasks]]
id = "{name}"
instruction = "Wait."
device = "gridworld"
solution = [{{ action = "Finish", arguments = {{ status = "success" }} }}]
checks = [{{ kind = "command", command = {json.dumps(answers)} }}]
"""
        for name in "abcd"
    )
    server = {"command": [sys.executable, "serve.py"], "url": f"http://127.0.0.1:{port}/"}
    head = f"[server]\ncommand = {json.dumps(server['command'])}\nurl = {json.dumps(server['url'])}\nwithin_s = 60\n"
    (tmp_path / "own.toml").write_text(head + tasks)
    flags = ["--engine", "scripted", "--workers", "2", "--no-verify", "--runs", str(tmp_path / "runs")]
    assert run_agent.main(["--suite", str(tmp_path / "own.toml"), *flags]) == 0
    assert (tmp_path / "starts.txt").read_text() == "started "


def test_junit_tells_failures_from_errors_and_holds_any_text() -> None:
    results = [result("a-0"), result("a-1", 0.5, why="bad \x00 <&> \ud83d"), result("b-0", None)]
    document = junit("mine", results, Path("runs/one"))
    root = ElementTree.fromstring(document)
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("3", "1", "1")
    assert [[part.tag for part in case if part.tag != "system-out"] for case in root] == [[], ["failure"], ["error"]]
    assert root[0][0].text == "Record: runs/one/a-0; report: runs/one/a-0/report.html"
    message = root[1][0].get("message")
    assert message == "score 0.5: bad \N{REPLACEMENT CHARACTER} <&> \N{REPLACEMENT CHARACTER}"
