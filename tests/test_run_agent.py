"""The command line: every kind of bad input has a message with a remedy and its exit code, and good input runs."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

import run_agent
from agent.episode import Ending
from agent.record import read_episode
from model import profile
from tasks.worlds.site_server import site
from tests.fakes.openai_server import Ways, serving

ROOT = Path(__file__).parent.parent
DONE = '*FUNCTION*: Finish\n*ARGS*: {"status": "success"}'


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    """The exit code, and everything printed in one line."""
    try:
        code = run_agent.main(arguments)
    except SystemExit as exit_:  # argparse's own
        code = int(str(exit_.code))
    printed = capsys.readouterr()
    return code, " ".join((printed.out + printed.err).split())


def scripted(tmp_path: Path, *replies: str) -> list[str]:
    (tmp_path / "replies.txt").write_text("\n---\n".join(replies), encoding="utf-8")
    return [
        "--engine",
        "scripted",
        "--replies",
        str(tmp_path / "replies.txt"),
        "--runs",
        str(tmp_path / "runs"),
        "--headless",
    ]


def only_run(tmp_path: Path) -> Path:
    (folder,) = (tmp_path / "runs").iterdir()
    return folder


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ((), 2, "find a pizza place"),
        (("  ",), 2, "find a pizza place"),
        (("x", "--device", "toaster"), 2, "There is no device 'toaster'. The devices are:"),
        (("x", "--model", "gpt"), 2, "There is no model 'gpt'. The models are:"),
        (("x", "--engine", "steam"), 2, "There is no engine 'steam'. The engines are:"),
        (("--suite", "nonsense"), 2, "There is no suite 'nonsense'. The suites are:"),
        (("x", "--viewport", "wide"), 2, "write it like 1280x800"),
        (("x", "--max-steps", "0"), 2, "not a positive whole number"),
        (("x", "--scale", "-1"), 2, "not a positive number"),
        (("x", "--context", "100", "--model", "qwen2.5-vl-7b"), 2, "leaves no room in a context of 100"),
        (("x", "--engine", "server"), 2, "--server"),
        (("x", "--engine", "scripted"), 2, "--replies"),
        (("x", "--model", "qwen2.5-vl-72b", "--engine", "local"), 3, "hf download Qwen/Qwen2.5-VL-72B-Instruct"),
        (("x", "--server", "http://127.0.0.1:9/v1"), 3, "127.0.0.1:9"),
        (("--replay", "nowhere"), 2, "holds no recorded run"),
    ],
)
def test_bad_input_is_answered_with_the_remedy(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], code: int, message: str
) -> None:
    got, printed = run(capsys, *arguments)
    assert (got, message in printed) == (code, True), printed
    assert "Traceback" not in printed


def test_a_broken_profile_names_its_file_and_its_field(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    broken = tmp_path / "mine.toml"
    broken.write_text('weights = "x"\ntried = "no"\nframe = "inches"\n')
    code, printed = run(capsys, "x", "--model", str(broken))
    assert code == 2 and "mine.toml" in printed and "frame" in printed


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/", "http://no-such-host.invalid/", "nosuchscheme://x"])
def test_an_address_that_cannot_be_opened_is_named(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, address: str
) -> None:
    code, printed = run(capsys, "x", "--address", address, *scripted(tmp_path, "done"))
    assert code in (2, 3) and address.rstrip("/") in printed, printed


def test_without_an_address_the_model_in_the_box_is_shown_the_page_that_it_knows(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    reply = '*FUNCTION*: Finish\n*ARGS*: {"status": "success"}'
    code, printed = run(capsys, "log in", "--model", "embedded", *scripted(tmp_path, reply))
    assert (code, "No --address: opening tasks/worlds/site/login.html." in printed) == (1, True), printed
    assert "finished_unverified" in printed, "it did nothing"
    assert json.loads((only_run(tmp_path) / "run.json").read_text())["address"] == str(
        ROOT / "tasks/worlds/site/login.html"
    )


def test_a_run_on_a_server_begins_with_how_it_is_asked(capsys: pytest.CaptureFixture[str]) -> None:
    with serving(Ways()) as url:
        code, printed = run(
            capsys, "x", "--server", url, "--model", "embedded", "--device", "still", "--address", "/none.png"
        )
    assert code == 3
    assert "The server is used through chat completions, because the server answers 404" in " ".join(printed.split())


def test_what_there_is_can_be_listed(capsys: pytest.CaptureFixture[str]) -> None:
    code, printed = run(capsys, "--list")
    assert code == 0
    for name in ("browser", "qwen2.5-vl-7b", "embedded", "local", "server", "scripted", "smoke", "press"):
        assert re.search(rf"\b{re.escape(name)}\b", printed), name


def test_the_doctor_names_what_is_missing_and_its_remedy(capsys: pytest.CaptureFixture[str]) -> None:
    code, printed = run(capsys, "--doctor", "--device", "browser", "--model", "embedded")
    assert code == 0 and "Nothing that is needed is missing" in printed, printed
    code, printed = run(capsys, "--doctor", "--device", "browser", "--model", "qwen2.5-vl-72b", "--engine", "local")
    assert code == 1 and "hf download Qwen/Qwen2.5-VL-72B-Instruct" in printed, printed


def test_an_instruction_runs_to_an_answer_and_its_record_replays(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    with site() as address:
        replies = (
            'I click.\n*FUNCTION*: Click\n*ARGS*: {"point": [100, 100]}',
            "*FUNCTION*: Fly\n*ARGS*: {}",
            '*FUNCTION*: Click\n*ARGS*: {"point": [9000, 100]}',
            '*FUNCTION*: Answer\n*ARGS*: {"text": "It is 4."}',
        )
        flags = [*scripted(tmp_path, *replies), "--address", f"{address}/index.html", "--notation", "function_args"]
        code, printed = run(capsys, "what is 2 + 2?", *flags)
    assert code == 0 and "answered" in printed and "It is 4." in printed, printed
    assert "Click((" in printed and "UnknownAction" in printed and "InvalidArguments" in printed
    folder = only_run(tmp_path)
    episode = read_episode(folder)
    assert episode.ending is Ending.ANSWERED and len(episode.steps) == 4
    assert json.loads((folder / "run.json").read_text())["address"] == f"{address}/index.html"
    code, printed = run(capsys, "--replay", str(folder))
    assert code == 0 and "All 4 steps are decided as recorded" in printed
    trajectory = folder / "trajectory.jsonl"
    trajectory.write_text(trajectory.read_text().replace("[100, 100]", "[300, 100]"))
    code, printed = run(capsys, "--replay", str(folder))
    assert code == 1 and "Step 0" in printed


def test_three_unreadable_replies_in_a_row_end_in_failure(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    flags = scripted(tmp_path, "*FUNCTION*: ", "*FUNCTION*: {{{", "*ARGS*: {")
    code, printed = run(capsys, "x", "--notation", "function_args", *flags)
    assert code == 1 and "repeated_mistakes" in printed, printed


@pytest.mark.parametrize("reply", ["I will click the search button now.", "!!!!!!!!!!!!!!!!", "42", "I cannot help."])
def test_two_replies_without_a_call_end_it_as_no_call_with_their_text_kept(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, reply: str
) -> None:
    code, printed = run(capsys, "x", "--notation", "function_args", *scripted(tmp_path, reply, reply, DONE))
    assert (code, "no_call after 2 steps, 2 mistakes" in printed) == (1, True), printed
    assert f"The reply contains no call, so it is not an answer: {reply!r}" in printed
    episode = read_episode(only_run(tmp_path))
    assert (episode.ending, episode.declared) == (Ending.NO_CALL, "") and reply in episode.answer
    assert run(capsys, "--replay", str(only_run(tmp_path))) == (0, "All 2 steps are decided as recorded.")
    assert run(capsys, "--report", str(only_run(tmp_path)))[0] == 0
    assert reply in (only_run(tmp_path) / "report.html").read_text()


def test_a_reply_without_a_call_may_be_mended(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    words = ("x", "--no-verify", "--notation", "function_args")
    code, printed = run(capsys, *words, *scripted(tmp_path, "I am done.", DONE))
    assert code == 0 and "NoCall" in printed and "finished after 2 steps, 1 mistake," in printed


def test_a_record_from_before_no_call_was_a_mistake_is_read_and_replayed(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Then a reply without a call was a turn with neither an action nor a mistake, and ended the run as answered."""
    run(capsys, "x", "--notation", "function_args", "--max-steps", "1", *scripted(tmp_path, "It is 4."))
    folder = only_run(tmp_path)
    line = json.loads((folder / "trajectory.jsonl").read_text())
    old = {**line, "mistake": None, "thought": "It is 4.", "outcome": ["It is 4.", None]}
    (folder / "trajectory.jsonl").write_text(json.dumps(old) + "\n")
    (folder / "result.json").write_text('{"ending": "answered", "answer": "It is 4."}')
    info = json.loads((folder / "run.json").read_text())
    info["limits"] = {"steps": 1, "seconds": 900, "mistakes": 3}
    (folder / "run.json").write_text(json.dumps(info))
    episode = read_episode(folder)
    assert (episode.ending, episode.answer, episode.steps[0].turn.mistake) == (Ending.ANSWERED, "It is 4.", None)
    assert run(capsys, "--replay", str(folder)) == (0, "The only step is decided as recorded.")
    assert run(capsys, "--report", str(folder))[0] == 0


