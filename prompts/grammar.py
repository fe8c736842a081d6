"""The patterns of valid calls: regular expressions that hold an engine to an action space while it writes a call.

They are written from the tables by which replies are read (`prompts.vocabulary`), so that they allow what is read:
every name and every word, in any order, and values in the forms that models write. What is held: a call names an action
that there is, with what it needs, and its points lie in the frame. Separators are those of `json.dumps`.
"""

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from actions.action import Action, ActionSpace
from actions.control import Finish
from actions.errors import UsageError
from actions.geometry import Size
from actions.keyboard import Press, Type
from actions.mouse import Click, Drag, Scroll
from prompts import patterns, schema
from prompts.patterns import any_of
from prompts.vocabulary import BY_BUTTON, CLEARS, ENTERS, MOST_PRESSES, Place, Vocabulary
from prompts.vocabulary.functions import BUTTONS, chosen
from prompts.vocabulary.names import ENDINGS, spelled, spellings
from prompts.vocabulary.words import EITHER, PAIRS, POINTS, SPARE, WHY, Words, words_of

MOST_WITH_SPARE = 2
"""Arguments that a call may need for spare words to stand among them: the orders of more make a long pattern."""


class Item(NamedTuple):
    """An argument: the pattern of `"word": value`, and whether it must be given."""

    pattern: str
    required: bool = False


class Called(NamedTuple):
    """Names that are called alike, and the arguments that they take."""

    names: tuple[str, ...]
    items: tuple[Item, ...]


class Call(NamedTuple):
    """The patterns of a call's name and of the object of its arguments."""

    name: str
    arguments: str


def calls(vocabulary: Vocabulary, frame: Size) -> list[Call]:
    """Every call that is read in this space: each action by its names, alone and as a gesture of a function."""
    found = list(_called(vocabulary, frame))
    function = chosen(vocabulary.space)
    alone = [Call(_names(called.names), one_object(called.items)) for called in found]
    if function is None:
        return alone
    buttons = [button for name, button in BUTTONS.items() if vocabulary.kind(name)]
    if buttons:
        cases = any_of(case for button in buttons for case in (button, button.lower(), button.upper()))
        found.append(Called(("system_button",), (Item(f'"button": "{cases}"', True),)))
    inside = [
        Call(function, one_object((Item(f'"action": "{_names(called.names)}"', True), *called.items)))
        for called in found
    ]
    grounded = Call(function, one_object((Item(f'"coordinate": {patterns.point(frame)}', True),)))
    return [*alone, *inside, *([grounded] if vocabulary.kind("click") else [])]


def pointing(space: ActionSpace) -> type[Action]:
    """The action that only says where.

    Raises:
        UsageError: the space has none.
    """
    for kind in space.actions:
        required = schema.parameters(kind)["required"]
        if required == ["point"] and list(kind.model_fields) == ["point"]:
            return kind
    names = ", ".join(kind.__name__ for kind in space.actions)
    raise UsageError(f"None of the actions {names} takes a point and nothing else. Ground on a device with a screen.")


def one_object(items: Sequence[Item]) -> str:
    """The pattern of a JSON object with these arguments in any order."""
    required = [item.pattern for item in items if item.required]
    others = [item.pattern for item in items if not item.required]
    other = any_of(others) if others else ""
    before, after = (f"({other}, )*", f"(, {other})*") if others else ("", "")
    if not required:
        return rf"\{{({other}{after})?\}}" if others else r"\{\}"
    orders = (before + ", ".join(item + after for item in order) for order in itertools.permutations(required))
    return rf"\{{{any_of(orders)}\}}"


def _names(names: Sequence[str]) -> str:
    return any_of(dict.fromkeys(way for name in names for way in spellings(name)))


def _called(vocabulary: Vocabulary, frame: Size) -> Iterator[Called]:
    """What is called alike, together: the actions at a point are one pattern with many names."""
    alike: dict[tuple[Item, ...], list[str]] = {}
    for kind in vocabulary.space.actions:
        for called in _ways(kind, vocabulary, frame):
            alike.setdefault(called.items, []).extend(called.names)
    return (Called(tuple(names), items) for items, names in alike.items() if names)


