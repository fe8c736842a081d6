"""`DesktopTask`: a task in OSWorld's format, set up and scored on a virtual screen as in OSWorld."""

import contextlib
import functools
import shutil
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from actions.action import Action
from actions.errors import DeviceFailure
from agent.episode import Ending, Episode
from agent.loop import Limits
from devices import DeviceOptions, Environment
from devices.wrappers.settled import Settled
from tasks.osworld import solutions
from tasks.osworld.evaluators import GETTERS, METRICS, conjoined
from tasks.osworld.example import (
    ActivateWindow,
    Example,
    Execute,
    Getter,
    Launch,
    Measure,
    SetupStep,
    Sleep,
    WriteFile,
    load,
)
from tasks.task import Score
from tasks.worlds.virtual_screen import Screen, until

WAIT_S = 0.5
"""The time for the last save to reach the disk. OSWorld waits 20 s here."""
REST_MS = 400
"""The time between a window's title and its content. OSWorld waits 60 s here."""
EXAMPLES = Path(__file__).parent / "tasks"


@dataclass(frozen=True)
class DesktopTask:
    """One example with a seed's values, in its own home folder."""

    example: Example
    seed: int
    particulars: Mapping[str, str]
    screen: Screen

    device = "desktop"
    limits = Limits(steps=50, seconds=900)

    @property
    def id(self) -> str:
        return f"{self.kind}-{self.seed}"

    @property
    def kind(self) -> str:
        return self.example.id

    @property
    def options(self) -> DeviceOptions:
        return DeviceOptions(address=self.screen.display)

    @property
    def home(self) -> Path:
        return home_on(self.screen)

    def setup(self, environment: Environment) -> str:
        self._clear()
        self.home.mkdir()
        self._take(self.example.config)
        Settled(environment, quiet_ms=REST_MS).observe()
        return self.example.instruction

    def ended(self, environment: Environment) -> bool:
        return False

    def score(self, environment: Environment, episode: Episode) -> Score:
        gave_up = episode.ending is Ending.GAVE_UP
        if not self.example.evaluator.measures:
            return Score(float(gave_up), "it cannot be done, and the actor " + ("gave up" if gave_up else "did not"))
        if gave_up:
            return Score(0.0, "the actor gave up what can be done")
        time.sleep(WAIT_S)
        value = self.evaluate()
        return Score(value, "as asked" if value == 1 else "what the applications left is not as asked")

    def teardown(self, environment: Environment) -> None:
        self._clear()

    def solution(self, environment: Environment) -> Iterator[Action]:
        yield from solutions.solution(self.kind, self.particulars, self.screen)
        if self.example.evaluator.measures:
            with contextlib.suppress(DeviceFailure):  # the score then shows it
                until(lambda: self.evaluate() == 1)

    def evaluate(self) -> float:
        """The current result of the evaluator functions, 0 to 1."""
        self._take(self.example.evaluator.postconfig)
        return conjoined([self._measured(one) for one in self.example.evaluator.measures], self.example.evaluator.conj)

    def _measured(self, measure: Measure) -> float:
        expected = [self._got(measure.expected)] if measure.expected else []
        return METRICS[measure.func](self._got(measure.result), *expected, **measure.options)

    def _got(self, getter: Getter) -> object:
        return GETTERS[getter.type](functools.partial(self.screen.run, home=self.home), **getter.given)

    def _take(self, steps: list[SetupStep]) -> None:
        for step in steps:
            match step:
                case Launch(command=command):
                    self.screen.start(*command, home=self.home)
                case Execute(command=command):
                    self.screen.run(*command, home=self.home)
                case Sleep(seconds=seconds):
                    time.sleep(seconds)
                case ActivateWindow(window_name=title):
                    self.screen.activate(title)
                case WriteFile(path=path, content=content):
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_text(content, encoding="utf-8")

    def _clear(self) -> None:
        self.screen.clear()
        try:
            if self.home.exists():
                shutil.rmtree(self.home)
        except OSError as error:
            raise DeviceFailure(f"The task's home folder {self.home} cannot be removed: {error}.") from error


def home_on(screen: Screen) -> Path:
    """The home folder of the task on that screen."""
    return screen.home / "home"


def tasks_on(screen: Screen, seeds: range) -> list[DesktopTask]:
    """Every example with every seed, in this order. Raises UsageError if a file is invalid."""
    return [
        DesktopTask(load(path, drawn := solutions.particulars(seed, home_on(screen))), seed, drawn, screen)
        for seed in seeds
        for path in sorted(EXAMPLES.glob("*.json"))
    ]
