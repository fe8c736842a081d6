"""The schemas of a run's files: `Line`, `Decided` and `Result`."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, PlainSerializer, PlainValidator

from actions.action import Action, Outcome
from actions.geometry import Size
from agent.episode import Ending, Mistake, Repetition, Seconds, Usage
from agent.run_info import find_kind, kind_name
from devices import Intervention, Settling


def _read_action(value: object) -> Action:
    if isinstance(value, Action):
        return value
    if not isinstance(value, dict) or not isinstance(value.get("kind"), str):
        raise ValueError("an action is recorded as its kind and its fields")
    return find_kind(value["kind"]).model_validate({name: part for name, part in value.items() if name != "kind"})


def _write_action(action: Action) -> dict[str, object]:
    return {"kind": kind_name(type(action)), **action.model_dump(mode="json")}


RecordedAction = Annotated[Action, PlainValidator(_read_action), PlainSerializer(_write_action)]


class Seen(BaseModel):
    """A look, with its picture as a file name."""

    model_config = ConfigDict(extra="forbid")

    picture: str
    screen: Size
    observed: str
    settling: Settling | None
    location: str = ""
    intervention: Intervention | None = None


class Verified(Seen):
    """How it was checked that the task is done, on a look of its own."""

    question: str
    holds: bool
    reason: str
    reply: str | None
    ids: tuple[int, ...]
    usage: Usage | None


class Decided(Seen):
    """`pending.json`: a look, and the turn that was decided on it."""

    index: int
    reply: str
    ids: tuple[int, ...]
    thought: str
    action: RecordedAction | None
    mistake: Mistake | None
    usage: Usage | None
    part: int = 0
    hint: str = ""
    turn_ending: Ending | None = None
    verification: Verified | None = None
    repetition: Repetition | None = None


class Line(Decided):
    """One line of `trajectory.jsonl`: a step."""

    outcome: Outcome
    seconds: Seconds


class Result(BaseModel):
    """`result.json`."""

    ending: Ending
    answer: str
    score: float | None = None
    why: str = ""
