"""An interrupted run that continues: nothing is done twice, and what cannot be known or continued is said."""

import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import run_agent
from actions.geometry import Size
from agent.episode import Ending
from agent.record import alone, read_episode
from agent.run_info import read_info
from tasks.options import Options
from tasks.session import Session
from tasks.worlds.site_server import site
from tests import resumed

WAIT = '*FUNCTION*: Wait\n*ARGS*: {"seconds": 0.01}'
DONE = '*FUNCTION*: Finish\n*ARGS*: {"status": "success"}'


@pytest.mark.parametrize("kills", [1, pytest.param(100, marks=pytest.mark.soak)])
def test_a_run_that_is_killed_again_and_again_does_every_step_once(tmp_path: Path, kills: int) -> None:
    hit = number = 0
    while hit < kills:
        (tmp_path / str(number)).mkdir()
        made = resumed.chain(tmp_path / str(number), min(resumed.EACH, kills - hit), random.Random(number))
        assert (made.faults, made.kills > 0) == ([], True)
        hit, number = hit + made.kills, number + 1
    record = next(tmp_path.glob("0/runs/*/run.json")).parent
    assert len(read_info(record).resumed) >= 1
    assert run_agent.main(["--replay", str(record)]) == 0


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The record of a run on cards, of three waits and an end."""
    folder = tmp_path_factory.mktemp("whole")
    (folder / "replies").write_text("\n---\n".join([WAIT] * 3 + [DONE]))
    words = ["play", "--device", "cards", "--engine", "scripted", "--replies", str(folder / "replies"), "--no-verify"]
    words += ["--notation", "function_args", "--runs", str(folder / "runs"), "--model", "qwen2.5-vl-7b"]
    assert run_agent.main(words) == 0
    return next((folder / "runs").iterdir())


@pytest.fixture
def record(whole: Path, tmp_path: Path) -> Path:
    """The same record, as if the run had been killed in its third step, while its line was written."""
    record = shutil.copytree(whole, tmp_path / "run")
    lines = (record / "trajectory.jsonl").read_text().splitlines(keepends=True)
    assert len(lines) == 4
    (record / "trajectory.jsonl").write_text("".join(lines[:2]) + lines[2][:40])
    decided = {name: value for name, value in json.loads(lines[2]).items() if name not in ("outcome", "seconds")}
    (record / "pending.json").write_text(json.dumps(decided))
    (record / "result.json").unlink()
    return record


def resume(capsys: pytest.CaptureFixture[str], record: Path, *flags: str) -> tuple[int, str]:
    capsys.readouterr()
    code = run_agent.main(["--resume", str(record), *flags])
    printed = capsys.readouterr()
    return code, " ".join((printed.out + printed.err).split())


def test_a_step_in_doubt_is_recorded_once_and_not_repeated(record: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, said = resume(capsys, record)
    assert (code, "It is unknown whether step 2 was done: Wait(0.01)." in said) == (0, True), said
    assert "all that had been done on it is lost" in said
    episode = read_episode(record)
    assert episode.ending is Ending.FINISHED and [step.index for step in episode.steps] == [0, 1, 2, 3]
    assert [step.outcome.certain for step in episode.steps] == [True, True, False, True]
    told = episode.steps[3].observation.intervention
    assert told and "was interrupted after this" in told.note and "is lost" in told.note
    assert run_agent.main(["--replay", str(record)]) == 0
    assert not list(record.rglob("*.part")) and not (record / "pending.json").exists()
    assert resume(capsys, record)[0] == 2, "it has ended now"


def test_a_run_that_stopped_at_its_limit_continues_with_a_larger_one(
    record: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, said = resume(capsys, record, "--max-steps", "3")
    assert code == 2 and "has taken its 3 steps. Pass a larger --max-steps" in said
    assert resume(capsys, record, "--max-steps", "4")[0] == 0
    assert read_info(record).limits.steps == 4


def write(name: str, text: str) -> Callable[[Path], None]:
    def written(record: Path) -> None:
        (record / name).write_text(text)

    return written


def change(**fields: object) -> Callable[[Path], None]:
    """Changes fields of run.json; those of an object are added to it."""

    def changed(record: Path) -> None:
        info = json.loads((record / "run.json").read_text())
        more = {name: info[name] | value if isinstance(value, dict) else value for name, value in fields.items()}
        (record / "run.json").write_text(json.dumps(info | more))

    return changed


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (write("result.json", '{"ending": "finished", "answer": ""}'), "has ended (finished), so there is nothing to"),
        (change(profile={"name": "qwen2-vl-7b"}), "was recorded with another profile (qwen2-vl-7b)"),
        (change(device="gridworld"), "was recorded on the device gridworld, not on cards"),
        (change(prompt_sha256="0" * 64), "was recorded by another version of this program"),
        (change(actions=["actions.control:Wait"]), "was recorded with other actions than there are now"),
        (change(invented_later=1), "holds no recorded run"),
        (change(arguments=[]), "was not started by this command line"),
        (write("trajectory.jsonl", "{}\n"), "line 1 cannot be read"),
        (lambda record: next((record / "screens").iterdir()).unlink(), "its picture cannot be read"),
        (lambda record: (record / "run.json").unlink(), "holds no recorded run"),
        (lambda record: shutil.rmtree(record), "holds no recorded run"),
    ],
)
def test_what_cannot_continue_is_refused_in_a_sentence_and_left_as_it_is(
    record: Path, capsys: pytest.CaptureFixture[str], spoil: Callable[[Path], None], message: str
) -> None:
    spoil(record)
    before = contents(record)
    code, said = resume(capsys, record)
    assert (code, message in said, "Traceback" in said) == (2, True, False), said
    assert contents(record) == before


def test_a_run_that_is_still_going_on_is_refused(record: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = contents(record)
    with alone(record):
        code, said = resume(capsys, record)
    assert (code, "is being run by another process" in said) == (2, True), said
    assert contents(record) == before


def contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.name != ".lock"}


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (("do something else",), "--resume takes no instruction"),
        (("--device", "gridworld"), "--device has no effect"),
        (("--workers", "2"), "--workers has no effect when a single run continues"),
    ],
)
def test_flags_that_would_make_it_another_run_are_refused(
    record: Path, capsys: pytest.CaptureFixture[str], flags: tuple[str, ...], message: str
) -> None:
    code, said = resume(capsys, record, *flags)
    assert (code, message in said) == (2, True), said


def test_the_browser_opens_where_the_run_was_and_says_what_is_lost(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    goto = '*FUNCTION*: Goto\n*ARGS*: {"url": "%s/form.html"}'
    with site() as url:
        (tmp_path / "replies").write_text("\n---\n".join([goto % url, WAIT, DONE]))
        words = ["go", "--address", f"{url}/index.html", "--headless", "--engine", "scripted", "--no-verify"]
        words += [
            "--replies",
            str(tmp_path / "replies"),
            "--notation",
            "function_args",
            "--runs",
            str(tmp_path / "runs"),
        ]
        view = ["--viewport", "600x400"]
        assert run_agent.main([*words, *view, "--max-steps", "2", "--model", "qwen2.5-vl-7b"]) == 1
        record = next((tmp_path / "runs").iterdir())
        info = json.loads((record / "run.json").read_text())
        info["arguments"] = [word for word in info["arguments"] if word not in view]  # it was the default then
        (record / "run.json").write_text(json.dumps(info))
        code, said = resume(capsys, record, "--max-steps", "9")
    assert (code, "logins are lost" in said) == (0, True), said
    first, *_, last = read_episode(record).steps
    assert first.observation.location == f"{url}/index.html" and last.observation.location == f"{url}/form.html"
    assert last.observation.screen == first.observation.screen == Size(600, 400)
    told = last.observation.intervention
    assert told and "The browser was started anew." in told.note and "It was at" not in told.note
    page = (record / "report.html").read_text()
    assert "The run was interrupted after this" in page


def test_a_session_that_goes_on_with_its_own_run_has_lost_nothing(tmp_path: Path) -> None:
    (tmp_path / "replies").write_text("\n---\n".join([WAIT] * 3 + [DONE]))
    options = Options(
        device="cards", replies=tmp_path / "replies", model="qwen2.5-vl-7b", runs=tmp_path / "runs",
        notation="function_args", verify=False, max_steps=2,
    )  # fmt: skip
    with Session(options) as session:
        assert session.run("play").ending is Ending.STEP_LIMIT
        record = session.record
        assert record
        session.options = session.options.model_copy(update={"max_steps": 9})
        episode = session.resume(record)
    told = episode.steps[2].observation.intervention
    assert told and "lost" not in told.note and "Nothing on the screen changed." in told.note
