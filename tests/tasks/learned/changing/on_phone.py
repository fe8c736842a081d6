"""Runs that were learned on SimPhone, repeated in changed states of its apps; what is pressed there is judged.

python -m tests.tasks.learned.changing.on_phone [--kind swapped,...]

A press is right if it is on the same control of the same name as the learned one in its place. Nothing may be changed
that the learned run did not change. Both are read off the phone without the player's own functions.
"""

import argparse
import copy
import json
import random
import re
import shlex
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree.ElementTree import Element

from actions.action import Action
from actions.geometry import Box, Point, Size
from actions.phone import OpenApp
from actions.touch import Tap
from agent.episode import Episode, Step, Turn
from agent.loop import Limits, Policy
from devices import DeviceOptions, Environment, Observation
from devices.android.elements import elements
from devices.android.simulated import simulated_phone
from tasks.task import Score
from tasks.worlds.phones import middle, phone_of, state
from tests.performance.learned import Repeated
from tests.tasks.learned.changing.judged import Result, judged, table

State = dict[str, Any]
"""The state of one app."""
Press = tuple[str, str]
"""The resource name of a control, and its first text."""
Labels = dict[tuple[str, str, str], str]
"""What an entry is called in a report, by its list, its id and its name."""
SCREEN = Size(1080, 2400)
NAMES = ("name", "title", "time", "id")
"""What the entries of a list are told apart by, in the order of preference."""


class Chore(NamedTuple):
    """A task about one entry of one app."""

    verb: str
    app: str
    entries: str
    """The list in the app's state."""
    named: str
    """The entry's name."""
    moves: tuple[str, ...]
    """What is tapped after the app was opened."""
    done: dict[str, Any] = {}
    """What the entry has once it is done; nothing where it is gone or listed elsewhere."""

    @property
    def key(self) -> str:
        return "time" if self.app == "clock" else "title" if self.app == "notes" else "name"


CHORES = {
    "star": Chore("Star", "contacts", "contacts", "Greta Lind", ("Greta Lind", "star"), {"starred": True}),
    "remove": Chore("Delete", "contacts", "contacts", "Carla Ruiz", ("Carla Ruiz", "Delete contact", "Delete")),
    "note": Chore("Delete", "notes", "notes", "Book list", ("Book list", "Delete note", "Delete")),
    "alarm": Chore("Switch on", "clock", "alarms", "09:30", ("Alarm 09:30",), {"enabled": True}),
    "cart": Chore("Add to the cart:", "shop", "products", "Iron pan", ("Iron pan", "add")),
    "place": Chore("Save", "maps", "places", "Forno Rosso", ("Pizza", "Forno Rosso", "save")),
}


class Changed(NamedTuple):
    """Another state of the phone."""

    state: State
    dark: bool = False
    screen: Size = SCREEN
    before: tuple[str, ...] = ()
    """What a person tapped in the app before."""


Change = Callable[[Chore, State, random.Random], Changed]


def _entry(chore: Chore, state: State) -> dict[str, Any]:
    found: dict[str, Any] = next(each for each in state[chore.entries] if each[chore.key] == chore.named)
    return found


def _like(chore: Chore, state: State, name: str, number: int) -> dict[str, Any]:
    """Another entry like that of the chore, not yet in the state."""
    entry = copy.deepcopy(_entry(chore, state))
    entry[chore.key] = name
    entry["id"] = f"{entry['id']}{number}" if isinstance(entry["id"], str) else 100 + number
    return entry


def more_entries(chore: Chore, state: State, draw: random.Random) -> Changed:
    """Entries before it, so that it is further down."""
    names = ("06:10", "08:20") if chore.app == "clock" else ("Aaron Abel", "Abby Adams")
    new = [_like(chore, state, name, number) for number, name in enumerate(names)]
    return Changed(state | {chore.entries: [*new, *state[chore.entries]]})


def other_data(chore: Chore, state: State, draw: random.Random) -> Changed:
    """Other numbers, prices, texts and labels in all entries."""
    other = {
        "phone": f"555-0{draw.randint(300, 999)}", "body": "Something else", "label": "Run", "cents": 1234, "stock": 2,
        "address": "1 New Street", "rating": 3.9, "km": 5.2,
    }  # fmt: skip
    entries = [each | {key: value for key, value in other.items() if key in each} for each in state[chore.entries]]
    return Changed(state | {chore.entries: entries})


def themed(chore: Chore, state: State, draw: random.Random) -> Changed:
    """The dark theme."""
    return Changed(state, dark=True)


def resized(chore: Chore, state: State, draw: random.Random) -> Changed:
    """A screen that is up to a fifth larger or smaller."""
    return Changed(state, screen=draw.choice((Size(1080, 1920), Size(1200, 2640), Size(960, 2160))))


