"""Success by kind of task through the real loop: `python -m tasks.lessons.evaluate --policy model --tasks A,B -n 20`.

The suites' own tasks, in a real browser, by the model in the box or by a floor or a ceiling beside it: random actions,
doing nothing, and the oracles. Each kind has the 95 % interval of Wilson (1927). Screens that were trained on, to the
pixel, are told apart where a list of them is given.
"""

import argparse
import json
import math
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

import devices
from actions.control import Finish
from agent.episode import Step, Turn
from agent.loop import Policy
from agent.policy import ModelPolicy
from agent.record import Recorder
from agent.run_info import describe_run
from devices import Observation
from devices.wrappers.settled import Settled
from model import engines
from model import profile as profiles
from tasks import suites
from tasks.baselines import IdlePolicy, RandomPolicy
from tasks.lessons import digest
from tasks.runner import Setting, run_suite
from tasks.solution import SolutionPolicy
from tasks.task import SuiteOptions, Task, TaskResult

POLICIES = ("model", "random", "idle", "oracle")
MOST_STEPS = 12
"""As many as a lesson has at most, so that an actor that goes astray is not waited for."""
Actor = Callable[[Task, Settled], Policy]


class Row(NamedTuple):
    """How one kind of task went."""

    kind: str
    episodes: int
    solved: int
    novel: int
    """How many episodes began on a screen that was not trained on."""
    novel_solved: int

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 95 % interval of the success rate."""
        return wilson(self.solved, self.episodes)


def wilson(solved: int, episodes: int, z: float = 1.96) -> tuple[float, float]:
    """The interval of a rate, both ends in 0..1."""
    rate, spread = solved / episodes, z * z / episodes
    middle = rate + spread / 2
    reach = z * math.sqrt(rate * (1 - rate) / episodes + spread / episodes / 4)
    return max(0.0, (middle - reach) / (1 + spread)), min(1.0, (middle + reach) / (1 + spread))


def row(kind: str, results: Sequence[TaskResult], trained: frozenset[str]) -> Row:
    """The row of one kind. An episode that could not be scored counts as not solved."""
    solved = [bool(result.score and result.score.value == 1.0) for result in results]
    novel = [
        bool(result.episode.steps) and digest(result.episode.steps[0].observation.image) not in trained
        for result in results
    ]
    return Row(kind, len(results), sum(solved), sum(novel), sum(a and b for a, b in zip(solved, novel, strict=True)))


def rows(
    suite_name: str, kinds: Sequence[str], options: SuiteOptions, act: Actor, trained: frozenset[str]
) -> Iterator[Row]:
    """A row for each kind, as it is done."""

    @contextmanager
    def setting(task: Task) -> Iterator[Setting]:
        # The model in the box knows one size of screen, so every actor gets that one.
        wanted = {"headless": True, "viewport": profiles.load("embedded").screen}
        with devices.connect(task.device, task.options.model_copy(update=wanted)) as device:
            environment = Settled(device)
            yield Setting(device, environment, _UpTo(act(task, environment)))

    def record(task: Task, instruction: str, where: Setting, place: Path) -> Recorder:
        space = where.environment.action_space
        about = describe_run(instruction, task.device, None, "local", profiles.load("embedded"), space, task.limits)
        return Recorder(place, about)

    with suites.open_suite(suite_name, options) as suite, tempfile.TemporaryDirectory() as folder:
        for kind in kinds:
            some = [task for task in suite if task.kind == kind]
            yield row(kind, list(run_suite(some, setting, record, lambda step: None, Path(folder))), trained)


class _UpTo:
    """A policy that gives up when it has had its steps."""

    def __init__(self, inner: Policy) -> None:
        self._inner = inner

    def act(self, instruction: str, steps: Sequence[Step], observation: Observation) -> Turn:
        if len(steps) < MOST_STEPS:
            return self._inner.act(instruction, steps, observation)
        return Turn("", "", Finish(status="failure", text=f"Not done in {MOST_STEPS} steps."))


def actor(name: str, weights: str | None) -> Actor:
    """What plays: one of `POLICIES`."""
    profile = profiles.adjusted(profiles.load("embedded"), weights=weights)
    if name == "random":
        return lambda task, environment: RandomPolicy(environment.action_space, task.id)
    if name == "idle":
        return lambda task, environment: IdlePolicy()
    if name == "oracle":
        return lambda task, environment: SolutionPolicy(
            profile, environment.action_space, task.solution(environment.inner)
        )
    engine = engines.connect("local", profile, engines.EngineOptions())
    return lambda task, environment: ModelPolicy(profile, engine, environment.action_space)


def main(arguments: Sequence[str]) -> None:
    flags = argparse.ArgumentParser(prog="python -m tasks.lessons.evaluate")
    flags.add_argument("--suite", default="miniwob")
    flags.add_argument("--tasks", required=True, help="kinds of the suite's tasks, separated by commas")
    flags.add_argument("--policy", choices=POLICIES, default="model")
    flags.add_argument("--weights", help="other weights than the profile's")
    flags.add_argument("-n", "--episodes", type=int, default=20)
    flags.add_argument("--seed", type=int, default=0)
    flags.add_argument("--trained", type=Path, help="the hash list of the training screens")
    flags.add_argument("--out", type=Path, help="a file to which each row is added as a line of JSON")
    given = flags.parse_args(arguments)
    trained = frozenset(given.trained.read_text().split()) if given.trained else frozenset()
    grid = Table("task", "solved", "95 %", "novel screens", title=f"{given.suite}, {given.policy}")
    options = SuiteOptions(given.seed, given.episodes)
    found = []
    for line in rows(given.suite, given.tasks.split(","), options, actor(given.policy, given.weights), trained):
        found.append(line)
        print(json.dumps(line._asdict() | {"policy": given.policy}), flush=True)
        if given.out:
            with given.out.open("a") as out:
                out.write(json.dumps(line._asdict() | {"policy": given.policy}) + "\n")
        low, high = line.interval
        grid.add_row(
            line.kind, f"{line.solved}/{line.episodes}", f"{low:.0%} to {high:.0%}", f"{line.novel_solved}/{line.novel}"
        )
    Console().print(grid)
    print(f"mean={sum(line.solved / line.episodes for line in found) / len(found):.4f}")


if __name__ == "__main__":
    main(sys.argv[1:])
