"""`Example`: one task in OSWorld's JSON format, validated, with its seeded values filled in."""

import inspect
import json
import string
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator, model_validator

from actions.errors import UsageError
from tasks.osworld.evaluators import GETTERS, METRICS


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Launch(_Strict):
    """Starts a program without waiting."""

    type: Literal["launch"]
    command: list[str] = Field(min_length=1)


class Execute(_Strict):
    """Runs a program and waits for its end."""

    type: Literal["execute"]
    command: list[str] = Field(min_length=1)


class Sleep(_Strict):
    """Waits."""

    type: Literal["sleep"]
    seconds: float = Field(gt=0, le=60)


class ActivateWindow(_Strict):
    """Waits for the window with this text in its title, and focuses it."""

    type: Literal["activate_window"]
    window_name: str = Field(min_length=1)


class WriteFile(_Strict):
    """Writes a text file. OSWorld downloads its files; this step is our own."""

    type: Literal["write_file"]
    path: Path
    content: str


def _flat(value: Any) -> Any:
    """A step; OSWorld stores its arguments under `parameters`."""
    if isinstance(value, dict) and isinstance(value.get("parameters"), dict) and len(value) == 2:
        return {**value["parameters"], "type": value.get("type")}
    return value


SetupStep = Annotated[
    Annotated[Launch | Execute | Sleep | ActivateWindow | WriteFile, Field(discriminator="type")],
    BeforeValidator(_flat),
]


class Getter(BaseModel):
    """The source of a value; its arguments are beside its type."""

    model_config = ConfigDict(frozen=True, extra="allow")
    type: str

    @field_validator("type")
    @classmethod
    def _known(cls, name: str) -> str:
        if name not in GETTERS:
            raise ValueError(f"there is no getter {name!r}; the getters are {', '.join(GETTERS)}")
        return name

    @model_validator(mode="after")
    def _complete(self) -> "Getter":
        _check_call(self.type, GETTERS[self.type], None, **self.given)
        return self

    @property
    def given(self) -> dict[str, Any]:
        """Its arguments."""
        return self.model_extra or {}


def _check_call(name: str, function: Callable[..., Any], *given: object, **named: object) -> None:
    """Raises ValueError if the function does not accept these arguments."""
    try:
        inspect.signature(function).bind(*given, **named)
    except TypeError as error:
        raise ValueError(f"{name}: {error}") from error


class Measure(_Strict):
    """One evaluator function and its arguments."""

    func: str
    result: Getter
    expected: Getter | None = None
    options: dict[str, Any] = {}

    @model_validator(mode="after")
    def _known(self) -> "Measure":
        if self.func not in METRICS:
            raise ValueError(
                f"there is no evaluator function {self.func!r}; the functions are infeasible, {', '.join(METRICS)}"
            )
        _check_call(self.func, METRICS[self.func], *([None, None] if self.expected else [None]), **self.options)
        return self


class Evaluator(_Strict):
    """The scoring. A task without measures is infeasible: giving up is correct there, and wrong elsewhere."""

    measures: list[Measure]
    conj: Literal["and", "or"] = "and"
    postconfig: list[SetupStep] = []


def _in_measures(value: Any) -> Any:
    """OSWorld's `func`, `result`, `expected` and `options`, each one or a list of the same length, as measures."""
    if not isinstance(value, dict) or "func" not in value:
        raise ValueError("func is missing: say what evaluates it")
    value = dict(value)
    parts = {name: value.pop(name) for name in ("func", "result", "expected", "options") if name in value}
    if parts["func"] == "infeasible":
        return {**value, "measures": []}
    columns = {name: part if isinstance(part, list) else [part] for name, part in parts.items()}
    if uneven := [name for name, column in columns.items() if len(column) != len(columns["func"])]:
        raise ValueError(f"{uneven[0]} must be a list of {len(columns['func'])}, as func is")
    rows = zip(*columns.values(), strict=True)
    given = [{name: part for name, part in zip(columns, row, strict=True) if part is not None} for row in rows]
    return {**value, "measures": given}


class Example(_Strict):
    """A task. Other fields of OSWorld's files are accepted and ignored."""

    id: str = Field(pattern=r"^[\w-]+$")
    instruction: str = Field(min_length=1)
    config: list[SetupStep] = []
    evaluator: Annotated[Evaluator, BeforeValidator(_in_measures)]
    snapshot: str = ""
    source: str | list[str] = ""
    trajectory: str = ""
    related_apps: list[str] = []
    proxy: bool = False
    fixed_ip: bool = False
    possibility_of_env_change: str = ""


def load(path: Path, particulars: Mapping[str, str]) -> Example:
    """The task in a file, with these values substituted for `$NAME`; `$$` is a dollar.

    Raises:
        UsageError: it is not such a task; the message says why.
    """
    try:
        return Example.model_validate(_filled(json.loads(path.read_text(encoding="utf-8")), particulars))
    except json.JSONDecodeError as error:
        raise UsageError(f"{path}:{error.lineno}: this is not JSON: {error.msg}.") from error
    except (KeyError, ValueError) as error:
        raise UsageError(f"{path}: {_complaint(error)}") from error


def _filled(value: Any, particulars: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return string.Template(value).substitute(particulars)
    if isinstance(value, list):
        return [_filled(each, particulars) for each in value]
    if isinstance(value, dict):
        return {name: _filled(each, particulars) for name, each in value.items()}
    return value


def _complaint(error: Exception) -> str:
    if isinstance(error, ValidationError):
        problem = error.errors(include_url=False)[0]
        place = ".".join(map(str, problem["loc"]))
        return f"{place or 'the task'}: {problem['msg'].removeprefix('Value error, ')}."
    if isinstance(error, KeyError):
        return f"${error.args[0]} is not a value that a task can have."
    return f"{error}. A dollar is written $$."
