"""`Outcome` and `Result` of a learned run that was repeated in a changed state, and their table."""

from collections import Counter
from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

from agent.episode import Episode, How


class Outcome(StrEnum):
    """How the repetition on a changed state ended."""

    DONE = "done"
    HANDED_OVER = "handed over"
    WRONG = "wrong"
    NOT_TRIED = "not tried"
    """The device failed."""


class Result(NamedTuple):
    """The outcome of a case, and why."""

    outcome: Outcome
    why: str


def judged(episode: Episode, wrong: str, complete: bool) -> Result:
    """The result of an episode, in which nothing or something was pressed that is `wrong`."""
    if wrong:
        return Result(Outcome.WRONG, wrong)
    if episode.finished and not complete:
        return Result(Outcome.WRONG, "finished without having done it")
    hows = [step.turn.repetition.how for step in episode.steps if step.turn.repetition]
    if episode.finished:
        return Result(Outcome.DONE, ", ".join(hows))
    return Result(Outcome.HANDED_OVER if How.HANDED_OVER in hows or not hows else Outcome.WRONG, episode.answer)


def table(results: Sequence[tuple[str, Result]]) -> str:
    """Kinds against outcomes."""
    counts = Counter((kind, result.outcome) for kind, result in results)
    totals = Counter(result.outcome for _, result in results)
    lines = [f"{kind:32}" + "".join(f"{counts[kind, each]:>13}" for each in Outcome) for kind in dict(results)]
    sums = f"{'all':32}" + "".join(f"{totals[each]:>13}" for each in Outcome)
    return "\n".join([f"{'':32}" + "".join(f"{each:>13}" for each in Outcome), *lines, sums])
