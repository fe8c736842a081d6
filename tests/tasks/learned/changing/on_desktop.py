"""Runs that were learned on a drawn desktop, repeated in changed states of its windows; each press is judged.

python -m tests.tasks.learned.changing.on_desktop [--kind other_item,...]

Windows are drawn here, with texts and buttons in rows, so a case takes no X server. Like a real desktop, the device
describes only the class, title and box of the window under a point.
"""

import argparse
import random
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import NamedTuple

from PIL import Image, ImageDraw, ImageFont

from actions.action import Action, ActionSpace, Outcome
from actions.control import CONTROL, Finish, Wait
from actions.geometry import Box, Point, Size
from actions.mouse import MOUSE, Click
from agent.loop import Limits, run_episode
from agent.policy import ModelPolicy
from devices import Closing, Observation
from devices.rules.places import Detail, Place
from model import profile
from model.engines.scripted import ScriptedEngine
from tasks.harness.solution import SolutionPolicy
from tasks.learned.file import LearnedRun
from tasks.learned.learning import About, Learning
from tasks.learned.playing import Playing
from tests.tasks.learned.changing.judged import Result, judged, table

SCREEN = Size(1000, 700)
BAR, ROW, BUTTON = 26, 34, 92
"""The heights of a title bar and of a row, and the width of a button."""


class Row(NamedTuple):
    """A line of a window, with buttons at its right end."""

    text: str
    buttons: tuple[str, ...] = ()


@dataclass(frozen=True)
class Window:
    """A window and what it shows."""

    app: str
    title: str
    rows: tuple[Row, ...]
    at: Point = Point(120, 80)
    width: int = 520
    height: int = 420
    dark: bool = False
    letters: int = 15
    below: int = 0
    """How much further down the rows begin."""

    @property
    def box(self) -> Box:
        return Box(self.at.x, self.at.y, self.at.x + self.width, self.at.y + self.height)

    def buttons(self) -> Iterator[tuple[Row, str, Box]]:
        """Each button with its row."""
        for number, row in enumerate(self.rows):
            top = self.at.y + BAR + 10 + self.below + number * ROW
            for place, word in enumerate(reversed(row.buttons)):
                right = self.box.right - 12 - place * (BUTTON + 8)
                if top + ROW <= self.box.bottom:
                    yield row, word, Box(right - BUTTON, top, right, top + ROW - 6)


class Pressed(NamedTuple):
    """A button that was pressed, and what it was about."""

    app: str
    row: str
    word: str
    about: str
    """The text of a window that asks a question; empty for a list."""


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype("DejaVuSans.ttf", size)


class DrawnDesktop(Closing):
    """Windows on a screen, the last one on top, and what was pressed there."""

    action_space = ActionSpace(MOUSE, CONTROL)

    def __init__(self, *windows: Window) -> None:
        self.windows = list(windows)
        self.pressed: list[Pressed] = []

    def reset(self) -> None: ...

    def observe(self) -> Observation:
        picture = Image.new("RGB", SCREEN, "#2b5d76")
        for window in self.windows:
            _draw(ImageDraw.Draw(picture), window)
        return Observation(picture, SCREEN)

    def perform(self, action: Action) -> Outcome:
        if isinstance(action, Finish | Wait):
            return Outcome("done") if isinstance(action, Wait) else action.apply(self)
        assert isinstance(action, Click) and action.point
        window = self._under(action.point)
        for row, word, box in window.buttons() if window else ():
            if window and box.holds(action.point):
                self.pressed.append(Pressed(window.app, row.text, word, _about(window)))
        return Outcome("clicked")

    def touches(self, action: Action, detail: Detail) -> tuple[Place, ...]:
        places = []
        for point in action.points().values():
            window = self._under(point)
            places.append(Place(app=window.app, title=window.title, box=window.box) if window else Place())
        return tuple(places) or (Place(app=self.windows[-1].app),)

    def _under(self, point: Point) -> Window | None:
        return next((window for window in reversed(self.windows) if window.box.holds(point)), None)


def _about(window: Window) -> str:
    return " ".join(row.text for row in window.rows) if len(window.rows) < 4 else ""


def _draw(draw: ImageDraw.ImageDraw, window: Window) -> None:
    ground, ink, bar = ("#22262b", "#e8e8e8", "#111417") if window.dark else ("#f4f4f2", "#202020", "#c9d3dc")
    draw.rectangle(tuple(window.box), fill=ground, outline=ink)
    draw.rectangle((window.at.x, window.at.y, window.box.right, window.at.y + BAR), fill=bar)
    draw.text((window.at.x + 8, window.at.y + 5), window.title, fill=ink, font=_font(13))
    for number, row in enumerate(window.rows):
        top = window.at.y + BAR + 10 + window.below + number * ROW
        if top + ROW <= window.box.bottom:
            draw.text((window.at.x + 14, top + 4), row.text, fill=ink, font=_font(window.letters))
    for _, word, box in window.buttons():
        draw.rounded_rectangle(tuple(box), 4, outline=ink)
        draw.text((box.left + 8, box.top + 4), word, fill=ink, font=_font(window.letters))


