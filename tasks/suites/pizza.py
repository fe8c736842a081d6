"""Eight kinds of errand in SimPhone's Maps, such as "find a pizza place", on a phone that the seed fills with places.

Lessons for the model in the box have such sentences on a phone of this size (tasks/training_data/phone.js); the model
that ships was not trained on them. The names, the addresses and their mixture are this suite's own. What is scored is
the phone's state, together with the answer where the sentence asks for one: an answer counts only if the place was
looked up, and a place that does not exist counts as missing only once it was searched for. SimPhone is a phone double
and not Android.
"""

import random
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple

from actions.action import Action
from actions.control import Answer, Finish
from actions.geometry import Size
from actions.keyboard import Press, Type
from agent.episode import Ending, Episode
from agent.loop import Limits
from devices import DeviceOptions, Environment
from devices.android.simulated import simulated_phone
from tasks.task import Score, SeededTask, Suite, SuiteOptions
from tasks.worlds.phones import in_front, phone_of, played, state, texts, write_state

PHONE = Size(336, 448)
"""A phone of few pixels, for a small model."""
WORDS = (
    "Acorn Anchor Beacon Blossom Cactus Canyon Castle Cherry Cobalt Compass Cricket Crystal Daisy Dolphin Feather "
    "Firefly Glacier Harvest Hollow Hunter Jasmine Lobster Magnolia Mustard Mulberry Nutmeg Orchard Osprey "
    "Parsley Pilgrim Puffin Rosemary Sandal Shamrock Sparrow Squirrel Stag Swallow Sycamore Truffle Tundra Walrus "
    "Windmill Woodland Zephyr"
).split()
PEOPLE = (
    "Agnes Bertha Claire Dennis Edith Frank Gerda Heinz Ingrid Joanna Klaus Lloyd Martha Norbert Oswald Phyllis "
    "Roland Sandra Thomas Ulrich Vincent Wilma Yvonne"
).split()
ROADS = ("Street", "Road", "Lane", "Avenue", "Square", "Row", "Hill", "Way")
KINDS = ("Pizza", "Pharmacy", "Café", "Bakery", "Library", "Museum", "Hotel", "Cinema", "Florist", "Bookstore")
ELSEWHERE = ("aquarium", "casino", "laundry", "stadium", "vineyard", "observatory")
"""Kinds of place that no phone of this suite has, and no lesson."""
ENDS = {"Pizza": ("Pizza", "Pizzeria", "Oven", "Slice"), "Café": ("Café", "Cups")}
SILENT = {"near", "me", "place", "places", "a"}
"""Words of a query that Maps ignores (apps/maps/app.js)."""
ALWAYS = "Open 24 hours"


@dataclass(frozen=True)
class Place:
    """A place as Maps stores it."""

    id: str
    name: str
    kind: str
    address: str
    hours: str
    rating: float
    km: float
    x: int
    y: int

    def open_at(self, time: str) -> bool:
        """Whether it is open at a time of day, such as 09:41."""
        return self.hours == ALWAYS or self.hours[:5] <= time < self.hours[6:]


class Town(NamedTuple):
    """What a phone's Maps knows, and the phone's time of day."""

    places: tuple[Place, ...]
    time: str

    def found(self, query: str) -> list[Place]:
        """What Maps lists for a query, the nearest first."""
        words = [word.removesuffix("s") for word in query.lower().split() if word not in SILENT]
        listed = (
            place
            for place in self.places
            if all(word in f"{place.name} {place.kind} {place.address}".lower() for word in words)
        )
        return sorted(listed, key=lambda place: place.km)


class End(NamedTuple):
    """The end of an episode."""

    town: Town
    searches: Sequence[str]
    page: Place | None
    """The place whose page is in front."""
    answer: str
    gave_up: bool

    def answers(self, place: Place) -> bool:
        """Whether the answer names this place and no other one, and a search had listed it."""
        named = [each for each in self.town.places if each.name.lower() in self.answer.lower()]
        return named == [place] and self.looked_up(place)

    def answers_number(self, number: float, place: Place) -> bool:
        """Whether the answer has this number and no other one, and a search had listed the place."""
        numbers = {float(found) for found in re.findall(r"\d+(?:\.\d+)?", self.answer)}
        return numbers == {number} and self.looked_up(place)

    def looked_up(self, place: Place) -> bool:
        return any(place in self.town.found(search) for search in self.searches)


