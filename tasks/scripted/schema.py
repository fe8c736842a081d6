"""The schema of a suite file. Every path in it is relative to the file's folder."""

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from actions.geometry import Box, Size


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Words(_Part):
    """A check that a text contains another one, or equals it except for surrounding space."""

    contains: str | None = None
    equals: str | None = None

    @model_validator(mode="after")
    def _one(self) -> "_Words":
        if (self.contains is None) == (self.equals is None):
            raise ValueError("give either `contains` or `equals`")
        return self

    def holds(self, text: str) -> bool:
        return text.strip() == self.equals.strip() if self.equals is not None else (self.contains or "") in text


class UrlCheck(_Words):
    """The address of the browser's page."""

    kind: Literal["url"]


class TextCheck(_Words):
    """The text on the screen: of the browser's page, or of the phone's elements, one per line."""

    kind: Literal["text"]


class AnswerCheck(_Words):
    """The agent's answer."""

    kind: Literal["answer"]


class FileCheck(_Words):
    """A text file on this machine."""

    kind: Literal["file"]
    path: Path


class AdbCheck(_Words):
    """The output of a command on the phone; its words are quoted for the phone's shell."""

    kind: Literal["adb"]
    command: tuple[str, ...] = Field(min_length=1)


class RegionCheck(_Part):
    """A part of the screen, in input pixels, that must look like a picture of the same size."""

    kind: Literal["region"]
    box: Box
    picture: Path
    tolerance: float = Field(default=0.02, ge=0, le=1)
    """The fraction of its pixels that may differ."""


Check = Annotated[UrlCheck | TextCheck | AnswerCheck | FileCheck | AdbCheck | RegionCheck, Field(discriminator="kind")]
Command = Annotated[tuple[str, ...], Field(min_length=1)]


class Move(_Part):
    """One action of a solution, its points in screen pixels."""

    action: str
    arguments: dict[str, object] = {}


class TaskLimits(_Part):
    """When to stop an episode."""

    steps: int = Field(default=40, gt=0)
    seconds: float = Field(default=900.0, gt=0)


def _usable(name: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", name):
        raise ValueError("letters, digits, '.', '_' and '-' only: it is also a folder name")
    return name


class DescribedTask(_Part):
    """One task. It is solved if every check holds."""

    id: Annotated[str, AfterValidator(_usable)]
    instruction: str = Field(min_length=1)
    device: str = "browser"
    address: str | None = None
    """A URL, a path below `pages` that begins with /, an adb serial, or a display."""
    viewport: Size | None = None
    commands: tuple[Command, ...] = ()
    """Run on this machine before the task, in the file's folder, without a shell."""
    adb: tuple[Command, ...] = ()
    """Run on the phone before the task."""
    cleanup: tuple[Command, ...] = ()
    """Run on this machine after the task, whatever its result."""
    limits: TaskLimits = TaskLimits()
    checks: tuple[Check, ...] = Field(min_length=1)
    solution: tuple[Move, ...] = ()
    """A solution, for `--engine scripted`."""


class SuiteFile(_Part):
    """A whole file."""

    pages: Path | None = None
    """A folder that is served on loopback while the suite runs."""
    secrets: tuple[str, ...] = ()
    """What every task can type as `{{NAME}}`: NAME=env:VARIABLE@HOST or NAME=file:PATH@HOST."""
    tasks: tuple[DescribedTask, ...] = Field(min_length=1)
