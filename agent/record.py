"""An episode written to a run folder step by step, and read back as the same `Episode`.

    runs/<time>-<slug>/
        run.json           instruction, device, profile, engine, limits, versions, commit
        screens/0000.png   each distinct screenshot once, named after the step that first saw it
        trajectory.jsonl   one step per line, written as it happens: the verbatim reply and the decoded action
        pending.json       the turn that is or was being performed, with an unknown outcome
        .lock              held by the process that writes the run
        result.json        how it ended; absent when the run was killed

A killed run loses no decision: a line is written after its picture, an incomplete last line is skipped, and a turn is
on disk before it is performed.
"""

import contextlib
import itertools
import json
import os
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from filelock import FileLock, Timeout
from pydantic import BaseModel, ValidationError
from pydantic_core import to_json

from actions.errors import RecordFailure, UsageError
from actions.secrets import Secrets
from actions.text_files import read_text
from agent.episode import Ending, Episode, Pending, Step, Turn, Verification
from agent.lines import Decided, Line, Result, Seen, Verified
from agent.loop import Policy
from agent.run_info import RunInfo, read_info
from devices import Observation

PENDING = "pending.json"
LONGEST_LINE = 128_000_000
"""The most characters of a step, or of a result with its answer, in a record."""
OWNERS_FOLDER = 0o700
"""The mode of a run's folders: a run holds whatever was on the screen."""
STOPPED = "Stopped by the user."
KILLED = "The record ends here: the run was killed, or could no longer be written."


_open: set["Recorder"] = set()
"""The runs that are being written in this process."""


