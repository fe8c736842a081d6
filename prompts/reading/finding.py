"""Finds the calls of a reply, in reading order, and says what in it was not read.

A reply may hold several calls, in several forms. What looks like a call and is not read is reported, and what the text
around it does not mean is not performed.
"""

import re
from collections.abc import Sequence, Set
from typing import NamedTuple

from actions.action import Call
from prompts.reading.alternatives import OR, OR_BEHIND, UNDECIDED
from prompts.reading.code import FLOW, IS_CODE
from prompts.reading.loose_json import Unreadable
from prompts.reading.meant import AN_EXAMPLE, unmeant
from prompts.reading.named_calls import STAR
from prompts.reading.punctuation import ENDS_QUOTE, OPENS_QUOTE, SETS
from prompts.reading.sites import (
    NOT_RUN,
    Found,
    has_a_call_in_line,
    mentions_a_call,
    next_call,
    only_call,
    other_statement,
)
from prompts.thoughts import spoken
from prompts.vocabulary.names import spelled
from prompts.vocabulary.words import ARGUMENTS

MOST_CALLS = 12
"""The most calls of a reply that are read."""
_MADE_UP = re.compile(
    rf"{STAR}{{1,3}}\s*RESULT\b|<tool_response>|<\|im_(?:start|end)\|>|^(?:Observation|User)\s*:", re.MULTILINE
)
"""The start of text that only the device or the user may write."""
_IN_A_THOUGHT = "the call stands within a thought; end the thought, then write the call"
IN_A_SENTENCE = "a later call in the midst of a sentence"
_LONE = re.compile(r"[\s`]{0,20}(?:python\s{1,4})?(DONE|FAIL|WAIT)[\s`.]{0,20}")
_ARGUMENTS = re.compile(rf"{STAR}{{1,3}}\s{{0,3}}(?:ARGS|ARGUMENTS)\b|^ARGS\s{{0,3}}:|<parameter=", re.MULTILINE)
_MEMBER = re.compile(rf"[{{\uff5b]\s{{0,9}}{OPENS_QUOTE}?([\w.\-]{{1,40}}){ENDS_QUOTE}?\s{{0,3}}{SETS}")
"""The start of an object."""
_MORE_BEHIND = re.compile(r"(?:[\s,;]|```|</\w{1,12}>){0,9}[\[(\uff08]\s{0,3}(?:[-\d\"']|[A-Za-z_]\w{0,40}\s{0,3}=)")


class Calls(NamedTuple):
    """The calls of a reply, and a description of call-like parts that were not read; empty if there are none."""

    found: list[Found]
    unread: str = ""


def find_calls(text: str, verbs: Set[str]) -> Calls:
    """The calls of a reply in reading order, up to a number; `verbs` are the names that make `name(...)` a call.

    Thoughts between tags contain no calls. Calls are read up to a result that the model made up.

    Raises:
        Unreadable: what is certainly a call is ambiguous, and no call precedes it, or arguments belong to no call.
    """
    said = spoken(text)
    if lone := _LONE.fullmatch(said.text):
        return Calls([Found(Call(lone[1], {}), said.original(0), len(text))])
    if flow := FLOW.search(said.text):
        raise Unreadable(NOT_RUN, flow.start())
    calls = _calls(said.text, verbs)
    if not calls.found and not calls.unread and any(_has_a_call(thought, verbs) for _, thought in said.cuts):
        return calls._replace(unread=_IN_A_THOUGHT)
    for one in calls.found:
        if any(one.site <= cut < one.end for cut, _ in said.cuts):
            raise Unreadable("a thought stands within the call", one.site)
    return calls._replace(
        found=[one._replace(site=said.original(one.site), end=said.original(one.end)) for one in calls.found]
    )


def _has_a_call(text: str, verbs: Set[str]) -> bool:
    try:
        return next_call(text, verbs, 0) is not None
    except Unreadable:
        return True


