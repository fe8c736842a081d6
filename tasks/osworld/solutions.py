"""The solutions of our tasks in OSWorld's format, and the values that a seed draws for them."""

import random
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from actions.action import Action
from actions.control import Finish, Wait
from actions.geometry import Point
from actions.holding import MouseDown, MouseUp
from actions.keyboard import Press, Type
from actions.mouse import Click, DoubleClick, Drag
from tasks.worlds.virtual_screen import Screen, Window

NAMES = ("report", "letter", "minutes", "budget", "survey")
WORDS = ("garden", "kitchen", "river", "violin")
LINES = ("Come at 8 o'clock", "Call (me) back", "50% is enough", "Ask: who & when?", "a < b; b > c")

EDITOR = Point(660, 400)
"""The centre of the screen, where the first window opens."""

Move = tuple[str, Action | Callable[[Window], Action] | None]
"""An action for when a window with this title has the focus; None only waits for it."""


def particulars(seed: int, home: Path) -> dict[str, str]:
    """The values of `$NAME` and the like in a task's file."""
    draw = random.Random(seed)
    first, second = draw.randint(12, 89), draw.randint(12, 89)
    return {
        "HOME": str(home),
        "NAME": draw.choice(NAMES),
        "WORD": draw.choice(WORDS),
        "LINE": draw.choice(LINES),
        "A": str(first),
        "B": str(second),
        "PRODUCT": str(first * second),
    }


def solution(kind: str, drawn: Mapping[str, str], screen: Screen) -> Iterator[Action]:
    """The actions of a task, each once its window has the focus."""
    if kind.startswith("infeasible"):
        yield Finish(status="failure", text="The application has nothing for that.")
        return
    for title, move in _moves(drawn)[kind]:
        window = screen.window(title)
        if move is not None:
            yield move if isinstance(move, Action) else move(window)


def _moves(drawn: Mapping[str, str]) -> dict[str, list[Move]]:
    name, word, line, home = drawn["NAME"], drawn["WORD"], drawn["LINE"], drawn["HOME"]
    editor, sum_ = f"{name}.txt", f"{drawn['A']}*{drawn['B']}"
    whole = f"{line}\n{word} and {name}\n"
    return {
        "mousepad-append": _keyed(editor, "ctrl+end", Type(text=f"{line}\n"), "ctrl+s"),
        "mousepad-correct": _written(editor, f"The color {word}.\nAnother color, and one more color.\n"),
        "mousepad-delete-line": _written("shopping.txt", "bread\nmilk\n"),
        "mousepad-new-file": [*_keyed("Untitled", Type(text=line), "ctrl+s"), *_saved(f"{home}/{name}.txt")],
        "mousepad-save-as": [*_keyed(editor, "ctrl+shift+s"), *_saved(f"{home}/{name}-copy.txt")],
        "mousepad-line-numbers": _keyed(editor, "alt+v", "down", "down", "enter"),
        "mousepad-join": [
            *_keyed("part1.txt", "ctrl+a", Type(text=whole), "ctrl+shift+s"),
            *_saved(f"{home}/whole.txt"),
        ],
        "pcmanfm-rename": _renamed(name),
        "pcmanfm-hidden": [*_keyed("papers", "ctrl+h"), *_renamed(name)],
        "pcmanfm-new-folder": [*_keyed("papers", "ctrl+shift+n"), *_named("New Folder", name)],
        "pcmanfm-move": [("papers", lambda at: Drag(start=_second(at), end=_first(at)))],
        "pcmanfm-copy": [
            ("papers", lambda at: Click(point=_second(at))),
            *_keyed("papers", "ctrl+c"),
            ("papers", lambda at: DoubleClick(point=_first(at))),
            *_keyed("backup", "ctrl+v"),
        ],
        "pcmanfm-delete": [
            ("papers", lambda at: Click(point=_second(at))),
            *_keyed("papers", "delete"),
            *_keyed("Confirm", "enter"),
        ],
        "xterm-folders": _keyed("Terminal", Type(text=f"mkdir -p {name}/in {name}/out {name}/old\n")),
        "xterm-count": _keyed("Terminal", Type(text="grep -c ERROR log.txt > count.txt\n")),
        "xterm-executable": _keyed("Terminal", Type(text=f"chmod 700 {name}.sh\n")),
        "calculator-multiply": _keyed("Calculator", Type(text=sum_), "enter"),
        "calculator-buttons": [
            _pressed(0.13, 0.63),
            _pressed(0.68, 0.92),
            _pressed(0.315, 0.63),
            _pressed(0.866, 0.87),
        ],
        "calculator-note": [
            *_keyed("Calculator", Type(text=sum_), "enter", Click(point=EDITOR)),
            *_written("result.txt", drawn["PRODUCT"]),
        ],
        "bitmap-draw": [
            ("bitmap", lambda at: Click(point=_within(at, 65, 359))),
            ("bitmap", lambda at: Drag(start=_cell(at, 0, 0), via=(_cell(at, 0, 7),), end=_cell(at, 7, 7))),
            *_keyed("bitmap", "ctrl+s"),
            *_keyed("input", Type(text=f"{home}/{name}.xbm")),
            ("input", lambda at: Click(point=_within(at, 15, 76))),
        ],
        "yad-slider": [
            ("Volume", lambda at: Drag(start=_on_slider(at, int(drawn["A"])), end=_on_slider(at, 103))),
            ("Volume", lambda at: Click(point=_within(at, 354, 89))),
        ],
        "yad-hold": [
            ("Lamps", lambda at: MouseDown(point=_within(at, 380, 18))),
            *_keyed("Lamps", Wait(seconds=4), MouseUp()),
            ("Lamps", lambda at: Click(point=_within(at, 354, 57))),
        ],
    }


def _keyed(title: str, *keys: str | Action) -> list[Move]:
    return [(title, Press.model_validate({"keys": key}) if isinstance(key, str) else key) for key in keys]


def _written(title: str, text: str) -> list[Move]:
    return _keyed(title, "ctrl+a", Type(text=text), "ctrl+s")


def _saved(path: str) -> list[Move]:
    return [*_named("Save As", path), (Path(path).name, None)]


def _named(dialog: str, name: str) -> list[Move]:
    return _keyed(dialog, "ctrl+a", Type(text=name), "enter")


def _renamed(name: str) -> list[Move]:
    return [*_keyed("papers", "ctrl+a", "f2"), *_named("Rename", f"{name}.txt")]


def _first(window: Window) -> Point:
    """The file manager's first icon."""
    return Point(window.left + 206, window.top + 116)


def _second(window: Window) -> Point:
    return Point(window.left + 300, window.top + 116)


def _within(window: Window, x: int, y: int) -> Point:
    """A point by its place in the window's content."""
    return Point(window.left + x, window.top + y)


def _cell(window: Window, column: int, row: int) -> Point:
    """A cell of the bitmap editor's grid."""
    return _within(window, 156 + 16 * column, 244 + 16 * row)


def _on_slider(window: Window, value: int) -> Point:
    """The place of the slider's handle at a value of 0 to 100."""
    return _within(window, round(26 + 3.5 * value), 55)


def _pressed(across: float, down: float) -> Move:
    """A button of the calculator, which grows once it has drawn its first number."""
    return "Calculator", lambda window: Click(point=window.at(across, down))