class Recorder:
    """Writes one run, within a `with` block. The loop calls `on_step`.

    An exception that leaves the block is recorded as the result.
    """

    def __init__(self, folder: Path, info: RunInfo, secrets: Secrets | None = None, continues: bool = False) -> None:
        """Creates the folder if it does not exist; `continues` an interrupted run. Secrets are masked in all of it.

        Raises:
            RecordFailure: it cannot be written.
        """
        self.folder = folder
        self._secrets = secrets or Secrets()
        self._pictures: dict[str, str] = {}
        self._latest: tuple[Observation, str] | None = None
        self._finished = False
        self._writing = threading.Lock()
        try:
            folder.mkdir(OWNERS_FOLDER, parents=True, exist_ok=True)
            (folder / "screens").mkdir(OWNERS_FOLDER, exist_ok=continues)
            if continues:
                _mend(folder)
            write_whole(folder / "run.json", masked_json(info, self._secrets, indent=2))
        except OSError as error:
            raise _unwritable(self.folder, error) from error

    def __enter__(self) -> Self:
        _open.add(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _open.discard(self)
        if error is None or self._finished:
            return
        if isinstance(error, KeyboardInterrupt):
            self.conclude(Ending.STOPPED, STOPPED)
        elif not isinstance(error, RecordFailure):
            self.conclude(Ending.FAILED, f"{type(error).__name__}: {error}")

    def noting(self, policy: Policy) -> Policy:
        """The policy, whose turns are written to disk before they are performed."""
        return _Noted(policy, self)

    def on_turn(self, index: int, seen: Observation, turn: Turn) -> None:
        """Writes the decision of a step before it is performed. Raises RecordFailure as `on_step` does."""
        try:
            decided = Decided(**self._decided(index, seen, turn))
            write_whole(self.folder / PENDING, masked_json(decided, self._secrets))
        except OSError as error:
            raise _unwritable(self.folder, error) from error

    def on_step(self, step: Step) -> None:
        """Writes a step. Raises RecordFailure when it cannot be written; earlier lines stay readable."""
        try:
            decided = self._decided(step.index, step.observation, step.turn)
            line = Line(**decided, outcome=step.outcome, seconds=step.seconds)
            with open(self.folder / "trajectory.jsonl", "ab", opener=owners_file) as file:
                file.write(masked_json(line, self._secrets) + b"\n")
            (self.folder / PENDING).unlink(missing_ok=True)
        except OSError as error:
            raise _unwritable(self.folder, error) from error

    def finish(self, episode: Episode, score: float | None = None, why: str = "") -> None:
        """Writes the ending, and the score if a task gave one. Raises RecordFailure when the disk is full."""
        self._write(Result(ending=episode.ending, answer=episode.answer, score=score, why=why))
        self._finished = True

    def conclude(self, ending: Ending, answer: str) -> None:
        """Writes an ending without an episode, which `finish` may overwrite. Raises RecordFailure as it does."""
        self._write(Result(ending=ending, answer=answer))

    def _write(self, result: Result) -> None:
        try:
            with self._writing:
                write_whole(self.folder / "result.json", masked_json(result, self._secrets, indent=2))
        except OSError as error:
            raise _unwritable(self.folder, error) from error

    def _decided(self, index: int, seen: Observation, turn: Turn) -> dict[str, Any]:
        return {
            **self._seen(seen, f"{index:04d}"),
            "index": index,
            "reply": turn.text,
            "ids": turn.ids,
            "thought": turn.thought,
            "action": turn.action,
            "mistake": turn.mistake,
            "usage": turn.usage,
            "part": turn.part,
            "hint": turn.hint,
            "turn_ending": turn.ending,
            "verification": self._verification(turn.verification, index) if turn.verification else None,
            "repetition": turn.repetition,
        }

    def _seen(self, seen: Observation, name: str) -> dict[str, Any]:
        return {
            "picture": self._picture(seen, name),
            "screen": seen.screen,
            "observed": seen.text,
            "settling": seen.settling,
            "location": seen.location,
            "intervention": seen.intervention,
        }

    def _verification(self, made: Verification, index: int) -> dict[str, Any]:
        return {
            **self._seen(made.look, f"{index:04d}-check"),
            "question": made.question,
            "holds": made.holds,
            "reason": made.reason,
            "reply": made.reply,
            "ids": made.ids,
            "usage": made.usage,
        }

    def _picture(self, seen: Observation, name: str) -> str:
        """The file of a look's picture, written unless the same pixels are there already. The look drops its pixels."""
        if self._latest and self._latest[0] is seen:  # it was written with the turn decided on it
            return self._latest[1]
        if seen.digest not in self._pictures:
            file = f"screens/{name}.png"
            write_whole(self.folder / file, seen.png)
            self._pictures[seen.digest] = file
        file = self._pictures[seen.digest]
        self._latest = seen, file
        seen.stored(self.folder / file)
        return file


def masked_json(record: BaseModel, secrets: Secrets, indent: int | None = None) -> bytes:
    """A record as it is written: as JSON, with secrets masked."""
    if not secrets:
        return record.model_dump_json(indent=indent).encode()
    return to_json(secrets.masked_in(record.model_dump(mode="json")), indent=indent)


def _mend(folder: Path) -> None:
    """Removes a run's former ending, and what its interruption left incomplete. Raises OSError."""
    for path in (folder / "result.json", *folder.glob("**/*.part")):
        path.unlink(missing_ok=True)
    trajectory = folder / "trajectory.jsonl"
    if trajectory.exists():
        with open(trajectory, "rb+", opener=owners_file) as file:
            file.truncate(file.read().rfind(b"\n") + 1)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Locks a run against other processes; the system releases the lock when this process dies.

    Raises:
        UsageError: another process has it. RecordFailure: it cannot be locked.
    """
    lock = FileLock(folder / ".lock", mode=0o600)
    try:
        lock.acquire(blocking=False)
    except Timeout as error:
        raise UsageError(f"{folder} is being run by another process. Wait until it ends, or stop it.") from error
    except OSError as error:
        raise RecordFailure(
            f"{folder} cannot be locked: {error.strerror}. Copy it to a file system with locks."
        ) from error
    try:
        yield
    finally:
        lock.release()


def is_going_on(folder: Path) -> bool:
    """Whether a process writes this run now."""
    try:
        with alone(folder):
            return False
    except UsageError:
        return True
    except RecordFailure:
        return False


def owners_file(path: str, flags: int) -> int:
    """An `opener` for `open`: a file that it creates can be read by its owner only.

    It follows no symbolic link: in a folder from somebody else one could lead to any file of the user.
    """
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0), 0o600)  # Windows has no such flag


def write_whole(path: Path, content: bytes, opener: Callable[[str, int], int] | None = owners_file) -> None:
    """Writes a file that is either complete or absent. By default only its owner can read it."""
    part = path.with_name(path.name + ".part")
    with open(part, "wb", opener=opener) as file:
        file.write(content)
    os.replace(part, path)


def run_folder(runs: Path, instruction: str, now: datetime) -> Path:
    """A new folder for a run of this instruction: its time and the instruction's first words. Raises RecordFailure."""
    slug = "-".join(re.findall(r"[a-z0-9]+", instruction.lower())[:6])[:40] or "run"
    return new_folder(runs, f"{now:%Y%m%d-%H%M%S}-{slug}")


def new_folder(runs: Path, name: str) -> Path:
    """Creates a folder of that name, with a number if the name is taken: two runs that start at once get one each.

    Raises:
        RecordFailure: it cannot be created.
    """
    for number in itertools.count(1):
        folder = runs / (name if number == 1 else f"{name}-{number}")
        try:
            folder.mkdir(OWNERS_FOLDER, parents=True)
        except FileExistsError:
            continue
        except OSError as error:
            raise _unwritable(folder, error) from error
        return folder
    raise AssertionError("numbers do not end")


@contextmanager
def gone_if_empty(folder: Path) -> Iterator[Path]:
    """Removes the folder again if the block leaves it empty."""
    try:
        yield folder
    finally:
        with contextlib.suppress(OSError):  # it is not empty, the usual case
            folder.rmdir()


def _unwritable(folder: Path, error: OSError) -> RecordFailure:
    return RecordFailure(
        f"The run cannot be written to {folder}: {error.strerror or error}. "
        "Free some room or pass another folder with --runs; what was written before stays readable."
    )


def stop_records() -> None:
    """Records every open run of this process as stopped; a run's own ending may still overwrite that."""
    for recorder in tuple(_open):
        with contextlib.suppress(RecordFailure):  # the run itself reports it
            recorder.conclude(Ending.STOPPED, STOPPED)


def read_episode(folder: Path) -> Episode:
    """A recorded run as an episode; pictures are decoded on first access.

    Raises:
        UsageError: the folder holds no run, or one of its files is damaged (an incomplete last line is not damage).
    """
    instruction = read_info(folder).instruction
    result = read_result(folder) or Result(ending=Ending.FAILED, answer=KILLED)
    steps = tuple(_read_steps(folder))
    return Episode(instruction, steps, result.ending, result.answer, _read_pending(folder, len(steps)))


def read_result(folder: Path) -> Result | None:
    """How a recorded run ended; None while it goes on, or if it was killed.

    Raises:
        UsageError: it cannot be read.
    """
    try:
        return Result.model_validate_json(read_text(folder / "result.json", LONGEST_LINE))
    except FileNotFoundError:
        return None
    except (OSError, ValidationError) as error:
        raise UsageError(f"{folder / 'result.json'} cannot be read: {_first_line(error)}.") from error


def read_lines(folder: Path) -> list[Line]:
    """The steps of a recorded run without their pictures; an incomplete last line is skipped.

    Raises:
        UsageError: a complete line cannot be read.
    """
    path = folder / "trajectory.jsonl"
    if not path.is_file():
        return []
    lines = []
    with path.open(encoding="utf-8", newline="\n") as file:
        while (text := file.readline(LONGEST_LINE)).endswith("\n"):
            try:
                lines.append(Line.model_validate(json.loads(text)))
            except (ValueError, RecursionError) as error:
                raise UsageError(f"{path}, line {len(lines) + 1} cannot be read: {_first_line(error)}.") from error
    if len(text) == LONGEST_LINE:
        raise UsageError(f"{path}, line {len(lines) + 1} cannot be read: it has {LONGEST_LINE:,} characters or more.")
    return lines


def read_pending(folder: Path, done: int) -> Decided | None:
    """The turn after the last step, if the run was interrupted while that turn was performed.

    Raises:
        UsageError: it cannot be read.
    """
    try:
        decided = Decided.model_validate_json(read_text(folder / PENDING, LONGEST_LINE))
    except FileNotFoundError:
        return None
    except (OSError, ValidationError) as error:
        raise UsageError(f"{folder / PENDING} cannot be read: {_first_line(error)}.") from error
    return decided if decided.index == done else None  # an earlier one was performed, and has its line


def _read_steps(folder: Path) -> list[Step]:
    steps = []
    for number, line in enumerate(read_lines(folder), start=1):
        seen, turn = _read_decided(folder, line, f"{folder / 'trajectory.jsonl'}, line {number}")
        steps.append(Step(line.index, seen, turn, line.outcome, line.seconds))
    return steps


def _read_pending(folder: Path, done: int) -> Pending | None:
    decided = read_pending(folder, done)
    return Pending(decided.index, *_read_decided(folder, decided, f"{folder / PENDING}")) if decided else None


def _read_decided(folder: Path, decided: Decided, where: str) -> tuple[Observation, Turn]:
    seen, made = _read_look(folder, decided, where), decided.verification
    turn = Turn(
        decided.reply,
        decided.thought,
        decided.action,
        decided.mistake,
        decided.ids,
        decided.usage,
        decided.part,
        decided.hint,
        decided.turn_ending,
        _read_verification(folder, made, where) if made else None,
        decided.repetition,
    )
    return seen, turn


def _read_verification(folder: Path, made: Verified, where: str) -> Verification:
    look = _read_look(folder, made, where)
    return Verification(look, made.question, made.holds, made.reason, made.reply, made.ids, made.usage)


def picture_path(run: Path, address: str) -> Path | None:
    """The file of a picture of a run; None if it is not one of the run's own files."""
    try:
        path = (run / address).resolve()
        own = path.parent == run.resolve() / "screens" and path.suffix == ".png" and path.is_file()
    except (OSError, ValueError, RuntimeError):  # no file can have that name, or it is a loop of links
        return None
    return path if own else None


def _read_look(folder: Path, seen: Seen, where: str) -> Observation:
    try:
        if (path := picture_path(folder, seen.picture)) is None:
            raise ValueError(f"{seen.picture[:80]!r} is no picture in {folder / 'screens'}")
        return Observation(
            path,
            seen.screen,
            seen.observed,
            seen.settling,
            location=seen.location,
            intervention=seen.intervention,
        )
    except (OSError, ValueError) as error:
        raise UsageError(f"{where}: its picture cannot be read: {_first_line(error)}.") from error


class _Noted:
    """A policy whose turns are recorded as they are decided."""

    def __init__(self, policy: Policy, recorder: Recorder) -> None:
        self._policy = policy
        self._recorder = recorder

    def act(self, instruction: str, steps: Sequence[Step], observation: Observation) -> Turn:
        turn = self._policy.act(instruction, steps, observation)
        self._recorder.on_turn(len(steps), observation, turn)
        return turn


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]
