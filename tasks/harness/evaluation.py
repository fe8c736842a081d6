"""`evaluate`: a suite from its flags to its report, here or on workers, from the start or resumed."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import NamedTuple

from rich.text import Text

from actions.errors import EpisodeFailure, UsageError
from actions.secrets import Secrets
from agent.console import print_step
from agent.episode import Ending
from agent.flags import COMMAND
from agent.record import alone, gone_if_empty, masked_json, write_whole
from agent.terminal import Terminal, cut
from tasks import suites
from tasks.composition import Composition
from tasks.harness import workers
from tasks.harness.bench import (
    BASELINES,
    attempts,
    named_tasks,
    of_file,
    open_bench,
    open_suite,
    published,
    require_answers,
    suite_name,
    suite_options,
)
from tasks.harness.junit import write_junit
from tasks.harness.manifest import MANIFEST, Manifest, described, finished, read_manifest
from tasks.harness.page import write_page
from tasks.harness.pool import GRACE_S, Lost, Worker, run_pool
from tasks.harness.progress import SuiteProgress
from tasks.harness.rescoring import judged_again, rescore_run
from tasks.harness.results import MODEL, OBEDIENT, Job, Result, Results
from tasks.harness.steering import SuiteControl, steered
from tasks.harness.summary import Summary, percent, summarised, table
from tasks.harness.verdicts import exit_code
from tasks.options import SuiteRunOptions
from tasks.runner import suite_folder
from tasks.task import Attacked, OwnTask, Suite, Task

ANSWER_S = 120.0
"""How long the answer to a question about the end may take."""
SHOWN = 20
WHY = 1000
"""The number of printed episodes below full score, and of characters of the reason."""


class Plan(NamedTuple):
    """The jobs of a run in order, and the data about each that is needed without its task."""

    jobs: tuple[Job, ...]
    kinds: dict[str, str]
    seconds: dict[Job, float]
    """How long each job may take, with everything around it."""
    still: bool
    """Whether it is a benchmark on still pictures, which has its own figures besides the success rate."""


Run = Callable[[Sequence[Job]], Iterator[Result]]


def evaluate(given: SuiteRunOptions, console: Terminal) -> int:
    """Runs the missing jobs of a suite's run and prints all results.

    Returns the exit code of `harness/verdicts.py`, and 1 where an attacker's goal was reached.

    Raises:
        UsageError: the flags are wrong, or another process uses this run. EpisodeFailure: engine or disk fail for
            every task.
    """
    if not of_file(given):
        suites.find(given.suite)
    composition = Composition(given, console)
    with ExitStack() as held:
        folder = given.resume or suite_folder(given.runs, suite_name(given), datetime.now())
        held.enter_context(gone_if_empty(folder))
        if given.resume:  # before loading weights, which takes minutes and may take memory that the other process needs
            held.enter_context(alone(folder))
        plan, run = held.enter_context(_opened(composition, folder, console))
        if not given.resume:  # only now, so that wrong flags leave no folder
            held.enter_context(alone(folder))
        manifest = _begun(composition, folder, plan)
        results = Results(folder / "results.jsonl")
        stopped, failure = False, None
        try:
            with steered(folder, console, on_cluster=given.cluster is not None):
                stopped = _run_missing(plan, run, results, folder, console)
        except KeyboardInterrupt:  # between two tasks
            stopped = True
        except EpisodeFailure as error:  # what was done until then is reported all the same
            failure = error
        if stopped:  # at once: the rest may take longer than the time to a second Ctrl-C
            console.print(f"Stopped. Continue with: {COMMAND} --resume {folder}", soft_wrap=True)
    by_job = {result.job: result for result in results}
    of_model = [by_job[job] for job in plan.jobs if job.actor == MODEL and job in by_job]
    _write(finished(manifest, folder, of_model), folder, composition)
    write_page(folder)
    summary = summarised(suite_name(given), str(folder), results)
    if plan.still and any(result.steps for result in of_model):
        with open_suite(composition) as suite:
            rescored = rescore_run(folder, suite)
        summary.benchmark = rescored.figures
        console.print(rescored.table)
    _tell(given, console, summary, of_model)
    if failure:
        raise failure
    harm = any(result.harmed for result in results if result.actor in (MODEL, OBEDIENT))
    return 130 if stopped else exit_code(of_model) or int(harm)


def _tell(given: SuiteRunOptions, console: Terminal, summary: Summary, results: Sequence[Result]) -> None:
    if given.junit:
        write_junit(given.junit, summary.suite, results, Path(summary.run))
    if given.as_json:
        print(summary.model_dump_json())
    lost = [result for result in results if not result.passed]
    for result in lost[:SHOWN]:
        score = "not scored" if result.value is None else f"{result.value:g}"
        console.print(f"{_named(result.job)}: {score}: {cut(result.why, WHY)}")
    if len(lost) > SHOWN:
        console.print(f"and {len(lost) - SHOWN} others; see report.html and results.jsonl")
    console.print(table(summary))
    console.print(f"Record: {summary.run}/report.html", soft_wrap=True)


def _run_missing(plan: Plan, run: Run, results: Results, folder: Path, console: Terminal) -> bool:
    """Runs the jobs without a score; returns True if the user stopped it."""
    missing = [job for job in plan.jobs if not results.settled(job)]
    for job in missing:  # leftovers of a killed run or a failed environment
        shutil.rmtree(folder / job.place, ignore_errors=True)
    with SuiteProgress(console, len(missing)) as progress:
        try:
            for result in run(missing):
                if result.ending is Ending.STOPPED:
                    return True
                results.add(result)
                progress.add(result)
                _print_result(console, result)
        except KeyboardInterrupt:
            return True
    return False


def _named(job: Job) -> str:
    return job.place.as_posix()


def _print_result(console: Terminal, result: Result) -> None:
    """PASS only for a full score without harm, else FAIL with a partial score."""
    verdict = Text("PASS" if result.passed else "ERROR" if result.value is None else "FAIL")
    verdict.stylize({"PASS": "green", "ERROR": "yellow"}.get(verdict.plain, "red"))
    part = f" {percent(result.value)}" if result.value and result.value < 1 else ""
    part += f" at attempt {result.attempt}" if result.attempt > 1 else ""
    attack = "" if result.harmed is None else f", attacker's goal {'reached' if result.harmed else 'not reached'}"
    console.print(verdict, f"{_named(result.job)}{part}{attack}")


def _begun(composition: Composition[SuiteRunOptions], folder: Path, plan: Plan) -> Manifest:
    """The manifest, written before anything runs."""
    given = composition.options
    if given.resume:
        before = read_manifest(folder)
        manifest = before.model_copy(update={"started": (*before.started, datetime.now(UTC))})
    else:
        manifest = described(given, composition, plan.jobs)
    _write(manifest, folder, composition)
    return manifest


def _write(manifest: Manifest, folder: Path, composition: Composition[SuiteRunOptions]) -> None:
    write_whole(folder / MANIFEST, masked_json(manifest, composition.secrets, indent=2))


@contextmanager
def _opened(composition: Composition[SuiteRunOptions], folder: Path, console: Terminal) -> Iterator[tuple[Plan, Run]]:
    """The plan, and what runs jobs: this process, or a pool of workers."""
    given = composition.options
    with workers.hired(composition, folder) as hires:
        if hires:
            with ExitStack() as opened:
                suite = opened.enter_context(open_suite(composition))
                require_answers(composition, suite)
                plan = planned(given, suite, console)
                if not of_file(given):  # workers open their own phones and screens; a file's server serves them all
                    opened.close()
                yield plan, partial(_pooled, given, plan, hires, folder)
        else:
            with open_bench(
                composition, folder, given.address, partial(print_step, console, verbose=given.verbose)
            ) as bench:
                yield planned(given, bench.suite, console), bench.run_all


def planned(given: SuiteRunOptions, suite: Suite, console: Terminal) -> Plan:
    """The attempts that the flags describe, trial by trial, the baselines last.

    Raises:
        UsageError: the suite lacks a named task, its data are incomplete, or a task is named like a secret.
    """
    tasks = named_tasks(suite, given.tasks)[: given.limit]
    for task in tasks:
        secrets = Secrets(given.task_options(task.device, task.options, None).secrets)
        if (masked := secrets.masked(task.id)) != task.id:
            raise UsageError(f"The name of the task {masked} holds the value of a secret. Give it another name.")
    if data := published(given):
        if not given.force:
            data.check_pictures(data.root(suite_options(given)), tasks)
        if said := data.shortfall(suite):
            console.print(said, style="yellow")
    actors = (MODEL, *BASELINES) if given.baselines else (MODEL,)
    jobs = [Job(task.id, trial, actor) for actor in actors for trial in range(given.trials) for task in tasks]
    if given.solving:
        jobs += [Job(task.id, actor=OBEDIENT) for task in tasks if isinstance(task, Attacked)]
    by_id = {task.id: task for task in tasks}
    seconds = {job: attempts(task, job) * _seconds(given, task) for job in jobs for task in (by_id[job.item],)}
    return Plan(tuple(jobs), {task.id: task.kind for task in tasks}, seconds, judged_again(tasks))


def _seconds(given: SuiteRunOptions, task: Task) -> float:
    """How long one attempt may take."""
    questions = len(task.questions) if isinstance(task, OwnTask) else 0
    return given.limits(task.limits).seconds + GRACE_S + questions * ANSWER_S


def _pooled(
    given: SuiteRunOptions, plan: Plan, hires: Sequence[Callable[[], Worker]], folder: Path, jobs: Sequence[Job]
) -> Iterator[Result]:
    control = SuiteControl(folder)
    for made in run_pool(jobs, hires, plan.seconds.__getitem__, lambda: control.paused):
        yield made if isinstance(made, Result) else _lost(given, plan, made)


def _lost(given: SuiteRunOptions, plan: Plan, lost: Lost) -> Result:
    return Result(
        suite=suite_name(given),
        seed=given.seed,
        **lost.job._asdict(),
        kind=plan.kinds[lost.job.item],
        value=None,
        why=lost.why,
        ending=Ending.FAILED,
        crashed=True,
    )
