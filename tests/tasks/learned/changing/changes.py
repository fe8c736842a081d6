"""Kinds of change between the state in which a run was learned and the state in which it is repeated.

Each takes a world and returns a changed one. What is right to press keeps its key, whatever it looks like; everything
else that looks like it has another key.
"""

import random
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from actions.geometry import Size
from tests.tasks.learned.changing.worlds import Block, Extra, Row, Thing, World, original

Change = Callable[[World, random.Random], World]
LISTS = ("contacts", "shop", "mail", "tiles", "options", "search")
WORDED = ("contacts", "settings", "shop", "mail", "options", "search", "tiles", "parts")
EVERY = (*WORDED, "icons", "drawn")
RENAMED = {"Delete": "Remove", "Save": "Save changes", "Pay now": "Pay", "Archive": "Move to archive", "Apply": "OK"}
OTHERS = {
    "Delete": "Delete all",
    "Save": "Save as…",
    "Pay now": "Pay later",
    "Archive": "Archive all",
    "Apply": "Apply to all",
    "Pay": "Pay twice",
}


def _presses(world: World) -> list[str]:
    """The keys of the things that are pressed."""
    return [key for key in world.expected if not key.startswith("enter ")]


def _last(world: World) -> str:
    return _presses(world)[-1]


def _listed(world: World) -> str:
    """The key in a row of a list: the first one that is pressed and is no field."""
    return next(key for key in _presses(world) if (found := world.thing(key)) and found.kind != "field")


def _rows(world: World, change: Callable[[Block], tuple[Row, ...]]) -> World:
    return world.mapped(lambda block: block._replace(rows=change(block)))


def _things(world: World, change: Callable[[Thing], Thing | None]) -> World:
    def row(each: Row) -> Row:
        return each._replace(things=tuple(new for thing in each.things if (new := change(thing)) is not None))

    return _rows(world, lambda block: tuple(row(each) for each in block.rows))


def _edited(world: World, key: str, edit: Callable[[Thing], Thing]) -> World:
    """The thing of this key, edited."""
    return _things(world, lambda each: edit(each) if each.key == key else each)


def _has(row: Row, key: str) -> bool:
    return any(each.key == key for each in row.things)


def _with_extra(world: World, extra: Extra, key: str | None = None) -> World:
    page = world.page_of(key or _last(world))
    return replace(world, extras=(*world.extras, (page, extra)))


def _list_block(world: World, change: Callable[[tuple[Row, ...], str], tuple[Row, ...]]) -> World:
    """The rows of the list that has the target, changed."""
    key = _listed(world)
    return _rows(
        world,
        lambda block: (
            change(block.rows, key)
            if len(block.rows) > 1 and any(_has(each, key) for each in block.rows)
            else block.rows
        ),
    )


def _other_row(row: Row, name: str, cells: tuple[str, ...] | None = None) -> Row:
    """A row like this one, about something else."""

    def words(text: str) -> str:
        return text.replace(row.name, name) if row.name else f"{name} light"

    things = tuple(
        each._replace(key=f"other {name} {each.key}", words=words(each.words) if each.words != "" else "", says="")
        for each in row.things
    )
    shown = tuple(words(cell) for cell in row.cells) if cells is None else cells
    return Row(name if row.name else "", shown, things)


def moved(world: World, draw: random.Random) -> World:
    """The sections in another order, elsewhere."""
    pages = tuple(tuple(reversed(page)) for page in world.pages)
    return replace(
        world,
        pages=pages,
        indent=world.indent + draw.randint(40, 180),
        above=draw.choice((0, 60)),
        sideways=draw.choice((False, True)),
    )


def resized(world: World, draw: random.Random) -> World:
    """A window up to a fifth wider or narrower, higher or lower."""
    factor = draw.choice((0.8, 0.9, 1.1, 1.2))
    return replace(world, viewport=Size(round(world.viewport.width * factor), round(world.viewport.height * factor)))


def themed(world: World, draw: random.Random) -> World:
    """Dark, or in other colours."""
    ground, ink = draw.choice((("#15181d", "#e6e6e6"), ("#fff8e7", "#40301a"), ("#000000", "#ffff66")))
    return replace(
        world,
        theme=world.theme._replace(ground=ground, ink=ink, accent=draw.choice(("#c2410c", "#0e7490")), radius=16),
    )


def lettered(world: World, draw: random.Random) -> World:
    """Letters of another size and family."""
    family = draw.choice(("DejaVu Serif, serif", "DejaVu Sans Mono, monospace"))
    return replace(world, theme=world.theme._replace(family=family, size=world.theme.size + draw.choice((-3, 3, 6))))