FILES = ("Budget", "Contract", "Invoice", "Letter", "Minutes", "Poster", "Report")


def _files() -> Window:
    return Window("Files", "Documents", tuple(Row(name, ("Open", "Delete")) for name in FILES))


def _question() -> Window:
    rows = (Row("Do you really want to delete Invoice?"), Row(""), Row("", ("Cancel", "Delete")))
    return Window("Files", "Question", rows, Point(300, 250), width=420, height=170)


def _settings() -> Window:
    names = ("Sound", "Network", "Screen", "Keyboard", "Printer", "Power", "Users", "Clock")
    return Window("Settings", "Settings", tuple(Row(name, ("Change",)) for name in names), height=360)


class Chore(NamedTuple):
    """What is pressed in one window."""

    window: Window
    press: Pressed


CHORES = {
    "files": Chore(_files(), Pressed("Files", "Invoice", "Delete", "")),
    "question": Chore(_question(), Pressed("Files", "", "Delete", _about(_question()))),
    "settings": Chore(_settings(), Pressed("Settings", "Keyboard", "Change", "")),
}
Change = Callable[[Chore, random.Random], tuple[Window, ...]]


def _row(chore: Chore) -> int:
    return next(number for number, row in enumerate(chore.window.rows) if chore.press.word in row.buttons
                and row.text == chore.press.row)  # fmt: skip


def moved(chore: Chore, draw: random.Random) -> tuple[Window, ...]:
    """The window elsewhere."""
    return (replace(chore.window, at=Point(draw.randint(10, 400), draw.randint(10, 200))),)


def resized(chore: Chore, draw: random.Random) -> tuple[Window, ...]:
    """The window wider or narrower, higher or lower."""
    factor = draw.choice((0.85, 1.1, 1.2))
    return (replace(chore.window, width=round(chore.window.width * factor), height=chore.window.height + 60),)


def themed(chore: Chore, draw: random.Random) -> tuple[Window, ...]:
    """A dark window."""
    return (replace(chore.window, dark=True),)


def lettered(chore: Chore, draw: random.Random) -> tuple[Window, ...]:
    """Letters of another size."""
    return (replace(chore.window, letters=draw.choice((13, 17))),)


def further_down(chore: Chore, draw: random.Random) -> tuple[Window, ...]:
    """The rows begin further down."""
    return (replace(chore.window, below=draw.choice((13, 34)), height=chore.window.height + 40),)


def other_neighbours(chore: Chore, draw: random.Random) -> tuple[Window, ...]:
    """Other rows above and below."""
    at = _row(chore)
    rows = tuple(
        row if number == at or not row.buttons else row._replace(text=f"Sample {draw.randint(10, 99)}")
        for number, row in enumerate(chore.window.rows)
    )
    return (replace(chore.window, rows=rows),)


def renamed(chore: Chore, draw: random.Random) -> tuple[Window, ...]:
    """Its button has another word."""
    return (_worded(chore, "Remove"),)


def other_word(chore: Chore, draw: random.Random) -> tuple[Window, ...]:
    """Its button has nearly the same word, and does something else."""
    return (_worded(chore, f"{chore.press.word}d"),)


def _worded(chore: Chore, word: str) -> Window:
    rows = tuple(
        row._replace(buttons=tuple(word if each == chore.press.word else each for each in row.buttons))
        for row in chore.window.rows
    )
    return replace(chore.window, rows=rows)


def gone(chore: Chore, draw: random.Random) -> tuple[Window, ...]:
    """Its row is gone, and the others have moved up."""
    at = _row(chore)
    return (replace(chore.window, rows=chore.window.rows[:at] + chore.window.rows[at + 1 :]),)


def swapped(chore: Chore, draw: random.Random) -> tuple[Window, ...]:
    """The rows in another order."""
    rows = list(chore.window.rows)
    draw.shuffle(rows)
    return (replace(chore.window, rows=tuple(rows)),)


def nearly_the_same_row(chore: Chore, draw: random.Random) -> tuple[Window, ...]:
    """In its place is a row of nearly the same name."""
    rows = list(chore.window.rows)
    at = _row(chore)
    rows[at] = rows[at]._replace(text=f"{rows[at].text}s" if draw.random() < 0.5 else f"{rows[at].text} 2")
    return (replace(chore.window, rows=tuple(rows)),)


def other_item(chore: Chore, draw: random.Random) -> tuple[Window, ...]:
    """The same question about something else, perhaps elsewhere."""
    name = draw.choice([each for each in FILES if each != "Invoice"])
    rows = (chore.window.rows[0]._replace(text=f"Do you really want to delete {name}?"), *chore.window.rows[1:])
    return (replace(chore.window, rows=rows, at=draw.choice((chore.window.at, Point(200, 120)))),)


