"""MiniWoB++: every page that the package registers, in a real browser, by pixels only.

A task is solved when the page's raw reward is exactly 1 (`--rule binary`, the default, as Farama's package calls it),
or with `--rule positive` when it is above 0, as BrowserGym counts; the reward is reported beside the score. There is no
time limit, and the instruction and the reward are not on the screenshot. Two things follow: half of click-menu-2's
seeds ask for an icon that only the hidden instruction shows, and a FlightWoB instruction is a JSON object. Test seeds
are named apart from those for training.
"""

import functools
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from actions.action import Action
from actions.control import Finish
from actions.geometry import Point
from actions.keyboard import Press, Type
from actions.mouse import Click, Drag, MoveTo, Scroll
from agent.episode import Episode
from agent.loop import Limits
from devices import DeviceOptions, Environment
from tasks import miniwob
from tasks.miniwob.handler import PageHandler
from tasks.task import Score, SeededTask, Suite, SuiteOptions, chosen
from tasks.worlds.pages import evaluate
from tasks.worlds.site_server import serving

RESULT = "typeof episode === 'undefined' ? null : episode.result()"
"""How the episode stands; null when the actor has left its page."""


RULES: Mapping[str, Callable[[float], bool]] = {"binary": lambda raw: raw == 1, "positive": lambda raw: raw > 0}
"""When a raw reward counts as success. They differ on pages that reward in part."""


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
        """What the page's oracle says."""
        return played(functools.partial(evaluate, environment), to_action)


def episode_address(address: str, kind: str, seed: int) -> str:
    """Where one episode of a page is shown."""
    asked = {"path": miniwob.path_of(kind), "size": miniwob.screen_of(kind), "seed": f"test:{kind}:{seed}"}
    return f"{address}/episode.html?{urlencode(asked)}"


def played(evaluate: Callable[[str], Any], act: Callable[[dict[str, Any]], Action]) -> Iterator[Action]:
    """What the oracle of a page says, for as long as it says something; without an oracle it gives up at once.

    `evaluate` gives the value of an expression in the page, and `act` turns a step into an action of the device.
    """
    next_step = f"episode.next({json.dumps(miniwob.oracles())})"
    if not (step := evaluate(next_step)):
        yield Finish(status="failure", text="No way to solve this page is known here.")
    while step:
        yield act(step)
        step = evaluate(next_step)


def reward(result: dict[str, Any] | None, rule: str = "binary") -> Score:
    """Full where the raw reward counts as success under one of `RULES`, none otherwise."""
    if result is None:
        return Score(0.0, "the page was left")
    if not result["done"]:
        return Score(0.0, "the page was not done")
    return Score(
        float(RULES[rule](result["reward"])), f"raw reward {result['reward']:g} {result['reason'] or ''}".strip()
    )


def to_action(step: dict[str, Any]) -> Action:
    """An oracle's step, as `oracles/page.js` describes it, done with a mouse and a keyboard."""
    match step["action"]:
        case "click":
            return Click(point=Point(*step["point"]))
        case "move_to":
            return MoveTo(point=Point(*step["point"]))
        case "drag":
            return Drag(start=Point(*step["start"]), end=Point(*step["end"]))
        case "scroll":
            return Scroll(point=Point(*step["point"]), direction=step["direction"], notches=step["notches"])
        case "type":
            return Type(text=step["text"])
        case _:
            return Press(keys=step["keys"])


@contextmanager
def open_suite(options: SuiteOptions) -> Iterator[Suite]:
    """One task of each page for each seed.

    Raises:
        UsageError: the package with the pages is missing, or there is no such rule.
    """
    kinds, rule = miniwob.tasks(), chosen(RULES, options.rule)
    with serving(PageHandler) as address:
        yield [MiniWobTask(kind, seed, address, rule) for seed in options.seeds() for kind in kinds]
