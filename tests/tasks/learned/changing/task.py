"""A world as a task, so that its solution can be learned."""

import json
from collections.abc import Iterator
from typing import Any

from playwright.async_api import Page

from actions.action import Action
from actions.geometry import Point
from actions.keyboard import Press, Type
from actions.mouse import Click
from agent.episode import Episode
from agent.loop import Limits
from devices import DeviceOptions, Environment
from devices.browser.device import Browser
from tasks.task import Score
from tests.tasks.learned.changing.site import Site


class WorldTask:
    """The task of the world that a site shows."""

    kind = "world"
    device = "browser"
    limits = Limits(steps=20, seconds=120)

    def __init__(self, site: Site, name: str) -> None:
        self.id = name
        self._site = site

    @property
    def options(self) -> DeviceOptions:
        return DeviceOptions(address=self._site.address, viewport=self._site.world.viewport, headless=True)

    def setup(self, environment: Environment) -> str:
        environment.reset()
        return self._site.world.task

    def ended(self, environment: Environment) -> bool:
        return False

    def score(self, environment: Environment, episode: Episode) -> Score:
        verdict = self._site.verdict()
        return Score(float(verdict.complete), verdict.wrong)

    def teardown(self, environment: Environment) -> None:
        pass

    def solution(self, environment: Environment) -> Iterator[Action]:
        for key in self._site.world.expected:
            if key.startswith("enter "):
                yield Press(keys=("enter",))
                continue
            yield Click(point=_place(environment, key))
            if text := self._site.world.typed.get(key):
                yield Type(text=text)


def _place(environment: Environment, key: str) -> Point:
    """The middle of the thing of this key, wherever it is: in a frame, in a shadow tree, on a canvas."""

    async def ask(page: Page) -> Any:
        for frame in page.frames:
            things = json.loads(await frame.locator("#things").inner_text())
            for number in (number for number, thing in things.items() if thing["key"] == key):
                element = frame.locator(f'[data-n="{number}"]')
                if await element.count():
                    return await element.bounding_box()
                canvas = frame.locator("canvas")
                drawn = json.loads(await canvas.get_attribute("data-drawn") or "")
                box, place = await canvas.bounding_box(), next(each for each in drawn if each["n"] == number)
                return box and {"x": box["x"] + place["x"], "y": box["y"] + place["y"], "width": 120, "height": 40}
        raise LookupError(key)

    assert isinstance(environment, Browser)
    box = environment.ask(ask)
    return Point(round(box["x"] + box["width"] / 2), round(box["y"] + box["height"] / 2))
