"""Thoughts of thinking models: detects a truncated one, closes it, and removes it from a reply."""

import re
from typing import NamedTuple

OPENED = "<think>\n"
"""The start of a reply in the templates of thinking Qwens."""
NO_THOUGHT = f"{OPENED}\n</think>\n\n"
"""The start of a reply without a thought in these templates."""
TAGS = ("think", "thinking", "thought", "grounding_think")
_NAMES = "|".join(TAGS)
_WHOLE = re.compile(rf"\s*<({_NAMES})>.*?</\1>\s*", re.DOTALL | re.IGNORECASE)
_END = re.compile(rf".*?</(?:{_NAMES})>\s*", re.DOTALL | re.IGNORECASE)
_TAG = re.compile(rf"<(/?)({_NAMES})>", re.IGNORECASE)
_ENDS_ALONE = re.compile(rf"</(?:{_NAMES})>(?=\s*(?:$|[*<`{{]|Action:)|[^\S\n]*\n)", re.IGNORECASE)
"""The end of a thought that the template has begun; what a call types has other text behind such a tag."""


def closing(text: str, opened: bool) -> str:
    """The text that closes the thought of a truncated reply; `opened` if the template opened one before the reply.

    Empty if the thought has ended, and a newline if the model thinks without tags.
    """
    tags = list(_TAG.finditer(text))
    if not tags:
        return "\n</think>\n\n" if opened else "\n"
    last = tags[-1]
    return "" if last[1] else f"\n</{last[2]}>\n\n"


def without_thought(text: str, opened: bool) -> str:
    """The reply without the thought that it begins with; empty if the thought never ended."""
    whole = _WHOLE.match(text) or (_END.match(text) if opened else None)
    if whole:
        return text[whole.end() :]
    begun = _TAG.match(text.lstrip())
    unended = begun is not None or (opened and not _TAG.search(text))
    return "" if unended else text


class Spoken(NamedTuple):
    """A reply without its thoughts."""

    text: str
    """It has a newline for each thought."""
    cuts: tuple[tuple[int, str], ...]
    """The places of these newlines in `text`, each with the thought."""

    def original(self, at: int) -> int:
        """The place in the whole reply of a place in `text`."""
        return at + sum(len(thought) - 1 for place, thought in self.cuts if place < at)


def spoken(reply: str) -> Spoken:
    """A reply without the text between tags of thoughts, closed or not, and before a closing tag that is alone."""
    cuts: list[tuple[int, str]] = []
    parts: list[str] = []
    at = length = 0
    while (thought := _next_thought(reply, at)) is not None:
        start, end = thought
        parts += [reply[at:start], "\n"]
        length += start - at + 1
        cuts.append((length - 1, reply[start:end]))
        at = end
    return Spoken("".join([*parts, reply[at:]]), tuple(cuts))


def _next_thought(reply: str, at: int) -> tuple[int, int] | None:
    """The start and the end of the next thought from `at` on."""
    typed = 0
    for tag in _TAG.finditer(reply, at):
        before = reply[max(at, reply.rfind("\n", at, tag.start()) + 1) : tag.start()]
        if not tag[1]:
            if not _is_open(before):
                end = re.compile(rf"</{tag[2]}>", re.IGNORECASE).search(reply, tag.end())
                return tag.start(), end.end() if end else len(reply)
            typed += 1
        elif typed:
            typed -= 1
        elif alone := _ENDS_ALONE.match(reply, tag.start()):
            return at, alone.end()
    return None


def _is_open(line: str) -> bool:
    """Whether a text in quotes or brackets is open at the end of a line: then a tag is what a call types."""
    pairs = (("(", ")"), ("[", "]"), ("{", "}"), ("\u201c", "\u201d"))
    quoted = any(line.count(quote) % 2 for quote in "\"'`")
    return quoted or any(line.count(opened) > line.count(closed) for opened, closed in pairs)
