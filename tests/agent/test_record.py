"""A run written to disk and read back is the same episode, whatever happens while it is written."""

import errno
import io
import json
import os
import re
import signal
import subprocess
import sys
import textwrap
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import pytest
from PIL import Image

from actions.action import ActionSpace, Outcome
from actions.control import CONTROL, Finish
from actions.errors import DeviceFailure, RecordFailure, UsageError
from actions.geometry import Point, Size
from actions.touch import TOUCH, LongPress, Swipe, Tap
from agent.episode import Ending, Episode, Mistake, Turn, Usage
from agent.layouts import look
from agent.loop import Limits, run_episode
from agent.record import KILLED, LONGEST_LINE, Recorder, gone_if_empty, new_folder, read_episode, run_folder
from agent.replay import recorded_turns
from agent.run_info import RunInfo, describe_run, find_kind, read_info
from devices import Observation
from devices.doubles.games.blackjack import Hit
from model import profile
from tests.agent.test_loop import Row
from tests.fakes.pictures import PictureRow

ROOT = Path(__file__).parent.parent.parent
TURNS = (
    Turn("thought\n*FUNCTION*: Tap", "thought", Tap(point=Point(5, 6)), None, (1, 2, 3), Usage(10, 3, 0.1, 0.2)),
    Turn("swipe ✓", "…", Swipe(start=Point(1, 2), end=Point(3, 4))),
    Turn("?", "", mistake=Mistake("MalformedReply", "again")),
    Turn("hold", "", LongPress(point=Point(1, 1), seconds=2.5)),
    Turn("done", "", Finish(status="success", text="all \n tapped")),
)


def about(instruction: str = "Tap the red one!") -> RunInfo:
    space = ActionSpace(TOUCH, CONTROL)
    return describe_run(instruction, "still", None, "scripted", profile.load("embedded"), space, Limits(steps=9))


def recorded(folder: Path, *turns: Turn) -> Episode:
    recorder = Recorder(folder, about())
    episode = run_episode(PictureRow(), Row(*turns), "Tap the red one!", Limits(steps=9), recorder.on_step)
    recorder.finish(episode)
    return episode


def test_reading_gives_the_episode_that_was_written(tmp_path: Path) -> None:
    episode = recorded(tmp_path / "run", *TURNS)
    assert episode.ending is Ending.FINISHED
    assert read_episode(tmp_path / "run") == episode
    info = read_info(tmp_path / "run")
    assert info.instruction == "Tap the red one!" and info.space().actions == ActionSpace(TOUCH, CONTROL).actions
    assert {"python", "pillow"} <= set(info.versions)


def test_only_its_owner_can_read_a_run(tmp_path: Path) -> None:
    before = os.umask(0o000)
    try:
        folder = run_folder(tmp_path / "runs", "Tap", datetime(2026, 1, 2))
        recorded(folder, *TURNS)
    finally:
        os.umask(before)
    written = [folder, *folder.rglob("*")]
    assert {path.stat().st_mode & 0o777 for path in written if path.is_dir()} == {0o700}
    assert {path.stat().st_mode & 0o777 for path in written if path.is_file()} == {0o600}
    assert len(written) > 6


def test_equal_screenshots_are_stored_once(tmp_path: Path) -> None:
    recorded(tmp_path / "run", TURNS[2], TURNS[2], TURNS[0], TURNS[4])
    assert sorted(path.name for path in (tmp_path / "run" / "screens").iterdir()) == ["0000.png", "0003.png"]


def test_the_devices_own_png_is_recorded_and_sent_and_lives_in_its_file_from_then_on(tmp_path: Path) -> None:
    shot = Image.effect_noise((84, 56), 60).convert("RGB")
    buffer = io.BytesIO()
    shot.save(buffer, "PNG", compress_level=9)
    screen = Size(84, 56)
    seen = Observation(shot, screen, "said", png=buffer.getvalue()).but(location="here", loading=True)
    assert (seen.text, seen.location, seen.loading, seen.png) == ("said", "here", True, buffer.getvalue())
    sent = look(profile.load("qwen2.5-vl-7b"), seen).picture
    assert sent and sent.png is seen.png
    Recorder(tmp_path / "run", about()).on_turn(0, seen, Turn("?", ""))
    (file,) = (tmp_path / "run" / "screens").iterdir()
    assert file.read_bytes() == sent.png == buffer.getvalue()
    painted = seen.but(image=Image.new("RGB", screen))
    assert Image.open(io.BytesIO(painted.png)).getpixel((0, 0)) == (0, 0, 0), "another picture has another PNG"


