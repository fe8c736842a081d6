"""Where in a reply its call is: the first place, in reading order, at which a call can be read."""

import re
from collections.abc import Set
from itertools import islice
from typing import NamedTuple

from actions.action import Call
from actions.synonyms import spelled
from prompts.reading.arguments import in_parentheses
from prompts.reading.json_calls import json_call
from prompts.reading.loose_json import Unreadable, read_value
from prompts.reading.named_calls import STAR, named_call

MOST_FAILURES = 3
"""How many places that look like a call and cannot be read as one are passed by."""
MOST_SITES = 30
"""How many places are looked at in all; a reply with more of them is no call with a thought before it."""

_SITE = re.compile(
    rf"(?P<keyword>{STAR}{{1,3}}\s*(?i:FUNCTION)\s*{STAR}{{0,3}}\s*[:\uff1a]?|^(?i:FUNCTION)\s*[:\uff1a])"
    r"|^[^\w\n{\uff5b]{0,8}+(?:(?i:(?:next\s)?action)[^\w\n]{1,8})?(?:[A-Za-z_]\w{0,20}\.){0,2}(?P<verb>[A-Za-z_]\w{0,40})\("
    r"|[{\uff5b]",
    re.MULTILINE,
)
_BRACE = re.compile(r"\s*[{\uff5b]")
_CALLING = re.compile(r"[{\uff5b]\s*[\"'\u201c]?(?:name|action|function|arguments)\b", re.IGNORECASE)
_LABEL = re.compile(r"(?:^[^\w\n]{0,8}+|[.!?]\s)(?i:(?:next\s)?action)[^\w\n]{0,4}[:\uff1a][^\w\n]{0,8}", re.MULTILINE)
_VERB = re.compile(r"(?<![\w.])(?:[A-Za-z_]\w{0,20}\.){0,2}([A-Za-z_]\w{0,40})\((?=\s*(?:[\"'\[({<\d\-]|\w{1,40}\s*=))")
_LONE = re.compile(r"[\s`]{0,20}(?:python\s{1,4})?(DONE|FAIL|WAIT)[\s`.]{0,20}")


class Found(NamedTuple):
    """A call, and where the thought before it ends."""

    call: Call
    site: int


def find_call(text: str, verbs: Set[str]) -> Found | None:
    """The first call of a reply, or None where there is none; `verbs` are the names that make `name(...)` a call.

    Raises:
        Unreadable: something is certainly meant as a call, but it cannot be told which.
    """
    if lone := _LONE.fullmatch(text):
        return Found(Call(lone[1], {}), 0)
    return _marked(text, verbs) or _labelled(text, verbs) or _in_prose(text, verbs)


def _marked(text: str, verbs: Set[str]) -> Found | None:
    """The first call with a keyword, in a JSON object, or as a `verb(...)` that begins a line."""
    at = failures = sites = 0
    verb_failed = None
    while failures < MOST_FAILURES and (site := _SITE.search(text, at)):
        at = site.end()
        sites += 1
        if sites > MOST_SITES:
            raise Unreadable("there are too many braces before it", at)
        if site["verb"] and spelled(site["verb"]) not in verbs:
            continue
        try:
            call, at = _call_at(text, site, verbs)
        except Unreadable as error:
            if site["keyword"] or _CALLING.match(text, site.start()):
                raise
            verb_failed = error if site["verb"] else verb_failed
            failures += 1
            at = max(error.at, at)
        else:
            if call:
                return Found(call, site.start())
    if verb_failed:
        raise verb_failed
    return None


def _call_at(text: str, site: re.Match[str], verbs: Set[str]) -> tuple[Call | None, int]:
    """The call that begins at a site, or None where it is none, and where to look on."""
    if site["keyword"]:
        names = not _BRACE.match(text, site.end())
        return named_call(text, site.end()) if names else None, site.end()
    if site["verb"]:
        return Call(site["verb"], in_parentheses(site["verb"], text, site.end())), site.end()
    value, end = read_value(text, site.start())
    return json_call(value, verbs), end


def _labelled(text: str, verbs: Set[str]) -> Found | None:
    """The first call behind a label such as `Action:`, which a sentence may follow as well."""
    for label in islice(_LABEL.finditer(text), MOST_FAILURES):
        try:
            call = named_call(text, label.end())
        except Unreadable:
            continue
        if spelled(call.name) in verbs:
            return Found(call, label.start())
    return None


def _in_prose(text: str, verbs: Set[str]) -> Found | None:
    """The first `verb(...)` in the midst of a line, with arguments as only a call has them."""
    if "(" not in text:
        return None
    known = (verb for verb in _VERB.finditer(text) if spelled(verb[1]) in verbs)
    for verb in islice(known, MOST_FAILURES):
        try:
            return Found(Call(verb[1], in_parentheses(verb[1], text, verb.end())), verb.start())
        except Unreadable:
            continue
    return None
