"""Logging in on our own page, 168 by 224 pixels of it, in a browser, on SimPhone and in a window on a virtual screen.

One model, one page and one loop on all three kinds of device. With a wrong password, the task is to notice it.
"""

import random
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
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
from devices.android.simulated import simulated_phone
from devices.browser import launch
from tasks.task import Score, SeededTask, Suite, SuiteOptions
from tasks.worlds.asking import Asking, asking
from tasks.worlds.pages import evaluate
from tasks.worlds.phones import phone_of, show_page, shows_page
from tasks.worlds.site_server import USERS, SiteHandler
from tasks.worlds.virtual_screen import Screen

VIEW = Size(168, 224)
DENSITY = 3
"""The phone's pixels for one of the page's."""
TITLE = "Log in"
MIDDLE = "(b => [b.x + b.width / 2, b.y + b.height / 2])(document.querySelector({!r}).getBoundingClientRect())"


class Places(NamedTuple):
    """A place that can show the page."""

    pages: Asking
    phone: str
    screen: Screen


@dataclass(frozen=True)
class LogInTask(SeededTask, ABC):
    """One log-in; each kind of device has its own class."""

    refused: bool
    places: Places

    limits = Limits(steps=12, seconds=180)

    @property
    def page(self) -> str:
        return f"{self.places.pages.address}/login.html?seed={self.seed}"

    @property
    def user(self) -> tuple[str, str]:
        """The name and the password of the instruction."""
        draw = random.Random(self.seed)
        name, other = draw.sample(sorted(USERS), 2)
        return name, USERS[other if self.refused else name]

    def setup(self, environment: Environment) -> str:
        self.show(environment)
        self.evaluate(environment, "site.reset()")
        name, password = self.user
        return f"Log in as {name} with password {password}."

    def score(self, environment: Environment, episode: Episode) -> Score:
        if self.left(environment):
            return Score(0.0, "the page was left")
        user = self.evaluate(environment, "site.state()").get("user")
        said = self.evaluate(environment, "document.getElementById('message').textContent")
        if self.refused:
            right = bool(said) and not user and episode.ending is Ending.GAVE_UP
        else:
            right = user == self.user[0]
        return Score(float(right), f"the page says {said!r}, the actor {episode.ending}")

    def solution(self, environment: Environment) -> Iterator[Action]:
        name, password = self.user
        for field, text in (("[name=user]", name), ("[name=password]", password)):
            yield self.touch(self.evaluate(environment, MIDDLE.format(field)))
            yield Type(text=text)
        yield self.touch(self.evaluate(environment, MIDDLE.format("form button")))
        yield Finish(status="failure" if self.refused else "success")

    @abstractmethod
    def show(self, environment: Environment) -> None:
        """Opens the page on the device."""

    @abstractmethod
    def left(self, environment: Environment) -> bool:
        """Whether something other than the page is shown."""

    def evaluate(self, environment: Environment, expression: str) -> Any:
        """The value of an expression in the page."""
        return self.places.pages.evaluate(self.id, expression)

    def touch(self, middle: Sequence[float]) -> Action:
        """The action that touches a point of the page."""
        return Click(point=Point(*map(round, middle)))


class InBrowser(LogInTask):
    device = "browser"

    @property
    def options(self) -> DeviceOptions:
        return DeviceOptions(address=self.page, viewport=VIEW)

    def show(self, environment: Environment) -> None:
        environment.reset()

    def left(self, environment: Environment) -> bool:
        return not evaluate(environment, "typeof site === 'object'")

    def evaluate(self, environment: Environment, expression: str) -> Any:
        return evaluate(environment, expression)


class OnPhone(LogInTask):
    device = "android"

    @property
    def options(self) -> DeviceOptions:
        return DeviceOptions(address=self.places.phone)

    def show(self, environment: Environment) -> None:
        phone_of(environment).act("cmd", "simphone", "reset")
        phone_of(environment).act("settings", "put", "global", "policy_control", "immersive.full=*")
        show_page(environment, f"{self.page}&channel={self.places.pages.open(self.id)}")

    def left(self, environment: Environment) -> bool:
        return not shows_page(environment)

    def touch(self, middle: Sequence[float]) -> Action:
        return Tap(point=Point(*(round(DENSITY * side) for side in middle)))


class InWindow(LogInTask):
    device = "desktop"

    @property
    def options(self) -> DeviceOptions:
        return DeviceOptions(address=self.places.screen.display)

    def show(self, environment: Environment) -> None:
        """A browser's window that fills the virtual screen."""
        screen = self.places.screen
        screen.clear()
        browser = launch.installed()
        assert browser, "the suite is not opened without one"
        page = f"{self.page}&channel={self.places.pages.open(self.id)}"
        screen.start(browser, *launch.flags(), f"--user-data-dir={screen.home}/{self.id}", "--kiosk", f"--app={page}")

    def left(self, environment: Environment) -> bool:
        return not self.places.screen.title().startswith(TITLE)

    def teardown(self, environment: Environment) -> None:
        self.places.screen.clear()


@contextmanager
def open_suite(options: SuiteOptions) -> Iterator[Suite]:
    """Each device with each seed, with the right password and with a wrong one.

    Raises:
        UsageError: a program of the virtual screen or of its browser is missing.
    """
    if not launch.installed():
        raise UsageError("A browser's window needs Chromium. Install it with: sudo apt-get install chromium")
    phone = Size(VIEW.width * DENSITY, VIEW.height * DENSITY)
    with asking(SiteHandler) as pages, simulated_phone(phone, scale=DENSITY) as address, Screen(str(VIEW)) as screen:
        places = Places(pages, address, screen)
        yield [
            of(f"{of.device}-refused" if refused else of.device, seed, refused, places)
            for seed in options.seeds()
            for of in (InBrowser, OnPhone, InWindow)
            for refused in (False, True)
        ]