def gone(chore: Chore, state: State, draw: random.Random) -> Changed:
    """The entry is no longer there."""
    return Changed(state | {chore.entries: [each for each in state[chore.entries] if each[chore.key] != chore.named]})


def already(chore: Chore, state: State, draw: random.Random) -> Changed:
    """It is done already; what did it would undo it."""
    _entry(chore, state).update(chore.done)
    return Changed(state)


def left_elsewhere(chore: Chore, state: State, draw: random.Random) -> Changed:
    """The app was left on the page of another entry."""
    other = draw.choice([each[chore.key] for each in state[chore.entries][:4] if each[chore.key] != chore.named])
    return Changed(state, before=(other,))


def other_word(chore: Chore, state: State, draw: random.Random) -> Changed:
    """In its place is an entry of nearly the same name."""
    entry = _entry(chore, state)
    entry[chore.key] = "09:31" if chore.app == "clock" else f"{chore.named} II"
    return Changed(state)


def swapped(chore: Chore, state: State, draw: random.Random) -> Changed:
    """It and another entry have each other's names."""
    entry = _entry(chore, state)
    other = draw.choice([each for each in state[chore.entries] if each is not entry])
    entry[chore.key], other[chore.key] = other[chore.key], entry[chore.key]
    return Changed(state)


def namesake(chore: Chore, state: State, draw: random.Random) -> Changed:
    """There is another entry of the same name."""
    entries, twin = state[chore.entries], _like(chore, state, chore.named, 1)
    twin |= {key: value for key, value in {"phone": "555-0999", "body": "Another one"}.items() if key in twin}
    return Changed(state | {chore.entries: [twin, *entries] if draw.random() < 0.5 else [*entries, twin]})


class Kind(NamedTuple):
    """A kind of change, and the chores that it is about."""

    change: Change
    chores: tuple[str, ...]
    alike: bool = False
    """Whether something looks like a target that is not the one."""


KINDS = (
    Kind(more_entries, ("star", "alarm", "cart")),
    Kind(other_data, ("remove", "note", "alarm", "place")),
    Kind(themed, ("star", "note", "alarm", "place")),
    Kind(resized, ("remove", "alarm", "cart", "place")),
    Kind(gone, ("star", "note", "place")),
    Kind(already, ("star", "alarm")),
    Kind(left_elsewhere, ("star", "remove", "cart"), alike=True),
    Kind(other_word, ("star", "remove", "note", "alarm", "cart", "place"), alike=True),
    Kind(swapped, ("star", "remove", "note", "cart"), alike=True),
    Kind(namesake, ("star", "remove", "note", "alarm"), alike=True),
)


class Case(NamedTuple):
    """A kind of change in the app of one chore."""

    kind: Kind
    name: str

    def __str__(self) -> str:
        return f"{self.kind.change.__name__} of {self.name}"


def cases() -> list[Case]:
    """All cases; the same ones every time."""
    return [Case(kind, name) for kind in KINDS for name in kind.chores]


class ChoreTask:
    """A chore in a changed state of the phone, or in its first one."""

    kind = "chore"
    device = "android"
    limits = Limits(steps=20, seconds=300)

    def __init__(self, name: str, address: str, change: Change | None = None) -> None:
        self.id, self.chore = name, CHORES[name]
        self.options = DeviceOptions(address=address)
        self._change = change
        self._labels: Labels = {}
        self._before: set[tuple[str, str]] = set()
        self.changed: set[str] = set()
        """The places in the app's state that the run has changed."""

    def setup(self, environment: Environment) -> str:
        phone = phone_of(environment)
        phone.act("cmd", "simphone", "reset")
        chore, before = self.chore, state(environment, self.chore.app)
        draw = random.Random(f"{self.id} {self._change}")
        changed = self._change(chore, before, draw) if self._change else Changed(before)
        phone.act("wm", "size", f"{changed.screen.width}x{changed.screen.height}")
        if changed.dark:
            phone.act("cmd", "uimode", "night", "yes")
        text = shlex.quote(json.dumps(changed.state))
        phone.act("sh", "-c", f"echo {text} > /data/data/com.simphone.{chore.app}/state.json")
        if changed.before:
            environment.perform(OpenApp(app=chore.app))
            for name in changed.before:
                environment.perform(Tap(point=middle(environment, name)))
            phone.act("input", "keyevent", "HOME")
        self._before = set(_facts("", state(environment, chore.app), self._labels))
        return f"{chore.verb} {chore.named}."

    def ended(self, environment: Environment) -> bool:
        return False

    def score(self, environment: Environment, episode: Episode) -> Score:
        after = set(_facts("", state(environment, self.chore.app), self._labels))
        self.changed = {place for place, _ in after ^ self._before}
        return Score(float(bool(self.changed)), "")

    def teardown(self, environment: Environment) -> None:
        pass

    def solution(self, environment: Environment) -> Iterator[Action]:
        yield OpenApp(app=self.chore.app)
        for name in self.chore.moves:
            yield Tap(point=middle(environment, name))


