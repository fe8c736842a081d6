"""One button to press, on 168x224 pages like those in the training of the model in the box.

A page accepts one press. The instruction is also on the page, as in MiniWoB++.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from actions.action import Action
from actions.geometry import Box, Point, Size
from actions.mouse import Click
from agent.episode import Episode
from agent.loop import Limits
from devices import DeviceOptions, Environment
from tasks.task import Score, SeededTask, Suite, SuiteOptions
from tasks.worlds.pages import evaluate
from tasks.worlds.site_server import site

PAGES = 20
HERE = "typeof press === 'object'"
"""False if the actor has gone to another page."""


@dataclass(frozen=True)
class PressTask(SeededTask):
    """Press the button that the page names."""

    address: str

    device = "browser"
    limits = Limits(steps=3, seconds=60)

    @property
    def options(self) -> DeviceOptions:
        return DeviceOptions(address=f"{self.address}/press.html?seed={self.seed}", viewport=Size(168, 224))

    def setup(self, environment: Environment) -> str:
        environment.reset()
        return str(evaluate(environment, "press.instruction"))

    def ended(self, environment: Environment) -> bool:
        return bool(evaluate(environment, f"{HERE} && press.done"))

    def score(self, environment: Environment, episode: Episode) -> Score:
        state = "({done: press.done, correct: press.correct, label: press.label, box: press.box})"
        press = evaluate(environment, f"{HERE} ? {state} : null")
        if not press:
            return Score(0.0, "another page is shown")
        target = Box(*press["box"])
        if not press["done"]:
            return Score(0.0, "no button was pressed", target)
        return Score(float(press["correct"]), f"the button {press['label']!r} was pressed", target)

    def solution(self, environment: Environment) -> Iterator[Action]:
        yield Click(point=Point(*evaluate(environment, "press.target")))


@contextmanager
def open_suite(options: SuiteOptions) -> Iterator[Suite]:
    """Twenty pages, or as many as requested."""
    with site() as address:
        yield [PressTask("press", seed, address) for seed in options.seeds(PAGES)]
