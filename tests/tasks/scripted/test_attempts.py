"""Tasks that are run again, that ask the model about the end, and that have rules and secrets of their own."""

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

import run_agent
from tasks.harness.results import Results

FINISH = '*FUNCTION*: Finish\n*ARGS*: {"status": "success"}'
SOLUTION = '[{ action = "Finish", arguments = { status = "success" } }]'


def ran(tmp_path: Path, text: str, *flags: str) -> int:
    (tmp_path / "own.toml").write_text(text)
    words = ["--suite", str(tmp_path / "own.toml"), "--no-verify", "--runs", str(tmp_path / "runs")]
    return run_agent.main([*words, "--junit", str(tmp_path / "results.xml"), *flags])


def results(tmp_path: Path) -> dict[str, Any]:
    return {each.item: each for each in Results(folder(tmp_path) / "results.jsonl")}


def folder(tmp_path: Path) -> Path:
    (run,) = (tmp_path / "runs").iterdir()
    return run


def test_what_passes_at_a_later_attempt_is_flaky_in_every_report(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = f"""retries = 2
[[tasks]]
id = "later"
instruction = "Wait."
device = "gridworld"
commands = [["sh", "-c", "if test -e once; then touch twice; fi; touch once"]]
solution = {SOLUTION}
checks = [{{ kind = "file", path = "twice", within_s = 0 }}]
[[tasks]]
id = "never"
instruction = "Wait."
device = "gridworld"
retries = 1
solution = {SOLUTION}
checks = [{{ kind = "file", path = "thrice", within_s = 0 }}]
"""
    assert ran(tmp_path, text, "--engine", "scripted", "--json") == 1
    made, run = results(tmp_path), folder(tmp_path)
    assert (made["later"].value, made["later"].attempt, made["later"].flaky) == (1.0, 2, True)
    assert (made["never"].value, made["never"].attempt, made["never"].flaky) == (0.0, 2, False)
    assert [each.value for each in made["later"].earlier] == [0.0] and "twice exists" in made["later"].earlier[0].why
    for result in made.values():
        for attempt in (*result.earlier, result):
            assert (run / attempt.place / "run.json").is_file()
    assert json.loads(capsys.readouterr().out)["flaky"] == 1
    page = (run / "report.html").read_text()
    assert "flaky: passed at attempt 2" in page and "1 flaky" in page and page.count("later/attempt-2") > 0
    later, never = ElementTree.parse(tmp_path / "results.xml").getroot()
    assert [part.tag for part in later] == ["flakyFailure", "system-out"]
    assert [part.tag for part in never] == ["failure", "rerunFailure", "system-out"]
    assert "later/attempt-2;" in (later.findtext("system-out") or "")


def question(name: str, more: str = "") -> str:
    return f"""[[tasks]]
id = "{name}"
instruction = "Wait."
device = "gridworld"
checks = [{{ kind = "question", asks = "Is it {name}?"{more} }}]
solution = {SOLUTION}
"""


def test_a_question_is_answered_by_the_model_and_only_a_yes_or_no_counts(tmp_path: Path) -> None:
    def verdict(holds: bool) -> str:
        arguments = {"holds": holds, "reason": "The flag."}
        return f"*VERIFY*: *FUNCTION*: Verdict\n*ARGS*: {json.dumps(arguments)}"

    answers = {
        "yes": verdict(True), "no": verdict(False), "not-no": verdict(False), "not-yes": "*VERIFY*: Yes: the flag.",
        "prose": "*VERIFY*: The flag is shown.", "not-prose": "*VERIFY*: I would say so.", "silent": None,
    }  # fmt: skip
    tasks = [question(name, ", not = true" if name.startswith("not") else "") for name in answers]
    replies = [FINISH] * len(answers) + [answer for answer in answers.values() if answer]
    (tmp_path / "replies").write_text("\n---\n".join(replies))
    flags = ("--replies", str(tmp_path / "replies"), "--model", "qwen2.5-vl-7b")
    assert ran(tmp_path, "\n".join(tasks), *flags) == 3
    made = {name: (result.value, result.why) for name, result in results(tmp_path).items()}
    assert made["yes"] == made["not-no"] == (1.0, "1 checks hold")
    why = "expected that the model's answer to 'Is it no?' is yes; it is no: 'The flag.'"
    assert made["no"] == (0.0, why)
    assert made["not-yes"][0] == 0.0 and "this does not hold" in made["not-yes"][1]
    for name in ("prose", "not-prose", "silent"):
        assert made[name][0] is None and "with neither yes nor no" in made[name][1], made[name]


def test_points_of_a_solution_and_of_replies_are_in_pixels_of_the_screen(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("<button onclick='hit = 1' style='position:fixed;right:0;bottom:0'>Go</button>")
    point = "[1270, 790]"
    (tmp_path / "replies").write_text(f'*FUNCTION*: Click\n*ARGS*: {{"point": {point}}}\n---\n{FINISH}')
    task = f"""pages = "."
[[tasks]]
id = "corner"
instruction = "Click the button."
address = "/page.html"
solution = [{{ action = "Click", arguments = {{ point = {point} }} }}]
checks = [{{ kind = "javascript", expression = "hit", equals = 1 }}]
"""
    flags = ("--engine", "scripted", "--headless", "--model", "qwen2-vl-7b")  # its own points are thousandths
    for more in ((), ("--replies", str(tmp_path / "replies"))):
        assert ran(tmp_path, task, *flags, *more) == 0, more


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (("--engine", "scripted"), "The task 'a' asks the model 'Is it a?', and solutions are played without one"),
        (("--model", "embedded"), "embedded cannot be asked: its profile does not say `verifies`"),
    ],
)
def test_a_question_that_nothing_answers_is_named_before_anything_runs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], flags: tuple[str, ...], message: str
) -> None:
    assert ran(tmp_path, question("a") + question("b"), *flags) == 2
    assert message in " ".join(capsys.readouterr().err.split())
    assert not list((tmp_path / "runs").glob("*")), "nothing ran"


def test_a_task_has_its_own_rules_and_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_PIN", "pin-4711")
    (tmp_path / "page.html").write_text("<input id=pin autofocus style='position:absolute;left:0;top:0;width:300px'>")
    (tmp_path / "rules.toml").write_text('[[rule]]\nactions = ["Type"]\ndecision = "deny"\nwhy = "Only look."\n')
    parts = {"plain": "", "ruled": 'policy = "rules.toml"', "secret": 'secrets = ["PIN=env:MY_PIN@127.0.0.1"]'}
    value = {"plain": "{{PIN}}", "ruled": "", "secret": "pin-4711"}
    tasks = [
        f"""[[tasks]]
id = "{name}"
instruction = "Enter the PIN."
address = "/page.html"
{more}
solution = [
    {{ action = "Click", arguments = {{ point = [50, 10] }} }},
    {{ action = "Type", arguments = {{ text = "{{{{PIN}}}}" }} }},
]
checks = [{{ kind = "javascript", expression = "pin.value", equals = "{value[name]}" }}]
"""
        for name, more in parts.items()
    ]
    assert ran(tmp_path, 'pages = "."\n' + "\n".join(tasks), "--engine", "scripted", "--headless") == 0
    recorded = b"".join(path.read_bytes() for path in folder(tmp_path).rglob("*.json*"))
    assert b"pin-4711" not in recorded and b"It is denied: " in recorded
