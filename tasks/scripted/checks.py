"""The schema of the checks in a suite file. Every path is relative to the file's folder."""

import json
import re
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue, model_validator

from actions.geometry import Box

WITHIN_S = 5.0
SHOWN = 200

Command = Annotated[tuple[str, ...], Field(min_length=1)]
State = Literal["visible", "hidden", "enabled", "disabled", "checked", "unchecked", "focused"]


class Part(BaseModel):
    """A part of a suite file."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_by_name=True, validate_by_alias=True)


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"{text!r} is no regular expression: {error}") from error
    return text


def _json_place(text: str) -> str:
    if not re.fullmatch(r"([^.\[\]]+|\[\d+\])(\.[^.\[\]]+|\[\d+\])*", text):
        raise ValueError(f"{text!r} is no place in JSON; write one such as `orders[0].total`")
    return text


class BaseCheck(Part, ABC):
    """What all checks have."""

    within_s: float = Field(default=WITHIN_S, ge=0, le=60)
    """How long it may take until it holds, in seconds from the end of the episode."""
    once: ClassVar[bool] = False
    """Whether it is made once, because waiting changes nothing or costs a model's answer."""
    negated: bool = Field(default=False, alias="not")
    """Whether it must not hold; it may take `within_s` until it no longer does."""

    @abstractmethod
    def expected(self) -> str:
        """What it wants, in words, without the negation."""


class _Text(BaseCheck):
    """A check of a text: that it contains another one, equals it except for surrounding space, or matches a regular
    expression anywhere.
    """

    contains: str | None = None
    equals: str | None = None
    matches: Annotated[str, AfterValidator(_pattern)] | None = None

    @property
    def given(self) -> list[str]:
        return [name for name in ("contains", "equals", "matches") if getattr(self, name) is not None]

    @model_validator(mode="after")
    def _one(self) -> "_Text":
        if len(self.given) != 1:
            raise ValueError("give one of `contains`, `equals` and `matches`")
        return self

    def holds(self, text: str, seen: Callable[[str], str] = str) -> bool:
        """Whether it holds for a text; except for `matches`, both texts are compared as `seen` returns them."""
        if self.matches is not None:
            return re.search(self.matches, text) is not None
        if self.equals is not None:
            return seen(text.strip()) == seen(self.equals.strip())
        return seen(self.contains or "") in seen(text)

    def expected(self) -> str:
        verb = self.given[0]
        return f"{self.subject()} {verb} {getattr(self, verb)[:SHOWN]!r}"

    @abstractmethod
    def subject(self) -> str:
        """What the text is."""


class UrlCheck(_Text):
    """The address of the browser's page."""

    kind: Literal["url"]

    def subject(self) -> str:
        return "the address"


class TitleCheck(_Text):
    """The title of the browser's page, or of the desktop's window with the focus."""

    kind: Literal["title"]

    def subject(self) -> str:
        return "the title"


class TextCheck(_Text):
    """The text on the screen: of the browser's page, of the phone's elements, or read off the desktop's picture.

    Elements and lines of a picture have a line each. `equals` is for one line, or one cell of a table.
    """

    kind: Literal["text"]

    def holds(self, text: str, seen: Callable[[str], str] = str) -> bool:
        parts = [text, *re.split(r"[\n\t]", text)] if self.equals is not None else [text]
        return any(super(TextCheck, self).holds(part, seen) for part in parts)

    def expected(self) -> str:
        return super().expected() if self.equals is None else f"a line of the screen is {self.equals[:SHOWN]!r}"

    def subject(self) -> str:
        return "the text on the screen"


class AnswerCheck(_Text):
    """The agent's answer."""

    kind: Literal["answer"]
    once = True

    def subject(self) -> str:
        return "the answer"


class FileCheck(_Text):
    """A text file on this machine: its text, a value in it if it is JSON, or only that it exists."""

    kind: Literal["file"]
    path: Path
    at: Annotated[str, AfterValidator(_json_place)] | None = Field(default=None, alias="json")
    """The place of a value in a JSON file, such as `orders[0].total`. One that is no text is compared as JSON writes
    it, and so can be given as a number, true, false, or a list."""

    @model_validator(mode="before")
    @classmethod
    def _as_json(cls, given: Any) -> Any:
        if isinstance(given, dict) and "json" in given and not isinstance(wanted := given.get("equals", ""), str):
            return given | {"equals": json.dumps(wanted, ensure_ascii=False, default=str)}
        return given

    @model_validator(mode="after")
    def _one(self) -> "FileCheck":
        if len(self.given) > 1 or (self.at is not None and not self.given):
            raise ValueError("give one of `contains`, `equals` and `matches`, or none of them and no `json`")
        return self

    def expected(self) -> str:
        return super().expected() if self.given else f"the file {self.path} exists"

    def subject(self) -> str:
        return f"{self.at} in the file {self.path}" if self.at is not None else f"the file {self.path}"


