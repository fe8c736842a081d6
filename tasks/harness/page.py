"""`write_page`: one HTML page for a suite's run, for one episode, or for two runs side by side.

A suite's page links to the players of its episodes. It needs nothing but the screenshots, which remain files of the
run. Text of a model or a screen is untrusted: jinja2 escapes all of it, and a suite's page forbids scripts.
"""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from agent.record import write_whole
from agent.run_info import read_info
from tasks.harness.manifest import MANIFEST, Manifest, read_manifest
from tasks.harness.player import PAGE, write_player
from tasks.harness.results import MODEL, Job, Result, Results, in_order
from tasks.harness.story import ShownStep, shown_steps
from tasks.harness.summary import Cell, Summary, percent, summarised

EXAMPLES = 6


class ShownEpisode(NamedTuple):
    """One episode as the page shows it."""

    name: str
    instruction: str
    result: Result
    steps: tuple[ShownStep, ...]
    player: str
    """The address of its player; empty without a record."""

    @property
    def example(self) -> ShownStep | None:
        """The last step with a point, else the last one."""
        return next((step for step in reversed(self.steps) if step.points), self.steps[-1] if self.steps else None)


class SuiteRun(NamedTuple):
    """A suite's run, read from its folder."""

    folder: Path
    manifest: Manifest
    summary: Summary
    results: dict[Job, Result]

    @property
    def attempts(self) -> list[Result]:
        """The results, each after those of the attempts before it."""
        return [each for result in self.results.values() for each in (*result.earlier, result)]


class Row(NamedTuple):
    """The same cell of two runs."""

    name: str
    first: Cell | None
    second: Cell | None

    @property
    def difference(self) -> str:
        """The gain of the second over the first, in percentage points."""
        before, after = (cell.success_rate if cell else None for cell in (self.first, self.second))
        return "" if before is None or after is None else f"{100 * (after - before):+.1f}"


def write_page(folder: Path) -> Path:
    """The page of a suite's run and the players of its episodes, or the player of one, written into their folders.

    Raises:
        UsageError: the folder has neither. RecordFailure: a file of it cannot be read.
    """
    if not (folder / MANIFEST).is_file():
        return write_player(folder)
    run = read_suite(folder)
    for result in run.attempts:
        record = folder / result.place
        if _recorded(record):
            write_player(record, result, suite=os.path.relpath(folder, record))
    return _written(folder / PAGE, "suite.html.j2", **_suite_parts(run))


def write_comparison(first: Path, second: Path) -> Path:
    """The page that compares two runs of suites, written into the first one's folder.

    Raises:
        UsageError: a folder has no suite's run.
    """
    runs = [read_suite(first), read_suite(second)]
    both = [job for job in runs[0].results if job in runs[1].results]
    differing = [job for job in both if runs[0].results[job].value != runs[1].results[job].value]
    kinds = dict.fromkeys([*runs[0].summary.per_task, *runs[1].summary.per_task])
    rows = [Row(kind, runs[0].summary.per_task.get(kind), runs[1].summary.per_task.get(kind)) for kind in kinds]
    pairs = [[shown(run.folder / run.results[job].place, first, run.results[job]) for run in runs] for job in differing]
    name = f"compared-with-{second.resolve().name}.html"
    return _written(
        first / name,
        "comparison.html.j2",
        title=f"{first.resolve().name} and {second.resolve().name}",
        runs=runs,
        rows=[*rows, Row("all", runs[0].summary, runs[1].summary)],
        pairs=pairs,
        common=len(both),
        only=[len(run.results) - len(both) for run in runs],
    )


def read_suite(folder: Path) -> SuiteRun:
    """A suite's run. Raises UsageError if the folder has none."""
    manifest = read_manifest(folder)
    results = Results(folder / "results.jsonl")
    own = {result.job: result for result in in_order(results) if result.actor == MODEL}
    return SuiteRun(folder, manifest, summarised(manifest.suite, str(folder), results), own)


def shown(run: Path, page: Path, result: Result) -> ShownEpisode:
    """One episode of a suite, with addresses relative to the folder `page`."""
    if not _recorded(run):
        return ShownEpisode(result.place.as_posix(), "", result, (), "")
    player = quote(os.path.relpath(run / PAGE, page).replace(os.sep, "/"))
    steps = tuple(shown_steps(run, page, result.target))
    return ShownEpisode(result.place.as_posix(), read_info(run).instruction, result, steps, player)


def _recorded(run: Path) -> bool:
    return (run / "run.json").is_file()


def _suite_parts(run: SuiteRun) -> dict[str, object]:
    episodes = [shown(run.folder / each.place, run.folder, each) for each in run.attempts]
    return {
        "title": f"{run.summary.suite}: {percent(run.summary.success_rate)}",
        "run": run,
        "episodes": episodes,
        "failures": list(_examples(episodes, good=False)),
        "successes": list(_examples(episodes, good=True)),
    }


def _examples(episodes: Sequence[ShownEpisode], good: bool) -> Iterator[ShownEpisode]:
    """The first episodes with a picture that passed, or did not."""
    fitting = [each for each in episodes if each.example and each.result.passed is good]
    yield from fitting[:EXAMPLES]


def _written(path: Path, template: str, **parts: object) -> Path:
    pages = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "pages"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    pages.filters["percent"] = percent
    write_whole(path, pages.get_template(template).render(parts).encode())
    return path
