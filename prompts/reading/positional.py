"""Arguments without names, as in `click(348, 291)` or `*ARGS*: [348, 291]`, named by inference."""

import re
from collections.abc import Mapping, Sequence

from prompts.reading.code import COMPUTED_TEXT, check_literal, positional
from prompts.reading.loose_json import QUOTES, Reader, Unreadable, add, read_value
from prompts.reading.punctuation import SETS
from prompts.vocabulary.functions import NOTCH
from prompts.vocabulary.names import NAMES, spelled

_NAME = re.compile(rf"\s*(?:([A-Za-z_]\w{{0,40}})\s*{SETS}|([^\W\d]\w{{0,40}})\s*[=\uff1d])(?![=/])")
_BARE = re.compile(r"[^,()\n\uff0c\uff09]+")
_AFTER = re.compile(r"\s*(?:[,\uff0c)\uff09]|$)")
_ENDS = frozenset({"dragto", "leftclickdrag"})
_FROM_TO = _ENDS | {"drag", "swipe", "slide"}
_TIMED = ("press", "hold", "move", "hover", "wait", "sleep", *_FROM_TO)
"""Parts of the names of actions with a duration."""
_DIRECTIONS = frozenset({"up", "down", "left", "right"})
_OUTCOMES = frozenset({"success", "failure"})
_ENDS_TASK = frozenset(map(spelled, ("finish", *NAMES["Finish"])))


def in_parentheses(verb: str, text: str, start: int, code: bool = False) -> tuple[dict[str, object], int]:
    """The arguments of `verb(...)`, read after the opening parenthesis, and their end.

    With `code` they are those of a Python function: literal values, and names by its signature.

    Raises:
        Unreadable: they are neither values nor names with values.
    """
    reader = Reader(text, start)
    named: dict[str, object] = {}
    unnamed: list[object] = []
    while True:
        reader.skip(",\uff0c")
        character = reader.peek()
        if not character and not named and not unnamed:
            raise Unreadable("a parenthesis that never closes", start)
        if not character or character in ")\uff09":
            return _merged(verb, unnamed, named, code), reader.at + len(character)
        named_so = _NAME.match(text, reader.at)
        name = (named_so[1] or named_so[2]) if named_so else ""
        if named_so:
            reader.at = named_so.end()
        quoted = reader.peek() in QUOTES
        if code and COMPUTED_TEXT.match(text, reader.at):
            raise Unreadable("a text that only running the code would give; write the whole text", reader.at)
        value = reader.value(_BARE, _AFTER, 0)
        if code and not quoted:
            check_literal(name, value)
        if name and value != "" and not add(named, name, value):
            raise Unreadable(f"{name} is given twice, with different values; give it once", reader.at)
        if not name:
            unnamed.append(value)


def _merged(verb: str, unnamed: Sequence[object], named: Mapping[str, object], code: bool) -> dict[str, object]:
    """Both kinds of arguments. Raises Unreadable if a value without a name and one with it are for one argument."""
    by_signature = positional(verb, unnamed) if code else None
    found = named_by_kind(verb, unnamed) if by_signature is None else by_signature
    for word, value in named.items():
        if not add(found, word, value):
            raise Unreadable(f"{word} is given twice, with different values; give it once", 0)
    return found


def as_mapping(verb: str, value: object) -> dict[str, object]:
    """Arguments from any value in place of a JSON object.

    Raises:
        Unreadable: it contains those of several calls, or ambiguous values.
    """
    if isinstance(value, Mapping):
        return {str(name): part for name, part in value.items() if part is not None}
    if isinstance(value, list):
        if len(value) == 1 and isinstance(value[0], Mapping):
            return as_mapping(verb, value[0])
        if value and isinstance(value[0], Mapping):
            raise Unreadable(f"{verb} is given {len(value)} sets of arguments; write a call for each", 0)
        return named_by_kind(verb, value)
    if isinstance(value, str) and value.lstrip()[:1] == "{":  # JSON within a JSON string
        try:
            return as_mapping(verb, read_value(value.lstrip(), 0)[0])
        except Unreadable:
            return {"text": value}
    return {} if value is None or value == "" else named_by_kind(verb, [value])


def named_by_kind(verb: str, values: Sequence[object]) -> dict[str, object]:
    """Names for unnamed values: numbers are points, and texts depend on the verb.

    Raises:
        Unreadable: there are more of them than the verb takes.
    """
    plain = spelled(verb)
    numbers = [value for value in values if isinstance(value, int | float) and not isinstance(value, bool)]
    places = [value for value in values if isinstance(value, list | Mapping)]
    words = [value for value in values if isinstance(value, str)]
    if places and isinstance(places[0], list) and all(isinstance(part, str) for part in places[0]):
        places, words = [], [str(part) for part in places[0]]
    texts = _texts(plain, words)
    return _numbers(plain, numbers, places, "direction" in texts) | texts


def _numbers(verb: str, numbers: list[int | float], places: Sequence[object], towards: bool) -> dict[str, object]:
    """Points, and one further number: a duration, or a distance if there is a direction."""
    if not places and len(numbers) == 1 and not towards:
        if "scroll" in verb:  # pyautogui's clicks of the wheel
            return {"pixels": numbers[0] * NOTCH}
        return {"index" if "tab" in verb else "seconds": numbers[0]}
    one = len(numbers) % 2 == 1
    pairs = numbers[:-1] if one else numbers
    found = _points(verb, [*places, *([pairs] if pairs else [])] if places or verb not in _FROM_TO else _halves(pairs))
    if not one:
        return found
    if not towards and not any(part in verb for part in _TIMED):
        raise Unreadable(f"{verb} is given {len(numbers)} numbers, and it is not said what the last of them is", 0)
    return found | {"amount" if towards else "duration": numbers[-1]}


def _halves(numbers: list[int | float]) -> list[object]:
    return [numbers[at : at + 2] for at in range(0, len(numbers), 2)]


def _points(verb: str, places: Sequence[object]) -> dict[str, object]:
    most = 2 if verb in _FROM_TO else 1
    if len(places) > most:
        raise Unreadable(f"{verb} is given {len(places)} places and takes {most}", 0)
    if len(places) == 2:
        return {"start": places[0], "end": places[1]}
    return {"end" if verb in _ENDS else "point": places[0]} if places else {}


def _texts(verb: str, words: list[str]) -> dict[str, object]:
    if len(words) > 1 and verb in ("hotkey", "press", "key"):
        return {"keys": words}
    if len(words) == 2 and verb in _FROM_TO:
        return {"start": words[0], "end": words[1]}
    found: dict[str, object] = {}
    for word in words:
        name, value = _text(verb, word)
        if name in found:
            raise Unreadable(f"{verb} is given several texts, and it is not said what each of them is", 0)
        found[name] = value
    return found


def _text(verb: str, word: str) -> tuple[str, str]:
    """The name of a text argument for a verb, and the text."""
    if word.lower() in _DIRECTIONS and ("scroll" in verb or "swipe" in verb):
        return "direction", word.lower()
    if word.lower() in _OUTCOMES and verb in _ENDS_TASK:
        return "status", word.lower()
    return "point" if _is_place(verb, word) else "text", word


def _is_place(verb: str, word: str) -> bool:
    """Whether a text of two numbers is a point for this verb, not text to type."""
    points_at = any(part in verb for part in ("click", "tap", "longpress", "move", "scroll", "hover"))
    return points_at and not re.search("[A-Za-z]", word) and len(re.findall(r"\d+", word)) > 1