def _ways(kind: type[Action], vocabulary: Vocabulary, frame: Size) -> Iterator[Called]:
    """The names of an action, and what each takes."""
    names = tuple(vocabulary.names(kind))
    items = {
        name: Item(_item(kind, name, pattern, frame), required) for name, pattern, required in _fields(kind, frame)
    }
    if sum(item.required for item in items.values()) <= MOST_WITH_SPARE:
        items["spare"] = _spare(kind)
    if kind is Finish:
        items["why"] = Item(f'"{any_of(sorted(WHY))}": {patterns.STRING}')
        ended = tuple(name for name in names if spelled(name) in ENDINGS)
        yield Called(ended, tuple(item._replace(required=False) for item in items.values()))
        names = tuple(name for name in names if name not in ended)
    elif kind is Scroll:
        pixels = Item(f'"pixels": {patterns.NOT_ZERO}', True)
        yield Called(names, (pixels, items["point"], items["spare"]))
    elif kind is Click:
        buttons = any_of(button for button, other in BY_BUTTON.items() if other in vocabulary.space)
        neutral = tuple(name for name in names if "left" not in spelled(name))
        yield Called(neutral, (*items.values(), Item(f'"button": "{buttons}"')))
        names = tuple(name for name in names if name not in neutral)
    elif kind is Type:
        items |= _around_a_text(vocabulary, frame)
    elif kind is Drag:
        items["button"] = Item('"button": "left"')
    elif kind is Press:
        items["presses"] = Item(f'"presses": [1-{MOST_PRESSES}]')
    yield Called(names, tuple(items.values()))


def _spare(kind: type[Action]) -> Item:
    """Words that models add and that change nothing."""
    means = WHY if kind is Finish else frozenset()
    words = sorted(word for word in SPARE - means if not Words(kind).means(word))
    said = f'"{any_of(words)}": ({patterns.STRING}|{patterns.NUMBER})'
    return Item(said if "status" in Words(kind) else f'({said}|"status": {patterns.choice("status", ["success"])})')


def _around_a_text(vocabulary: Vocabulary, frame: Size) -> Mapping[str, Item]:
    """Where to click before a text is typed, and whether to clear the field and to press Enter."""
    flags = {}
    if Press in vocabulary.space:
        flags["flags"] = Item(f'"{any_of(_written(sorted({*CLEARS, *ENTERS})))}": (true|false)')
    if vocabulary.kind("click"):
        flags["point"] = Item(_item(Place, "point", patterns.point(frame), frame))
    return flags


def _fields(kind: type[Action], frame: Size) -> Iterator[tuple[str, str, bool]]:
    """The fields of an action: the name, the pattern of the value, and whether it must be given."""
    told = schema.parameters(kind)
    properties, required = told["properties"], told["required"]
    assert isinstance(properties, Mapping) and isinstance(required, list)
    whole = kind.model_json_schema().get("properties", {})
    for name, spec in properties.items():
        bounds = {bound: whole[name][bound] for bound in ("minLength", "minimum") if bound in whole[name]}
        value = patterns.value(name, {**spec, **bounds}, frame, bool(kind.model_config.get("strict")))
        yield name, value if name in required else f"({value}|null)", name in required


def _item(kind: type[Action], field: str, value: str, frame: Size) -> str:
    """The pattern of an argument under any of its words, or of a point as two numbers that stand alone."""
    words = Words(kind)
    said = (word for word in (*words_of(field), *EITHER) if words.may_mean(word, field))
    joined = [
        patterns.pair(frame, f'"{x}": ', f', "{y}": ')
        for word, (x, y) in PAIRS.items()
        if field in POINTS and words.may_mean(word, field) and x not in kind.model_fields
    ]
    return any_of((f'"{any_of(_written(said))}": {value}', *joined))


def _written(words: Iterable[str]) -> list[str]:
    """Words as models write them: `start_box`, `startBox`, `startbox`."""
    found = []
    for word in words:
        first, *others = word.split("_")
        found += [word, first + "".join(map(str.capitalize, others)), first + "".join(others)]
    return list(dict.fromkeys(found))