def other_data(world: World, draw: random.Random) -> World:
    """Other numbers and names around the target, whose own name is the same."""

    def row(each: Row, key: str) -> Row:
        new = tuple(
            f"{draw.randint(10, 99)} €" if "€" in cell else cell.replace("example.org", "example.net")
            for cell in each.cells
        )
        return each._replace(cells=new) if _has(each, key) else _other_row(each, f"Sample {draw.randint(1, 99)}", new)

    return _list_block(world, lambda rows, key: tuple(row(each, key) for each in rows))


def more_entries(world: World, draw: random.Random) -> World:
    """New entries before and after, and another order."""

    def change(rows: tuple[Row, ...], key: str) -> tuple[Row, ...]:
        names = (f"{draw.choice(('Iris', 'Jon', 'Kim'))} {number}" for number in (1, 2, 3))
        return tuple(draw.sample([*rows, *(_other_row(rows[0], name) for name in names)], len(rows) + 3))

    return _list_block(world, change)


def renamed(world: World, draw: random.Random) -> World:
    """The target and all of its words have another name and do the same."""
    key = _last(world)
    found = world.thing(key)
    assert found
    words = RENAMED.get(found.words, f"My {found.words.lower()}")
    return _things(world, lambda each: each._replace(words=words) if each.words == found.words else each)


def dialog_before(world: World, draw: random.Random) -> World:
    """A dialog that was not there."""
    things = (Thing("dialog ok", "OK"), Thing("dialog later", "Later"))
    return _with_extra(world, Extra(draw.choice(("dialog", "modal")), "A new version is available.", things))


def scrolled_away(world: World, draw: random.Random) -> World:
    """The target is below what is visible."""
    return replace(world, above=draw.randint(800, 1400))


def disabled(world: World, draw: random.Random) -> World:
    """The target is there and cannot be used."""
    return _edited(world, _last(world), lambda each: each._replace(disabled=True))


def covered(world: World, draw: random.Random) -> World:
    """Something else lies over the target: a note, or an invisible layer over the page."""
    return _with_extra(world, Extra(draw.choice(("cover", "glass")), "We use cookies."))


def bannered(world: World, draw: random.Random) -> World:
    """A banner shifts everything; some come when the page has been there for a while."""
    return _with_extra(world, Extra(draw.choice(("banner", "late banner")), "Summer sale: 20 % off everything."))


def gone(world: World, draw: random.Random) -> World:
    """The target is not there."""
    key = _last(world)
    return _things(world, lambda each: None if each.key == key else each)


def late(world: World, draw: random.Random) -> World:
    """The page shows its content after a while."""
    return _with_extra(world, Extra("late"), _presses(world)[0])


def prefilled(world: World, draw: random.Random) -> World:
    """The field holds a text already; the box is on already."""
    if not world.typed:
        return _edited(world, _presses(world)[0], lambda each: each._replace(on=True))
    return _edited(world, next(iter(world.typed)), lambda each: each._replace(value="Old"))


def twin_section(world: World, draw: random.Random) -> World:
    """LOOK-ALIKE beside: a section with the same things, under another heading, before the target's."""
    key = _last(world)
    page = world.page_of(key)
    block = next(block for block in world.pages[page] if any(_has(row, key) for row in block.rows))
    rows = tuple(
        row._replace(things=tuple(each._replace(key=f"twin {each.key}", says="") for each in row.things))
        for row in block.rows
    )
    twin = block._replace(heading=f"Previous {block.heading.lower()}", rows=rows)
    pages = list(world.pages)
    pages[page] = (twin, *pages[page])
    return replace(world, pages=tuple(pages))


def twin_instead(world: World, draw: random.Random) -> World:
    """LOOK-ALIKE instead: the target's section is now about something else, with the same things at the same place."""
    changed = twin_section(world, draw)
    page = world.page_of(_last(world))
    key = _last(world)
    kept = tuple(block for block in changed.pages[page] if not any(_has(row, key) for row in block.rows))
    pages = list(changed.pages)
    pages[page] = kept
    return replace(changed, pages=tuple(pages))


def other_word(world: World, draw: random.Random) -> World:
    """LOOK-ALIKE instead: at the target's place a thing with nearly its words, which does something else."""
    key = _last(world)
    found = world.thing(key)
    assert found
    digits = found.words[:-1] + str((int(found.words[-1]) + 1) % 10) if found.words[-1:].isdigit() else ""
    words = digits or OTHERS.get(found.words, f"{found.words} 2")
    return _edited(world, key, lambda each: each._replace(key=f"other {key}", words=words, says=""))


def swapped_rows(world: World, draw: random.Random) -> World:
    """LOOK-ALIKE at the place: another row is where the target's row was."""

    def change(rows: tuple[Row, ...], key: str) -> tuple[Row, ...]:
        here = next(number for number, each in enumerate(rows) if _has(each, key))
        there = draw.choice([number for number in range(len(rows)) if number != here])
        swapped = list(rows)
        swapped[here], swapped[there] = rows[there], rows[here]
        return tuple(swapped)

    return _list_block(world, change)


