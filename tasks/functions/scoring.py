"""TM and EM of function calls: the right function, and exactly the right arguments.

The Qwen2-VL report (section 3.2.7) scores calls over calls attempted, by which a model that does not call cannot lose;
its set is unpublished. Here `tm` and `em` are over the calls that were meant, and `tm_attempted` and `em_attempted`
are the report's. Several calls to one sample are compared without regard to their order. Arguments are equal as JSON
values: numbers by value, keys in any order, defaults filled in, text letter by letter.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from rich.table import Table

from agent.episode import Mistake, Turn
from devices.functions import Function

NAMELESS = "?"


class Attempt(NamedTuple):
    """A call that was tried: its function's name, and the call where its arguments are ones that the function takes."""

    name: str
    call: Function | None


class Called(NamedTuple):
    """A sample's calls as they were meant and as they were tried."""

    kind: str
    gold: tuple[Function, ...]
    attempts: tuple[Attempt, ...]


def attempts(turns: Iterable[Turn]) -> tuple[Attempt, ...]:
    """The calls among the turns; plain words, endings and what cannot be read are none."""
    return tuple(attempt for turn in turns if (attempt := _attempt(turn)))


def _attempt(turn: Turn) -> Attempt | None:
    if isinstance(turn.action, Function):
        return Attempt(type(turn.action).__name__, turn.action)
    if turn.mistake and turn.mistake.kind in ("InvalidArguments", "UnknownAction"):
        return Attempt(_name_in(turn.mistake), None)
    return None


def _name_in(mistake: Mistake) -> str:
    """The function whose arguments were refused, with which the action space's complaint begins."""
    return mistake.text.split(":")[0] if mistake.kind == "InvalidArguments" else NAMELESS


def right_names(called: Called) -> int:
    """How many of the calls meant have a call of the same function."""
    meant = Counter(type(call).__name__ for call in called.gold)
    return (meant & Counter(attempt.name for attempt in called.attempts)).total()


def right_calls(called: Called) -> int:
    """How many of the calls meant were made exactly."""
    return (Counter(called.gold) & Counter(attempt.call for attempt in called.attempts if attempt.call)).total()


def summary(called: Sequence[Called]) -> dict[str, Any]:
    """What `--json` prints, plain values only; parts are 0 to 1, or None where there is nothing to divide by.

    `abstained` is the part of the samples without any attempt.
    """
    kinds = sorted({one.kind for one in called})
    per_kind = {kind: _figures([one for one in called if one.kind == kind]) for kind in kinds}
    return {**_figures(called), "per_kind": per_kind}


def table(figures: dict[str, Any]) -> Table:
    """A summary for the terminal: one row per kind of picture, and all of them together in the last."""
    grid = Table("picture", "samples", "calls", "TM", "EM", "attempted", "TM attempted", "EM attempted", "abstained")
    for name, row in [*figures["per_kind"].items(), ("all", figures)]:
        first, second = (tuple(_percent(row[key]) for key in keys) for keys in (("tm", "em"), _OF_ATTEMPTED))
        counts = str(row["samples"]), str(row["calls"])
        grid.add_row(name, *counts, *first, str(row["attempted"]), *second)
    return grid


_OF_ATTEMPTED = ("tm_attempted", "em_attempted", "abstained")


def _figures(called: Sequence[Called]) -> dict[str, Any]:
    calls, tried = sum(len(one.gold) for one in called), sum(len(one.attempts) for one in called)
    names, exact = sum(map(right_names, called)), sum(map(right_calls, called))
    return {
        "samples": len(called),
        "calls": calls,
        "attempted": tried,
        "tm": _part(names, calls),
        "em": _part(exact, calls),
        "tm_attempted": _part(names, tried),
        "em_attempted": _part(exact, tried),
        "abstained": _part(sum(not one.attempts for one in called), len(called)),
    }


def _part(count: int, whole: int) -> float | None:
    return count / whole if whole else None


def _percent(part: float | None) -> str:
    return "-" if part is None else f"{part:.1%}"
