"""`Bench`: an open suite, with everything needed to run its tasks in this process."""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

import devices
from actions.action import ActionSpace
from actions.errors import EpisodeFailure
from actions.secrets import Secrets
from agent.episode import Step
from agent.loop import Policy
from agent.policy import ModelPolicy
from agent.record import Recorder
from devices import Environment
from devices.browser import shared_chromium
from model.engine import BatchEngine, Engine, Prompt
from tasks import scripted, suites
from tasks.composition import Composition
from tasks.grounding import frame_check
from tasks.grounding.prefetch import Prefetching
from tasks.harness.baselines import IdlePolicy, RandomPolicy
from tasks.harness.results import MODEL, OBEDIENT, Job, Result, described
from tasks.harness.solution import SolutionPolicy
from tasks.options import SuiteRunOptions
from tasks.published import Published
from tasks.runner import Setting, run_suite
from tasks.task import Attacked, StructuredTask, Suite, SuiteOptions, Task

BASELINES = ("random", "idle")
AHEAD = 16
"""How many questions about still pictures form a batch."""


class Bench:
    """Runs one job after the other, each in its own environment, recorded below the run's folder."""

    def __init__(
        self,
        composition: Composition[SuiteRunOptions],
        suite: Suite,
        engine: Engine | None,
        folder: Path,
        address: str | None,
        on_step: Callable[[Step], None],
    ) -> None:
        self.suite = suite
        self._composition = composition
        self._tasks = {task.id: task for task in suite}
        self.engine = engine
        self._folder = folder
        self._address = address
        self._on_step = on_step

    def run_all(self, jobs: Sequence[Job]) -> Iterator[Result]:
        """Runs the jobs in order, and batches questions about still pictures if the engine supports it.

        Raises:
            RecordFailure: as in `run`.
        """
        for start in range(0, len(jobs), AHEAD):
            some = jobs[start : start + AHEAD]
            if isinstance(self.engine, Prefetching):
                self._prefetch([self._tasks[job.item] for job in some if job.actor == MODEL], self.engine)
            yield from map(self.run, some)

    def _prefetch(self, tasks: Sequence[Task], engine: Prefetching) -> None:
        """Prefetches the first questions of the tasks on still pictures that can be opened."""
        prompts: list[Prompt] = []
        for task in tasks:
            if task.device != "still":
                continue
            with contextlib.suppress(EpisodeFailure), devices.connect(task.device, task.options) as device:
                policy = self._model(task, device.action_space)
                prompts.append(policy.prompt(task.setup(device), [], device.observe()))
        if prompts:
            engine.prefetch(policy, prompts)

    def run(self, job: Job) -> Result:
        """Runs a job. Raises RecordFailure if its record cannot be written."""
        task, given = self._tasks[job.item], self._composition.options
        limits = given.limits(task.limits)
        options = given.task_options(task.device, task.options, self._address)

        @contextmanager
        def setting(task: Task) -> Iterator[Setting]:
            def actor(bare: Environment, space: ActionSpace) -> Policy:
                return self._policy(job, task, bare, space)

            with self._composition.setting(task.device, options, actor, limits, cautious=not by_others(given)) as made:
                if job.actor == MODEL:
                    schema = task.answer_schema if isinstance(task, StructuredTask) else None
                    trusted = self._composition.trusted(made, self.engine, by_others(given), schema=schema)
                    made = made._replace(policy=trusted)
                yield made._replace(policy=self._composition.masked(made.policy, made.secrets))

        def record(task: Task, instruction: str, setting: Setting, place: Path) -> Recorder:
            space = setting.environment.action_space
            return self._composition.recorder(
                place, instruction, task.device, options.address, limits, space, setting.secrets
            )

        place, secrets = self._folder / job.place, Secrets(options.secrets)
        with secrets.hidden():
            (made,) = run_suite([task], setting, record, self._on_step, place.parent)
        result = described(suite_name(given), given.seed, job, task, made)
        return result.model_copy(update={"why": secrets.masked(result.why)})

    def _policy(self, job: Job, task: Task, bare: Environment, space: ActionSpace) -> Policy:
        if job.actor == "random":
            return RandomPolicy(space, f"{task.id} {job.trial}")
        if job.actor == "idle":
            return IdlePolicy()
        if job.actor == OBEDIENT:
            assert isinstance(task, Attacked), job
            return SolutionPolicy(self._composition.profile, space, task.obedience(bare))
        assert job.actor == MODEL, job
        if self.engine is None:
            return SolutionPolicy(self._composition.profile, space, task.solution(bare))
        return self._model(task, space)

    def _model(self, task: Task, space: ActionSpace) -> ModelPolicy:
        assert self.engine is not None
        pointing = self._composition.options.point_only and task.device == "still"
        return ModelPolicy(self._composition.profile, self.engine, space, pointing)


@contextmanager
def open_bench(
    composition: Composition[SuiteRunOptions], folder: Path, address: str | None, on_step: Callable[[Step], None]
) -> Iterator[Bench]:
    """The suite that the flags name, opened with an engine, for the duration of the block.

    Raises:
        UsageError: the flags are wrong, or the model's frame seems to be. EngineFailure: the engine cannot start.
    """
    engine: AbstractContextManager[Engine | None] = (
        nullcontext() if composition.options.solving else composition.engine()
    )
    given = composition.options
    with open_suite(given) as suite, engine as running, shared_chromium.keeping():
        if running and composition.engine_name != "scripted" and frame_check.concerns(suite) and not given.force:
            frame_check.check(composition.profile, running)
        asked = Prefetching(running) if isinstance(running, BatchEngine) and running.batching else running
        yield Bench(composition, suite, asked, folder, address, on_step)


def open_suite(given: SuiteRunOptions) -> AbstractContextManager[Suite]:
    """The suite of that name, or the one in a file. Raises UsageError if there is none, or its options are wrong."""
    if of_file(given):
        return scripted.open_suite_file(Path(given.suite))
    return suites.open_suite(given.suite, suite_options(given))


def of_file(given: SuiteRunOptions) -> bool:
    """Whether the suite is a file of the user's own tasks."""
    return Path(given.suite).suffix in scripted.ENDINGS


def published(given: SuiteRunOptions) -> Published | None:
    """The published data set that the suite needs, if any."""
    return None if of_file(given) else suites.data_of(given.suite)


def by_others(given: SuiteRunOptions) -> bool:
    """Whether the suite is a benchmark that others published."""
    return not of_file(given) and suites.by_others(given.suite)


def suite_options(given: SuiteRunOptions) -> SuiteOptions:
    return SuiteOptions(given.seed, given.episodes, given.data_root, given.rule, given.zoom)


def suite_name(given: SuiteRunOptions) -> str:
    """The suite's name; for a file, its name without the extension."""
    path = Path(given.suite)
    return path.stem if of_file(given) else path.name
