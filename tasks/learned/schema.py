"""The schema of a learned run: what `NAME.toml` holds. Its pictures are files of the folder `NAME` beside it."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from actions.geometry import Box, Point, Size
from devices.rules.places import Place


class Part(BaseModel):
    """A part of the file."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Thing(Part):
    """What an action was about, as the device described it. All of it must be the same again."""

    app: str = ""
    """The package of a phone's app, or the class of a desktop's window."""
    role: str = ""
    name: str = ""
    near: str = ""
    """The text around it."""
    headings: str | None = None
    """The headings that it is under, nearest first. None is not compared: in files from before they were noted."""
    state: str | None = None
    """What decides about the effect, such as `off` of a box, or the text that a field keeps when something is typed;
    None, as in headings, is not compared."""

    @property
    def named(self) -> bool:
        """Whether its words tell it from others."""
        return bool(self.name)

    def is_at(self, place: Place) -> bool:
        """Whether what a device describes now is this thing in this state."""
        return self.reads_like(place) and self.state in (None, place.state)

    def reads_like(self, place: Place) -> bool:
        """Whether the words are the same."""
        if (self.app, self.role, self.name, self.near) != (place.app, place.role, place.name, place.near):
            return False
        return self.headings in (None, place.headings)


def _below(path: Path) -> Path:
    if path.is_absolute() or ".." in path.parts:
        raise ValueError(f"{str(path)!r} does not lie in the folder of the file")
    return path


PicturePath = Annotated[Path, AfterValidator(_below)]
"""A picture, relative to the file, in its folder or below."""


def _with_area(box: Box) -> Box:
    if box.left >= box.right or box.top >= box.bottom:
        raise ValueError("the box is empty")
    return box


class Printed(Part):
    """The line of text under a point, read off the picture where the device describes no elements (the extra `ocr`)."""

    text: str
    beside: tuple[str, ...] = ()
    """The other lines at its height in the window, without spaces."""
    dialog: tuple[str, ...] = ()
    """All lines of the window, sorted, if that is a dialog."""
    box: Annotated[Box, AfterValidator(_with_area)]
    """The line within the target's picture, in the picture's pixels."""


class Target(Thing):
    """What lay under a point of an action."""

    picture: PicturePath
    """The target with its surroundings."""
    box: Box
    """The target within the picture, in the picture's pixels."""
    at: Point
    """The point within the picture, in the picture's pixels."""
    printed: Printed | None = None
    namesakes: int = 1
    """How many elements had these words, this one included."""


class LearnedStep(Part):
    """One action, and what had to be seen before it."""

    action: str
    arguments: dict[str, object] = {}
    """Its arguments as they were; points are in pixels of the screen."""
    page: str = ""
    """The path of the browser's page, or the phone's app."""
    texts: tuple[str, ...] = ()
    """Lines of text that must be on the screen (browser, phone)."""
    look: PicturePath | None = None
    """A picture of the whole screen, which must look like that: an answer is repeated on the same screen only."""
    focus: Thing | None = None
    """What had the keyboard focus, for an action without a point."""
    targets: dict[str, Target] = {}
    """What lay under each point, by the name of its argument."""


def _by_name(names: dict[str, str]) -> dict[str, str]:
    for name in names:
        if not name.isidentifier():
            raise ValueError(f"{name!r} is no name: use letters, digits and '_'")
    return names


class LearnedFile(Part):
    """A whole file."""

    instruction: str = Field(min_length=1)
    device: str
    address: str | None = None
    mobile: bool = False
    screen: Size
    """The size of the screen, in the units of its input."""
    density: float = Field(gt=0, le=8)
    """The pixels of a picture for one unit of the screen."""
    secrets: tuple[str, ...] = ()
    """The names of the secrets that are typed as `{{NAME}}`."""
    parameters: Annotated[dict[str, str], AfterValidator(_by_name)] = {}
    """The default value of each `{{name}}` in the texts."""
    steps: tuple[LearnedStep, ...] = Field(min_length=1)
