"""An episode written to a run folder step by step, and read back as the same `Episode`.

    runs/<time>-<slug>/
        run.json           what was asked of whom: instruction, device, profile, engine, limits, versions, commit
        screens/0000.png   each distinct screenshot once, named after the step that first saw it
        trajectory.jsonl   one step per line, written as it happens: the verbatim reply and the decoded action
        result.json        how it ended; absent when the run was killed

A killed run loses the step in flight at most: a line is written after its picture, and a torn last line is left out.
"""

import hashlib
import io
import json
import os
import re
from datetime import datetime
from pathlib import Path
from typing import Annotated

from PIL import Image
from pydantic import BaseModel, ConfigDict, PlainSerializer, PlainValidator, ValidationError

from actions.action import Action, Outcome
from actions.errors import RecordFailure, UsageError
from actions.geometry import Size
from agent.episode import Ending, Episode, Mistake, Seconds, Step, Turn, Usage
from agent.run_info import RunInfo, find_kind, kind_name, read_info
from devices import Observation, Settling

KILLED = "The record ends here: the run was killed, or could no longer be written."


def _read_action(value: object) -> Action:
    if isinstance(value, Action):
        return value
    if not isinstance(value, dict) or not isinstance(value.get("kind"), str):
        raise ValueError("an action is recorded as its kind and its fields")
    return find_kind(value["kind"]).model_validate({name: part for name, part in value.items() if name != "kind"})


def _write_action(action: Action) -> dict[str, object]:
    return {"kind": kind_name(type(action)), **action.model_dump(mode="json")}


RecordedAction = Annotated[Action, PlainValidator(_read_action), PlainSerializer(_write_action)]


class Line(BaseModel):
    """One line of `trajectory.jsonl`: a step whose picture is the name of a file."""

    model_config = ConfigDict(extra="forbid")

    index: int
    picture: str
    screen: Size
    observed: str
    settling: Settling | None
    reply: str
    ids: tuple[int, ...]
    thought: str
    action: RecordedAction | None
    mistake: Mistake | None
    usage: Usage | None
    part: int = 0
    outcome: Outcome
    seconds: Seconds


class _Result(BaseModel):
    """`result.json`."""

    ending: Ending
    answer: str
    score: float | None = None
    why: str = ""


class Recorder:
    """Writes one run. `on_step` is what the loop calls."""

    def __init__(self, folder: Path, info: RunInfo) -> None:
        """Makes the folder. Raises RecordFailure when it cannot be written."""
        self.folder = folder
        self._pictures: dict[str, str] = {}
        try:
            (folder / "screens").mkdir(parents=True)
            (folder / "run.json").write_text(info.model_dump_json(indent=2), encoding="utf-8")
        except OSError as error:
            raise self._failure(error) from error

    def on_step(self, step: Step) -> None:
        """Writes a step. Raises RecordFailure when the disk does not take it; what is written stays readable."""
        turn, seen = step.turn, step.observation
        try:
            line = Line(
                index=step.index,
                picture=self._picture(seen.image, step.index),
                screen=seen.screen,
                observed=seen.text,
                settling=seen.settling,
                reply=turn.text,
                ids=turn.ids,
                thought=turn.thought,
                action=turn.action,
                mistake=turn.mistake,
                usage=turn.usage,
                part=turn.part,
                outcome=step.outcome,
                seconds=step.seconds,
            )
            with (self.folder / "trajectory.jsonl").open("a", encoding="utf-8") as file:
                file.write(line.model_dump_json() + "\n")
        except OSError as error:
            raise self._failure(error) from error

    def finish(self, episode: Episode, score: float | None = None, why: str = "") -> None:
        """Writes how it ended, and its score where a task gave one. Raises RecordFailure when the disk is full."""
        result = _Result(ending=episode.ending, answer=episode.answer, score=score, why=why)
        try:
            write_whole(self.folder / "result.json", result.model_dump_json(indent=2).encode())
        except OSError as error:
            raise self._failure(error) from error

    def _picture(self, image: Image.Image, index: int) -> str:
        """The file of a picture, written unless the same pixels are there already."""
        digest = hashlib.sha256(repr(image.size).encode() + image.tobytes()).hexdigest()
        if digest not in self._pictures:
            name = f"screens/{index:04d}.png"
            buffer = io.BytesIO()
            image.save(buffer, "PNG", compress_level=1)
            write_whole(self.folder / name, buffer.getvalue())
            self._pictures[digest] = name
        return self._pictures[digest]

    def _failure(self, error: OSError) -> RecordFailure:
        return RecordFailure(
            f"The run cannot be written to {self.folder}: {error.strerror or error}. "
            "Free some room or pass another folder with --runs; what was written before stays readable."
        )


def write_whole(path: Path, content: bytes) -> None:
    """Writes a file that is either complete or not there."""
    part = path.with_name(path.name + ".part")
    part.write_bytes(content)
    os.replace(part, path)


def run_folder(runs: Path, instruction: str, now: datetime) -> Path:
    """A new folder's path for a run of this instruction: its time and the instruction's first words."""
    slug = "-".join(re.findall(r"[a-z0-9]+", instruction.lower())[:6])[:40] or "run"
    return unused(runs, f"{now:%Y%m%d-%H%M%S}-{slug}")


def unused(runs: Path, name: str) -> Path:
    """A path of that name, with a number where the name is taken."""
    taken = (runs / (name if number == 1 else f"{name}-{number}") for number in range(1, 10_000))
    return next(path for path in taken if not path.exists())


def read_episode(folder: Path) -> Episode:
    """A recorded run as the episode that it was; pictures are decoded when they are first looked at.

    Raises:
        UsageError: the folder holds no run, or a file of it was damaged by more than being killed.
    """
    instruction = read_info(folder).instruction
    try:
        result = _Result.model_validate_json((folder / "result.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        result = _Result(ending=Ending.FAILED, answer=KILLED)
    except (OSError, ValidationError) as error:
        raise UsageError(f"{folder / 'result.json'} cannot be read: {_first_line(error)}.") from error
    return Episode(instruction, tuple(_read_steps(folder)), result.ending, result.answer)


def read_lines(folder: Path) -> list[Line]:
    """The steps of a recorded run without their pictures; a torn last line is left out.

    Raises:
        UsageError: a whole line cannot be read.
    """
    path = folder / "trajectory.jsonl"
    texts = path.read_text(encoding="utf-8").split("\n") if path.is_file() else [""]
    lines = []
    for number, text in enumerate(texts[:-1], start=1):  # what follows the last newline is a torn line, or nothing
        try:
            lines.append(Line.model_validate(json.loads(text)))
        except ValueError as error:
            raise UsageError(f"{path}, line {number} cannot be read: {_first_line(error)}.") from error
    return lines


def _read_steps(folder: Path) -> list[Step]:
    pictures: dict[str, Image.Image] = {}
    steps = []
    for number, line in enumerate(read_lines(folder), start=1):
        try:
            if line.picture not in pictures:
                pictures[line.picture] = Image.open(io.BytesIO((folder / line.picture).read_bytes()))
        except (OSError, ValueError) as error:
            where = folder / "trajectory.jsonl"
            raise UsageError(f"{where}, line {number}: its picture cannot be read: {_first_line(error)}.") from error
        seen = Observation(pictures[line.picture], line.screen, line.observed, line.settling)
        turn = Turn(line.reply, line.thought, line.action, line.mistake, line.ids, line.usage, line.part)
        steps.append(Step(line.index, seen, turn, line.outcome, line.seconds))
    return steps


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]
