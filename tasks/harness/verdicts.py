"""The mean and the exit code of results."""

from collections.abc import Sequence
from typing import Protocol

from agent.episode import Ending


class Verdict(Protocol):
    """How an attempt ended, and its score; None if something other than the actor failed."""

    @property
    def ending(self) -> Ending: ...

    @property
    def value(self) -> float | None: ...


def mean_score(results: Sequence[Verdict]) -> float | None:
    """The mean over the tasks that could be scored; None if none could."""
    values = [result.value for result in results if result.value is not None]
    return sum(values) / len(values) if values else None


def exit_code(results: Sequence[Verdict]) -> int:
    """0 if every task has the full score, 130 if stopped, 3 if one could not be scored, else 1."""
    if any(result.ending is Ending.STOPPED for result in results):
        return 130
    if any(result.value is None for result in results):
        return 3
    return 0 if all(result.value == 1.0 for result in results) else 1
