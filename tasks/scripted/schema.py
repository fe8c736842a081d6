"""The schema of a suite file. Every path in it is relative to the file's folder."""

import re
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from actions.geometry import Size
from tasks.scripted.checks import Check, Command, Part


class Move(Part):
    """One action of a solution, its points in screen pixels."""

    action: str
    arguments: dict[str, object] = {}


class TaskLimits(Part):
    """When to stop an episode."""

    steps: int = Field(default=40, gt=0)
    seconds: float = Field(default=900.0, gt=0)


def _usable(name: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", name):
        raise ValueError("letters, digits, '.', '_' and '-' only: it is also a folder name")
    return name


def _with_questions(checks: object) -> object:
    """Checks in which `asks` alone is a question, without its kind."""
    if not isinstance(checks, list):
        return checks
    alone = (isinstance(check, dict) and "asks" in check and "kind" not in check for check in checks)
    return [{"kind": "question", **check} if lacks else check for check, lacks in zip(checks, alone, strict=True)]


class DescribedTask(Part):
    """One task. It is solved if every check holds."""

    id: Annotated[str, AfterValidator(_usable)]
    tags: tuple[Annotated[str, AfterValidator(_usable)], ...] = ()
    """Names that `--tasks` selects by, besides the id."""
    instruction: str = Field(min_length=1)
    device: str = "browser"
    address: str | None = None
    """A URL, a path below `pages` that begins with /, an adb serial, or a display."""
    viewport: Size | None = None
    retries: int | None = Field(default=None, strict=True, ge=0, le=10)
    """How often it is run again while it is not solved; by default as the file says. Every attempt is reported."""
    policy: Path | None = None
    """A TOML file of rules on what may be done, besides those of the command line; by default the file's."""
    secrets: tuple[str, ...] = ()
    """What this task can type as `{{NAME}}` besides what all tasks can."""
    answer_schema: Path | None = None
    """A file with the JSON schema that the answer must fit, as JSON text."""
    sites: tuple[str, ...] = ()
    """The sites that a browser's pages may move to besides the address's own; `*` means all."""
    commands: tuple[Command, ...] = ()
    """Run on this machine before the task, in the file's folder, without a shell."""
    adb: tuple[Command, ...] = ()
    """Run on the phone before the task."""
    cleanup: tuple[Command, ...] = ()
    """Run on this machine after the task, whatever its result."""
    limits: TaskLimits = TaskLimits()
    checks: Annotated[tuple[Check, ...], BeforeValidator(_with_questions), Field(min_length=1)]
    solution: tuple[Move, ...] = ()
    """A solution, for `--engine scripted`."""
    learned: Path | None = None
    """A learned run, without its ending, that is repeated; the model goes on where it cannot be."""
    parameters: dict[str, str] = {}
    """The values of its parameters."""


class Server(Part):
    """A program that serves what the tasks are done with. It is ended with the suite."""

    command: Command
    """Started in the file's folder, without a shell, unless something answers at `url` already."""
    url: str = Field(pattern=r"^https?://")
    """It is ready when this address answers."""
    within_s: float = Field(default=30.0, gt=0, le=600)


class SuiteFile(Part):
    """A whole file, its variables filled in and its tables of rows expanded."""

    variables: dict[str, str] = {}
    """What was filled in, also in the files that this one includes."""
    pages: Path | None = None
    """A folder that is served on loopback while the suite runs."""
    secrets: tuple[str, ...] = ()
    """What every task can type as `{{NAME}}`: NAME=env:VARIABLE@HOST or NAME=file:PATH@HOST."""
    retries: int = Field(default=0, strict=True, ge=0, le=10)
    """The `retries` of every task that gives none."""
    policy: Path | None = None
    """The `policy` of every task that gives none."""
    server: Server | None = None
    commands: tuple[Command, ...] = ()
    """Run before each task, before the task's own."""
    cleanup: tuple[Command, ...] = ()
    """Run after each task, after the task's own."""
    include: tuple[Path, ...] = ()
    """Other suite files, whose tasks follow this file's."""
    tasks: tuple[DescribedTask, ...] = ()

    @model_validator(mode="after")
    def _something(self) -> "SuiteFile":
        if not (self.tasks or self.include):
            raise ValueError("`tasks` is missing")
        return self
