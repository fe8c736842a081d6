"""Screenhand's command line: puts one environment, one policy and one recorder together and runs them."""

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from datetime import datetime
from pathlib import Path

from rich.console import Console

import devices
from actions.errors import DeviceFailure, EpisodeFailure, UsageError
from agent import arguments, doctor
from agent.console import ShownPolicy, print_checks, print_listing, print_step, print_summary
from agent.episode import Ending, Step
from agent.loop import Limits, Policy, run_episode
from agent.policy import ModelPolicy
from agent.record import Recorder, read_episode, run_folder
from agent.replay import first_difference
from agent.run_info import describe_run, read_info
from devices import DeviceOptions, Environment
from devices.wrappers.guarded import Attended, Confirmed, DryRun
from devices.wrappers.settled import Settled
from model import engines, profile
from model.engine import Engine
from model.engines.scripted import ScriptedEngine
from model.engines.server.engine import ServerEngine
from tasks import calibrate, suites
from tasks.boards import board_for
from tasks.grounding import frame_check
from tasks.report import exit_code, table
from tasks.rescoring import rescore
from tasks.runner import Setting, run_suite, suite_folder
from tasks.solution import SolutionPolicy
from tasks.task import Suite, SuiteOptions, Task


class Assembly:
    """What the flags ask for, put together the same way for an instruction and for a suite."""

    def __init__(self, given: argparse.Namespace, console: Console) -> None:
        self.given = given
        self.console = console
        self.engine_name = given.engine or ("server" if given.server else "scripted" if given.replies else "local")
        name = given.model or profile.preferred(weights_needed=self.engine_name == "local")
        if name == "embedded" and given.model is None:
            console.print("No Qwen2.5-VL weights are here: this is the small model in the box (--model embedded).")
        self.profile = profile.adjusted(profile.load(name), notation=given.notation, context=given.context)

    def engine(self) -> AbstractContextManager[Engine]:
        engine = engines.connect(self.engine_name, self.profile, arguments.engine_options(self.given))
        if isinstance(engine, ServerEngine):
            self.console.print(f"The server is asked through {engine.path}.", highlight=False, markup=False)
        return closing(engine)

    @contextmanager
    def setting(
        self, device: str, options: DeviceOptions, engine: Engine | None, task: Task | None
    ) -> Iterator[Setting]:
        """The device, the environment that the actor has around it, and the actor: the task's solution, or a model."""
        options = options.model_copy(update={"viewport": options.viewport or self.profile.screen})
        with devices.connect(device, options) as bare:
            environment = self._guarded(Settled(bare))
            policy: Policy
            if engine is None and task is not None:
                policy = SolutionPolicy(self.profile, environment.action_space, task.solution(bare))
            else:
                assert engine is not None, "an instruction has no solution to play"
                policy = ShownPolicy(ModelPolicy(self.profile, engine, environment.action_space), self.console)
            yield Setting(bare, environment, policy)

    def recorder(self, folder: Path, instruction: str, device: str, limits: Limits, setting: Setting) -> Recorder:
        space = setting.environment.action_space
        about = describe_run(instruction, device, self.given.address, self.engine_name, self.profile, space, limits)
        return Recorder(folder, about)

    def _guarded(self, environment: Environment) -> Environment:
        attended = sys.stdin.isatty()
        if self.given.confirm and not attended:
            raise UsageError("--confirm asks before every action, but there is no terminal to ask on.")
        if self.given.dry_run:
            environment = DryRun(environment)
        if self.given.confirm:
            environment = Confirmed(environment, lambda text: input(f"{text} [y/n] ").strip().lower() == "y")
        return Attended(environment, lambda question: input(f"{question} ")) if attended else environment


def run_instruction(given: argparse.Namespace, console: Console) -> int:
    """One episode of the instruction on the command line."""
    assembly = Assembly(given, console)
    limits = arguments.limits(given, Limits())
    folder = run_folder(given.runs, given.instruction, datetime.now())
    options = arguments.device_options(given, folder / "downloads")
    with assembly.engine() as engine, assembly.setting(given.device, options, engine, None) as setting:
        recorder = assembly.recorder(folder, given.instruction, given.device, limits, setting)

        def on_step(step: Step) -> None:
            recorder.on_step(step)
            print_step(console, step)

        episode = run_episode(setting.environment, setting.policy, given.instruction, limits, on_step)
        recorder.finish(episode)
    print_summary(console, episode, folder)
    return episode.ending.exit_code


