"""`Observation`, the `Environment` protocol and `connect`: all that the agent knows of a device.

Every module file in this folder is one environment; it is imported only when asked for, because importing some
of them needs a display or a package that the others do not. Folders here hold machinery, not environments.
"""

import importlib
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Literal, NamedTuple, Protocol, Self

from PIL import Image
from pydantic import BaseModel, ConfigDict, Field

from actions.action import Action, ActionSpace, Outcome
from actions.errors import UsageError
from actions.geometry import Size


class Settling(NamedTuple):
    """How the screen came to rest before it was looked at."""

    settled: bool
    """False when it was still moving at the deadline."""
    waited_s: float
    changed: float | None
    """The part of the picture, 0 to 1, that differs from the look before; None at the first look."""


@dataclass(frozen=True, eq=False)
class Observation:
    """One look: an RGB picture, the size of the space the device's input accepts, and what else there is to say.

    `loading` is whether the device knows of something on its way that may change the picture. Two looks are equal when
    every pixel and everything said of them is.
    """

    image: Image.Image
    screen: Size
    text: str = ""
    settling: Settling | None = None
    loading: bool = False

    def __post_init__(self) -> None:
        if self.image.mode != "RGB":
            raise ValueError(f"an observation's image must be RGB, not {self.image.mode}")
        self.image.info.clear()  # what a capture's file format says of itself is no part of what was seen
        # Half a character, which a page's title may hold, has no UTF-8 form: no record and no prompt could hold it.
        object.__setattr__(self, "text", self.text.encode("utf-8", "replace").decode())

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Observation):
            return NotImplemented
        said = (self.screen, self.text, self.settling) == (other.screen, other.text, other.settling)
        same_size = self.image.size == other.image.size
        return said and same_size and (self.image is other.image or self.image.tobytes() == other.image.tobytes())


class Environment(Protocol):
    """Anything to look at and act on. Whoever opened it closes it, once."""

    @property
    def action_space(self) -> ActionSpace: ...

    @property
    def remarks(self) -> tuple[str, ...]:
        """What its user should know of how it was opened, a sentence each."""
        ...

    def reset(self) -> None:
        """Back to where it was when it was opened."""
        ...

    def observe(self) -> Observation:
        """Looks.

        Raises:
            DeviceFailure: the device is lost or gives no picture.
        """
        ...

    def perform(self, action: Action) -> Outcome:
        """Does one action of the action space.

        Raises:
            ActionRefused: it cannot be done now, and nothing was done. DeviceFailure: the device is lost.
        """
        ...

    def abort(self) -> None:
        """Ends the device's own processes and connections, so that a call under way raises DeviceFailure soon.

        It may come from another thread, or from a signal handler, and more than once. Afterwards every call may raise
        DeviceFailure, and `close` is still due. A device without processes or connections does nothing.
        """
        ...

    def close(self) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class Closing(ABC):
    """What is closed at the end of its `with` block."""

    @property
    def remarks(self) -> tuple[str, ...]:
        return ()

    @abstractmethod
    def close(self) -> None: ...

    def abort(self) -> None:  # noqa: B027 (most devices have nothing that a call could wait for)
        """Nothing to end."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


Permission = Literal["location", "notifications", "camera", "clipboard"]
"""What a page has to ask for; the camera comes with the microphone."""


class DeviceOptions(BaseModel):
    """What a user can ask of a device; each device takes what concerns it and refuses what it cannot do."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    address: str | None = None
    """A URL, an adb serial, a display or a monitor: where the device is."""
    headless: bool = False
    viewport: Size | None = None
    scale: float = Field(default=1.0, gt=0, le=4)
    """Device pixels per input unit of a browser page."""
    mobile: bool = False
    user_data: Path | None = None
    """The folder of a persistent browser profile; by default each run has a fresh one."""
    downloads: Path | None = None
    uploads: Path | None = None
    """The folder whose files a browser may give to pages; by default none is given."""
    permit: tuple[Permission, ...] = ()
    """What pages may use without being asked about; everything else is denied."""
    patience_s: float = Field(default=5.0, gt=0)
    """How long a page may take to deal with input or a look before it counts as not responding."""


def names() -> list[str]:
    """The environments there are."""
    return sorted(path.stem for path in Path(__file__).parent.glob("*.py") if path.stem != "__init__")


def require(name: str) -> None:
    """Raises UsageError when there is no environment of that name."""
    if name not in names():
        raise UsageError(f"There is no device {name!r}. The devices are: {', '.join(names())}.")


def connect(name: str, options: DeviceOptions) -> Environment:
    """Opens the environment of that name.

    Raises:
        UsageError: there is none of that name, a package for it is missing, or it cannot do what is asked.
        DeviceFailure: it is there and does not answer.
    """
    require(name)
    try:
        module = importlib.import_module(f"{__package__}.{name}")
    except ModuleNotFoundError as error:
        raise UsageError(
            f"The {name} device needs the package {error.name!r}. Install it with: pip install '.[{name}]'"
        ) from error
    environment: Environment = module.connect(options)
    return environment
