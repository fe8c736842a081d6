"""The figures of an offline benchmark: TM and EM, a row per type of action, whole episodes and goal progress."""

from collections.abc import Sequence
from itertools import takewhile
from typing import Any, NamedTuple

from rich.table import Table

from tasks.offline.rules import Match


class Matched(NamedTuple):
    """One step's match and its groups."""

    episode: str
    group: str
    kind: str
    match: Match
    readable: bool
    """False if the reply has no readable action: wrong in TM and EM."""
    blank: bool = False
    """Whether the typed text is only spaces, which some rules accept for any text."""


def summary(matched: Sequence[Matched], rule: str) -> dict[str, Any]:
    """The JSON summary, plain values only; fractions are 0 to 1, or None for an empty denominator.

    `tm` and `em` are over all steps. `blank_text` counts the EM that typed only spaces. `grounding` is correct clicks
    over clicks of the right type (OS-Atlas). `episode_success` is the fraction of episodes whose steps are all EM,
    `goal_progress` the mean fraction of an episode before its first step without EM; both consider the steps that were
    run. `per_group` has the same per group.
    """
    groups = sorted({one.group for one in matched})
    per_group = {group: _figures([one for one in matched if one.group == group]) for group in groups}
    return {"rule": rule, **_figures(matched), "per_group": per_group}


def _figures(matched: Sequence[Matched]) -> dict[str, Any]:
    kinds = sorted({one.kind for one in matched})
    clicks = [one.match for one in matched if one.kind == "click" and one.match.type]
    progress = [_progress(steps) for steps in _episodes(matched)]
    return {
        **_counts(matched),
        "wrong_format": sum(not one.readable for one in matched),
        "blank_text": sum(one.blank and one.match.exact for one in matched),
        "grounding": _part([match.exact for match in clicks]),
        "episodes": len(progress),
        "episode_success": _part([part == 1 for part in progress]),
        "goal_progress": sum(progress) / len(progress) if progress else None,
        "per_action": {kind: _counts([one for one in matched if one.kind == kind]) for kind in kinds},
    }


def table(figures: dict[str, Any]) -> Table:
    """A summary for the terminal: one row per type of action, then per group, then all."""
    grid = Table("recorded", "steps", "TM", "EM", "grounding", "episode success", "goal progress", "wrong_format")
    for name, row in figures["per_action"].items():
        grid.add_row(name, str(row["total"]), _percent(row["tm"]), _percent(row["em"]))
    grid.add_section()
    for name, row in [*figures["per_group"].items(), ("all", figures)]:
        parts = (_percent(row[key]) for key in ("tm", "em", "grounding", "episode_success", "goal_progress"))
        grid.add_row(name, str(row["total"]), *parts, str(row["wrong_format"]))
    grid.caption = f"rule {figures['rule']}, {figures['episodes']} episodes"
    return grid


def _counts(matched: Sequence[Matched]) -> dict[str, Any]:
    return {
        "total": len(matched),
        "tm": _part([one.match.type for one in matched]),
        "em": _part([one.match.exact for one in matched]),
    }


def _episodes(matched: Sequence[Matched]) -> list[list[Matched]]:
    episodes: dict[str, list[Matched]] = {}
    for one in matched:
        episodes.setdefault(one.episode, []).append(one)
    return list(episodes.values())


def _progress(steps: Sequence[Matched]) -> float:
    return sum(1 for _ in takewhile(lambda one: one.match.exact, steps)) / len(steps)


def _part(marks: Sequence[bool]) -> float | None:
    return sum(marks) / len(marks) if marks else None


def _percent(part: float | None) -> str:
    return "-" if part is None else f"{part:.1%}"
