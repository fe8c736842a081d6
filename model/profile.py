"""`Profile`: one model's requirements on its input, and the arithmetic that follows from them."""

import math
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from actions.errors import UsageError
from actions.geometry import PARTS, THOUSANDTHS, UP_TO_999, Size
from model.weights import lacking

FOLDER = Path(__file__).parent / "profiles"
MAX_ASPECT = 200
PREFERRED = ("qwen2.5-vl-7b", "qwen2.5-vl-3b")


class Brief(BaseModel):
    """A prompt of one line, the newest screenshot and the latest calls, for a small model that was trained on it.

    Such a model has no history, acts without a grammar, and answers no questions.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    knows: str = ""
    """A notice for the user at the start: the model is not for every screen."""
    picture: Size | None = None
    """The only picture size that it reads, if any: every screenshot is resized to it."""
    page: str | None = None
    """A file in the project's folder that a browser opens without an address."""


class Profile(BaseModel):
    """One model as data: weights, picture sizes, coordinate frame, context, and how calls are written."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    weights: str
    """A Hugging Face model id, or a folder (relative to the project's folder)."""
    tried: str
    """What has been run with these weights."""
    frame: Literal["image", "thousandths", "999", "parts", "screen"] = "image"
    """The unit of points: pixels of the resized image, thousandths or 999ths of its sides, fractions, 0 to 1, or pixels
    of the device's screen, which a file of replies is written in.
    """
    patch: int = Field(default=28, gt=0)
    """The side in pixels of the square that one token covers."""
    min_pixels: int = Field(default=4 * 28 * 28, gt=0)
    max_pixels: int = Field(default=16384 * 28 * 28, gt=0)
    context: int = Field(default=32_768, gt=0)
    max_new_tokens: int = Field(default=512, gt=0)
    """The longest reply, without its thought if `thought_tokens` limits that."""
    thought_tokens: int = Field(default=0, ge=0)
    """The longest thought of a thinking model; a longer one is closed, and the call is requested. 0: no separate
    limit."""
    opens_thought: bool = False
    """Whether the model's chat template begins every reply with `<think>`, so that a reply contains only its end."""
    drops_thoughts: bool = False
    """Whether the model's chat template leaves the thoughts of earlier replies out of the prompt."""
    system_message: str | None = None
    """None: the prompt's text is the system message. Otherwise that text begins the user's first message, and this is
    the system message; if it is empty there is none."""
    answers_in_thought: bool = False
    """Whether the answer is in the thought before the call that ends the task."""
    text_first: bool = False
    """Whether the task's text precedes the first screenshot."""
    notation: str = "function_args"
    """A module of prompts/notations."""
    verifies: bool = False
    """Whether the model is asked, before its claim counts, if the newest screenshot shows that the task is done."""
    screen: Size | None = None
    """The browser viewport that this model was trained on, if it is only one."""
    brief: Brief | None = None
    """The prompt layout of a small model that was trained on it; None: the whole conversation."""

    @model_validator(mode="before")
    @classmethod
    def _of_earlier_records(cls, given: Any) -> Any:
        """Records of earlier versions have the fields of a brief layout among the others."""
        if not isinstance(given, Mapping) or "prompt" not in given:
            return given
        fields = {name: value for name, value in given.items() if name not in ("prompt", *Brief.model_fields)}
        brief = {name: given[name] for name in Brief.model_fields if name in given}
        return fields | {"brief": brief if given["prompt"] == "brief" else None}

    @model_validator(mode="after")
    def _limits_in_order(self) -> "Profile":
        if self.min_pixels > self.max_pixels:
            raise ValueError(f"min_pixels {self.min_pixels} is more than max_pixels {self.max_pixels}")
        if self.reply_tokens >= self.context:
            raise ValueError(f"a reply of {self.reply_tokens} tokens leaves no room in a context of {self.context}")
        if self.opens_thought and not (self.thought_tokens and self.drops_thoughts):
            raise ValueError("opens_thought needs drops_thoughts and a limit, thought_tokens")
        return self

    @property
    def reply_tokens(self) -> int:
        """The longest reply with its thought, which a prompt must leave room for."""
        return self.thought_tokens + self.max_new_tokens

    def image_size(self, size: Size) -> Size:
        """The size at which to send a picture: multiples of the patch, within the pixel limits, nearly the same shape.

        The rule is `smart_resize` of qwen-vl-utils (`vision_process.py`), so a backend's own resize changes nothing.

        Raises:
            UsageError: one side is, or would be after the resize, more than 200 times the other, which backends refuse.
        """
        if self.brief and self.brief.picture:
            return self.brief.picture
        width, height = (max(self.patch, round(side / self.patch) * self.patch) for side in size)
        if width * height > self.max_pixels:
            shrink = math.sqrt(size.width * size.height / self.max_pixels)
            width, height = (max(self.patch, math.floor(side / shrink / self.patch) * self.patch) for side in size)
        elif width * height < self.min_pixels:
            grow = math.sqrt(self.min_pixels / (size.width * size.height))
            width, height = (math.ceil(side * grow / self.patch) * self.patch for side in size)
        sent = Size(width, height)
        if any(max(sides) > MAX_ASPECT * min(sides) for sides in (size, sent)):
            raise UsageError(
                f"A picture of {size} is too long for the model: one side is over {MAX_ASPECT} times the other."
            )
        return sent

    def frame_size(self, image: Size, screen: Size) -> Size:
        """The extent of the model's coordinate space for a picture of this screen that is sent at this size."""
        frames = {"image": image, "thousandths": THOUSANDTHS, "999": UP_TO_999, "parts": PARTS, "screen": screen}
        return frames[self.frame]

    def image_tokens(self, image: Size) -> int:
        """The tokens of a picture that is sent at this size, including the two that enclose it."""
        return (image.width // self.patch) * (image.height // self.patch) + 2


def names() -> list[str]:
    """The names of the profiles."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def by_trial() -> dict[str, list[str]]:
    """The names of the profiles, grouped by what was tried; an unreadable profile is grouped by its error."""
    found: dict[str, list[str]] = {}
    for name in names():
        try:
            said = load(name).tried
        except UsageError as error:
            said = f"broken: {error}"
        found.setdefault(said, []).append(name)
    return found


def load(name: str) -> Profile:
    """The profile of that name, or the one in a TOML file.

    Raises:
        UsageError: there is none, or it is not valid.
    """
    path = Path(name) if name.endswith(".toml") else FOLDER / f"{name}.toml"
    if not path.is_file():
        raise UsageError(f"There is no model {name!r}. The models are: {', '.join(names())}; or pass a .toml file.")
    try:
        return Profile.model_validate({"name": path.stem} | tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(f"The profile {path} is not valid TOML: {error}.") from error
    except ValidationError as error:
        found = "; ".join(
            f"{'.'.join(map(str, problem['loc'])) or 'profile'}: {problem['msg']}" for problem in error.errors()
        )
        raise UsageError(
            f"The profile {path} is wrong: {found}. model/profile.py says what each field means."
        ) from error


def preferred(weights_needed: bool) -> str | None:
    """The model to use when none is named: the first usable one of `PREFERRED`."""
    usable = (name for name in PREFERRED if not weights_needed or not lacking(load(name).weights))
    return next(usable, None)


def adjusted(profile: Profile, **changes: object) -> Profile:
    """The profile with other values in these fields; None leaves a field unchanged.

    Raises:
        UsageError: the values are incompatible.
    """
    given = {name: value for name, value in changes.items() if value is not None}
    try:
        return Profile.model_validate(profile.model_dump() | given)
    except ValidationError as error:
        raise UsageError(f"The model {profile.name} cannot be used like this: {error.errors()[0]['msg']}.") from error
