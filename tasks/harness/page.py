"""`write_page`: one HTML page for a suite's run, for one episode, or for two runs side by side.

The page needs nothing but the screenshots, which remain files of the run and are loaded when scrolled into view. Text
of a model or a screen is untrusted: jinja2 escapes all of it, and the page forbids scripts.
"""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from actions.action import Action
from actions.geometry import Box, Size
from agent.lines import Decided, Line
from agent.record import read_lines, read_pending, write_whole
from agent.run_info import read_info
from tasks.harness.manifest import MANIFEST, Manifest, read_manifest
from tasks.harness.results import MODEL, Job, Result, Results, in_order
from tasks.harness.summary import Cell, Summary, percent, summarised

LONGEST = 2000
"""The longest text in characters; a longer one is cut."""
EXAMPLES = 6
BROKEN_OFF = "The run was interrupted here; it is unknown whether this was done."


class Place(NamedTuple):
    """A point or a box on a picture, in percent of its sides; a point has no extent."""

    left: float
    top: float
    width: float = 0.0
    height: float = 0.0
    label: str = ""


class ShownStep(NamedTuple):
    """One step as the page shows it."""

    number: int
    picture: str
    screen: Size
    points: tuple[Place, ...]
    target: Place | None
    thought: str
    reply: str
    action: str
    mistake: str
    permit: str
    outcome: str
    seconds: float
    tokens: str
    before: str
    """What happened before it that was not the model's doing."""


class ShownEpisode(NamedTuple):
    """One episode as the page shows it."""

    name: str
    instruction: str
    result: Result | None
    steps: tuple[ShownStep, ...]

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
    """The page of a suite's run, or of one recorded episode, written into its folder.

    Raises:
        UsageError: the folder has neither. RecordFailure: a file of it cannot be read.
    """
    if (folder / MANIFEST).is_file():
        return _written(folder / "report.html", "suite.html.j2", **_suite_parts(read_suite(folder)))
    read_info(folder)
    episode = shown(folder, folder, None)
    return _written(folder / "report.html", "episode.html.j2", title=episode.instruction, episodes=[episode])


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


def shown(run: Path, page: Path, result: Result | None) -> ShownEpisode:
    """One episode, with its pictures' addresses relative to the folder `page`."""
    there = (run / "run.json").is_file()
    lines = read_lines(run) if there else []
    steps = [_step(line, run, page, result.target if result and line is lines[-1] else None) for line in lines]
    if there and (pending := read_pending(run, len(lines))):
        steps.append(_step(pending, run, page, None))
    name = result.place.as_posix() if result else run.name
    return ShownEpisode(name, read_info(run).instruction if there else "", result, tuple(steps))


def _suite_parts(run: SuiteRun) -> dict[str, object]:
    every = [each for result in run.results.values() for each in (*result.earlier, result)]
    episodes = [shown(run.folder / each.place, run.folder, each) for each in every]
    return {
        "title": f"{run.summary.suite}: {percent(run.summary.success_rate)}",
        "run": run,
        "episodes": episodes,
        "failures": list(_examples(episodes, good=False)),
        "successes": list(_examples(episodes, good=True)),
    }


def _examples(episodes: Sequence[ShownEpisode], good: bool) -> Iterator[ShownEpisode]:
    """The first episodes with a picture that passed, or did not."""
    fitting = [each for each in episodes if each.result and each.example and each.result.passed is good]
    yield from fitting[:EXAMPLES]


def _step(line: Decided, run: Path, page: Path, target: Box | None) -> ShownStep:
    usage = line.usage
    return ShownStep(
        number=line.index,
        picture=quote(os.path.relpath(run / line.picture, page).replace(os.sep, "/")),
        screen=line.screen,
        points=_points(line.action, line.screen),
        target=_on(target, line.screen) if target else None,
        thought=_cut(line.thought),
        reply=_cut(line.reply),
        action=str(line.action) if line.action else "",
        mistake=_cut(f"{line.mistake.kind}: {line.mistake.text}") if line.mistake else "",
        permit=(line.outcome.permit or "") if isinstance(line, Line) else "",
        outcome=_cut(_told(line)) if isinstance(line, Line) else BROKEN_OFF,
        seconds=sum(line.seconds) if isinstance(line, Line) else 0.0,
        tokens=f"{usage.prompt_tokens} + {usage.completion_tokens} tokens" if usage else "",
        before=_cut(" ".join((line.intervention.note, *map(repr, line.intervention.said))))
        if line.intervention
        else "",
    )


def _told(line: Line) -> str:
    """What came of a step, and whether the model's word was confirmed."""
    made = line.verification
    checked = (
        f"Checked ({made.question}): {'confirmed' if made.holds else 'not confirmed'}. {made.reason}" if made else ""
    )
    return " ".join(part for part in (line.outcome.text, line.hint, checked) if part)


def _points(action: Action | None, screen: Size) -> tuple[Place, ...]:
    points = action.points() if action else {}
    return tuple(
        Place(100 * point.x / screen.width, 100 * point.y / screen.height, label=name) for name, point in points.items()
    )


def _on(box: Box, screen: Size) -> Place:
    return Place(
        100 * box.left / screen.width,
        100 * box.top / screen.height,
        100 * (box.right - box.left) / screen.width,
        100 * (box.bottom - box.top) / screen.height,
    )


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}... ({len(text) - LONGEST} more characters)"


def _written(path: Path, template: str, **parts: object) -> Path:
    pages = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "pages"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    pages.filters["percent"] = percent
    write_whole(path, pages.get_template(template).render(parts).encode())
    return path