def covered(chore: Chore, draw: random.Random) -> tuple[Window, ...]:
    """Another window over it."""
    over = Window("Chat", "Chat", (Row("Shall I delete it?", ("Delete",)),), chore.window.at, 560, 430)
    return chore.window, over


def twin(chore: Chore, draw: random.Random) -> tuple[Window, ...]:
    """A window of another program that looks the same, in its place."""
    moved_away = replace(chore.window, at=Point(440, 260))
    return moved_away, replace(chore.window, app="Copy", width=chore.window.width - 40)


def second(chore: Chore, draw: random.Random) -> tuple[Window, ...]:
    """A second window of the same program about another folder, in its place; the first one is gone."""
    rows = tuple(row._replace(text=f"Old {row.text}") if row.buttons else row for row in chore.window.rows)
    return (replace(chore.window, rows=rows),)


class Kind(NamedTuple):
    """A kind of change, the chores that it is about, and how many of the cases are of it."""

    change: Change
    chores: tuple[str, ...]
    cases: int
    alike: bool = False


ALL, LISTS = ("files", "question", "settings"), ("files", "settings")
KINDS = (
    Kind(moved, ALL, 6), Kind(resized, ALL, 6), Kind(themed, ALL, 3), Kind(lettered, ALL, 4),
    Kind(further_down, ALL, 3), Kind(other_neighbours, LISTS, 4), Kind(renamed, ALL, 3), Kind(gone, LISTS, 2, True),
    Kind(other_word, ALL, 3, True), Kind(swapped, LISTS, 6, True), Kind(nearly_the_same_row, LISTS, 4, True),
    Kind(other_item, ("question",), 6, True), Kind(covered, ALL, 3, True), Kind(twin, ALL, 3, True),
    Kind(second, LISTS, 2, True),
)  # fmt: skip


class Case(NamedTuple):
    """One changed state of one window."""

    kind: Kind
    name: str
    windows: tuple[Window, ...]

    def __str__(self) -> str:
        return f"{self.kind.change.__name__} of {self.name}"


def cases() -> Iterator[Case]:
    """All cases; the same ones every time."""
    for kind in KINDS:
        draw = random.Random(kind.change.__name__)
        for number in range(kind.cases):
            name = kind.chores[number % len(kind.chores)]
            yield Case(kind, name, kind.change(CHORES[name], draw))


@dataclass
class OnDesktop:
    """Learned chores, to be repeated in other states."""

    _learned: dict[str, LearnedRun] = field(default_factory=dict)

    def _learn(self, name: str) -> LearnedRun:
        chore = CHORES[name]
        desktop = DrawnDesktop(chore.window)
        (box,) = (
            box for row, word, box in chore.window.buttons() if (row.text, word) == (chore.press.row, chore.press.word)
        )
        click = Click(point=Point(round(box.left + 40), round(box.top + 12)))
        model = profile.load("qwen2.5-vl-7b")
        learning = Learning(SolutionPolicy(model, desktop.action_space, iter([click])), desktop)
        episode = run_episode(desktop, learning, name, Limits(steps=3), lambda step: None)
        assert desktop.pressed == [chore.press], desktop.pressed
        return LearnedRun(Path(f"{name}.toml"), *learning.learned(episode, name, About("desktop")), {})

    def repeat(self, case: Case) -> Result:
        """Repeats a case without a model."""
        if case.name not in self._learned:
            self._learned[case.name] = self._learn(case.name)
        desktop, model = DrawnDesktop(*case.windows), profile.load("qwen2.5-vl-7b")
        writer = ModelPolicy(model, ScriptedEngine((), model), desktop.action_space)
        playing = Playing(self._learned[case.name], desktop, writer, None, waits=0)
        episode = run_episode(desktop, playing, case.name, Limits(steps=4), lambda step: None)
        right = CHORES[case.name].press
        wrong = f"pressed {desktop.pressed}" if set(desktop.pressed) - {right} else ""
        return judged(episode, wrong, complete=desktop.pressed == [right])


def main() -> int:
    flags = argparse.ArgumentParser(description=__doc__)
    flags.add_argument("--kind", default=",".join(kind.change.__name__ for kind in KINDS))
    given, results, repeated = flags.parse_args(), [], OnDesktop()
    for case in (each for each in cases() if each.kind.change.__name__ in given.kind.split(",")):
        name = f"{case.kind.change.__name__}{' (look-alike)' if case.kind.alike else ''}"
        results.append((name, repeated.repeat(case)))
        print(f"{results[-1][1].outcome}: {case}: {results[-1][1].why}", flush=True)
    print(table(results))
    return 0


if __name__ == "__main__":
    sys.exit(main())
