"""Finds the next call in a text: the position at which one can be read."""

import re
from collections.abc import Mapping, Set
from itertools import islice
from typing import NamedTuple

from actions.action import Call
from prompts.reading.code import COMMENTED, OF_A_LIBRARY, REPEATED, STATEMENT, function_name
from prompts.reading.json_calls import json_call
from prompts.reading.line_calls import IN_LINE, goes_on, line_call
from prompts.reading.loose_json import Unreadable, read_value
from prompts.reading.named_calls import STAR, named_call
from prompts.reading.positional import in_parentheses
from prompts.reading.punctuation import OPENS_QUOTE
from prompts.reading.tagged_calls import FUNCTION, function_call, marked_place
from prompts.vocabulary.names import spelled

MOST_FAILURES = 3
"""The number of unreadable call-like positions that are skipped."""
MOST_SITES = 30
"""The number of positions searched for the first call; a reply with more is not a thought with a call."""

_SITE = re.compile(
    rf"(?P<keyword>{STAR}{{1,3}}\s*(?i:FUNCTION)\s*{STAR}{{0,3}}\s*[:\uff1a]?|^(?i:FUNCTION)\s*[:\uff1a])"
    r"|(?:^|(?<=[)\uff09][;\uff1b])|(?<=\taction:))[^\w\n{\uff5b]{0,8}+(?:(?i:(?:next\s)?actions?(?:\s\d{1,2})?|step\s\d{1,2})[^\w\n]{1,8}|(?<=<)(?i:answer)>[^\w\n]{0,8}|\d{1,2}[.)]\s)?(?:[A-Za-z_]\w{0,20}\.){0,2}(?P<verb>[A-Za-z_]\w{0,40})[(\uff08]"
    rf"|{FUNCTION}"
    r"|[{\uff5b]",
    re.MULTILINE,
)
_BRACE = re.compile(r"\s*[{\uff5b]")
_CALLING = re.compile(rf"[{{\uff5b]\s*{OPENS_QUOTE}?(?:name|action|function|arguments)\b", re.IGNORECASE)
_LABEL = re.compile(
    r"(?:(?:^[^\w\n{\uff5b\"'\u201c]{0,8}+|(?<=[.!?]\s))(?i:(?:next\s)?action)[^\w\n]{0,4}[:\uff1a]|<(?i:action|answer)>)[^\w\n]{0,8}",
    re.MULTILINE,
)
_VERB = re.compile(
    r"(?<![\w.])(?:[A-Za-z_]\w{0,20}\.){0,2}([A-Za-z_]\w{0,40})[(\uff08](?=\s*(?:[\"'\u201c\uff02\[({<\d\-]|\w{1,40}\s*[=\uff1d]))"
)
_LISTS = ("actions", "calls", "tool_calls")
"""Keys under which an object without a name has calls."""
_ENDINGS = frozenset(
    map(spelled, ("finish", "finished", "done", "complete", "task_complete", "terminate", "end", "answer"))
)
"""Names that end a task; within a sentence they only talk about the end."""
_SENTENCE = re.compile(r"[^\w\n#]*\w")
NOT_RUN = "code with loops or conditions is not run; write its calls one after the other"


class Found(NamedTuple):
    """A call with its start (the end of the thought before it) and end."""

    call: Call
    site: int
    end: int
    form: str | None = None
    """The kind of site, or None for a JSON object."""
    sure: bool = True
    """False for a mere name, which may as well be a word about the call behind it."""


def next_call(text: str, verbs: Set[str], at: int) -> Found | None:
    """The first call from `at` on; `verbs` are the names that make `name(...)` a call.

    Raises:
        Unreadable: something before it is certainly a call, but ambiguous.
    """
    others = [found for find in (_labelled, _line) if (found := find(text, verbs, at)) and found.sure]
    try:
        marked = _marked(text, verbs, at)
    except Unreadable as error:
        before = [found for found in others if found.end <= error.at]
        if not before:
            raise
        return min(before, key=lambda found: found.site)
    return min([marked, *others] if marked else others, key=lambda found: found.site, default=None)


def only_call(text: str, verbs: Set[str]) -> Found | None:
    """The call of a text without any that `next_call` finds: an action's name behind a label, a place, an unknown name.

    Raises:
        Unreadable: several places are marked.
    """
    return _line(text, verbs, 0) or _labelled(text, verbs, 0) or _place(text) or _unknown(text, verbs)


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
            if call and not ended:
                return Found(call, site.start(), at, site.lastgroup)
    if verb_failed:
        raise verb_failed
    return None


def _call_at(text: str, site: re.Match[str], verbs: Set[str]) -> tuple[Call | None, int]:
    """The call that begins at a site, or None, and the position at which to continue."""
    if site["keyword"]:
        names = not _BRACE.match(text, site.end())
        return named_call(text, site.end(), verbs) if names else (None, site.end())
    if site["verb"]:
        code = OF_A_LIBRARY.search(site[0])
        arguments, end = in_parentheses(site["verb"], text, site.end(), bool(code))
        if REPEATED.match(text, end):
            raise Unreadable(NOT_RUN, end)
        return Call(function_name(site["verb"]) if code else site["verb"], arguments), end
    if site["function"]:
        return function_call(site["function"], text, site.end())
    value, end = read_value(text, site.start())
    call = json_call(value, verbs)
    listed = call is None and isinstance(value, Mapping) and any(isinstance(value.get(key), list) for key in _LISTS)
    return call, site.end() if listed else end


def _labelled(text: str, verbs: Set[str], at: int) -> Found | None:
    """The first call after a label such as `Action:`, which a sentence may follow as well."""
    for label in islice(_LABEL.finditer(text, at), MOST_FAILURES):
        try:
            call, end = named_call(text, label.end(), verbs)
        except Unreadable:
            continue
        sure = any(bracket in text[label.end() : end] for bracket in "(\uff08{\uff5b")
        a_word_about_it = spelled(call.name) in _ENDINGS and not sure
        if spelled(call.name) in verbs and not a_word_about_it:
            return Found(call, label.start(), end, "verb", sure)
    return None


def mentions_a_call(text: str, verbs: Set[str]) -> bool:
    """Whether a line contains a `verb(...)` with arguments that only a call has."""
    return any(spelled(verb[1]) in verbs for verb in _VERB.finditer(text))


def has_a_call_in_line(text: str, verbs: Set[str]) -> bool:
    """Whether a line contains a call of one of the forms that are whole lines."""
    return any(spelled(verb[1] or verb[2]) in verbs for verb in IN_LINE.finditer(text))


def _line(text: str, verbs: Set[str], at: int) -> Found | None:
    """The first call that is a whole line."""
    if (found := line_call(text, verbs, at)) is None:
        return None
    call, start, end = found
    sure = bool(call.arguments) or "\t" in text[start:end] or goes_on(text, at, start)
    return Found(call, start, end, "line", sure)


def _place(text: str) -> Found | None:
    """A click at the place that a grounding reply marks."""
    place = marked_place(text)
    return Found(*place, len(text)) if place else None


def other_statement(text: str, verbs: Set[str]) -> re.Match[str] | None:
    """The first line that calls a function which is no action."""
    lines = STATEMENT.finditer(text)
    return next((line for line in lines if spelled(line["name"].rpartition(".")[2]) not in verbs), None)


def _unknown(text: str, verbs: Set[str]) -> Found | None:
    """A call of what no action is named, if it ends the text."""
    line = other_statement(text, verbs)
    if not line or text[line.end() :].strip(" \n`;"):
        return None
    return Found(Call(line["name"], {}), line.start(), line.end(), "verb")
