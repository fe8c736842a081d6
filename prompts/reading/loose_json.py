"""Values read from JSON as models write it: strictly where it is JSON, else with the repairs that leave no doubt.

Repaired are: single, smart and missing quotes, quotes and newlines inside a string, trailing and missing commas,
missing or doubled closing brackets, full-width punctuation, Python's tuples, True and None. A string that never ends is
not repaired, because its rest is unknown. Nothing is ever evaluated, and the time is linear in the text.
"""

import json
import re
from functools import cache
from typing import NoReturn

from prompts.reading.punctuation import COLON, ENDS_QUOTE, OPENS_QUOTE, SETS

MAX_DEPTH = 8
MAX_VALUES = 64
"""More values than any call has; beyond them a repair is guesswork."""
_LONG_NUMBER = 18

_BLANK = re.compile(r"\s*")
_CLOSERS = "}])\uff5d\uff3d\uff09"
_OBJECT, _ARRAY = "}\uff5d", "])\uff3d\uff09"
_OPENERS = {"{": _OBJECT, "\uff5b": _OBJECT, "[": _ARRAY, "\uff3b": _ARRAY, "(": _ARRAY, "\uff08": _ARRAY}
QUOTES = {
    '"': '"\u201d', "'": "'\u2019", "`": "`", "\u201c": '\u201d"\u201c', "\u2018": "\u2019'", "\uff02": "\uff02\"",
    "\uff07": "\uff07'",
}  # fmt: skip
QUOTATIONS = {'"': ("\u201c", "\u201d"), "'": ("\u2018", "\u2019")}
"""The smart quotes of a quotation within a string, whose closing one does not end the string."""
_TRIPLE = ('"""', "'''")
_COMMAS = ",;\uff0c\u3001\uff1b"
_KEY = re.compile(r"[\w.\-]+")
_NEXT_KEY = rf"{OPENS_QUOTE}?[\w.\-]{{1,40}}{ENDS_QUOTE}?\s{{0,8}}{SETS}"
_BARE_IN_OBJECT = re.compile(
    rf"[^\n}}\uff5d]+?(?=\s{{0,8}}(?:[,;\uff0c]\s{{0,8}}(?:{_NEXT_KEY}|[}}\uff5d]|$)|[}}\uff5d\n]|$))"
)
_BARE_IN_ARRAY = re.compile(r"[^\s,\])}\uff3d\uff09\uff5d\uff0c\u3001]+")
_NUMBER = re.compile(r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d{1,3})?$")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}
_ESCAPED = re.compile(r"\\(u[0-9a-fA-F]{4}(?:\\u[0-9a-fA-F]{4})*|.)", re.DOTALL)
_WORDS: dict[str, object] = {
    "true": True, "false": False, "null": None, "none": None, "True": True, "False": False, "None": None,
}  # fmt: skip

# A quote inside a string ends it only if the following text could follow a value.
_AFTER_KEY = re.compile(rf"\s*{SETS}")
_AFTER_ITEM = re.compile(r"\s*(?:[,\uff0c\u3001\])}\uff3d\uff09\uff5d]|$)")
_AFTER_VALUE = re.compile(
    r"\s*(?:[}\])\uff5d\uff3d\uff09]|$"
    rf"|[,;\uff0c]\s*(?:[}}\uff5d]|$|{_NEXT_KEY})"
    rf"|{OPENS_QUOTE}[\w.\-]{{1,40}}{ENDS_QUOTE}\s*{COLON})"
    r"|[^\S\n]*\n\s*(?:[*\u273f]|```|</)"
)


class Unreadable(ValueError):
    """There is no value here that can be read without guessing; `at` is the position of the fault."""

    def __init__(self, what: str, at: int) -> None:
        super().__init__(what)
        self.at = at


def read_value(text: str, start: int) -> tuple[object, int]:
    """The value that begins at `start` (an opening bracket, a quote or a word), and its end.

    Raises:
        Unreadable: the value is ambiguous.
    """
    try:
        value, end = _STRICT.raw_decode(text, start)
    except (ValueError, RecursionError):
        reader = Reader(text, start)
        return reader.value(_BARE_IN_OBJECT, _AFTER_VALUE, 0), reader.at
    if _deeper(value, MAX_DEPTH):
        raise Unreadable(f"brackets nested more than {MAX_DEPTH} deep", start)
    return value, end


def _deeper(value: object, depth: int) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(depth == 0 or _deeper(part, depth - 1) for part in inner)


def _number(digits: str) -> int | float:
    """Long numbers become floats: they are neither a place nor a count, and exact conversion is slow."""
    plain = digits.lstrip("+-")
    return int(digits) if plain.isdecimal() and len(plain) <= _LONG_NUMBER else float(digits)


def add(found: dict[str, object], word: str, value: object) -> bool:
    """Adds a value under its word. False if the word already has another one: which is meant is unknown."""
    return found.setdefault(word, value) == value


