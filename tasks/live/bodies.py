"""The JSON of the HTTP interface: what requests and replies hold, besides what other modules define."""

from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from tasks.live.runs import ListedRun


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SessionOptions(Body):
    """The options of a device and a model, as on the command line; what is absent is as the server was started."""

    device: str | None = None
    address: str | None = None
    model: str | None = None
    server: str | None = None
    engine: str | None = None
    replies: Path | None = None
    notation: str | None = None
    headless: bool | None = None
    sites: list[str] | None = None
    policy: Path | None = None
    apps: list[str] | None = None
    checks: list[str] | None = None
    max_steps: int | None = Field(default=None, gt=0)
    max_seconds: float | None = Field(default=None, gt=0)
    confirm: bool | None = None
    dry_run: bool | None = None


class Start(SessionOptions):
    """A run to start: an instruction, or a learned run to repeat."""

    instruction: str | None = None
    learned: Path | None = None
    """The learned run's name: its file without the ending, relative to the folder in which the server was started."""
    parameters: dict[str, str] = {}
    """The values of the learned run's parameters."""


class Pausing(Body):
    paused: bool


class Said(Body):
    """A message to the model."""

    text: str = Field(min_length=1)


class Answered(Body):
    """An answer to a question that waits. An approval's is yes, all, no or stop, and the text is the reason."""

    id: int
    answer: Literal["yes", "all", "no", "stop"] = "no"
    text: str = ""


class Act(Body):
    """An action on the device during a pause; points are in units of the screen."""

    name: str
    arguments: dict[str, Any]


class Question(Body):
    question: str = Field(min_length=1)


class Description(Body):
    """An element, in words."""

    description: str = Field(min_length=1)


class Nothing(Body):
    """Nothing to say."""


class Failed(BaseModel):
    error: str


class Started(BaseModel):
    run: str


class Opened(BaseModel):
    session: str


class Listing(BaseModel):
    runs: list[ListedRun]


class Told(BaseModel):
    answer: str


class Located(BaseModel):
    """A point, in units of the screen."""

    x: float
    y: float


class Looked(BaseModel):
    """A look at the screen."""

    picture: str
    """The screenshot as PNG, in base64."""
    screen: tuple[int, int]
    text: str
    location: str
