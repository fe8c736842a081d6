"""Tasks on SimPhone in the style of AndroidWorld: a goal with seeded values, success read from the phone's state.

SimPhone is a phone double (devices/doubles/simphone) and not Android; a score here does not predict AndroidWorld's.
"""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from actions.action import Action
from actions.control import Answer
from actions.keyboard import Type
from actions.phone import OpenApp
from agent.episode import Episode
from agent.loop import Limits
from devices import DeviceOptions, Environment
from devices.android.addresses import PANEL
from devices.android.simulated import simulated_phone
from tasks.task import Score, SeededTask, Suite, SuiteOptions
from tasks.worlds.phones import phone_of, played, setting, state

PEOPLE = {"Ben Osei": "555-0102", "Carla Ruiz": "555-0103", "Eun-ji Kim": "555-0105", "Greta Lind": "555-0107"}
PIZZA = {"luigi": "Luigi's Pizza", "forno": "Forno Rosso", "slice": "Slice of Naples"}
STARS = {"luigi": "4.6", "forno": "4.8", "slice": "4.1"}
GOODS = {"mug": ("Blue mug", "9.00"), "pan": ("Iron pan", "34.50"), "kettle": ("Kettle", "27.99")}

Check = Callable[[Environment, str], bool]
"""Whether the phone's state and the episode's answer are correct."""
Moves = tuple[str | Action, ...]
"""A solution: names of elements to tap, each located when needed, and other actions."""


@dataclass(frozen=True)
class PhoneTask(SeededTask):
    """One task; `moves` begin on the home screen."""

    address: str
    goal: str
    check: Check
    moves: Moves

    device = "android"
    limits = Limits(steps=30, seconds=600)

    @property
    def options(self) -> DeviceOptions:
        return DeviceOptions(address=self.address)

    def setup(self, environment: Environment) -> str:
        phone_of(environment).act("cmd", "simphone", "reset")
        return self.goal

    def score(self, environment: Environment, episode: Episode) -> Score:
        done = self.check(environment, episode.declared)
        return Score(float(done), "as asked" if done else "the phone's state is not as asked")

    def solution(self, environment: Environment) -> Iterator[Action]:
        return played(environment, self.moves)


@contextmanager
def open_suite(options: SuiteOptions) -> Iterator[Suite]:
    """One task of each kind for each seed, on one phone, which is reset before each."""
    with simulated_phone(options.phone or PANEL) as address:
        yield [
            PhoneTask(kind, seed, address, goal, check, moves)
            for seed in options.seeds()
            for kind, goal, check, moves in _kinds(random.Random(seed))
        ]


Kind = tuple[str, str, Check, Moves]


def _kinds(draw: random.Random) -> Iterator[Kind]:
    for made in (_settings(), _contacts(draw), _notes(draw), _clock(draw), _maps(draw), _shop(draw)):
        yield from made


def _settings() -> Iterator[Kind]:
    network, bluetooth, display, sound = "open_network", "open_bluetooth", "open_display", "open_sound"
    for kind, goal, namespace, key, wanted, moves in (
        ("wifi-off", "Turn Wi-Fi off.", "global", "wifi_on", "0", (network, "open_wifi")),
        ("bluetooth-on", "Turn Bluetooth on.", "global", "bluetooth_on", "1", (bluetooth,)),
        ("airplane-on", "Turn on airplane mode.", "global", "airplane_mode_on", "1", (network,)),
        ("mobile-data-off", "Turn mobile data off.", "global", "mobile_data", "0", (network,)),
        ("dark-theme", "Switch to the dark theme.", "secure", "ui_night_mode", "2", (display,)),
        ("auto-rotate", "Let the screen rotate by itself.", "system", "accelerometer_rotation", "1", (display,)),
        ("adaptive", "Turn on adaptive brightness.", "system", "screen_brightness_mode", "1", (display,)),
        ("vibrate", "Let the phone vibrate for calls.", "system", "vibrate_when_ringing", "1", (sound,)),
    ):
        yield kind, goal, _is_set(namespace, key, wanted), (OpenApp(app="Settings"), *moves, key)


def _is_set(namespace: str, key: str, wanted: str) -> Check:
    return lambda phone, _: setting(phone, namespace, key) == wanted


def _contacts(draw: random.Random) -> Iterator[Kind]:
    people = draw.sample(sorted(PEOPLE), 3)
    name, number = draw.choice(["Zoe Quick", "Noël Ångström", "Li Wei"]), f"555-01{draw.randint(50, 99)}"
    opened = OpenApp(app="Contacts")
    yield (
        "contact-add", f"Add {name} with the phone number {number} to the contacts.",
        lambda phone, _: (name, number) in _people(phone),
        (opened, "fab", "name", Type(text=name), "phone", Type(text=number), "save"),
    )  # fmt: skip
    yield (
        "contact-delete", f"Delete {people[0]} from the contacts.",
        lambda phone, _: len(left := _people(phone)) == 13 and people[0] not in [name for name, _ in left],
        (opened, people[0], "Delete contact", "Delete"),
    )  # fmt: skip
    yield (
        "contact-star", f"Make {people[1]} a favourite contact.",
        lambda phone, _: people[1] in [one["name"] for one in state(phone, "contacts")["contacts"] if one["starred"]],
        (opened, people[1], "star"),
    )  # fmt: skip
    yield (
        "contact-number", f"What is the phone number of {people[2]}?",
        lambda _, answer: PEOPLE[people[2]] in answer,
        (opened, people[2], Answer(text=PEOPLE[people[2]])),
    )  # fmt: skip


