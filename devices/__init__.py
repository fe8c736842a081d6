"""`Observation`, the `Environment` protocol and `connect`: all that the agent knows about a device.

Every module file in this folder is one environment; it is imported only on demand, because some of them need a display
or a package that the others do not. Folders here hold machinery, not environments.
"""

import importlib
import weakref
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Literal, NamedTuple, Protocol, Self, runtime_checkable

from PIL import Image
from pydantic import BaseModel, ConfigDict, Field

from actions.action import Action, ActionSpace, Outcome
from actions.clock import Clock
from actions.errors import DeviceFailure, RecordFailure, UsageError
from actions.geometry import Size
from actions.pictures import as_png, pixel_digest
from actions.secrets import GivenSecret
from devices.rules.verdict import Decision


class Settling(NamedTuple):
    """How the screen settled before the look."""

    settled: bool
    """False if it was still moving at the deadline."""
    waited_s: float
    changed: float | None
    """The fraction of the picture, 0 to 1, that differs from the previous look; None at the first look."""


class Intervention(NamedTuple):
    """What happened between two steps that was not the model's doing."""

    note: str = ""
    """The runtime's words: the run was interrupted or paused, and what has changed since."""
    said: tuple[str, ...] = ()
    """The user's messages to the model."""


class Observation:
    """One look: an RGB picture, the size of the space the device's input accepts, and further facts as text.

    `location` is where the device is: the address of a page, the package of an app; empty if it is not known.
    `intervention` is what happened since the look before that was not the model's doing. `size` is the picture's own;
    `loading` is whether the device knows of something pending that may change the picture. Two looks are equal if all
    pixels and all facts are equal. A look is immutable except for where its picture is stored: a recorded picture
    exists only in its file once nobody holds it any more.
    """

    def __init__(
        self,
        image: Image.Image | Path,
        screen: Size,
        text: str = "",
        settling: Settling | None = None,
        loading: bool = False,
        location: str = "",
        intervention: Intervention | None = None,
        png: bytes | None = None,
    ) -> None:
        """From a picture, with its PNG if the device made one, or from its PNG file.

        Raises:
            OSError: the file is not a picture.
        """
        self.screen: Final = screen
        # A lone surrogate, which a page's title may contain, has no UTF-8 form, so no record or prompt can hold it.
        self.text: Final = text.encode("utf-8", "replace").decode()
        self.settling: Final = settling
        self.loading: Final = loading
        self.location: Final = location.encode("utf-8", "replace").decode()
        self.intervention: Final = intervention
        self.size: Final = _size_in(image) if isinstance(image, Path) else Size(*image.size)
        self._latest: Callable[[], Image.Image | None] = lambda: None
        self._file = image if isinstance(image, Path) else None
        self._held = None if isinstance(image, Path) else image
        self._png = png
        if self._held:
            if self._held.mode != "RGB":
                raise ValueError(f"an observation's image must be RGB, not {self._held.mode}")
            self._held.info.clear()  # the metadata of a capture's file format is not part of the look

    @property
    def image(self) -> Image.Image:
        """The picture. Raises RecordFailure if its file is gone."""
        image = self._held or self._latest()
        if image is None:
            assert self._file is not None, "a picture is held, or in a file"
            image = _picture_in(self._file)
            self._latest = weakref.ref(image)
        return image

    @property
    def png(self) -> bytes:
        """The picture as PNG, encoded at most once. Raises RecordFailure if its file is gone."""
        if self._file is not None:
            return _bytes_of(self._file)
        if self._png is None:
            self._png = as_png(self.image)
        return self._png

    @cached_property
    def digest(self) -> str:
        """A digest of the picture: equal for equal pixels."""
        return pixel_digest(self.image)

    def but(self, **facts: Any) -> "Observation":
        """The same look with other facts, named as the constructor's arguments."""
        image = self._file if self._held is None else self._held
        known: dict[str, Any] = {"image": image, "screen": self.screen, "text": self.text, "settling": self.settling}
        known |= {"loading": self.loading, "location": self.location, "intervention": self.intervention}
        known["png"] = None if "image" in facts else self._png
        return Observation(**known | facts)

    def stored(self, file: Path) -> None:
        """Drops the pixels in favour of a PNG file, because a long run would fill the memory."""
        if self._held is not None:
            self._latest, self._file, self._held, self._png = weakref.ref(self._held), file, None, None

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Observation):
            return NotImplemented
        if self._said != other._said or self.size != other.size:
            return False
        ours, theirs = self.image, other.image
        return ours is theirs or ours.tobytes() == theirs.tobytes()

    @property
    def _said(self) -> tuple[object, ...]:
        return self.screen, self.text, self.settling, self.location, self.intervention


def _size_in(file: Path) -> Size:
    with Image.open(file) as opened:
        return Size(*opened.size)