def row_gone(world: World, draw: random.Random) -> World:
    """LOOK-ALIKE at the place: the target's row is gone and the next one has moved up."""
    return _list_block(world, lambda rows, key: tuple(each for each in rows if not _has(each, key)))


def namesake(world: World, draw: random.Random) -> World:
    """LOOK-ALIKE instead: a row of nearly the same name, at the place of the target's row."""

    def near(name: str) -> str:
        return name[:-1] + ("7" if name[-1].isdigit() and name[-1] != "7" else "1" if name[-1].isdigit() else "a")

    def change(rows: tuple[Row, ...], key: str) -> tuple[Row, ...]:
        return tuple(
            _other_row(each, near(each.name or each.things[0].words)) if _has(each, key) else each for each in rows
        )

    return _list_block(world, change)


def same_name(world: World, draw: random.Random) -> World:
    """LOOK-ALIKE beside: before the target's row another one of the same name, with other cells."""

    def change(rows: tuple[Row, ...], key: str) -> tuple[Row, ...]:
        target = next(each for each in rows if _has(each, key))
        cells = tuple(f"other.{cell}" if "@" in cell else "99 €" if "€" in cell else cell for cell in target.cells)
        twin = Row(target.name, cells, tuple(each._replace(key=f"twin {each.key}", says="") for each in target.things))
        return (twin, *rows)

    return _list_block(world, change)


def swapped_things(world: World, draw: random.Random) -> World:
    """LOOK-ALIKE at the place: the things of the target's row in the reverse order."""
    key = _last(world)
    return _rows(
        world,
        lambda block: tuple(
            each._replace(things=tuple(reversed(each.things))) if _has(each, key) else each for each in block.rows
        ),
    )


def dialog_alike(world: World, draw: random.Random) -> World:
    """LOOK-ALIKE above: a dialog with a button of the target's words."""
    found = world.thing(_last(world))
    assert found
    things = (Thing("dialog alike", found.words), Thing("dialog no", "No"))
    return _with_extra(world, Extra(draw.choice(("dialog", "modal")), "Settings of this device have changed.", things))


class Kind(NamedTuple):
    """A kind of change, where it applies, and how many of the cases are of it."""

    change: Change
    worlds: tuple[str, ...]
    cases: int
    alike: bool = False


KINDS = (
    Kind(moved, EVERY, 5),
    Kind(resized, EVERY, 5),
    Kind(themed, EVERY, 5),
    Kind(lettered, EVERY, 3),
    Kind(other_data, ("contacts", "shop", "mail", "search"), 4),
    Kind(more_entries, LISTS, 5),
    Kind(renamed, ("contacts", "settings", "shop", "mail", "options"), 4),
    Kind(dialog_before, EVERY, 4),
    Kind(scrolled_away, EVERY, 5),
    Kind(disabled, ("contacts", "settings", "options", "icons", "parts"), 3),
    Kind(covered, ("contacts", "settings", "shop", "mail", "icons"), 4),
    Kind(bannered, EVERY, 3),
    Kind(gone, ("contacts", "settings", "shop", "mail", "icons", "drawn"), 4),
    Kind(late, EVERY, 3),
    Kind(prefilled, ("settings", "options", "search", "parts"), 4),
    Kind(twin_section, ("contacts", "settings", "mail", "icons"), 5, alike=True),
    Kind(twin_instead, ("contacts", "settings", "shop", "parts", "icons"), 5, alike=True),
    Kind(other_word, ("contacts", "settings", "shop", "mail", "drawn", "parts"), 5, alike=True),
    Kind(swapped_rows, LISTS, 4, alike=True),
    Kind(row_gone, LISTS, 4, alike=True),
    Kind(namesake, ("contacts", "shop", "mail", "search", "options"), 4, alike=True),
    Kind(same_name, ("contacts", "shop", "mail", "search"), 3, alike=True),
    Kind(swapped_things, ("contacts", "settings", "icons", "drawn", "shop"), 5, alike=True),
    Kind(dialog_alike, ("contacts", "settings", "shop", "parts"), 4, alike=True),
)


class Case(NamedTuple):
    """One changed state of one application."""

    kind: str
    alike: bool
    learned: World
    changed: World

    def __str__(self) -> str:
        return f"{self.kind} of {self.learned.name}"


SEEDS = 2
"""How many original states each application has."""


def cases() -> list[Case]:
    """All cases; the same ones every time."""
    made = []
    for kind in KINDS:
        draw = random.Random(kind.change.__name__)
        worlds = draw.sample(kind.worlds, len(kind.worlds))
        for number in range(kind.cases):
            world = original(worlds[number % len(worlds)], draw.randrange(SEEDS))
            made.append(Case(kind.change.__name__, kind.alike, world, kind.change(world, draw)))
    return made
