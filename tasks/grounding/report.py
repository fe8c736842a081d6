"""The figures of a grounding benchmark, computed from verdicts: per group, per cell, `micro` and `macro6`."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from rich.table import Table

from tasks.grounding.item import Verdict

THREE_PLATFORMS = {"mobile", "desktop", "web"}


class Judged(NamedTuple):
    """One item's verdict, group and type."""

    group: str
    ui_type: str
    verdict: Verdict


def accuracy(judged: Sequence[Judged]) -> float | None:
    """The fraction of correct items, 0 to 1; None without items."""
    return sum(one.verdict is Verdict.CORRECT for one in judged) / len(judged) if judged else None


def summary(judged: Sequence[Judged]) -> dict[str, Any]:
    """The JSON summary, plain values only.

    `correct`, `total` and `wrong_format` are counts; `micro` is their quotient, the mean over items; `text` and `icon`
    are the means over items of that type, 0 to 1, or None without items. `per_group` has the same per group, `cells`
    the mean of each group and type. `macro6`, the unweighted mean over cells, exists only for the ScreenSpot platforms:
    SeeClick and UGround report it, most tables of v2 report `micro`.
    """
    groups = sorted({one.group for one in judged})
    cells = sorted({(one.group, one.ui_type) for one in judged})
    of_cell = {
        f"{group}-{ui_type}": _mean([one for one in judged if (one.group, one.ui_type) == (group, ui_type)])
        for group, ui_type in cells
    }
    macro = {"macro6": sum(of_cell.values()) / len(of_cell)} if groups and set(groups) <= THREE_PLATFORMS else {}
    per_group = {group: _counts([one for one in judged if one.group == group]) for group in groups}
    return {**_counts(judged), **macro, "cells": of_cell, "per_group": per_group}


def table(figures: dict[str, Any]) -> Table:
    """A summary for the terminal: one row per group, and a total row."""
    grid = Table("group", "correct / total", "accuracy", "text", "icon", "wrong_format")
    for name, row in [*figures["per_group"].items(), ("all", figures)]:
        shares = (_percent(row[key]) for key in ("micro", "text", "icon"))
        grid.add_row(name, f"{row['correct']} / {row['total']}", *shares, str(row["wrong_format"]))
    if "macro6" in figures:
        grid.caption = f"micro {_percent(figures['micro'])}, macro6 {_percent(figures['macro6'])}"
    return grid


def _counts(judged: Sequence[Judged]) -> dict[str, Any]:
    return {
        "correct": sum(one.verdict is Verdict.CORRECT for one in judged),
        "total": len(judged),
        "micro": accuracy(judged),
        "text": accuracy([one for one in judged if one.ui_type == "text"]),
        "icon": accuracy([one for one in judged if one.ui_type == "icon"]),
        "wrong_format": sum(one.verdict is Verdict.WRONG_FORMAT for one in judged),
    }


def _mean(judged: Sequence[Judged]) -> float:
    return accuracy(judged) or 0.0


def _percent(part: float | None) -> str:
    return "-" if part is None else f"{part:.1%}"
