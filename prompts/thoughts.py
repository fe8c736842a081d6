"""Thoughts of thinking models: detects a truncated one, closes it, and removes it from a reply."""

import re

OPENED = "<think>\n"
"""The start of a reply in the templates of thinking Qwens."""
NO_THOUGHT = f"{OPENED}\n</think>\n\n"
"""The start of a reply without a thought in these templates."""
TAGS = ("think", "thinking", "thought", "grounding_think")
_NAMES = "|".join(TAGS)
_WHOLE = re.compile(rf"\s*<({_NAMES})>.*?</\1>\s*", re.DOTALL | re.IGNORECASE)
_END = re.compile(rf".*?</(?:{_NAMES})>\s*", re.DOTALL | re.IGNORECASE)
_TAG = re.compile(rf"<(/?)({_NAMES})>", re.IGNORECASE)


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
