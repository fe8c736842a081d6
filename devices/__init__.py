"""`Observation`, the `Environment` protocol and `connect`: all that the agent knows of a device.

Every module file in this folder is one environment; it is imported only when asked for, because importing some
of them needs a display or a package that the others do not. Folders here hold machinery, not environments.
"""

import importlib
import weakref
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Final, Literal, NamedTuple, Protocol, Self

from PIL import Image
from pydantic import BaseModel, ConfigDict, Field

from actions.action import Action, ActionSpace, Outcome
from actions.errors import DeviceFailure, RecordFailure, UsageError
from actions.geometry import Size


class Settling(NamedTuple):
    """How the screen came to rest before it was looked at."""

    settled: bool
    """False when it was still moving at the deadline."""
    waited_s: float
    changed: float | None
    """The part of the picture, 0 to 1, that differs from the look before; None at the first look."""


class Observation:
    """One look: an RGB picture, the size of the space the device's input accepts, and what else there is to say.

    `size` is the picture's own; `loading` is whether the device knows of something on its way that may change the
    picture. Two looks are equal when every pixel and everything said of them is. Nothing of a look ever changes, but
    where its picture is kept: a recorded one is in its file only, once nobody holds it any more.
    """

    def __init__(
        self,
        image: Image.Image | Path,
        screen: Size,
        text: str = "",
        settling: Settling | None = None,
        loading: bool = False,
    ) -> None:
        """From a picture, or from the file that holds it. Raises OSError where that is no picture."""
        self.screen: Final = screen
        # Half a character, which a page's title may hold, has no UTF-8 form: no record and no prompt could hold it.
        self.text: Final = text.encode("utf-8", "replace").decode()
        self.settling: Final = settling
        self.loading: Final = loading
        self.size: Final = _size_in(image) if isinstance(image, Path) else Size(*image.size)
        self._latest: Callable[[], Image.Image | None] = lambda: None
        self._file = image if isinstance(image, Path) else None
        self._held = None if isinstance(image, Path) else image
        if self._held:
            if self._held.mode != "RGB":
                raise ValueError(f"an observation's image must be RGB, not {self._held.mode}")
            self._held.info.clear()  # what a capture's file format says of itself is no part of what was seen

    @property
    def image(self) -> Image.Image:
        """The picture. Raises RecordFailure where it is in a file that is there no more."""
        image = self._held or self._latest()
        if image is None:
            assert self._file is not None, "a picture is held, or in a file"
            image = _picture_in(self._file)
            self._latest = weakref.ref(image)
        return image

    def stored(self, file: Path) -> None:
        """Leaves the picture to a file that it has been written to, without loss: a long run would fill the memory."""
        if self._held is not None:
            self._latest, self._file, self._held = weakref.ref(self._held), file, None

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Observation):
            return NotImplemented
        said = (self.screen, self.text, self.settling) == (other.screen, other.text, other.settling)
        if not said or self.size != other.size:
            return False
        ours, theirs = self.image, other.image
        return ours is theirs or ours.tobytes() == theirs.tobytes()


def _size_in(file: Path) -> Size:
    with Image.open(file) as opened:
        return Size(*opened.size)


def _picture_in(file: Path) -> Image.Image:
    try:
        with Image.open(file) as opened:
            picture = opened.convert("RGB")
    except OSError as error:
        raise RecordFailure(f"The picture {file} cannot be read any more: {error}.") from error
    picture.info.clear()
    return picture


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


class Closing:
    """What is closed once, at the latest at the end of its `with` block, and knows whether it is."""

    closed = False

    @property
    def remarks(self) -> tuple[str, ...]:
        return ()

    def close(self) -> None:
        """Ends it. Only the first call does anything."""
        if not self.closed:
            self.closed = True
            self._end()

    def require_open(self) -> None:
        """Raises DeviceFailure once it is closed."""
        if self.closed:
            raise DeviceFailure(f"The {type(self).__name__} is closed. Open another one.")

    def _end(self) -> None:
        """Gives back what it holds: processes, connections, files. Most hold nothing."""

    def abort(self) -> None:
        """Most devices have nothing that a call could wait for."""

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
    """The environments there are: each is a module of this folder, or a folder with a module `device`."""
    here = Path(__file__).parent
    modules = {path.stem for path in here.glob("*.py")} - {"__init__"}
    return sorted(modules | {path.parent.name for path in here.glob("*/device.py")})


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
        part = ".device" if (Path(__file__).parent / name).is_dir() else ""
        module = importlib.import_module(f"{__package__}.{name}{part}")
    except ModuleNotFoundError as error:
        raise UsageError(
            f"The {name} device needs the package {error.name!r}. Install it with: pip install '.[{name}]'"
        ) from error
    environment: Environment = module.connect(options)
    return environment
