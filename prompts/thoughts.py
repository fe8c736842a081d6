"""Thoughts of thinking models: where one was cut off, what closes it, and a reply without it."""

import re

OPENED = "<think>\n"
"""What the templates of thinking Qwens begin a reply with."""
NO_THOUGHT = f"{OPENED}\n</think>\n\n"
"""What they begin a reply with that is to be without a thought."""
_NAMES = "think|thinking|thought|grounding_think"
_WHOLE = re.compile(rf"\s*<({_NAMES})>.*?</\1>\s*", re.DOTALL | re.IGNORECASE)
_END = re.compile(rf".*?</(?:{_NAMES})>\s*", re.DOTALL | re.IGNORECASE)
_TAG = re.compile(rf"<(/?)({_NAMES})>", re.IGNORECASE)


def closing(text: str, opened: bool) -> str:
    """What ends the thought in whose midst a reply was cut off; `opened` if the template opened one before the reply.

    Empty where the thought has ended, and a new line where the model thinks without tags.
    """
    tags = list(_TAG.finditer(text))
    if not tags:
        return "\n</think>\n\n" if opened else "\n"
    last = tags[-1]
    return "" if last[1] else f"\n</{last[2]}>\n\n"


def without_thought(text: str, opened: bool) -> str:
    """The reply without the thought that it begins with; nothing is left of one that never ended."""
    whole = _WHOLE.match(text) or (_END.match(text) if opened else None)
    if whole:
        return text[whole.end() :]
    begun = _TAG.match(text.lstrip())
    unended = begun is not None or (opened and not _TAG.search(text))
    return "" if unended else text
