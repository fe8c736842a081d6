"""TM and EM of function calls: the right function, and exactly the right arguments.

The Qwen2-VL report (section 3.2.7) divides correct calls by attempted calls, a measure by which a model that never
calls cannot lose; its set is unpublished. Here `tm` and `em` are over the expected calls, and `tm_attempted` and
`em_attempted` are the report's. Several calls on one sample are compared regardless of their order. Arguments are equal
as JSON values: numbers by value, keys in any order, defaults filled in, text exactly.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from rich.table import Table

from agent.episode import Mistake, Turn
from devices.functions import Function

NAMELESS = "?"


class Attempt(NamedTuple):
    """An attempted call: its function's name, and the call itself if its arguments are valid."""

    name: str
    call: Function | None


class Called(NamedTuple):
    """A sample's expected and attempted calls."""

    kind: str
    gold: tuple[Function, ...]
    attempts: tuple[Attempt, ...]


def attempts(turns: Iterable[Turn]) -> tuple[Attempt, ...]:
    """The attempted calls among the turns; prose, endings and unreadable replies are not calls."""
    return tuple(attempt for turn in turns if (attempt := _attempt(turn)))


def _attempt(turn: Turn) -> Attempt | None:
    if isinstance(turn.action, Function):
        return Attempt(type(turn.action).__name__, turn.action)
    if turn.mistake and turn.mistake.kind in ("InvalidArguments", "UnknownAction"):
        return Attempt(_name_in(turn.mistake), None)
    return None


def _name_in(mistake: Mistake) -> str:
    """The function whose arguments were refused; the action space's complaint begins with it."""
    return mistake.text.split(":")[0] if mistake.kind == "InvalidArguments" else NAMELESS


def right_names(called: Called) -> int:
    """The number of expected calls with an attempt at the same function."""
    meant = Counter(type(call).__name__ for call in called.gold)
    return (meant & Counter(attempt.name for attempt in called.attempts)).total()


def right_calls(called: Called) -> int:
    """The number of expected calls that were made exactly."""
    return (Counter(called.gold) & Counter(attempt.call for attempt in called.attempts if attempt.call)).total()


def summary(called: Sequence[Called]) -> dict[str, Any]:
    """The JSON summary, plain values only; fractions are 0 to 1, or None for an empty denominator.

    `abstained` is the fraction of samples without any attempt.
    """
    kinds = sorted({one.kind for one in called})
    per_kind = {kind: _figures([one for one in called if one.kind == kind]) for kind in kinds}
    return {**_figures(called), "per_kind": per_kind}


def table(figures: dict[str, Any]) -> Table:
    """A summary for the terminal: one row per kind of picture, and a total row."""
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
