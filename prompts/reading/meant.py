"""Whether a text means its call: one that its own words refuse, or give as an example, is not performed."""

import re

from actions.action import Call
from actions.control import Answer, AskUser, Finish
from prompts.vocabulary.names import ENDINGS, NAMES, spelled

REFUSED = "its own words say that this call is not made"
AN_EXAMPLE = "the call is only an example"
A_COMMENT = "the call is only in a comment"
EARLIER = "its own words say that this call is not the one to make now"
ASKED = "the call is only proposed in a question"
QUOTED = "the call is only quoted; write it without quotation marks"

_CANNOT = (
    r"\b(?:cannot|(?:ca|wo|do|would|could|should|must)n['\u2019]t|(?:can|will|do|would|could|should|must) not"
    r"|never|refuse to|unable to|not (?:able|allowed|permitted) to)\b"
)
_MARKS = r"(?:```\w{0,10}|</?\w{1,12}>|[`\"'\u201c(\[*:\uff1a]|\s){0,20}\Z"
"""Fences, tags and quotes between the words about a call and the call."""
_REFUSED = re.compile(
    rf"(?:{_CANNOT}(?:[^\S\n]{{1,3}}\w{{1,30}}){{0,4}}"
    r"|(?:\u4e0d\u80fd|\u4e0d\u4f1a|\u65e0\u6cd5|\u4e0d\u8981|\u62d2\u7edd)\w{0,8})"
    r"[^\S\n]{0,3}[`\"'\u201c(]{0,3}(?:<tool_call>\s{0,3})?\Z",
    re.IGNORECASE,
)
"""The part of a sentence that says that the call in it is not made."""
_TASK_REFUSED = re.compile(
    rf"{_CANNOT}\s(?:do|help|assist|comply|fulfil+)(?:\syou)?(?:\swith)?(?:\s(?:that|this|it|so|the task|this task))?"
    rf"[.!:\uff1a]{{1,3}}{_MARKS}",
    re.IGNORECASE,
)
"""A sentence before the call that refuses the task."""
_EXAMPLE = re.compile(
    r"(?:\b(?:for|as an) example|\bfor instance|\be\.g\.|\ban example (?:call|action|of (?:a|the|such|this))\b"
    rf"|\u4f8b\u5982|\u6bd4\u5982)[^\n.!?\u3002]{{0,80}}{_MARKS}",
    re.IGNORECASE,
)
_COMMENT = re.compile(r"[^\S\n]*(?:#(?!#)|//)[^\S\n]*(?!(?:next\s)?action|step)\w", re.IGNORECASE)
"""A line of code that is commented out; a heading above a call is none."""
_EARLIER = re.compile(
    r"(?:\b(?:previously|earlier|last time|before),? I\b(?:(?!\b(?:now|next|then|so)\b)[^\n.!?\u3002]){0,60}[:\uff1a]"
    rf"|\binstead of(?: (?:this|that|the call))?[:\uff1a]?){_MARKS}",
    re.IGNORECASE,
)
_ASKED = re.compile(
    rf"\b(?:(?:shall|should|may|can) I|do you want me to|would you like me to)\b[^\n.!?\u3002]{{0,80}}\?{_MARKS}",
    re.IGNORECASE,
)
"""A question to the user whether to make the call."""
_SUPPOSED = re.compile(
    rf"\b(?:(?:would|could|might) (?:be|look)|looks? like)\b[^\n.!?\u3002]{{0,80}}[:\uff1a]{_MARKS}", re.IGNORECASE
)
"""Behind a refusal, words that say how a call would be written."""
_REFUSAL = re.compile(
    rf"{_CANNOT}\s(?:do|help|assist|comply|fulfil+|perform|execute|carry|make|complete|continue|proceed)\b|\bsorry\b",
    re.IGNORECASE,
)
_OPENS_QUOTATION = re.compile(r"[^\w\n{\uff5b]{0,8}[\"'\u201c\u2018\u300c\u00ab]\s{0,3}\Z")
_ENDS_QUOTATION = re.compile(r"\s{0,3}[;.]?[\"'\u201d\u2019\u300d\u00bb]")
_WHOLE_BEFORE = re.compile(r"(?:\A|[.!?\u3002\uff01\uff1f>`])\s*\Z")
"""The end of what a quoted call does not belong to: a quotation that goes on a sentence tells of a call."""
_LONGEST = 300
"""More characters before a call than a pattern matches."""
_FIRST_WORD = re.compile(r"[\w{\uff5b<*]")
_NO_WORDS = re.compile(r"[\W_]*")
_CLOSING = frozenset(
    spelled(name)
    for name in (
        *(name for kind in (Answer, AskUser, Finish) for name in (kind.__name__, *NAMES[kind.__name__])),
        *ENDINGS,
    )
)
"""Names of the calls that a refusal leads to."""


def unmeant(text: str, call: Call, start: int, end: int, example_before: int | None) -> str:
    """Why the call between `start` and `end` is not meant; empty if it is.

    `example_before` is the end of an example before it.
    """
    before = text[max(0, start - _LONGEST) : start]
    if _REFUSED.search(before):
        return REFUSED
    continued = example_before is not None and _NO_WORDS.fullmatch(text, example_before, start)
    if continued or _EXAMPLE.search(before):
        return AN_EXAMPLE
    if _COMMENT.match(text, start):
        return A_COMMENT
    if _quoted(text, start, end):
        return QUOTED
    for pattern, why in ((_EARLIER, EARLIER), (_ASKED, ASKED)):
        if pattern.search(before):
            return why
    if spelled(str(call.arguments.get("action", call.name))) in _CLOSING:
        return ""
    if _TASK_REFUSED.search(before):
        return REFUSED
    return AN_EXAMPLE if _SUPPOSED.search(before) and _REFUSAL.search(text, 0, start) else ""


def _quoted(text: str, start: int, end: int) -> bool:
    """Whether a call in quotation marks is a quotation within other text, and not the whole of what is said."""
    quote = _FIRST_WORD.search(text, start, end)
    opened = _OPENS_QUOTATION.search(text[max(0, start - 9) : quote.start() if quote else start])
    if not opened or not _ENDS_QUOTATION.match(text, end):
        return False
    before = text[:start].rstrip("\"'\u201c\u2018\u300c\u00ab \t")
    return not _WHOLE_BEFORE.search(before) or not _NO_WORDS.fullmatch(text, end)