def test_replies_that_run_out_are_a_failure(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    flags = scripted(tmp_path, '*FUNCTION*: Wait\n*ARGS*: {"seconds": 0.1}')
    code, printed = run(capsys, "x", "--notation", "function_args", *flags)
    assert code == 3 and "failed" in printed


def test_a_dry_run_changes_nothing(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    with site() as address:
        flags = scripted(tmp_path, '*FUNCTION*: Goto\n*ARGS*: {"url": "' + address + '/form.html"}', DONE)
        flags += ["--address", f"{address}/index.html", "--notation", "function_args", "--dry-run"]
        code, _ = run(capsys, "x", *flags)
    first, second = read_episode(only_run(tmp_path)).steps
    assert code == 0 and first.observation.image.tobytes() == second.observation.image.tobytes()


def test_confirming_needs_a_terminal(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, printed = run(capsys, "x", "--confirm", *scripted(tmp_path, "done"))
    assert code == 2 and "terminal" in printed


def steps(lines: Iterable[str]) -> Iterator[str]:
    """The lines that are steps, without what a run says before the first."""
    return (line for line in lines if re.match(r" *\d+ ", line))


def test_ctrl_c_ends_a_long_wait_and_leaves_a_readable_record(tmp_path: Path) -> None:
    waits = ['*FUNCTION*: Wait\n*ARGS*: {"seconds": 0.2}'] * 2 + ['*FUNCTION*: Wait\n*ARGS*: {"seconds": 50}']
    flags = [*scripted(tmp_path, *waits), "--notation", "function_args"]
    command = [sys.executable, str(ROOT / "run_agent.py"), "wait", *flags]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env=os.environ | {"COLUMNS": "200"},
    ) as run:
        assert run.stdout is not None
        shown = steps(run.stdout)
        assert "Wait" in next(shown) and "Wait" in next(shown)
        time.sleep(0.5)
        os.killpg(run.pid, signal.SIGINT)  # as a terminal does: everything that the run started gets it too
        assert run.wait(timeout=25) == 130, "long before the 50 s of its wait are over"
        assert "stopped" in run.stdout.read()
    episode = read_episode(only_run(tmp_path))
    assert episode.ending is Ending.STOPPED and len(episode.steps) == 2


def test_kinds_and_episodes_pick_a_suites_tasks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    flags = ["--suite", "smoke", "--engine", "scripted", "--headless", "--runs", str(tmp_path)]
    assert run(capsys, *flags, "--tasks", "dialog", "--episodes", "2", "--seed", "3")[0] == 0
    assert sorted(path.parent.name for path in tmp_path.glob("*/*/run.json")) == ["dialog-3", "dialog-4"]
    code, said = run(capsys, *flags, "--tasks", "nonsense")
    assert code == 2 and "Its tasks are: search, pizza" in said


def test_a_servers_key_is_neither_shown_nor_recorded(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    canary = "sk-canary-77aa01"
    (tmp_path / "key").write_text(canary, encoding="utf-8")
    runs = ("--runs", str(tmp_path / "runs"), "--device", "gridworld", "--max-steps", "1")
    for ways, refused in ((Ways(key=canary), False), (Ways(key="another"), True)):
        with serving(ways) as url:
            asking = ("x", "--server", url, "--model", "embedded", *runs)
            ended = [run(capsys, *asking, "--api-key-file", str(tmp_path / "key"))]
            monkeypatch.setenv("OPENAI_API_KEY", canary)
            ended += [run(capsys, *asking), run(capsys, "--doctor", "--server", url, "--device", "gridworld")]
        assert all(canary not in printed for _, printed in ended)
        assert [exit_ == 3 for exit_, _ in ended[:2]] == [refused, refused]
        assert all(("requires another key" in printed) is refused for _, printed in ended)
    written = [path for path in (tmp_path / "runs").rglob("*") if path.is_file()]
    assert written and all(canary.encode() not in path.read_bytes() for path in written)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--json", "--junit", "F", "hello"), "--junit has no effect for a single instruction"),
        (("--suite", "smoke", "--viewport", "10x10"), "--viewport has no effect with --suite"),
        (("--suite", "smoke", "hello"), "--suite takes no instruction"),
        (("--suite", "smoke", "--doctor"), "--doctor and --suite exclude each other"),
        (("--list", "--model", "embedded"), "--model has no effect with --list"),
        (("--replay", "x", "--headless"), "--headless has no effect with --replay"),
        (("hello", "--rule", "nonsense"), "--rule has no effect for a single instruction"),
        (("hello", "--device", "cards", "--mobile"), "mobile is for a browser, and the device is cards"),
        (("hello", "--server", "http://127.0.0.1:9/v1", "--quantize", "4"), "quantize is for the local engine"),
        (("hello", "--model", "embedded", "--served-model", "x"), "served_model is for the server engine"),
    ],
)
def test_a_flag_that_means_nothing_is_refused(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], message: str
) -> None:
    code, printed = run(capsys, *arguments)
    assert (code, message in printed) == (2, True), printed


