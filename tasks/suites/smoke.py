"""Ten kinds of task on the small site, seeded, scored on the page's state, and solvable."""

import json
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from actions.action import Action
from actions.control import Answer
from actions.geometry import Point
from actions.keyboard import Press, Type
from actions.mouse import Click, Scroll
from agent.episode import Episode
from agent.loop import Limits
from devices import DeviceOptions, Environment
from tasks.task import Score, SeededTask, Suite, SuiteOptions
from tasks.worlds.pages import evaluate
from tasks.worlds.site_server import USERS, site

State = dict[str, Any]
PLACES = {"luigi": "Luigi's Oven", "napoli": "Pizzeria Napoli", "stone": "Stone & Basil", "page": "Turned Page"}
STARS = {"luigi": "4.6", "napoli": "4.2", "stone": "4.8", "page": "4.9"}
PIZZA = ("luigi", "napoli", "corner", "stone")


@dataclass(frozen=True)
class SiteTask(SeededTask):
    """A task that starts on one page of the site."""

    address: str
    start: str
    instruction: str
    done: Callable[[State, str], bool]
    """Whether the page's state and the episode's answer are correct."""
    solve: Callable[[Environment], Iterator[Action]]

    device = "browser"
    limits = Limits(steps=20, seconds=300)

    @property
    def options(self) -> DeviceOptions:
        return DeviceOptions(address=f"{self.address}/{self.start}{'&' if '?' in self.start else '?'}seed={self.seed}")

    def setup(self, environment: Environment) -> str:
        environment.reset()
        return self.instruction

    def score(self, environment: Environment, episode: Episode) -> Score:
        state = evaluate(environment, "typeof site === 'object' ? site.state() : {elsewhere: true}")
        if self.done(state, episode.declared):
            return Score(1.0, "as asked")
        return Score(0.0, f"the page says {json.dumps(state, ensure_ascii=False)}")

    def solution(self, environment: Environment) -> Iterator[Action]:
        return self.solve(environment)


@contextmanager
def open_suite(options: SuiteOptions) -> Iterator[Suite]:
    """One task of each kind for each seed, which determines its details."""
    with site() as address:
        yield [make(seed, address) for seed in options.seeds() for make in MAKERS]


def centre(environment: Environment, selector: str) -> Point:
    """The centre, in the viewport, of the first element that matches a CSS selector."""
    found = evaluate(
        environment,
        f"(() => {{ const b = document.querySelector({json.dumps(selector)}).getBoundingClientRect();"
        " return [Math.round(b.x + b.width / 2), Math.round(b.y + b.height / 2)]; })()",
    )
    return Point(*found)


def _click(*selectors: str) -> Callable[[Environment], Iterator[Action]]:
    """Clicks elements one after the other, each located when needed."""

    def solve(environment: Environment) -> Iterator[Action]:
        for selector in selectors:
            yield Click(point=centre(environment, selector))

    return solve


def _fill(fields: dict[str, str], *then: str) -> Callable[[Environment], Iterator[Action]]:
    def solve(environment: Environment) -> Iterator[Action]:
        for name, text in fields.items():
            yield Click(point=centre(environment, f"[name={name}]"))
            yield Type(text=text)
        yield from _click(*then)(environment)

    return solve


def _search(seed: int, address: str) -> SiteTask:
    kind = random.Random(seed).choice(["bookshop", "cinema", "gym", "pharmacy"])

    def solve(environment: Environment) -> Iterator[Action]:
        yield Click(point=centre(environment, "[name=q]"))
        yield Type(text=kind)
        yield Press(keys=("enter",))

    return SiteTask(
        "search",
        seed,
        address,
        "index.html",
        f"Search for a {kind}.",
        lambda state, _: kind in state.get("query", ""),
        solve,
    )


def _pizza(seed: int, address: str) -> SiteTask:
    solve = _click("a[href*=pizza]", ".card h2 a")
    return SiteTask(
        "pizza", seed, address, "index.html", "Find a pizza place and open its page.",
        lambda state, _: state.get("place") in PIZZA, solve,
    )  # fmt: skip