def test_a_torn_last_line_is_left_out_and_the_run_counts_as_failed(tmp_path: Path) -> None:
    episode = recorded(tmp_path / "run", TURNS[0], TURNS[2], TURNS[4])
    trajectory = tmp_path / "run" / "trajectory.jsonl"
    trajectory.write_bytes(trajectory.read_bytes()[:-20])
    (tmp_path / "run" / "result.json").unlink()
    back = read_episode(tmp_path / "run")
    assert (back.ending, back.answer, back.steps) == (Ending.FAILED, KILLED, episode.steps[:2])


def test_damage_of_another_kind_is_named(tmp_path: Path) -> None:
    recorded(tmp_path / "run", TURNS[0], TURNS[4])
    trajectory = tmp_path / "run" / "trajectory.jsonl"
    lines = trajectory.read_text().splitlines()
    trajectory.write_text("{}\n" + lines[1] + "\n")
    with pytest.raises(UsageError, match="line 1"):
        read_episode(tmp_path / "run")
    for line, why in (("[" * 100_000, "recursion"), ("a" * LONGEST_LINE, "128,000,000 characters or more")):
        trajectory.write_text(f"{lines[0]}\n{line}\n")
        with pytest.raises(UsageError, match=f"line 2 cannot be read: .*{why}"):
            read_episode(tmp_path / "run")
    with pytest.raises(UsageError, match="no recorded run"):
        read_episode(tmp_path)


def test_a_record_cannot_make_us_import_something_else() -> None:
    for name in ("os:system", "actions.os:system", "actions.action:Call", "builtins:eval", "actions..:x"):
        with pytest.raises(ValueError, match="action"):
            find_kind(name)


@pytest.mark.parametrize(
    "picture",
    ["../private.png", "screens/../../private.png", "screens/link.png", "screens/no.png", "screens/\0.png",
     f"screens/{'a' * 300}.png"],
)  # fmt: skip
def test_a_record_cannot_name_a_picture_of_another_folder(tmp_path: Path, picture: str) -> None:
    recorded(tmp_path / "run", TURNS[0], TURNS[4])
    Image.new("RGB", (8, 8)).save(tmp_path / "private.png")
    (tmp_path / "run" / "screens" / "link.png").symlink_to(tmp_path / "private.png")
    trajectory = tmp_path / "run" / "trajectory.jsonl"
    trajectory.write_text(trajectory.read_text().replace('"screens/0000.png"', json.dumps(picture), 1))
    with pytest.raises(UsageError, match=re.escape(f"{picture[:80]!r} is no picture in")):
        read_episode(tmp_path / "run")


def test_a_record_whose_screens_are_another_folder_gives_none_of_its_pictures(tmp_path: Path) -> None:
    recorded(tmp_path / "run", TURNS[0], TURNS[4])
    (tmp_path / "run" / "screens").rename(tmp_path / "private")
    (tmp_path / "run" / "screens").symlink_to(tmp_path / "private")
    with pytest.raises(UsageError, match="is no picture in"):
        read_episode(tmp_path / "run")


@pytest.mark.parametrize("name", ["result.json.part", "trajectory.jsonl", "pending.json.part"])
def test_a_run_is_written_through_no_link_that_lies_in_its_folder(tmp_path: Path, name: str) -> None:
    mine = tmp_path / "mine.txt"
    mine.write_text("my own words")
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / name).symlink_to(mine)
    with suppress(RecordFailure), Recorder(tmp_path / "run", about()) as recorder:
        run_episode(PictureRow(), recorder.noting(Row(*TURNS)), "Tap!", Limits(steps=9), recorder.on_step)
        recorder.conclude(Ending.FAILED, "")
    assert mine.read_text() == "my own words"