def test_help_has_the_common_flags_and_help_all_every_one(capsys: pytest.CaptureFixture[str]) -> None:
    common, every = run(capsys, "--help"), run(capsys, "--help", "all")
    assert common[0] == every[0] == 0
    assert "--suite" in common[1] and "--cluster" not in common[1] and "--cluster" in every[1]
    assert "Screenhand" in run(capsys, "--version")[1]


def test_one_broken_profile_does_not_break_the_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "good.toml").write_text('weights = "a/b"\ntried = "nothing"\n')
    (tmp_path / "bad.toml").write_text("weights = 3")
    monkeypatch.setattr(profile, "FOLDER", tmp_path)
    found = profile.by_trial()
    assert found.pop("nothing") == ["good"]
    ((said, names),) = found.items()
    assert said.startswith("broken: ") and names == ["bad"]


def test_a_single_run_is_one_json_object_and_its_words_need_no_quotes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    reply = '*FUNCTION*: Answer\n*ARGS*: {"text": "two \\u001b[31m"}'
    words = ["how", "many", "cards", "--device", "cards", "--json"]
    assert run_agent.main([*words, *scripted(tmp_path, reply)[:-1]]) == 0
    printed = capsys.readouterr()
    said = json.loads(printed.out)
    assert (said["ending"], said["answer"], said["steps"]) == ("answered", "two \x1b[31m", 1)
    assert read_episode(Path(said["run"])).instruction == "how many cards"
    assert max(map(len, printed.err.splitlines()[1:2])) <= 80


def test_the_small_model_is_no_silent_default_off_its_own_pages(capsys: pytest.CaptureFixture[str]) -> None:
    for flags in (("--device", "cards"), ("--address", "https://example.com")):
        code, printed = run(capsys, "hi", *flags)
        assert code == 2 and "hf download Qwen/Qwen2.5-VL-7B-Instruct" in printed and "--model embedded" in printed
