"""A suite's results as numbers: `Summary`, which `--json` prints, and the table for a terminal."""

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from pydantic import BaseModel
from rich.table import Column, Table

from tasks.harness.results import MODEL, Result, in_order
from tasks.harness.verdicts import mean_score

Z_95 = 1.959964
"""The two-sided 95 % quantile of the normal distribution."""


class Interval(NamedTuple):
    """A confidence interval of a success rate."""

    low: float
    high: float


class Cell(BaseModel):
    """The figures of some episodes.

    An episode in which something other than the actor failed has no score. `success_rate` excludes it (the lenient
    mean, as in AndroidWorld), `success_rate_strict` counts it as 0. A score between 0 and 1 counts in proportion.
    """

    episodes: int
    success_rate: float | None
    success_rate_strict: float | None
    interval: Interval | None
    """Wilson's 95 % interval of `success_rate`."""
    interval_strict: Interval | None
    """The same of `success_rate_strict`, over all episodes."""
    environment_errors: int
    failures: int = 0
    """Scored episodes without the full score."""
    claims: int = 0
    """Scored episodes that ended as answered or finished."""
    false_claims: int = 0
    """Those of them without the full score: the failures that claim success."""
    flaky: int = 0
    """Episodes that passed, but not at the first attempt."""
    attacks: int = 0
    """Scored episodes of tasks with an attacker."""
    attacks_reached: int = 0
    """Those of them in which the attacker's goal was reached."""


class Summary(Cell):
    """The JSON summary of a suite."""

    suite: str
    run: str
    """The run's folder."""
    mistakes: int
    crashes: int
    steps: int
    seconds: float = 0.0
    """The time of all steps: look, decision and action."""
    per_task: dict[str, Cell]
    """The figures by kind of task."""
    baselines: dict[str, Cell]
    """The figures of the requested baselines on the same tasks."""
    benchmark: dict[str, object] | None = None
    """A published benchmark's own figures, as in `--rescore`."""


def wilson(rate: float, count: int, z: float = Z_95) -> Interval:
    """The score interval of Wilson, "Probable inference, the law of succession, and statistical inference" (1927)."""
    divisor = 1 + z * z / count
    centre = (rate + z * z / (2 * count)) / divisor
    half = z * math.sqrt(rate * (1 - rate) / count + z * z / (4 * count * count)) / divisor
    return Interval(round(max(0.0, centre - half), 4), round(min(1.0, centre + half), 4))


def summarised(suite: str, run: str, results: Iterable[Result]) -> Summary:
    """The numbers of a suite's results, in an order independent of the results' order."""
    ordered = in_order(results)
    own = [result for result in ordered if result.actor == MODEL]
    baselines = sorted({result.actor for result in ordered} - {MODEL})
    return Summary(
        suite=suite,
        run=run,
        mistakes=sum(sum(result.mistakes.values()) for result in own),
        crashes=sum(result.crashed for result in own),
        steps=sum(result.steps for result in own),
        seconds=round(sum(result.seconds for result in own), 3),
        per_task={kind: cell(group) for kind, group in _by_kind(own).items()},
        baselines={name: cell([result for result in ordered if result.actor == name]) for name in baselines},
        **dict(cell(own)),
    )


def cell(results: Sequence[Result]) -> Cell:
    """The numbers of these results."""
    scored = [result.value for result in results if result.value is not None]
    mean = mean_score(results)
    claimed = [result.value for result in results if result.value is not None and result.ending.exit_code == 0]
    strict = sum(scored) / len(results) if results else None
    return Cell(
        episodes=len(results),
        success_rate=None if mean is None else round(mean, 6),
        success_rate_strict=None if strict is None else round(strict, 6),
        interval=None if mean is None else wilson(mean, len(scored)),
        interval_strict=None if strict is None else wilson(strict, len(results)),
        environment_errors=len(results) - len(scored),
        failures=sum(value < 1 for value in scored),
        claims=len(claimed),
        false_claims=sum(value < 1 for value in claimed),
        flaky=sum(result.flaky for result in results),
        attacks=sum(result.harmed is not None for result in results),
        attacks_reached=sum(result.harmed is True for result in results),
    )


def table(summary: Summary) -> Table:
    """One row per kind of task, the whole suite below, and the baselines under it."""
    names = (Column(name, no_wrap=True) for name in ("episodes", "success", "95 %", "strict", "95 %"))
    grid = Table(Column("task", overflow="fold"), *names, "env errors", caption_justify="left")
    for kind, numbers in summary.per_task.items():
        grid.add_row(kind, *_row(numbers))
    grid.add_section()
    grid.add_row(summary.suite, *_row(summary), style="bold")
    for name, numbers in summary.baselines.items():
        grid.add_row(f"baseline {name}", *_row(numbers), style="dim")
    grid.caption = (
        "success excludes episodes in which something other than the actor failed; strict counts them as 0. "
        "95 % is Wilson's interval of the mean before it. "
        "False claims (ended as answered or finished without the full score): "
        f"{summary.false_claims} of {summary.claims} claims, and of {summary.failures} failures. "
        f"{summary.mistakes} mistakes of the actor, {summary.crashes} crashed workers."
    )
    if summary.steps:
        grid.caption += f" {summary.seconds / summary.steps:.2f} s a step."
    if summary.flaky:
        grid.caption += f" {summary.flaky} flaky: passed, but not at the first attempt."
    if summary.attacks:
        grid.caption += f" {attacks(summary)}"
    return grid


def attacks(summary: Summary) -> str:
    """How many goals of attackers were reached, by the model and by each baseline."""
    cells: dict[str, Cell] = {"": summary} | {f" by the baseline {name}": of for name, of in summary.baselines.items()}
    reached = [f"{cell.attacks_reached} of {cell.attacks}{by}" for by, cell in cells.items()]
    return f"Goals of attackers that were reached: {', '.join(reached)}."


def percent(rate: float | None) -> str:
    return "-" if rate is None else f"{100 * rate:.1f} %"


def _row(numbers: Cell) -> tuple[str, ...]:
    return (
        str(numbers.episodes),
        percent(numbers.success_rate),
        _low_high(numbers.interval),
        percent(numbers.success_rate_strict),
        _low_high(numbers.interval_strict),
        str(numbers.environment_errors),
    )


def _low_high(interval: Interval | None) -> str:
    return "-" if interval is None else "{:.1f}-{:.1f}".format(*(100 * end for end in interval))


def _by_kind(results: Iterable[Result]) -> dict[str, list[Result]]:
    groups: dict[str, list[Result]] = {}
    for result in results:
        groups.setdefault(result.kind, []).append(result)
    return groups
