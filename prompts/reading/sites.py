"""Finds the calls in a reply: the positions, in reading order, at which a call can be read."""

import re
from collections.abc import Mapping, Set
from itertools import islice
from typing import NamedTuple

from actions.action import Call
from prompts.reading.code import COMMENTED, FLOW, OF_A_LIBRARY, REPEATED, function_name
from prompts.reading.json_calls import json_call
from prompts.reading.line_calls import line_call
from prompts.reading.loose_json import Unreadable, read_value
from prompts.reading.named_calls import STAR, named_call
from prompts.reading.positional import in_parentheses
from prompts.reading.tagged_calls import FUNCTION, function_call, marked_place
from prompts.vocabulary.names import spelled

MOST_FAILURES = 3
"""The number of unreadable call-like positions that are skipped."""
MOST_SITES = 30
"""The number of positions searched for the first call; a reply with more is not a thought with a call."""
MOST_CALLS = 12
"""The most calls of a reply that are read."""

_SITE = re.compile(
    rf"(?P<keyword>{STAR}{{1,3}}\s*(?i:FUNCTION)\s*{STAR}{{0,3}}\s*[:\uff1a]?|^(?i:FUNCTION)\s*[:\uff1a])"
    r"|(?:^|(?<=\));)[^\w\n{\uff5b]{0,8}+(?:(?i:(?:next\s)?action(?:\s\d{1,2})?|step\s\d{1,2})[^\w\n]{1,8}|\d{1,2}[.)]\s)?(?:[A-Za-z_]\w{0,20}\.){0,2}(?P<verb>[A-Za-z_]\w{0,40})\("
    rf"|{FUNCTION}"
    r"|[{\uff5b]",
    re.MULTILINE,
)
_BRACE = re.compile(r"\s*[{\uff5b]")
_CALLING = re.compile(r"[{\uff5b]\s*[\"'\u201c]?(?:name|action|function|arguments)\b", re.IGNORECASE)
_LABEL = re.compile(
    r"(?:(?:^[^\w\n]{0,8}+|[.!?]\s)(?i:(?:next\s)?action)[^\w\n]{0,4}[:\uff1a]|<(?i:action|answer)>)[^\w\n]{0,8}",
    re.MULTILINE,
)
_VERB = re.compile(r"(?<![\w.])(?:[A-Za-z_]\w{0,20}\.){0,2}([A-Za-z_]\w{0,40})\((?=\s*(?:[\"'\[({<\d\-]|\w{1,40}\s*=))")
_LISTS = ("actions", "calls", "tool_calls")
"""Keys under which an object without a name has calls."""
_ENDINGS = frozenset(
    map(spelled, ("finish", "finished", "done", "complete", "task_complete", "terminate", "end", "answer"))
)
"""Names that end a task; within a sentence they only talk about the end."""
_SENTENCE = re.compile(r"[^\w\n#]*\w")
_REFUSED = re.compile(
    r"(?:\b(?:cannot|(?:ca|wo|do|would|could|should|must)n['\u2019]t|(?:can|will|do|would|could|should|must) not"
    r"|never|refuse to)\b(?:[^\S\n]{1,3}\w{1,30}){0,4}"
    r"|(?:\u4e0d\u80fd|\u4e0d\u4f1a|\u65e0\u6cd5|\u4e0d\u8981|\u62d2\u7edd)\w{0,8})"
    r"[^\S\n]{0,3}[`\"'\u201c(]{0,3}(?:<tool_call>\s{0,3})?\Z",
    re.IGNORECASE,
)
"""The part of a sentence that says that the call behind it is not made."""
_LONGEST_REFUSAL = 250
"""More characters before a call than `_REFUSED` matches."""
_MADE_UP = re.compile(
    rf"{STAR}{{1,3}}\s*RESULT\b|<tool_response>|<\|im_(?:start|end)\|>|^(?:Observation|User)\s*:", re.MULTILINE
)
"""The start of text that only the device or the user may write."""
_THOUGHT = re.compile(r"\s*<(think|thinking|thought)>.*?</\1>", re.DOTALL | re.IGNORECASE)
_END_OF_THOUGHT = re.compile(r"</(?:think|thinking|thought)>[^\S\n]*\n", re.IGNORECASE)
"""If the template opens the thought, a reply has only its end. JSON strings contain no line ends."""
_NOT_RUN = "code with loops or conditions is not run; write its calls one after the other"
_LONE = re.compile(r"[\s`]{0,20}(?:python\s{1,4})?(DONE|FAIL|WAIT)[\s`.]{0,20}")


class Found(NamedTuple):
    """A call with its start (the end of the thought before it) and end."""

    call: Call
    site: int
    end: int
    form: str | None = None
    """The kind of site, or None for a JSON object."""


class Calls(NamedTuple):
    """The calls of a reply, and a description of call-like parts that were not read; empty if there are none."""

    found: list[Found]
    unread: str = ""


