"""Reads a reply, in whichever notation the model wrote its call.

A model that was tuned on one notation falls back on it when prompted for another, so all are read: the keywords
FUNCTION and ARGS (with stars, with Qwen-Agent's flowers, or bare), a JSON object with a name and arguments (in
`<tool_call>` tags, in other tags, within other text, or alone), tags of functions and parameters, and `verb(...)`.
Several calls are read in order; calls that together form one action are one call. The content of JSON strings is never
searched.
"""

import json
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from actions.action import Call
from actions.errors import MalformedReply, NoCall
from prompts.reading.finding import find_calls
from prompts.reading.loose_json import Unreadable
from prompts.reading.named_calls import STAR
from prompts.reading.sites import Found
from prompts.reading.tagged_calls import with_values
from prompts.reading.together import together
from prompts.vocabulary import Vocabulary

TAIL = 40
"""The last characters of a thought, which may contain labels and fences of the call."""

_LEFT_OVER = re.compile(rf"\s*(?:{STAR}{{1,3}}\s*RETURN\s*{STAR}{{1,3}}\s*)?[:\uff1a]?\s*", re.IGNORECASE)
_END_MARKS = ("<|im_end|>", "<|endoftext|>")
_DEBRIS = re.compile(
    rf"{STAR}\s*(?:FUNC|ARGS|RESULT|RETURN)|^(?:FUNCTION|ARGS|[#*\s]{{0,8}}(?i:Thought|Action))[\s*]{{0,4}}[:\uff1a]"
    r"|<(?i:/?tool_call|action>|function[=_]|invoke\b)|[\"'](?:arguments|action|coordinate|point|start_box)[\"']\s*:|(?i:click|tap)\(|\bpyautogui\."
    r"|(?:<(?i:answer)>|^[^\S\n]{0,9}(?i:actions):)\s{0,9}[A-Za-z_][\w .\-]{0,60}[(\uff08]"
    r"|^```python\b[^`]{0,400}?\w[(\uff08]"
    r"|\A[\s`]{0,20}(?:json\s{0,9})?[\[(]?\s{0,9}[{\uff5b]",
    re.MULTILINE,
)
_TAGS = re.compile(r"</?(?:think|thinking|thought|conclusion|tool_call|action|answer)>", re.IGNORECASE)
_THOUGHT_LABEL = re.compile(r"\A[\s#*]{0,9}Thought[\s*]{0,9}[:\uff1a]\s*", re.IGNORECASE)
_BEFORE_CALL = re.compile(
    r"(?:```\w{0,10}\s*|\b(?:next )?action[\s*]{0,4}[:\uff1a]?\s*|<?/?tool_call>?\s*)\Z", re.IGNORECASE
)


class Reply(NamedTuple):
    """A parsed reply: the thought before the first call, that call, and the calls after it.

    Calls are in our terms, as far as they are known.
    """

    thought: str
    call: Call
    others: tuple[Call, ...] = ()
    unread: str = ""
    """Describes the parts that look like calls and were not read."""


def read_reply(text: str, vocabulary: Vocabulary, advice: str, ending: str) -> Reply:
    """The thought and the calls of a reply.

    `advice` describes the correct form of a call, and `ending` the calls that end the task.

    Raises:
        MalformedReply: it attempts a call that cannot be read. NoCall: it has no call.
    """
    left_over = _LEFT_OVER.match(text)
    text = text[left_over.end() if left_over else 0 :].rstrip()
    for mark in _END_MARKS:
        text = text.removesuffix(mark).rstrip()
    if not text:
        raise NoCall(f"The reply is empty. {advice} {ending}".strip())
    try:
        found, unread = find_calls(text, vocabulary.verbs)
        calls = together(list(_once_each(found, vocabulary)))
    except Unreadable as error:
        raise MalformedReply(f"The call cannot be read: {error}. {advice}") from error
    if not calls and unread:
        raise NoCall(f"Nothing was done: {unread}. {advice} {ending}".strip())
    if not calls:
        if debris := _DEBRIS.search(text):
            raise MalformedReply(f"The reply holds {debris[0].strip()[:20]!r} but no call that can be read. {advice}")
        raise NoCall(f"The reply calls no action, so nothing was done. {advice} {ending}".strip())
    for call in calls:
        _check_characters(call, advice)
    return Reply(_thought(text[: found[0].site]), calls[0], tuple(calls[1:]), unread)


def _once_each(found: Sequence[Found], vocabulary: Vocabulary) -> Iterator[Call]:
    """The calls in our terms. A call that is repeated in another form, such as in words above the code, counts once."""
    merged: list[Call] = []
    for one in found:
        tagged = one.form == "function"
        calls = vocabulary.ours(with_values(one.call, vocabulary.texts(one.call.name)) if tagged else one.call)
        if one.form != found[0].form and all(call in merged for call in calls):
            continue
        merged += calls
        yield from calls


def _thought(text: str) -> str:
    """The text before the call, without tags, labels and the start of the call's enclosure."""
    text = _THOUGHT_LABEL.sub("", _TAGS.sub("", text)).strip()
    tail = _BEFORE_CALL.sub("", text[-TAIL:])
    return (text[:-TAIL] + tail).rstrip(" \n`[(<*#")


def _check_characters(call: Call, advice: str) -> None:
    """Refuses lone surrogates from `\\u` escapes, which no file and no device accepts."""
    try:
        json.dumps((call.name, dict(call.arguments)), ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise MalformedReply(f"The call holds half a character, {error.object[error.start]!a}. {advice}") from error