def _save(seed: int, address: str) -> SiteTask:
    place = random.Random(seed).choice(sorted(PLACES))
    solve = _fill({"q": PLACES[place].split()[0]}, "form button", f"#place-{place}", "#save")
    return SiteTask(
        "save", seed, address, "index.html", f"Find {PLACES[place]} and save it.",
        lambda state, _: state.get("saved") == [place], solve,
    )  # fmt: skip


def _stars(seed: int, address: str) -> SiteTask:
    place = random.Random(seed).choice(sorted(PLACES))

    def solve(environment: Environment) -> Iterator[Action]:
        yield from _fill({"q": PLACES[place].split()[0]}, "form button")(environment)
        yield Answer(text=STARS[place])

    return SiteTask(
        "stars", seed, address, "index.html", f"How many stars does {PLACES[place]} have? Answer with the number.",
        lambda _, answer: STARS[place] in answer, solve,
    )  # fmt: skip


def _reserve(seed: int, address: str) -> SiteTask:
    draw = random.Random(seed)
    wanted = {
        "name": draw.choice(["Zoë", "Ben", "Mira"]),
        "email": "guest@example.org",
        "guests": str(draw.randint(2, 9)),
        "time": draw.choice(["18:00", "19:30", "20:15"]),
    }
    asked = (
        f"Reserve a table outside for {wanted['guests']} guests at {wanted['time']} in the name of {wanted['name']}, "
        f"e-mail {wanted['email']}, with the newsletter."
    )
    expected = {**wanted, "seat": "outside", "newsletter": True}
    solve = _fill(wanted, "[name=newsletter]", "[value=outside]", "form button")
    return SiteTask(
        "reserve", seed, address, "form.html", asked, lambda state, _: state.get("reservation") == expected, solve
    )


def _tab(seed: int, address: str) -> SiteTask:
    tab = random.Random(seed).choice(["Food", "History", "Walks"])
    return SiteTask(
        "tab",
        seed,
        address,
        "tabs.html",
        f"Open the tab {tab}.",
        lambda state, _: state.get("tab") == tab,
        _click(f"#tab-{tab}"),
    )


def _pick(seed: int, address: str) -> SiteTask:
    draw = random.Random(seed)
    thing = f"{draw.choice(['red', 'blue', 'green', 'white'])} {draw.choice(['lamp', 'clock', 'kettle', 'mirror'])}"
    button = f"#pick-{thing.replace(' ', '-')}"

    def solve(environment: Environment) -> Iterator[Action]:
        while centre(environment, button).y > evaluate(environment, "innerHeight") - 40:
            yield Scroll(direction="down", notches=5, point=Point(640, 500))
        yield Click(point=centre(environment, button))

    return SiteTask(
        "pick", seed, address, "list.html", f"Pick the {thing}, and nothing else.",
        lambda state, _: state.get("picked") == [thing], solve,
    )  # fmt: skip


def _dialog(seed: int, address: str) -> SiteTask:
    return SiteTask(
        "dialog", seed, address, "dialog.html", "Start to close the account, then keep it after all.",
        lambda state, _: state.get("dialog") == "cancelled", _click("#close", "#cancel"),
    )  # fmt: skip


def _login(seed: int, address: str) -> SiteTask:
    user = random.Random(seed).choice(sorted(USERS))
    return SiteTask(
        "login", seed, address, "login.html", f"Log in as {user} with password {USERS[user]}.",
        lambda state, _: state.get("user") == user, _fill({"user": user, "password": USERS[user]}, "form button"),
    )  # fmt: skip


def _map(seed: int, address: str) -> SiteTask:
    place = random.Random(seed).choice(["luigi", "napoli", "stone"])
    return SiteTask(
        "map", seed, address, "place.html?id=corner", f"Show {PLACES[place]} by clicking its pin on the map.",
        lambda state, _: state.get("place") == place, _click(f"#pin-{place}"),
    )  # fmt: skip


MAKERS = (_search, _pizza, _save, _stars, _reserve, _tab, _pick, _dialog, _login, _map)
