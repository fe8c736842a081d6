"""Random calls as models write them: any name of an action, any words, any order, values in any form, and more of them.

Most of them are read and some are not. Nothing here depends on a notation: `write_call` writes a call of any words, and
the JSON in what it wrote is laid out anew.
"""

import json
import re
from collections.abc import Sequence

from hypothesis import strategies as st

from actions.action import Action, Call
from actions.geometry import Size, Viewport
from prompts.notations import Notation
from prompts.vocabulary.functions import chosen
from prompts.vocabulary.names import words_in
from prompts.vocabulary.words import CLEARS, ENTERS, PAIRS, SPARE, words_of
from tests.prompts.random_actions import TEXTS, action

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9999, 9999) | st.floats(-99, 99) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "x", "at"]), inner, max_size=2),
    max_leaves=5,
)
EMPTY: st.SearchStrategy[object] = st.sampled_from([None, False, "", [], {}])
SPELT_KEYS = {
    "enter": "Return", "meta": "win", "ctrl": "Control_L", "+": "plus", "pagedown": "Page_Down", "delete": "Del",
}  # fmt: skip
LAYOUTS: st.SearchStrategy[dict[str, object]] = st.sampled_from(
    [{}, {"separators": (",", ":")}, {"indent": 2}, {"indent": 4}, {"ensure_ascii": True}]
)
SMART = [("\u201c", "\u201d"), ("\u2018", "\u2019"), ("\uff02", "\uff02"), ("\uff07", "\uff07")]
OTHERS = [*SMART, ("'", "\u2019"), ('"', "\u201d"), ("\u201c", '"'), ("\uff07", "'"), ("`", "`")]
QUOTES = st.sampled_from([('"', '"')] * len(SMART) + OTHERS)


@st.composite
def calls(draw: st.DrawFn, notation: Notation, kind: type[Action], screen: Size) -> str:
    """A call of an action of this kind, or what looks like one, as a model writes it in this notation."""
    shown = notation.space.encode(draw(action(kind, screen)), Viewport(screen, screen))
    given = {draw(st.sampled_from(words_of(field))): draw(ways(value)) for field, value in shown.arguments.items()}
    if draw(st.booleans()):
        given |= draw(more())
    name = draw(spelled(draw(st.sampled_from(notation.vocabulary.names(kind)))))
    if (function := chosen(notation.space)) and draw(st.booleans()):
        name, given = function, {"action": name, **given}
    order = draw(st.permutations(list(given)))
    written = laid_out(notation.write_call(Call(name, {word: given[word] for word in order})), draw(LAYOUTS))
    return typeset(written, draw(QUOTES), draw(st.booleans()))


def ways(value: object) -> st.SearchStrategy[object]:
    """A value in other forms that mean the same."""
    if isinstance(value, bool) or value is None:
        return st.just(value)
    if isinstance(value, int | float):
        return st.sampled_from([value, float(value), str(value)])
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        spelt: list[str] = [SPELT_KEYS[key] if key in SPELT_KEYS else key for key in value]
        return st.sampled_from([value, spelt, "+".join(value), "+".join(spelt), " ".join(spelt)])
    if isinstance(value, list) and len(value) == 2 and all(isinstance(part, int | float) for part in value):
        return st.sampled_from(points(value))
    return st.just(value)


def points(value: Sequence[float]) -> list[object]:
    """A point in the forms that models write."""
    x, y = value
    return [value, [x, float(y)], [x + 0.5, y], [x, y, x, y], [[x, y]], {"x": x, "y": y}, f"({x}, {y})", f"{x},{y}"]


def more() -> st.SearchStrategy[dict[str, object]]:
    """Words beside those that an action needs."""
    words = st.sampled_from(sorted({*SPARE, *CLEARS, *ENTERS, "status", "press_enter", *PAIRS["coordinate"]}))
    unknown = st.sampled_from(["press_enter", "options", "button", "modifier-keys", "\u5750\u6807"])
    known = st.dictionaries(words, JSON | st.sampled_from([True, "success", "0.5s", [3, 4]]), max_size=2)
    empty = st.dictionaries(unknown, EMPTY, max_size=2)
    place: st.SearchStrategy[dict[str, object]] = st.sampled_from([{"coordinate": [3, 4]}, {}])
    return st.tuples(known, empty, place).map(lambda parts: parts[0] | parts[1] | parts[2])


def spelled(name: str) -> st.SearchStrategy[str]:
    """A name in the cases and with the separators that there are."""
    words = words_in(name)
    cases = [[word.lower() for word in words], [word.upper() for word in words], [word.capitalize() for word in words]]
    return st.sampled_from([name, *(separator.join(way) for way in cases for separator in ("", "_", "-", " ", "."))])


def typeset(written: str, quotes: tuple[str, str], full_width: bool) -> str:
    """The text with other quotes around its plain texts, and with full-width colons and equals signs between quotes."""
    texts = re.sub(r"(?<!\\)([\"'])([\w +.-]*)\1", rf"{quotes[0]}\2{quotes[1]}", written)
    if not full_width or texts == written:
        return texts
    return texts.replace(f"{quotes[1]}:", f"{quotes[1]}\uff1a").replace(f"={quotes[0]}", f"\uff1d{quotes[0]}")


def laid_out(written: str, layout: dict[str, object]) -> str:
    """The text with its first JSON object in another layout."""
    start = written.find("{")
    try:
        found, end = json.JSONDecoder().raw_decode(written, max(start, 0))
    except ValueError:
        return written
    if start < 0 or not isinstance(found, dict):
        return written
    options: dict[str, object] = {"ensure_ascii": False} | layout
    return written[:start] + json.dumps(found, **options) + written[end:]  # type: ignore[arg-type]
