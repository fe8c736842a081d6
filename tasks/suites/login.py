"""Logging in on our own page, 168 by 224 pixels of it, in a browser, on SimPhone and in a window on a virtual screen.

One model, one page and one loop on all three kinds of device. Where the password is wrong, the task is to notice.
"""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple

from actions.action import Action
from actions.control import Finish
from actions.errors import UsageError
from actions.geometry import Point, Size
from actions.keyboard import Type
from actions.mouse import Click
from actions.touch import Tap
from agent.episode import Ending, Episode
from agent.loop import Limits
from devices import DeviceOptions, Environment
from devices.chromium import launch
from tasks.asking import Asking, asking
from tasks.pages import evaluate
from tasks.phones import phone_of, show_page, shows_page, simulated_phone
from tasks.site_server import SiteHandler
from tasks.suites.smoke import USERS
from tasks.task import Score, SeededTask, Suite, SuiteOptions
from tasks.virtual_screen import Screen

VIEW = Size(168, 224)
DENSITY = 3
"""The phone's pixels for one of the page's."""
TITLE = "Log in"
MIDDLE = "(b => [b.x + b.width / 2, b.y + b.height / 2])(document.querySelector({!r}).getBoundingClientRect())"


class Places(NamedTuple):
    """Where the page can be shown."""

    pages: Asking
    phone: str
    screen: Screen


@dataclass(frozen=True)
class LogInTask(SeededTask):
    """One log-in on one device."""

    device: str
    refused: bool
    places: Places

    limits = Limits(steps=12, seconds=180)

    @property
    def options(self) -> DeviceOptions:
        if self.device == "browser":
            return DeviceOptions(address=self._address, viewport=VIEW)
        return DeviceOptions(address=self.places.phone if self.device == "android" else self.places.screen.display)

    @property
    def _address(self) -> str:
        return f"{self.places.pages.address}/login.html?seed={self.seed}"

    @property
    def user(self) -> tuple[str, str]:
        """The name and the password that are asked for."""
        draw = random.Random(self.seed)
        name, other = draw.sample(sorted(USERS), 2)
        return name, USERS[other if self.refused else name]

    def setup(self, environment: Environment) -> str:
        match self.device:
            case "browser":
                environment.reset()
            case "android":
                phone_of(environment).act("cmd", "simphone", "reset")
                phone_of(environment).act("settings", "put", "global", "policy_control", "immersive.full=*")
                show_page(environment, f"{self._address}&channel={self.places.pages.open(self.id)}")
            case _:
                self._open_window(f"{self._address}&channel={self.places.pages.open(self.id)}")
        self._evaluate(environment, "site.reset()")
        name, password = self.user
        return f"Log in as {name} with password {password}."

    def score(self, environment: Environment, episode: Episode) -> Score:
        if self._left(environment):
            return Score(0.0, "the page was left")
        user = self._evaluate(environment, "site.state()").get("user")
        said = self._evaluate(environment, "document.getElementById('message').textContent")
        if self.refused:
            right = bool(said) and not user and episode.ending is Ending.GAVE_UP
        else:
            right = user == self.user[0]
        return Score(float(right), f"the page says {said!r}, the actor {episode.ending}")

    def teardown(self, environment: Environment) -> None:
        if self.device == "desktop":
            self.places.screen.clear()

    def solution(self, environment: Environment) -> Iterator[Action]:
        name, password = self.user
        for field, text in (("[name=user]", name), ("[name=password]", password)):
            yield self._touch(environment, field)
            yield Type(text=text)
        yield self._touch(environment, "form button")
        yield Finish(status="failure" if self.refused else "success")

    def _touch(self, environment: Environment, selector: str) -> Action:
        scale = DENSITY if self.device == "android" else 1
        point = Point(*(round(scale * side) for side in self._evaluate(environment, MIDDLE.format(selector))))
        return Tap(point=point) if self.device == "android" else Click(point=point)

    def _open_window(self, address: str) -> None:
        """A browser's window that fills the virtual screen."""
        screen = self.places.screen
        screen.clear()
        browser = launch.installed()
        assert browser, "the suite is not opened without one"
        screen.start(
            browser, *launch.flags(), f"--user-data-dir={screen.home}/{self.id}", "--kiosk", f"--app={address}"
        )

    def _left(self, environment: Environment) -> bool:
        match self.device:
            case "browser":
                return not evaluate(environment, "typeof site === 'object'")
            case "android":
                return not shows_page(environment)
            case _:
                return not self.places.screen.title().startswith(TITLE)

    def _evaluate(self, environment: Environment, expression: str) -> Any:
        if self.device == "browser":
            return evaluate(environment, expression)
        return self.places.pages.evaluate(self.id, expression)


@contextmanager
def open_suite(options: SuiteOptions) -> Iterator[Suite]:
    """Each device with each seed, with the right password and with a wrong one.

    Raises:
        UsageError: a program is missing that the virtual screen or its browser's window needs.
    """
    if not launch.installed():
        raise UsageError("A browser's window needs Chromium. Install it with: sudo apt-get install chromium")
    phone = Size(VIEW.width * DENSITY, VIEW.height * DENSITY)
    with asking(SiteHandler) as pages, simulated_phone(phone) as address, Screen(str(VIEW)) as screen:
        places = Places(pages, address, screen)
        yield [
            LogInTask(f"{device}-refused" if refused else device, seed, device, refused, places)
            for seed in options.seeds()
            for device in ("browser", "android", "desktop")
            for refused in (False, True)
        ]
