"""MiniWoB++'s pages on SimPhone, by taps through adb. It is not MobileMiniWoB++: SimPhone is not Android.

The pages, seeds, instructions, the reward and its rules are those of the suite `miniwob`; the screen is a phone's,
1080 by 2400, with the task area as wide as the screen. What a page wants dragged with a mouse cannot be dragged with a
finger, on Android's own web view neither. FlightWoB's three pages are left out, as in MobileMiniWoB++.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from actions.action import Action
from actions.geometry import Box, Point
from actions.keyboard import Press, Type
from actions.touch import Swipe, Tap
from agent.episode import Episode
from agent.loop import Limits
from devices import DeviceOptions, Environment
from devices.android.simulated import simulated_phone
from tasks import miniwob
from tasks.miniwob.episode import RESULT, RULES, episode_address, played, reward
from tasks.miniwob.handler import PageHandler
from tasks.task import Score, SeededTask, Suite, SuiteOptions, chosen
from tasks.worlds.asking import Asking, asking
from tasks.worlds.phones import bounds, phone_of, show_page, shows_page

BY_OTHERS = True


@dataclass(frozen=True)
class MobileTask(SeededTask):
    """One episode of one page, on the phone."""

    phone: str
    pages: Asking
    rule: str = "binary"

    device = "android"
    limits = Limits(steps=40, seconds=900)

    @property
    def options(self) -> DeviceOptions:
        return DeviceOptions(address=self.phone)

    def setup(self, environment: Environment) -> str:
        phone_of(environment).act("cmd", "simphone", "reset")
        address = f"{episode_address(self.pages.address, self.kind, self.seed)}&channel={self.pages.open(self.id)}"
        show_page(environment, address)
        return str(self._evaluate("episode.started"))

    def ended(self, environment: Environment) -> bool:
        return not shows_page(environment) or bool(self._evaluate(RESULT)["done"])

    def score(self, environment: Environment, episode: Episode) -> Score:
        return reward(self._evaluate(RESULT) if shows_page(environment) else None, self.rule)

    def solution(self, environment: Environment) -> Iterator[Action]:
        """The steps of the page's oracle, with a finger."""
        scale = self._evaluate("episode.scale() / innerWidth")
        yield from played(self._evaluate, lambda step: to_touch(step, bounds(environment, "page"), scale))

    def _evaluate(self, expression: str) -> Any:
        return self.pages.evaluate(self.id, expression)


def to_touch(step: dict[str, Any], page: Box, scale: float) -> Action:
    """An oracle's step, as in `oracles/page.js`, with a finger.

    The page is at `page` on the screen; a pixel of the task's page is `scale` page widths.
    """
    pixels = (page.right - page.left) * scale

    def place(x: float, y: float) -> Point:
        return Point(round(page.left + x * pixels), round(page.top + y * pixels))

    match step["action"]:
        case "click" | "move_to":
            return Tap(point=place(*step["point"]))
        case "drag":
            return Swipe(start=place(*step["start"]), end=place(*step["end"]))
        case "scroll":
            (x, y), (_, top, _, bottom) = step["point"], step["box"]
            reach = min(100 * step["notches"], (bottom - top) * 0.8) / 2 * (1 if step["direction"] == "down" else -1)
            return Swipe(start=place(x, y + reach), end=place(x, y - reach))
        case "type":
            return Type(text=step["text"])
        case _:
            return Press(keys=step["keys"])


@contextmanager
def open_suite(options: SuiteOptions) -> Iterator[Suite]:
    """One task of each page for each seed, on one phone, which is reset before each.

    Raises:
        UsageError: the package with the pages is missing, or there is no such rule.
    """
    kinds = [kind for kind in miniwob.tasks() if not miniwob.is_flight(kind)]
    rule = chosen(RULES, options.rule)
    with asking(PageHandler) as pages, simulated_phone() as address:
        yield [MobileTask(kind, seed, address, pages, rule) for seed in options.seeds() for kind in kinds]