class AdbCheck(_Text):
    """The output of a command on the phone; its words are quoted for the phone's shell."""

    kind: Literal["adb"]
    command: Command

    def subject(self) -> str:
        return f"the output of {' '.join(self.command)!r}"


class CommandCheck(_Text):
    """A command on this machine, run in the file's folder without a shell: its exit code, and its output if wanted."""

    kind: Literal["command"]
    command: Command
    exit_code: int = 0

    @model_validator(mode="after")
    def _one(self) -> "CommandCheck":
        if len(self.given) > 1:
            raise ValueError("give at most one of `contains`, `equals` and `matches`")
        return self

    def expected(self) -> str:
        ends = f"{' '.join(self.command)!r} ends with {self.exit_code}"
        return f"{ends} and {super().expected()}" if self.given else ends

    def subject(self) -> str:
        return "its output"


class ElementCheck(BaseCheck):
    """An element of the browser's page, by selector, or by role and accessible name."""

    kind: Literal["element"]
    selector: str | None = None
    role: str | None = None
    name: str | None = None
    state: State | None = None
    """The state of the first such element; without `state`, `value` and `count` one must be visible."""
    value: str | None = None
    """The exact value of the first such field, or the exact text of another element."""
    count: int | None = Field(default=None, ge=0)
    """How many such elements there are."""

    @model_validator(mode="after")
    def _found_by(self) -> "ElementCheck":
        if (self.selector is None) == (self.role is None):
            raise ValueError("give either `selector` or `role`")
        if self.name is not None and self.role is None:
            raise ValueError("`name` goes with `role`")
        return self

    def subject(self) -> str:
        if self.selector is not None:
            return f"the element {self.selector!r}"
        return f"the {self.role}" + (f" {self.name!r}" if self.name is not None else "")

    @property
    def wanted_state(self) -> State | None:
        return self.state or ("visible" if self.value is None and self.count is None else None)

    def expected(self) -> str:
        parts = [f"is there {self.count} times"] if self.count is not None else []
        parts += [f"is {self.wanted_state}"] if self.wanted_state else []
        parts += [f"has the value {self.value[:SHOWN]!r}"] if self.value is not None else []
        return f"{self.subject()} {' and '.join(parts)}"


class JavaScriptCheck(BaseCheck):
    """The value of a JavaScript expression in the browser's page."""

    kind: Literal["javascript"]
    expression: str
    equals: JsonValue = True

    def expected(self) -> str:
        return f"{self.expression[:SHOWN]!r} is {self.equals!r}"


class RegionCheck(BaseCheck):
    """A part of the screen, in input pixels, that must look like a picture of the same size."""

    kind: Literal["region"]
    box: Box
    picture: Path
    tolerance: float = Field(default=0.02, ge=0, le=1)
    """The fraction of its pixels that may differ."""

    def expected(self) -> str:
        return f"the region {tuple(self.box)} looks like {self.picture}"


class QuestionCheck(BaseCheck):
    """A question about the screen, which the model answers with yes or no.

    It is asked once, after the other checks, when the screen is at rest: `within_s` is the time to wait for that.
    """

    kind: Literal["question"]
    asks: str = Field(min_length=1)
    once = True

    def expected(self) -> str:
        return f"the model's answer to {self.asks[:SHOWN]!r} is yes"


Check = Annotated[
    UrlCheck
    | TitleCheck
    | TextCheck
    | AnswerCheck
    | FileCheck
    | AdbCheck
    | CommandCheck
    | ElementCheck
    | JavaScriptCheck
    | RegionCheck
    | QuestionCheck,
    Field(discriminator="kind"),
]
KINDS: tuple[str, ...] = tuple(
    get_args(kind.model_fields["kind"].annotation)[0] for kind in get_args(get_args(Check)[0])
)
DEVICES = {
    "url": ("browser",),
    "title": ("browser", "desktop"),
    "element": ("browser",),
    "javascript": ("browser",),
    "text": ("browser", "android", "desktop"),
    "adb": ("android",),
}
"""The devices on which a kind of check can be made; the other kinds can be made on every device."""