def _members(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    if not all(add(found, word, value) for word, value in pairs):
        raise ValueError("a name is given twice")
    return found


_STRICT = json.JSONDecoder(strict=False, parse_int=_number, object_pairs_hook=_members)


@cache
def _run(characters: str) -> re.Pattern[str]:
    return re.compile(rf"[\s{re.escape(characters)}]*+")


@cache
def _string(quote: str, after: str) -> re.Pattern[str]:
    """A string that this quote opens; linear in its length."""
    closers = QUOTES[quote]
    opener, closer = QUOTATIONS.get(quote, ("", ""))
    quoted = rf"{opener}[^{opener}{closers}]*+{closer}|{opener}|" if opener else ""
    plain = rf"[^{opener}{closers}\\]++|\\."
    return re.compile(rf"{quote}((?:{quoted}{plain}|[{closers}](?!{after}))*+)[{closers}]", re.DOTALL)


def _unescaped(escape: re.Match[str]) -> str:
    code = escape[1]
    if len(code) > 1:
        return str(json.loads(f'"\\{code}"'))
    return _ESCAPES.get(code, code if code in "\"'\\/`\n" else "\\" + code)


class Reader:
    """Reads values at `at`, leniently, and advances past them."""

    def __init__(self, text: str, at: int) -> None:
        self.text = text
        self.at = at
        self._values = 0

    def value(self, bare: re.Pattern[str], after: re.Pattern[str], depth: int) -> object:
        """One value; `bare` matches an unquoted word, `after` the text that may follow a string."""
        character = self.peek()
        self._values += 1
        if depth > MAX_DEPTH or self._values > MAX_VALUES:
            self._fail(f"more than {MAX_DEPTH} brackets deep or {MAX_VALUES} values long")
        if character in _OPENERS:
            self.at += 1
            closers = _OPENERS[character]
            return self.members(depth) if closers == _OBJECT else self._array(closers, depth)
        if character in QUOTES:
            return self.string(after)
        return self._word(bare)

    def peek(self) -> str:
        """The next non-space character; empty at the end."""
        blank = _BLANK.match(self.text, self.at)
        self.at = blank.end() if blank else self.at
        return self.text[self.at : self.at + 1]

    def skip(self, characters: str) -> None:
        """Skips spaces and these characters."""
        skipped = _run(characters).match(self.text, self.at)
        self.at = skipped.end() if skipped else self.at

    def string(self, after: re.Pattern[str]) -> str:
        """A string with its quotes; an inner quote ends it only if `after` matches."""
        if (triple := self.text[self.at : self.at + 3]) in _TRIPLE:
            return self._between(triple)
        whole = _string(self.text[self.at], after.pattern).match(self.text, self.at)
        if not whole:
            self.at += 1
            self._fail("a string that never ends")
        self.at = whole.end()
        return _ESCAPED.sub(_unescaped, whole[1])

    def _between(self, quotes: str) -> str:
        """A triple-quoted Python string."""
        end = self.text.find(quotes, self.at + len(quotes))
        if end < 0:
            self._fail("a string that never ends")
        inner, self.at = self.text[self.at + len(quotes) : end], end + len(quotes)
        return _ESCAPED.sub(_unescaped, inner)

    def members(self, depth: int = 0) -> dict[str, object]:
        """Names and values up to a closing brace; the opening one is already read or missing."""
        found: dict[str, object] = {}
        while True:
            self.skip(_COMMAS + "])\uff3d\uff09" if found else _COMMAS)
            character = self.peek()
            if not character or character in _OBJECT:
                self.at += len(character)
                return found
            if character in _OPENERS and not found:  # braces that a template doubled
                return self._doubled(depth)
            before = self.at
            key = self._key()
            if key is None:
                if not found:
                    self._fail("braces that hold no names and values")
                self.at = before  # the brace is missing: other text follows
                return found
            value = self.value(_BARE_IN_OBJECT, _AFTER_VALUE, depth + 1)
            if not add(found, key, value):
                self._fail(f"{key[:40]!r} is given twice, with different values; give it once")

    def _doubled(self, depth: int) -> dict[str, object]:
        value = self.value(_BARE_IN_OBJECT, _AFTER_VALUE, depth + 1)
        if not isinstance(value, dict):
            self._fail("braces that hold no names and values")
        self.skip(_OBJECT)
        return value

    def _key(self) -> str | None:
        """A name and its colon, or None if there is none."""
        if self.peek() in QUOTES:
            key = self.string(_AFTER_KEY)
        else:
            word = _KEY.match(self.text, self.at)
            if not word:
                return None
            key, self.at = word[0], word.end()
        if not _AFTER_KEY.match(self.text, self.at):
            return None
        self.skip(":=\uff1a\uff1d")
        return key

    def _array(self, closers: str, depth: int) -> list[object]:
        found: list[object] = []
        while True:
            self.skip(_COMMAS)
            character = self.peek()
            if not character or character in _CLOSERS:
                self.at += character != "" and character in closers  # an object's brace closes the object as well
                return found
            found.append(self.value(_BARE_IN_ARRAY, _AFTER_ITEM, depth + 1))

    def _word(self, bare: re.Pattern[str]) -> object:
        """A number, True, None and their like, or a text without quotes."""
        word = bare.match(self.text, self.at)
        if not word:
            self._fail("a value is missing")
        self.at = word.end()
        plain = word[0].strip()
        if _NUMBER.match(plain):
            return _number(plain)
        return _WORDS.get(plain, plain)

    def _fail(self, what: str) -> NoReturn:
        raise Unreadable(what, self.at)
