"""MiniWoB++: every page that the package registers, in a real browser, from pixels only.

A task is solved if the page's raw reward is exactly 1 (`--rule binary`, the default, as in Farama's package), or with
`--rule positive` if it is above 0, as in BrowserGym; the reward is reported with the score. There is no time limit, and
neither the instruction nor the reward is on the screenshot. Two consequences: half of click-menu-2's seeds ask for an
icon that only the hidden instruction shows, and a FlightWoB instruction is a JSON object. Test seeds have other names
than training seeds.
"""

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from actions.action import Action
from agent.episode import Episode
from agent.loop import Limits
from devices import DeviceOptions, Environment
from tasks import miniwob
from tasks.miniwob.episode import RESULT, RULES, episode_address, played, reward, to_action
from tasks.miniwob.handler import PageHandler
from tasks.task import Score, SeededTask, Suite, SuiteOptions, chosen
from tasks.worlds.pages import evaluate
from tasks.worlds.site_server import serving

BY_OTHERS = True


@dataclass(frozen=True)
class MiniWobTask(SeededTask):
    """One episode of one page."""

    address: str
    rule: str = "binary"

    device = "browser"
    limits = Limits(steps=40, seconds=600)

    @property
    def options(self) -> DeviceOptions:
        address = episode_address(self.address, self.kind, self.seed)
        return DeviceOptions(address=address, viewport=miniwob.screen_of(self.kind))

    def setup(self, environment: Environment) -> str:
        environment.reset()
        return str(evaluate(environment, "episode.started"))

    def ended(self, environment: Environment) -> bool:
        result = evaluate(environment, RESULT)
        return result is None or bool(result["done"])

    def score(self, environment: Environment, episode: Episode) -> Score:
        return reward(evaluate(environment, RESULT), self.rule)

    def solution(self, environment: Environment) -> Iterator[Action]:
        """The steps of the page's oracle."""
        return played(functools.partial(evaluate, environment), to_action)


@contextmanager
def open_suite(options: SuiteOptions) -> Iterator[Suite]:
    """One task of each page for each seed.

    Raises:
        UsageError: the package with the pages is missing, or there is no such rule.
    """
    kinds, rule = miniwob.tasks(), chosen(RULES, options.rule)
    with serving(PageHandler) as address:
        yield [MiniWobTask(kind, seed, address, rule) for seed in options.seeds() for kind in kinds]