def find_calls(text: str, verbs: Set[str]) -> Calls:
    """The calls of a reply in reading order, up to a number; `verbs` are the names that make `name(...)` a call.

    Thoughts between tags contain no calls. After the first call, only calls that begin a line, an object or a tag are
    read, up to a result that the model made up.

    Raises:
        Unreadable: something before the first call is certainly a call, but ambiguous.
    """
    if lone := _LONE.fullmatch(text):
        return Calls([Found(Call(lone[1], {}), 0, len(text))])
    start = 0
    while thought := _THOUGHT.match(text, start) or _END_OF_THOUGHT.search(text, start):
        start = thought.end()
    if flow := FLOW.search(text, start):
        raise Unreadable(_NOT_RUN, flow.start())
    calls = _calls(text[start:], verbs)
    return calls._replace(found=[_further(one, start) for one in calls.found])


def _calls(text: str, verbs: Set[str]) -> Calls:
    """The calls of a text without thoughts. Raises Unreadable."""
    first = _line(text, verbs) or _marked(text, verbs, 0) or _labelled(text, verbs) or _place(text)
    if first is None:
        return Calls([])
    made_up = _MADE_UP.search(text, first.end)
    own, others = text[: made_up.start() if made_up else None], text[made_up.end() :] if made_up else ""
    try:
        found = [first]
        while following := _marked(own, verbs, found[-1].end):
            if len(found) == MOST_CALLS:
                return Calls(found, f"everything behind the first {MOST_CALLS} calls")
            found.append(following)
        more = _marked(others, verbs, 0)
    except Unreadable as error:
        return Calls(found, f"a later call that cannot be read: {error}")
    if _mentions_a_call(own[found[-1].end :], verbs):
        return Calls(found, "a later call in the midst of a sentence")
    return Calls(found, "the calls behind a result that you wrote yourself" if more else "")


def _further(found: Found, by: int) -> Found:
    return found._replace(site=found.site + by, end=found.end + by)


def _marked(text: str, verbs: Set[str], at: int) -> Found | None:
    """The first call from `at` on with a keyword, in a JSON object or tag, or as a `verb(...)` that begins a line."""
    failures = sites = 0
    verb_failed = None
    while failures < MOST_FAILURES and (site := _SITE.search(text, at)):
        at = site.end()
        sites += 1
        if sites > MOST_SITES:
            raise Unreadable("there are too many braces before it", at)
        unknown = site["verb"] and spelled(site["verb"]) not in verbs and not OF_A_LIBRARY.search(site[0])
        if unknown or COMMENTED.match(site[0]):
            continue
        try:
            call, at = _call_at(text, site, verbs)
        except Unreadable as error:
            certain = site["keyword"] or site["function"] or OF_A_LIBRARY.search(site[0])
            if certain or _CALLING.match(text, site.start()):
                raise
            verb_failed = error if site["verb"] else verb_failed
            failures += 1
            at = max(error.at, at)
        else:
            ended = call and spelled(call.name) in _ENDINGS and site["verb"] and _SENTENCE.match(text, at)
            before = text[max(0, site.start() - _LONGEST_REFUSAL) : site.start()]
            if call and not ended and not _REFUSED.search(before):
                return Found(call, site.start(), at, site.lastgroup)
    if verb_failed:
        raise verb_failed
    return None


def _call_at(text: str, site: re.Match[str], verbs: Set[str]) -> tuple[Call | None, int]:
    """The call that begins at a site, or None, and the position at which to continue."""
    if site["keyword"]:
        names = not _BRACE.match(text, site.end())
        return named_call(text, site.end()) if names else (None, site.end())
    if site["verb"]:
        code = OF_A_LIBRARY.search(site[0])
        arguments, end = in_parentheses(site["verb"], text, site.end(), bool(code))
        if REPEATED.match(text, end):
            raise Unreadable(_NOT_RUN, end)
        return Call(function_name(site["verb"]) if code else site["verb"], arguments), end
    if site["function"]:
        return function_call(site["function"], text, site.end())
    value, end = read_value(text, site.start())
    call = json_call(value, verbs)
    listed = call is None and isinstance(value, Mapping) and any(isinstance(value.get(key), list) for key in _LISTS)
    return call, site.end() if listed else end


def _labelled(text: str, verbs: Set[str]) -> Found | None:
    """The first call after a label such as `Action:`, which a sentence may follow as well."""
    for label in islice(_LABEL.finditer(text), MOST_FAILURES):
        try:
            call, end = named_call(text, label.end())
        except Unreadable:
            continue
        a_word_about_it = spelled(call.name) in _ENDINGS and "(" not in text[label.end() : end]
        if spelled(call.name) in verbs and not a_word_about_it:
            return Found(call, label.start(), end, "verb")
    return None


def _mentions_a_call(text: str, verbs: Set[str]) -> bool:
    """Whether a line contains a `verb(...)` with arguments that only a call has."""
    return any(spelled(verb[1]) in verbs for verb in _VERB.finditer(text))


def _line(text: str, verbs: Set[str]) -> Found | None:
    """The first call that is a whole line."""
    call = line_call(text, verbs)
    return Found(*call, "line") if call else None


def _place(text: str) -> Found | None:
    """A click at the place that a grounding reply marks."""
    place = marked_place(text)
    return Found(*place, len(text)) if place else None