def _calls(text: str, verbs: Set[str]) -> Calls:
    """The calls of a text without thoughts. Raises Unreadable."""
    first = next_call(text, verbs, 0) or only_call(text, verbs)
    if first is None:
        return Calls([])
    made_up = _MADE_UP.search(text, first.end)
    own, others = (text[: made_up.start()], text[made_up.end() :]) if made_up else (text, "")
    meant: list[Found] = []
    one: Found | None = first
    seen: list[Found] = []
    example, why, unread = False, "", ""
    while one and not unread:
        why = unmeant(own, one.call, one.site, one.end, seen[-1].end if example else None)
        example = why == AN_EXAMPLE
        seen.append(one)
        meant += [] if why else [one]
        try:
            one = next_call(own, verbs, one.end)
        except Unreadable as error:
            if not meant:
                raise
            unread = f"a later call that cannot be read: {error}"
        gap = own[seen[-1].end : one.site if one else len(own)]
        if meant and not unread and (other := other_statement(gap, verbs)):
            unread = f"{other[0].strip()[:60]!r}, which calls no action, and what follows it"
        elif one and len(meant) == MOST_CALLS:
            unread = f"everything behind the first {MOST_CALLS} calls"
    if not meant:
        return Calls([], why)
    _check_no_choice(own, verbs, seen)
    _check_first(own, verbs, seen[0])
    unread = unread or _left_over(own, verbs, seen)
    if not unread and _has_a_call(others, verbs):
        unread = "the calls behind a result that you wrote yourself"
    return Calls(meant, unread)


def _check_first(text: str, verbs: Set[str], first: Found) -> None:
    """Refuses code that begins with something other than an action. Raises Unreadable."""
    other = other_statement(text[: first.site], verbs)
    if other and IS_CODE.search(text, first.site, first.end):
        raise Unreadable(f"{other['name'][:40]!r} before it is no action, and code is not run", other.start())


def _check_no_choice(text: str, verbs: Set[str], seen: Sequence[Found]) -> None:
    """Refuses calls that are joined by "or". Raises Unreadable."""
    for one in seen:
        joined = OR_BEHIND.match(text, one.end)
        if joined and (one is not seen[-1] or _part_of_a_call(text[joined.end() :], verbs)):
            raise Unreadable(UNDECIDED, joined.end())
    before = text[: seen[0].site]
    if has_a_call_in_line(before, verbs) and OR.search(before):
        raise Unreadable(UNDECIDED, seen[0].site)


def _left_over(text: str, verbs: Set[str], seen: Sequence[Found]) -> str:
    """What looks like a part of a call between the calls and behind them; empty if there is none.

    Raises:
        Unreadable: arguments after their keyword, or in tags, belong to no call.
    """
    ends = [0, *(one.end for one in seen)]
    starts = [*(one.site for one in seen), len(text)]
    for end, start in zip(ends, starts, strict=True):
        if arguments := _ARGUMENTS.search(text, end, start):
            what = "arguments are given twice, or for no action; write them once for each call"
            raise Unreadable(what, arguments.start())
    gaps = [text[end:start] for end, start in zip(ends, starts, strict=True)]
    if has_a_call_in_line(gaps[0], verbs):
        return IN_A_SENTENCE
    return next((part for gap in gaps[1:] if (part := _part_of_a_call(gap, verbs))), "")


def _part_of_a_call(gap: str, verbs: Set[str]) -> str:
    """What in a text behind a call looks like a part of another one; empty if nothing does."""
    if mentions_a_call(gap, verbs) or has_a_call_in_line(gap, verbs):
        return IN_A_SENTENCE
    objects = (member for member in _MEMBER.finditer(gap) if spelled(member[1]) in ARGUMENTS | {"arguments"})
    more = next(objects, None) or _MORE_BEHIND.match(gap)
    return f"{more[0].strip()!r} and what follows it, which has no action's name" if more else ""