def test_a_full_disk_ends_the_run_with_what_was_written_before(tmp_path: Path) -> None:
    """The disk is real: a file system of 64 KiB on which the second large picture finds no room."""
    if os.geteuid() != 0:
        pytest.skip("mounting a small file system needs root")
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(small)], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("this machine mounts no tmpfs")
    try:
        recorder = Recorder(small / "run", about())
        (small / "filler").write_bytes(b"x" * 40_000)
        row = PictureRow()
        episode = run_episode(row, Row(*[TURNS[0]] * 60), "tap", Limits(steps=60), recorder.on_step)
        assert episode.ending is Ending.FAILED and episode.answer.startswith("RecordFailure")
        assert os.strerror(errno.ENOSPC) in episode.answer and "--runs" in episode.answer
        back = read_episode(small / "run")
        assert 0 < len(back.steps) <= len(episode.steps) and back.steps == episode.steps[: len(back.steps)]
    finally:
        subprocess.run(["umount", str(small)], check=True)


def test_a_folder_that_cannot_be_made_is_a_record_failure(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RecordFailure, match="--runs"):
        Recorder(tmp_path / "file" / "run", about())


KILLED_RUN = textwrap.dedent("""
    import sys
    from pathlib import Path
    from tests.agent.test_record import TURNS, about
    from tests.agent.test_loop import Row
    from tests.fakes.pictures import PictureRow
    from agent.loop import Limits, run_episode
    from agent.record import Recorder
    recorder = Recorder(Path(sys.argv[1]), about())
    def on_step(step):
        recorder.on_step(step)
        print(step.index, flush=True)
    run_episode(PictureRow(), Row(*[TURNS[0]] * 100_000), "tap", Limits(steps=100_000), on_step)
""")