@dataclass(frozen=True)
class Errand:
    """A sentence, what must hold at the end, and how to get there once `query` has been searched for."""

    goal: str
    query: str
    moves: tuple[str | Action, ...]
    holds: Callable[[End], bool] = lambda end: True
    changed: dict[str, Any] = field(default_factory=dict)
    """The entries of Maps' state that must have changed; all others must not have."""


@dataclass(frozen=True)
class PizzaTask(SeededTask):
    """One errand, begun on the home screen."""

    address: str
    town: Town
    errand: Errand

    device = "android"
    limits = Limits(steps=30, seconds=300)

    @property
    def options(self) -> DeviceOptions:
        return DeviceOptions(address=self.address)

    def setup(self, environment: Environment) -> str:
        phone = phone_of(environment)
        phone.act("cmd", "simphone", "reset")
        phone.act("setprop", "sim.time", f"2026-03-14T{self.town.time}:00")
        write_state(environment, "maps", {"places": [asdict(place) for place in self.town.places]})
        return self.errand.goal

    def score(self, environment: Environment, episode: Episode) -> Score:
        now = state(environment, "maps")
        searches, changed = now["searches"], {"saved": [], "navigation": None} | self.errand.changed
        shown = texts(environment) if in_front(environment).endswith(".PlaceActivity") else []
        page = next((place for place in self.town.places if place.name in shown), None)
        end = End(self.town, searches, page, episode.declared, episode.ending is Ending.GAVE_UP)
        right = self.errand.holds(end) and changed.items() <= now.items()
        on_page = f"the page of {page.name}" if page else "no place's page"
        return Score(float(right), f"searched for {searches}, saved {now['saved']}, {on_page} in front")

    def solution(self, environment: Environment) -> Iterator[Action]:
        moves = ("Maps", "search", Type(text=self.errand.query), Press(keys="enter"), *self.errand.moves)
        return played(environment, moves)


@contextmanager
def open_suite(options: SuiteOptions) -> Iterator[Suite]:
    """One task of each kind for each seed, on one phone, which is filled anew for each."""
    with simulated_phone(PHONE) as address:
        yield [PizzaTask(kind, seed, address, *drawn(kind, seed)) for seed in options.seeds() for kind in ERRANDS]


def drawn(kind: str, seed: int) -> tuple[Town, Errand]:
    """The phone and the errand of a task."""
    return ERRANDS[kind](random.Random(f"{kind}-{seed}"))


def _find(draw: random.Random) -> tuple[Town, Errand]:
    town, places = _town(draw, "Pizza", draw.randint(1, 4))
    name = places[0].name
    return town, Errand(
        "find a pizza place", "pizza", (name, Answer(text=name)),
        lambda end: end.page in places and end.page is not None and end.answers(end.page),
    )  # fmt: skip


def _open(draw: random.Random) -> tuple[Town, Errand]:
    kind = draw.choice(KINDS)
    town, places = _town(draw, kind, draw.randint(2, 4))
    while len({place.open_at(town.time) for place in places}) < 2:
        town, places = _town(draw, kind, draw.randint(2, 4))
    now_open = [place for place in places if place.open_at(town.time)]
    name = now_open[0].name
    return town, Errand(
        f"find {_a(kind)} open now", kind.lower(), (name, Answer(text=name)),
        lambda end: any(map(end.answers, now_open)),
    )  # fmt: skip


def _best(draw: random.Random) -> tuple[Town, Errand]:
    kind = draw.choice(KINDS)
    town, places = _town(draw, kind, draw.randint(2, 3))
    best = max(places, key=lambda place: place.rating)
    return town, Errand(
        f"which {kind.lower()} has the best rating?", kind.lower(), (Answer(text=best.name),),
        lambda end: end.answers(best),
    )  # fmt: skip


def _save(draw: random.Random) -> tuple[Town, Errand]:
    kind = draw.choice(KINDS)
    town, places = _town(draw, kind, draw.randint(2, 4))
    second = places[1]
    return town, Errand(
        f"save the second {kind.lower()}", kind.lower(), (second.name, "save"), changed={"saved": [second.id]}
    )