def _bytes_of(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise _unreadable(file, error) from error


def _picture_in(file: Path) -> Image.Image:
    try:
        with Image.open(file) as opened:
            picture = opened.convert("RGB")
    except OSError as error:
        raise _unreadable(file, error) from error
    picture.info.clear()
    return picture


def _unreadable(file: Path, error: OSError) -> RecordFailure:
    return RecordFailure(f"The picture {file} cannot be read any more: {error}.")


class Environment(Protocol):
    """Anything to look at and act on. Its opener closes it, once."""

    @property
    def action_space(self) -> ActionSpace: ...

    @property
    def remarks(self) -> tuple[str, ...]:
        """Notes for the user about how it was opened, one sentence each."""
        ...

    @property
    def unfinished(self) -> str:
        """What is still under way and is lost when this is closed, in a sentence; empty where nothing is."""
        ...

    @property
    def clock(self) -> Clock:
        """The time that limits an episode on it."""
        ...

    @property
    def lost(self) -> str:
        """What a run has lost that was killed and continues on this, in a sentence; empty where nothing is."""
        ...

    def reset(self) -> None:
        """Restores its state at opening."""
        ...

    def observe(self) -> Observation:
        """Looks.

        Raises:
            DeviceFailure: the device is lost or returns no picture.
        """
        ...

    def perform(self, action: Action) -> Outcome:
        """Performs one action of the action space.

        Raises:
            ActionRefused: it cannot be done now, and nothing was done. DeviceFailure: the device is lost.
        """
        ...

    def release(self) -> None:
        """Releases every key and button that is down, at the end of an episode, however it ended. A device that is lost
        or closed holds none.
        """
        ...

    def abort(self) -> None:
        """Ends the device's own processes and connections, so that a running call soon raises DeviceFailure.

        It may be called from another thread or from a signal handler, and more than once. Afterwards every call may
        raise DeviceFailure, and `close` is still due. A device without processes or connections does nothing.
        """
        ...

    def close(self) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class Glimpse(NamedTuple):
    """What a device says about its screen between two looks."""

    picture: Image.Image | None
    """A small RGB picture of the newest screen; None if nothing was drawn since the last glimpse."""
    loading: bool
    """Whether it knows of something pending that may change the picture."""


class Drawing(Protocol):
    """The screens that a device draws."""

    def next(self, within_s: float) -> Glimpse | None:
        """Waits for something that is drawn, at most this long, and shorter while something is loading.

        None once these are no longer the screens that a look shows.
        """
        ...

    def pause(self, seconds: float) -> None:
        """Reports nothing for this long, which saves its cost on a moving screen; what is shown then comes next."""
        ...


@runtime_checkable
class Draws(Protocol):
    """A device that reports what it draws, so that a screen at rest need not be looked at again and again."""

    def drawing(self) -> AbstractContextManager[Drawing | None]:
        """The screens from now on, the current one first; None where they are not known. A look counts as drawn."""
        ...


class Closing:
    """What is closed once, at the latest at the end of its `with` block, and knows whether it is."""

    closed = False

    @property
    def remarks(self) -> tuple[str, ...]:
        return ()

    @property
    def unfinished(self) -> str:
        return ""

    @cached_property
    def clock(self) -> Clock:
        return Clock()

    @property
    def lost(self) -> str:
        """Most devices live in this process."""
        return "The device was started anew: all that had been done on it is lost."

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

    def release(self) -> None:
        """Most hold no keys and buttons."""

    def abort(self) -> None:
        """Most devices have nothing that a call could wait for."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


PAGE = Size(1280, 800)
"""The size of a browser's page where no other one is given."""
Permission = Literal["location", "notifications", "camera", "clipboard"]
"""The permissions that a page must request; the camera includes the microphone."""


class DeviceOptions(BaseModel):
    """The user's options for a device; a device refuses options that it does not support."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    address: str | None = None
    """The device's address: a URL, an adb serial, a display or a monitor."""
    location: str | None = None
    """Where a run that continues was: the page to open instead of the address, or the app to bring to the front."""
    headless: bool = False
    viewport: Size | None = None
    scale: float = Field(default=1.0, gt=0, le=4)
    """Device pixels per input unit of a browser page."""
    mobile: bool = False
    user_data: Path | None = None
    """The folder of a persistent browser profile; by default each run has a fresh one."""
    downloads: Path | None = None
    uploads: Path | None = None
    """The folder whose files may be uploaded to pages; by default none."""
    permit: tuple[Permission, ...] = ()
    """The permissions granted to pages; all others are denied."""
    secrets: tuple[GivenSecret, ...] = ()
    """What can be typed as `{{NAME}}`, and is masked in every text."""
    sites: tuple[str, ...] = ()
    """The sites that pages may move to besides the address's own, such as `example.com`; `*` means all."""
    denied_sites: tuple[str, ...] = ()
    """The sites to which nothing is sent."""
    asked_sites: tuple[str, ...] = ()
    """The sites that the user is asked about before a page moves there, although they would be open."""
    allowed_sites: tuple[str, ...] = ()
    """The sites that pages may move to as well, without closing any others."""
    other_sites: Decision = Decision.ALLOW
    """What is decided about a site that is named nowhere, where it would be open."""
    patience_s: float = Field(default=5.0, gt=0)
    """How long a page may take to handle input or a look before it counts as not responding."""


def names() -> list[str]:
    """The names of the environments: modules of this folder, and folders with a module `device`."""
    here = Path(__file__).parent
    modules = {path.stem for path in here.glob("*.py")} - {"__init__"}
    return sorted(modules | {path.parent.name for path in here.glob("*/device.py")})


def require(name: str) -> None:
    """Raises UsageError if there is no environment of that name."""
    if name not in names():
        raise UsageError(f"There is no device {name!r}. The devices are: {', '.join(names())}.")


def connect(name: str, options: DeviceOptions) -> Environment:
    """Opens the environment of that name.

    Raises:
        UsageError: there is none of that name, it lacks a package, or it does not support an option.
        DeviceFailure: it does not answer.
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
