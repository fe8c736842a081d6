"""`says`: whether texts contain one of some words, however a screen writes them; `mixed`: scripts that a text mixes."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache

BLANKS = re.compile("[\\s\u115f\u1160\u2800\u3164\uffa0]+")
"""Spaces, and what looks like one though it is a letter or a sign: Hangul fillers and the empty Braille pattern."""
_UNASSIGNED = re.compile("[\u2065\ufff0-\ufff8\U000e0000-\U000e0fff]")
"""Code points without a character that are not shown either (Default_Ignorable_Code_Point of Unicode)."""
_UNSEEN = frozenset(("Mn", "Me", "Cf"))
"""Categories of characters that are not shown, or only change the one before them."""
_ALIKE = frozenset(("ARMENIAN", "CHEROKEE", "COPTIC", "CYRILLIC", "GREEK", "LATIN", "LISU"))
"""Scripts that share the shapes of many letters, by the first word of their letters' names in Unicode."""


def says(texts: Iterable[str], words: Sequence[str]) -> bool:
    """Whether one of the texts contains one of the words as a whole word; `*` in a word stands for any letters.

    Case, accents, forms of width, and characters that are not visible make no difference.
    """
    pattern = _pattern(tuple(words))
    return any(pattern.search(plain(text)) for text in texts)


def plain(text: str) -> str:
    """A text with one space between words, in lower case, without accents and invisible characters."""
    apart = _UNASSIGNED.sub("", unicodedata.normalize("NFKD", text).casefold())
    seen = "".join(letter for letter in apart if unicodedata.category(letter) not in _UNSEEN)
    return BLANKS.sub(" ", seen).strip()


def mixed(text: str) -> tuple[str, ...]:
    """The scripts of a text's letters, if it mixes scripts that share the shapes of letters, as "cancel" with a
    Cyrillic c does.

    A text of one such script passes, although a whole word can look like one of another.
    """
    names = (unicodedata.name(letter, "") for letter in unicodedata.normalize("NFKC", text) if letter.isalpha())
    found = sorted(_ALIKE.intersection(name.partition(" ")[0] for name in names))
    return tuple(found) if len(found) > 1 else ()


@lru_cache(maxsize=64)
def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(map(_whole, words)))


def _whole(word: str) -> str:
    """The pattern of a word. Chinese and Japanese have no spaces between words, so theirs may be part of others."""
    asked = plain(word)
    inner = r"\w*".join(map(re.escape, asked.split("*")))
    if any(unicodedata.east_asian_width(letter) in "WF" for letter in asked):
        return inner
    before = r"(?<![^\W_])" if asked[:1].isalnum() else ""  # an underscore parts words, as in /pay_now
    after = r"(?![^\W_])" if asked[-1:].isalnum() else ""
    return f"{before}{inner}{after}"