def _people(phone: Environment) -> list[tuple[str, str]]:
    return [(one["name"], one["phone"]) for one in state(phone, "contacts")["contacts"]]


def _notes(draw: random.Random) -> Iterator[Kind]:
    title, body = (
        draw.choice(["Packing", "Ideas", "Menü"]),
        draw.choice(["socks and a hat", "paint it blue", "50% off"]),
    )
    gone = draw.choice(["Groceries", "Book list"])
    opened = OpenApp(app="Notes")
    yield (
        "note-write", f"Write a note with the title {title} that says: {body}",
        lambda phone, _: (title, body) in [(one["title"], one["body"]) for one in state(phone, "notes")["notes"]],
        (opened, "New note", "title", Type(text=title), "body", Type(text=body), "save"),
    )  # fmt: skip
    yield (
        "note-delete", f"Delete the note {gone}.",
        lambda phone, _: len(left := _titles(phone)) == 2 and gone not in left,
        (opened, gone, "Delete note", "Delete"),
    )  # fmt: skip
    yield (
        "note-read", "What is the code for the gate, according to my notes?",
        lambda _, answer: "4711" in answer, (opened, "Gate code", Answer(text="4711")),
    )  # fmt: skip


def _titles(phone: Environment) -> list[str]:
    return [one["title"] for one in state(phone, "notes")["notes"]]


def _clock(draw: random.Random) -> Iterator[Kind]:
    hour, minutes = draw.randint(9, 12), draw.randint(1, 4)
    switched, time = draw.choice([(False, "07:00"), (True, "09:30")])
    opened = OpenApp(app="Clock")
    yield (
        "alarm-switch", f"Turn the alarm at {time} {'on' if switched else 'off'}.",
        lambda phone, _: (time, switched) in _alarms(phone),
        (opened, f"Alarm {time}"),
    )  # fmt: skip
    yield (
        "alarm-add", f"Set an alarm for {hour:02d}:00.",
        lambda phone, _: (f"{hour:02d}:00", True) in _alarms(phone),
        (opened, "Add alarm", *["More hour"] * (hour - 8), "save"),
    )  # fmt: skip
    yield (
        "stopwatch", "Start the stopwatch.",
        lambda phone, _: bool(state(phone, "clock")["stopwatch"]["running"]), (opened, "Stopwatch", "start"),
    )  # fmt: skip
    yield (
        "timer", f"Set the timer to {5 + minutes} minutes and start it.",
        lambda phone, _: _runs(state(phone, "clock")["timer"], (5 + minutes) * 60),
        (opened, "Timer", *["+1 min"] * minutes, "start"),
    )  # fmt: skip


def _alarms(phone: Environment) -> list[tuple[str, bool]]:
    return [(one["time"], one["enabled"]) for one in state(phone, "clock")["alarms"]]


def _runs(timer: dict[str, Any], seconds: int) -> bool:
    return bool(timer["running"]) and timer["duration_s"] == seconds


def _maps(draw: random.Random) -> Iterator[Kind]:
    save, walk, rated = draw.sample(sorted(PIZZA), 3)
    found = (OpenApp(app="Maps"), "Pizza")
    yield (
        "pizza-find", "Find a pizza place.",
        lambda phone, _: any("pizza" in str(search).lower() for search in state(phone, "maps")["searches"]), found,
    )  # fmt: skip
    yield (
        "pizza-save", f"Find {PIZZA[save]} on the map and save it.",
        lambda phone, _: state(phone, "maps")["saved"] == [save], (*found, PIZZA[save], "save"),
    )  # fmt: skip
    yield (
        "pizza-walk", f"Start walking directions to {PIZZA[walk]}.",
        lambda phone, _: state(phone, "maps")["navigation"] == {"to": walk, "mode": "walk"},
        (*found, PIZZA[walk], "directions", "mode_walk", "start"),
    )  # fmt: skip
    yield (
        "pizza-stars", f"How many stars does {PIZZA[rated]} have?",
        lambda _, answer: STARS[rated] in answer, (*found, PIZZA[rated], Answer(text=STARS[rated])),
    )  # fmt: skip


def _shop(draw: random.Random) -> Iterator[Kind]:
    bought, priced = draw.sample(sorted(GOODS), 2)
    count = draw.randint(2, 4)
    opened = OpenApp(app="Shop")
    yield (
        "cart", f"Put {count} of the {GOODS[bought][0]} into the shopping cart.",
        lambda phone, _: [line["quantity"] for line in state(phone, "shop")["cart"] if line["id"] == bought] == [count],
        (opened, GOODS[bought][0], *["More quantity"] * (count - 1), "add"),
    )  # fmt: skip
    yield (
        "price", f"What does the {GOODS[priced][0]} cost in the shop?",
        lambda _, answer: GOODS[priced][1] in answer, (opened, GOODS[priced][0], Answer(text=GOODS[priced][1])),
    )  # fmt: skip