def run_tasks(given: argparse.Namespace, console: Console) -> int:
    """Every task of a suite; with `--engine scripted` and no replies, each task's own solution."""
    assembly = Assembly(given, console)
    solving = assembly.engine_name == "scripted" and given.replies is None
    folder = suite_folder(given.runs, given.suite, datetime.now())
    with suites.open_suite(given.suite, suite_options(given)) as suite, _engine_unless(solving, assembly) as engine:
        picked = _named(suite, given.tasks)[: given.limit]
        if frame_check.concerns(picked) and engine and assembly.engine_name != "scripted" and not given.force:
            frame_check.check(assembly.profile, engine)
        results = []
        for result in run_suite(
            picked,
            lambda task: assembly.setting(task.device, arguments.task_options(given, task.options), engine, task),
            lambda task, instruction, setting, place: assembly.recorder(
                place, instruction, task.device, task.limits, setting
            ),
            lambda step: print_step(console, step),
            folder,
        ):
            results.append(result)
            console.print(f"{result.task}: {result.score.value if result.score else result.episode.answer}")
    console.print(table(results))
    console.print(f"Records: {folder}", soft_wrap=True)
    return exit_code(results)


def suite_options(given: argparse.Namespace) -> SuiteOptions:
    return SuiteOptions(given.seed, given.episodes, given.data_root, given.rule)


def _named(suite: Suite, kinds: Sequence[str] | None) -> list[Task]:
    """The tasks of these kinds; all of them where none is named."""
    if unknown := set(kinds or ()) - {task.kind for task in suite}:
        there = ", ".join(dict.fromkeys(task.kind for task in suite))
        raise UsageError(f"The suite has no task {', '.join(sorted(unknown))!r}. Its tasks are: {there}.")
    return [task for task in suite if kinds is None or task.kind in kinds]


@contextmanager
def _engine_unless(solving: bool, assembly: Assembly) -> Iterator[Engine | None]:
    if solving:
        yield None
    else:
        with assembly.engine() as engine:
            yield engine


def run_replay(given: argparse.Namespace, console: Console) -> int:
    """Decides a recorded run again from its pictures and replies; 1 when a decision differs."""
    info, episode = read_info(given.replay), read_episode(given.replay)
    chosen = profile.adjusted(info.profile, notation=given.notation, context=given.context)
    engine = ScriptedEngine((step.turn.text for step in episode.steps), chosen)
    difference = first_difference(episode, ModelPolicy(chosen, engine, info.space()))
    console.print(difference or f"All {len(episode.steps)} steps are decided as recorded.", markup=False)
    return 1 if difference else 0


def run_calibration(given: argparse.Namespace, console: Console) -> int:
    """Whether points land on the device where a model would put them; 1 when one is off by more than is allowed."""
    chosen = Assembly(given, console).profile
    options = arguments.device_options(given, given.runs / "downloads")
    options = options.model_copy(update={"viewport": options.viewport or chosen.screen})
    with devices.connect(given.device, options) as device, board_for(device, given.device) as board:
        episode, hits = calibrate.calibrate(chosen, device, board)
    console.print(calibrate.table(hits))
    console.print(calibrate.summary(hits))
    if episode.ending is Ending.FAILED:
        raise DeviceFailure(episode.answer)
    return 0 if calibrate.accurate(hits) else 1


def run_rescore(given: argparse.Namespace, console: Console) -> int:
    """Judges a recorded run of a benchmark, or a public report, again from its replies."""
    rescored = rescore(given.rescore, given.suite, suite_options(given))
    console.print(rescored.table)
    return 0


def run_doctor(given: argparse.Namespace, console: Console) -> int:
    """What this machine lacks; 1 when the device and engine that the flags name cannot do without it."""
    assembly = Assembly(given, console)
    checks = doctor.examine(assembly.profile, given.weights or assembly.profile.weights, given.server)
    return print_checks(console, checks, needed={"run", given.device, assembly.engine_name})


MODES: Mapping[str, Callable[[argparse.Namespace, Console], int]] = {
    "doctor": run_doctor,
    "replay": run_replay,
    "calibrate": run_calibration,
    "rescore": run_rescore,
    "suite": run_tasks,
}
"""What each flag that stands instead of an instruction does; the first that is given decides."""


def main(arguments_given: Sequence[str] | None = None) -> int:
    """The exit code: 0 done, 1 a limit or a wrong result, 2 wrong use, 3 a failure, 130 stopped."""
    flags = arguments.parser()
    given = flags.parse_args(arguments_given)
    console = Console()
    try:
        if given.list:
            listing = {
                "devices": devices.names(),
                **{f"models, tried: {tried}": names for tried, names in profile.by_trial().items()},
                "engines": engines.names(),
                "suites": suites.names(),
            }
            return print_listing(console, listing)
        for mode, run in MODES.items():
            if getattr(given, mode):
                return run(given, console)
        if not given.instruction or not given.instruction.strip():
            raise UsageError('Say what to do: run_agent.py "find a pizza place". --help lists everything else.')
        return run_instruction(given, console)
    except UsageError as error:
        Console(stderr=True).print(str(error), style="red", markup=False, highlight=False, soft_wrap=True)
        return 2
    except EpisodeFailure as error:
        Console(stderr=True).print(str(error), style="red", markup=False, highlight=False, soft_wrap=True)
        return 3
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
