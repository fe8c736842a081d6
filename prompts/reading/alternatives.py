"""Calls or places joined by "or": which of them is meant is not said."""

import re

from prompts.reading.loose_json import Unreadable

UNDECIDED = "two are named, and `or` does not say which is meant; write only one"
_WORDS = (
    r"(?:(?<!\w)(?:or|oder|ou|o|\u0438\u043b\u0438)(?!\w)|\u6216\u8005?|\u8fd8\u662f|\u307e\u305f\u306f"
    r"|(?<![</|])[/|](?![/|>]))"
)
OR = re.compile(_WORDS, re.IGNORECASE)
_ENDS = r"(?:[\s)\]}\uff09\uff5d\"'`\u201d\u2019.,;*]|</[\w.-]{1,20}>|<\|\w{1,20}\|>){0,20}"
OR_BEHIND = re.compile(rf"{_ENDS}{_WORDS}", re.IGNORECASE)
"""The text behind a call or a place that has an alternative."""
_A_PLACE = re.compile(r"[\s:,`]{0,9}(?:```\w{0,10}\s{0,3})?(?:<\||[\[({\uff08\uff5b]\s{0,5}[-\d\"'\u201c{\[(])")


def check_only(text: str, end: int) -> None:
    """Refuses a place that ends at `end` if another one stands behind it as its alternative.

    Raises:
        Unreadable: one does.
    """
    joined = OR_BEHIND.match(text, end)
    if joined and _A_PLACE.match(text, joined.end()):
        raise Unreadable(UNDECIDED, joined.end())
