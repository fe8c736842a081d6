"""`Bench`: an open suite, with everything needed to run its tasks in this process."""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from pathlib import Path

import devices
from actions.action import ActionSpace
from actions.errors import EpisodeFailure, UsageError
from actions.secrets import Secrets
from agent.episode import Ending, Step
from agent.loop import Policy
from agent.policy import ModelPolicy
from agent.record import Recorder
from devices import Environment
from devices.browser import shared_chromium
from devices.wrappers.supervised import Supervised
from model.engine import BatchEngine, Engine, Prompt
from tasks import scripted, suites
from tasks.composition import Composition
from tasks.grounding import frame_check
from tasks.grounding.prefetch import Prefetching
from tasks.harness.baselines import IdlePolicy, RandomPolicy
from tasks.harness.results import MODEL, OBEDIENT, Job, Result, attempted, described
from tasks.harness.solution import SolutionPolicy
from tasks.harness.steering import SuiteControl
from tasks.learned.file import LearnedRun
from tasks.options import SuiteRunOptions
from tasks.published import Published
from tasks.runner import Setting, run_suite
from tasks.screens import phone_size
from tasks.scripted.scripted_task import ScriptedTask
from tasks.task import Attacked, OwnTask, StructuredTask, Suite, SuiteOptions, Task, names_of

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
        """Runs a job, again as often as its task says while it does not pass. The last attempt is its result.

        Raises:
            RecordFailure: its record cannot be written.
        """
        task, earlier = self._tasks[job.item], list[Result]()
        while True:
            result = self._attempt(job, task, len(earlier) + 1)
            if result.passed or result.ending is Ending.STOPPED or len(earlier) + 1 == attempts(task, job):
                return result.model_copy(update={"earlier": tuple(earlier)})
            earlier.append(result)

    def _attempt(self, job: Job, task: Task, number: int) -> Result:
        given = self._composition.options
        limits = given.limits(task.limits)
        options = given.task_options(task.device, task.options, self._address)
        secrets = Secrets(options.secrets)
        policy_file = task.policy if isinstance(task, OwnTask) else None
        if isinstance(task, OwnTask) and task.questions:
            task = task.judged_by(self._composition.judge(self.engine, secrets))

        @contextmanager
        def setting(task: Task) -> Iterator[Setting]:
            def actor(bare: Environment, space: ActionSpace) -> Policy:
                return self._policy(job, task, bare, space)

            cautious = not by_others(given)
            with self._composition.setting(task.device, options, actor, limits, None, cautious, policy_file) as made:
                if job.actor == MODEL:
                    schema = task.answer_schema if isinstance(task, StructuredTask) else None
                    repeating = learned_of(task) is not None
                    trusted = self._composition.trusted(
                        made, self.engine, by_others(given), schema=schema, repeating=repeating
                    )
                    made = made._replace(policy=trusted)
                environment = Supervised(made.environment, SuiteControl(self._folder), self._composition.console.print)
                yield made._replace(environment=environment, policy=self._composition.masked(made.policy, made.secrets))

        def record(task: Task, instruction: str, setting: Setting, place: Path) -> Recorder:
            space = setting.environment.action_space
            return self._composition.recorder(
                self._folder / attempted(job, number),
                instruction,
                task.device,
                options.address,
                limits,
                space,
                setting.secrets,
            )

        with secrets.hidden():
            (made,) = run_suite([task], setting, record, self._on_step, (self._folder / job.place).parent)
        result = described(suite_name(given), given.seed, job, task, made)
        return result.model_copy(update={"why": secrets.masked(result.why), "attempt": number})

    def _policy(self, job: Job, task: Task, bare: Environment, space: ActionSpace) -> Policy:
        if job.actor == "random":
            return RandomPolicy(space, f"{task.id} {job.trial}")
        if job.actor == "idle":
            return IdlePolicy()
        if job.actor == OBEDIENT:
            assert isinstance(task, Attacked), job
            return SolutionPolicy(self._composition.profile, space, task.obedience(bare))
        assert job.actor == MODEL, job
        if run := learned_of(task):
            model = self._model(task, space) if self.engine else None
            return self._composition.playing(run, bare, space, model)
        if self.engine is None:
            return SolutionPolicy(self._composition.profile, space, task.solution(bare))
        return self._model(task, space)

    def _model(self, task: Task, space: ActionSpace) -> ModelPolicy:
        assert self.engine is not None
        pointing = self._composition.options.point_only and task.device == "still"
        return ModelPolicy(self._composition.profile, self.engine, space, pointing)


def learned_of(task: Task) -> LearnedRun | None:
    """The learned run that a task repeats, if it does."""
    return task.learned if isinstance(task, ScriptedTask) else None


def named_tasks(suite: Suite, kinds: Sequence[str] | None) -> list[Task]:
    """The tasks of these kinds, or with one of these tags; all tasks without kinds."""
    names = {task.id: names_of(task) for task in suite}
    if unknown := set(kinds or ()).difference(*names.values()):
        there = ", ".join(dict.fromkeys(name for task in suite for name in names[task.id]))
        raise UsageError(f"The suite has no task {', '.join(sorted(unknown))!r}. Its tasks are: {there}.")
    return [task for task in suite if kinds is None or not set(kinds).isdisjoint(names[task.id])]


def require_answers(composition: Composition[SuiteRunOptions], suite: Suite) -> None:
    """Raises UsageError if a chosen task asks a model, and nothing answers."""
    for task in named_tasks(suite, composition.options.tasks):
        if isinstance(task, OwnTask) and task.questions and composition.cannot_judge:
            raise UsageError(
                f"The task {task.id!r} asks the model {task.questions[0]!r}, and {composition.cannot_judge}, or choose "
                "other tasks with --tasks."
            )


def attempts(task: Task, job: Job) -> int:
    """How often a job may be run; baselines are run once."""
    return task.retries + 1 if isinstance(task, OwnTask) and job.actor == MODEL else 1


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
    with ExitStack() as stack:
        suite = stack.enter_context(open_suite(composition))
        require_answers(composition, suite)  # before the engine starts, which can take minutes
        running = stack.enter_context(engine)
        stack.enter_context(shared_chromium.keeping())
        if running and composition.engine_name != "scripted" and frame_check.concerns(suite) and not given.force:
            frame_check.check(composition.profile, running)
        asked = Prefetching(running) if isinstance(running, BatchEngine) and running.batching else running
        yield Bench(composition, suite, asked, folder, address, on_step)


def open_suite(composition: Composition[SuiteRunOptions]) -> AbstractContextManager[Suite]:
    """The suite of that name, or the one in a file. Raises UsageError if there is none, or its options are wrong."""
    given = composition.options
    if of_file(given):
        return scripted.open_suite_file(Path(given.suite))
    options = suite_options(given)._replace(phone=phone_size(composition.profile))
    return suites.open_suite(given.suite, options)


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
