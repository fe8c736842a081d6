"""AndroidWorld's tasks, set up and scored by AndroidWorld itself on its emulator, and performed through our Android
device.

Seeds, step budget, order and scoring are its own (`android_world/suite_utils.py`, `episode_runner.py`): a task is
initialised and the environment reset after it, to the home screen where the task starts there; an episode counts only
if the agent declared it done; whatever AndroidWorld raises leaves the episode without a score. It needs
android_world and a running emulator with `-grpc 8554`.
"""

import hashlib
import importlib
import random
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from actions.action import Action
from actions.errors import DeviceFailure, UsageError
from agent.episode import DECLARED, Ending, Episode
from agent.loop import Limits
from devices import DeviceOptions, Environment
from tasks.androidworld.actions import MISSING, AsyncEnv
from tasks.task import Score, Suite, SuiteOptions

BY_OTHERS = True
CONSOLE_PORT, GRPC_PORT = 5554, 8554
STEPS_PER_COMPLEXITY = 10


@dataclass(frozen=True)
class AndroidWorldTask:
    """One instance of one of its templates."""

    kind: str
    number: int
    template: Any
    env: AsyncEnv

    device = "android"

    @property
    def id(self) -> str:
        return f"{self.kind}-{self.number}"

    @property
    def options(self) -> DeviceOptions:
        return DeviceOptions(address=f"emulator-{CONSOLE_PORT}")

    @property
    def limits(self) -> Limits:
        return Limits(steps=int(STEPS_PER_COMPLEXITY * self.template.complexity), seconds=3600)

    def setup(self, environment: Environment) -> str:
        """Raises DeviceFailure if AndroidWorld fails; the task can then be set up again."""
        try:
            with _failing("initialise its task"):
                self.template.initialize_task(self.env)
                self.env.reset(go_home=self.template.start_on_home_screen)
                return str(self.template.goal)
        except DeviceFailure:
            self.teardown(environment)
            raise

    def ended(self, environment: Environment) -> bool:
        return False

    def score(self, environment: Environment, episode: Episode) -> Score:
        if episode.ending not in DECLARED:
            return Score(0.0, "the agent did not declare it done")
        if episode.ending is Ending.ANSWERED:  # a report of the work is not an answer
            self.env.interaction_cache = episode.answer
        with _failing("score its task"):
            value = float(self.template.is_successful(self.env))
        return Score(value, "AndroidWorld found the task done" if value == 1 else f"AndroidWorld scored {value:g}")

    def teardown(self, environment: Environment) -> None:
        with _failing("tear down its task"):
            self.template.tear_down(self.env)

    def solution(self, environment: Environment) -> Iterator[Action]:
        raise UsageError("AndroidWorld's tasks have no solutions.")


@contextmanager
def _failing(what: str) -> Iterator[None]:
    """Handles any exception of AndroidWorld like its own runner: the episode is lost, the suite continues.

    Raises:
        DeviceFailure: AndroidWorld raised an exception.
    """
    try:
        yield
    except Exception as error:
        raise DeviceFailure(f"AndroidWorld could not {what}: {type(error).__name__}: {error}.") from error


def instance_seed(seed: int, name: str, number: int) -> int:
    """The seed of a template's instance, derived from the suite's as in AndroidWorld."""
    return int(hashlib.sha256(f"{seed}_{name}_{number}".encode()).hexdigest(), 16) % 2**32


@contextmanager
def open_suite(options: SuiteOptions) -> Iterator[Suite]:
    """Every template, with one instance per episode; AndroidWorld's own default seed is 30.

    Raises:
        UsageError: AndroidWorld or adb is not installed. DeviceFailure: its emulator does not run.
    """
    try:
        registry = importlib.import_module("android_world.registry")
        launcher = importlib.import_module("android_world.env.env_launcher")
    except ModuleNotFoundError as error:
        raise UsageError(MISSING) from error
    adb = shutil.which("adb")
    if adb is None:
        raise UsageError("AndroidWorld needs adb: sudo apt-get install adb")
    with _failing(f"reach its emulator (ports {CONSOLE_PORT} and {GRPC_PORT}, started with -grpc {GRPC_PORT})"):
        env: AsyncEnv = launcher.load_and_setup_env(console_port=CONSOLE_PORT, grpc_port=GRPC_PORT, adb_path=adb)
    try:
        family = registry.TaskRegistry()
        templates = family.get_registry(family=family.ANDROID_WORLD_FAMILY)
        yield [
            AndroidWorldTask(name, number, _instance(templates[name], options.seed, name, number, env), env)
            for name in sorted(templates)
            for number in range(options.episodes or 1)
        ]
    finally:
        env.close()


def _instance(template: Any, seed: int, name: str, number: int, env: AsyncEnv) -> Any:
    chosen = instance_seed(seed, name, number)
    template.set_device_time(env)
    random.seed(chosen)  # the generator that AndroidWorld's templates draw from
    return template({**template.generate_random_params(), "seed": chosen})