def _stars(draw: random.Random) -> tuple[Town, Errand]:
    town, place = _named(draw)
    stars = f"{place.rating:g}"
    return town, Errand(
        f"how many stars does {place.name} have?", place.name, (Answer(text=stars),),
        lambda end: end.answers_number(place.rating, place),
    )  # fmt: skip


def _far(draw: random.Random) -> tuple[Town, Errand]:
    town, place = _named(draw)
    return town, Errand(
        f"how far is {place.name}?", place.name, (Answer(text=f"{place.km:g} km"),),
        lambda end: end.answers_number(place.km, place),
    )  # fmt: skip


def _walk(draw: random.Random) -> tuple[Town, Errand]:
    town, place = _named(draw)
    return town, Errand(
        f"start walking directions to {place.name}", place.name, ("place", "directions", "mode_walk", "start"),
        changed={"navigation": {"to": place.id, "mode": "walk"}},
    )  # fmt: skip


def _none(draw: random.Random) -> tuple[Town, Errand]:
    town, _ = _town(draw, draw.choice(KINDS), draw.randint(2, 4))
    there = {place.kind for place in town.places}
    kind = draw.choice([*ELSEWHERE, *(kind.lower() for kind in KINDS if kind not in there)])
    return town, Errand(
        f"find {_a(kind)}", kind, (Finish(status="failure"),),
        lambda end: end.gave_up and any(kind in search.lower() for search in end.searches),
    )  # fmt: skip


ERRANDS: dict[str, Callable[[random.Random], tuple[Town, Errand]]] = {
    "find": _find, "open": _open, "best": _best, "save": _save, "stars": _stars, "far": _far, "walk": _walk,
    "none": _none,
}  # fmt: skip
"""The kinds of task."""


def _town(draw: random.Random, kind: str, count: int) -> tuple[Town, list[Place]]:
    """A town with so many places of a kind among others, and these places, the nearest first."""
    others = draw.sample([other for other in KINDS if other != kind], draw.randint(4, 7))
    kinds = draw.sample([*[kind] * count, *others], count + len(others))
    words = draw.sample(WORDS, 3 * len(kinds))
    tenths, ratings = draw.sample(range(1, 60), len(kinds)), draw.sample(range(30, 50), len(kinds))
    places = tuple(
        Place(
            f"p{at}",
            _name(draw, ENDS.get(each, (each,)), *words[3 * at : 3 * at + 2]),
            each,
            f"{draw.randint(1, 120)} {words[3 * at + 2]} {draw.choice(ROADS)}",
            _hours(draw),
            ratings[at] / 10,
            tenths[at] / 10,
            draw.randint(5, 95),
            draw.randint(5, 95),
        )
        for at, each in enumerate(kinds)
    )
    town = Town(places, _time(draw))
    return town, town.found(kind)


def _named(draw: random.Random) -> tuple[Town, Place]:
    """A town, and any place of it."""
    town, _ = _town(draw, draw.choice(KINDS), draw.randint(2, 4))
    return town, draw.choice(town.places)


def _name(draw: random.Random, ends: Sequence[str], one: str, other: str) -> str:
    """The name of a place. The words belong to this place alone, so no name contains another one."""
    end, person = draw.choice(ends), draw.choice(PEOPLE)
    return draw.choice(
        [f"{one} {end}", f"{one} {end}", f"{person}'s {one}", f"{one} {other}", f"The {one}", f"{one} & {other}",
         f"{end} {one}", f"{end} of {one}", one]
    )  # fmt: skip


def _hours(draw: random.Random) -> str:
    if draw.random() < 0.1:
        return ALWAYS
    opens = draw.randint(5, 13)
    return f"{opens:02d}:{draw.choice(('00', '30'))}-{min(opens + draw.randint(4, 13), 24):02d}:00"


def _time(draw: random.Random) -> str:
    return f"{draw.randrange(24):02d}:{draw.randrange(60):02d}"


def _a(kind: str) -> str:
    """The kind with its article."""
    return f"{'an' if kind[0].lower() in 'aeiou' else 'a'} {kind.lower()}"
