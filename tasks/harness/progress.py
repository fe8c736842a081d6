"""A progress bar for a suite: jobs done, rate, success, and remaining time."""

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from tasks.harness.results import Result
from tasks.harness.summary import percent
from tasks.harness.verdicts import mean_score


class SuiteProgress:
    """A bar at the bottom of a terminal; nothing without a terminal. A context manager."""

    def __init__(self, console: Console, total: int) -> None:
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[success]} success"),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
            console=console,
            disable=not console.is_terminal,
        )
        self._results: list[Result] = []
        self._task = self._bar.add_task("suite", total=total, success="-", rate="")

    def __enter__(self) -> "SuiteProgress":
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def add(self, result: Result) -> None:
        self._results.append(result)
        elapsed = self._bar.tasks[0].elapsed or 0.0
        rate = f"{60 * len(self._results) / elapsed:.1f} a minute" if elapsed else ""
        self._bar.update(self._task, advance=1, success=percent(mean_score(self._results)), rate=rate)
