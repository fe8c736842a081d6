"""A suite's results as a table; everything in it is computed from the results, nothing is stored twice."""

from collections.abc import Sequence

from rich.markup import escape
from rich.table import Table

from agent.episode import Ending
from tasks.task import TaskResult


def mean_score(results: Sequence[TaskResult]) -> float | None:
    """The mean over the tasks that could be scored; None where none could."""
    values = [result.score.value for result in results if result.score]
    return sum(values) / len(values) if values else None


def table(results: Sequence[TaskResult]) -> Table:
    """One row per task, and a last line with the mean and the environment failures, which are not in it."""
    grid = Table("task", "score", "ending", "steps", "seconds", "why", title_justify="left")
    for result in results:
        episode, score = result.episode, result.score
        seconds = sum(sum(step.seconds) for step in episode.steps)
        grid.add_row(
            result.task,
            f"{score.value:.2f}" if score else "-",
            episode.ending.value,
            str(len(episode.steps)),
            f"{seconds:.1f}",
            escape(score.why if score else episode.answer),
        )
    mean = mean_score(results)
    failures = sum(result.score is None for result in results)
    grid.caption = (
        f"mean score {'-' if mean is None else f'{mean:.3f}'} over {len(results) - failures} tasks; "
        f"{failures} could not be scored because something but the actor failed"
    )
    return grid


def exit_code(results: Sequence[TaskResult]) -> int:
    """0 when every task has the full score, 130 when stopped, 3 when one could not be scored, else 1."""
    if any(result.episode.ending is Ending.STOPPED for result in results):
        return 130
    if any(result.score is None for result in results):
        return 3
    return 0 if all(result.score and result.score.value == 1.0 for result in results) else 1