def _facts(place: str, value: Any, labels: Labels) -> Iterator[tuple[str, str]]:
    """Each value of a state with its place, in which the entries of a list stand by their names.

    Entries of one name are numbered. `labels` keeps their numbers, also once one of them is gone.
    """
    if isinstance(value, dict):
        for key, part in value.items():
            if key != "id":
                yield from _facts(f"{place}/{key}", part, labels)
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        entries = sorted(value, key=lambda each: (len(str(each.get("id"))), str(each.get("id"))))
        names = [next((part[key] for key in NAMES if key in part), "") for part in entries]
        for number, (name, part) in enumerate(zip(names, entries, strict=True)):
            label = labels.setdefault((place, str(part.get("id")), name), f"{name}.{names[:number].count(name)}")
            yield from _facts(f"{place}/{label}", part, labels)
    else:
        yield place, repr(value)


class Pressing:
    """A policy whose presses are noted, right before they are performed."""

    def __init__(self, policy: Policy, device: Environment, presses: list[Press]) -> None:
        self._policy, self._device, self._presses = policy, device, presses

    def act(self, instruction: str, steps: Sequence[Step], observation: Observation) -> Turn:
        turn = self._policy.act(instruction, steps, observation)
        if isinstance(turn.action, Tap):
            self._presses.append(_under(list(elements(phone_of(self._device))), turn.action.point))
        return turn


def _under(nodes: Sequence[Element], point: Point) -> Press:
    """The innermost control under a point."""

    def box(node: Element) -> Box:
        return Box(*map(int, re.findall(r"-?\d+", node.get("bounds", ""))))

    def area(box: Box) -> float:
        return (box.right - box.left) * (box.bottom - box.top)

    there = [node for node in nodes if node.get("clickable") == "true" and box(node).holds(point)]
    if not there:
        return "", ""
    node = min(there, key=lambda each: area(box(each)))
    texts = (each.get(name, "") for each in node.iter("node") for name in ("content-desc", "text"))
    return node.get("resource-id", ""), next(filter(None, texts), "")


class OnPhone:
    """Learned chores, to be repeated in other states of one phone."""

    def __init__(self, address: str, folder: Path) -> None:
        self._address = address
        self._repeated = Repeated(folder)
        self._learned: dict[str, tuple[list[Press], set[str]]] = {}

    def _learn(self, name: str) -> None:
        task, presses = ChoreTask(name, self._address), list[Press]()
        result = self._repeated.learn(task, lambda policy, device: Pressing(policy, device, presses))
        assert result.score and result.score.value == 1, f"{name} was not learned: {result}"
        self._learned[name] = presses, task.changed

    def repeat(self, case: Case) -> Result:
        """Repeats a case without a model."""
        if case.name not in self._learned:
            self._learn(case.name)
        presses, changed = self._learned[case.name]
        task, made = ChoreTask(case.name, self._address, case.kind.change), list[Press]()
        shutil.rmtree(self._repeated.folder / "repeated", ignore_errors=True)  # each case has a record of the same name
        result = self._repeated.repeat(task, lambda policy, device: Pressing(policy, device, made))
        wrong = ""
        if made != presses[: len(made)]:
            wrong = f"pressed {made}, not {presses}"
        elif other := task.changed if case.kind.change is already else task.changed - changed:
            wrong = f"changed {sorted(other)}"
        return judged(result.episode, wrong, complete=task.changed == changed)


@contextmanager
def on_phone() -> Iterator[OnPhone]:
    """A phone and a folder for all cases."""
    with simulated_phone(SCREEN) as address, tempfile.TemporaryDirectory() as folder:
        yield OnPhone(address, Path(folder))


def main() -> None:
    flags = argparse.ArgumentParser(description=__doc__)
    flags.add_argument("--kind", default=",".join(kind.change.__name__ for kind in KINDS))
    given, results = flags.parse_args(), []
    with on_phone() as repeated:
        for case in (each for each in cases() if each.kind.change.__name__ in given.kind.split(",")):
            results.append(
                (f"{case.kind.change.__name__}{' (look-alike)' if case.kind.alike else ''}", repeated.repeat(case))
            )
            print(f"{results[-1][1].outcome}: {case}: {results[-1][1].why}", flush=True)
    print(table(results))


if __name__ == "__main__":
    main()