@pytest.mark.parametrize("moment_ms", [0, 3, 7, 20, 55])
def test_sigkill_loses_at_most_the_step_in_flight(tmp_path: Path, moment_ms: int) -> None:
    run = subprocess.Popen(
        [sys.executable, "-c", KILLED_RUN, str(tmp_path / "run")], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert run.stdout is not None
    run.stdout.readline()
    time.sleep(moment_ms / 1000)
    run.send_signal(signal.SIGKILL)
    said = run.stdout.read().split()
    run.stdout.close()
    run.wait()
    reported = int(said[-1]) + 1 if said else 1
    back = read_episode(tmp_path / "run")
    assert back.ending is Ending.FAILED
    assert len(back.steps) >= reported
    assert [step.index for step in back.steps] == list(range(len(back.steps)))


def test_runs_of_the_same_second_get_folders_of_their_own(tmp_path: Path) -> None:
    now = datetime(2026, 1, 2, 3, 4, 5)
    instruction = "Find a pizza place, please; now or never"
    first, second = run_folder(tmp_path, instruction, now), run_folder(tmp_path, instruction, now)
    assert first.name == "20260102-030405-find-a-pizza-place-please-now"
    assert second.name == f"{first.name}-2"
    assert run_folder(tmp_path, "披萨 ../..", now).name == "20260102-030405-run"


def test_a_folder_in_which_nothing_was_left_goes_again(tmp_path: Path) -> None:
    for name in ("used", "empty"):
        with gone_if_empty(new_folder(tmp_path, name)) as folder:
            if name == "used":
                (folder / "run.json").write_text("{}")
    assert [path.name for path in tmp_path.iterdir()] == ["used"]


def test_of_many_runs_that_begin_at_once_each_gets_a_folder(tmp_path: Path) -> None:
    now = datetime(2026, 1, 2, 3, 4, 5)
    begin = threading.Barrier(20)

    def started(_: int) -> Path:
        begin.wait()
        return run_folder(tmp_path / "runs", "x", now)

    with ThreadPoolExecutor(20) as threads:
        assert len(set(threads.map(started, range(20)))) == 20


def test_the_record_keeps_both_spaces(tmp_path: Path) -> None:
    recorded(tmp_path / "run", TURNS[0], TURNS[4])
    line = json.loads((tmp_path / "run" / "trajectory.jsonl").read_text().splitlines()[0])
    assert line["reply"] == TURNS[0].text and line["ids"] == [1, 2, 3]
    assert line["action"] == {"kind": "actions.touch:Tap", "point": [5, 6]}


class Broken(PictureRow):
    """A picture row that is lost in the middle of the second tap."""

    def tap(self, point: Point, count: int) -> Outcome:
        if self.touched:
            raise DeviceFailure("The picture row was lost.")
        return super().tap(point, count)


def test_the_turn_that_a_run_was_broken_off_in_is_on_record_and_replayed(tmp_path: Path) -> None:
    with Recorder(tmp_path / "run", about()) as recorder:
        policy = recorder.noting(Row(TURNS[0], TURNS[0]))
        episode = run_episode(Broken(), policy, "Tap the red one!", Limits(steps=9), recorder.on_step)
        recorder.finish(episode)
    back = read_episode(tmp_path / "run")
    assert back == episode and back.ending is Ending.FAILED
    assert back.pending and (back.pending.index, back.pending.turn) == (1, TURNS[0])
    assert back.pending.observation.image.getpixel((0, 0)) == (5, 250, 90), "what was seen when it was decided"
    assert [decided.turn for decided in recorded_turns(back)] == [TURNS[0], TURNS[0]]


def test_a_pending_turn_whose_step_is_on_record_counts_no_more(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    with Recorder(folder, about()) as recorder:
        policy = recorder.noting(Row(*TURNS))
        recorder.finish(run_episode(PictureRow(), policy, "Tap the red one!", Limits(steps=9), recorder.on_step))
    assert not (folder / "pending.json").exists()
    line = json.loads((folder / "trajectory.jsonl").read_text().splitlines()[-1])
    decided = {name: value for name, value in line.items() if name not in ("outcome", "seconds")}
    (folder / "pending.json").write_text(json.dumps(decided))  # as a kill between the line and the removal leaves it
    assert read_episode(folder).pending is None


def test_a_pending_turn_that_cannot_be_read_is_told_by_its_file(tmp_path: Path) -> None:
    recorded(tmp_path / "run", *TURNS)
    (tmp_path / "run" / "pending.json").write_text("{}")
    with pytest.raises(UsageError, match=r"pending\.json"):
        read_episode(tmp_path / "run")


@pytest.mark.parametrize(
    ("error", "ending", "answer"),
    [
        (ZeroDivisionError("a bug"), Ending.FAILED, "ZeroDivisionError: a bug"),
        (KeyboardInterrupt(), Ending.STOPPED, "Stopped by the user."),
    ],
)
def test_whatever_leaves_a_run_leaves_a_result_that_says_so(
    tmp_path: Path, error: BaseException, ending: Ending, answer: str
) -> None:
    with pytest.raises(type(error)), Recorder(tmp_path / "run", about()):
        raise error
    back = read_episode(tmp_path / "run")
    assert (back.ending, back.answer) == (ending, answer)


def test_a_bugs_traceback_is_shown_and_its_run_is_on_record_as_failed(tmp_path: Path) -> None:
    code = textwrap.dedent("""
        import sys
        from pathlib import Path
        from tests.agent.test_loop import Row
        from tests.agent.test_record import about
        from tests.fakes.pictures import PictureRow
        from agent.loop import Limits, run_episode
        from agent.record import Recorder
        with Recorder(Path(sys.argv[1]), about()) as recorder:
            policy = recorder.noting(Row(ZeroDivisionError("a bug")))
            run_episode(PictureRow(), policy, "tap", Limits(), recorder.on_step)
    """)
    command = [sys.executable, "-c", code, str(tmp_path / "run")]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert "Traceback" in run.stderr and run.returncode == 1
    assert read_episode(tmp_path / "run").answer == "ZeroDivisionError: a bug"


def test_an_action_that_an_earlier_record_names_by_its_old_place_is_found() -> None:
    assert find_kind("devices.games.blackjack:Hit") is Hit


@pytest.mark.parametrize(("made", "barely_begun"), [((), True), (("screens",), True), (("notes.txt",), False)])
def test_a_folder_that_a_killed_run_left_empty_is_named(
    tmp_path: Path, made: tuple[str, ...], barely_begun: bool
) -> None:
    for name in made:
        (tmp_path / name).mkdir()
    with pytest.raises(UsageError, match=r"holds no recorded run: there is no run\.json") as refused:
        read_info(tmp_path)
    assert ("killed before the device was open; delete it" in str(refused.value)) == barely_begun
