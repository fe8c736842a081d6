"""Calls that begin with the action's name: after the keyword FUNCTION or a label, or as `verb(...)`."""

import re
from collections.abc import Set

from actions.action import Call
from prompts.reading.loose_json import Reader, Unreadable, read_value
from prompts.reading.positional import as_mapping, in_parentheses
from prompts.reading.punctuation import ENDS_QUOTE, OPENS_QUOTE, SETS
from prompts.vocabulary.names import spelled

STAR = "[*\u273f\uff0a]"
"""The frame of a keyword: the Qwen2-VL report's star, Qwen-Agent's flower, the full-width star."""
_NAME = re.compile(
    r"[\s\"'`\[\u201c\u2018\uff02\uff07]*([^\W\d][\w.\-]{0,60}(?:[ ][\w\-]{1,30}){0,3}?)"
    r"(?=\s*(?:[({\[\"'`\],:\u201d\u2019\uff02\uff07\uff08\uff1a\uff5b*\u273f\uff0a]|ARGS\b|\n|$))"
)
_ARGS = re.compile(
    rf"[\"'`\],.\u201d\u2019\uff02\uff07]*\s*"
    rf"(?P<word>{STAR}{{0,3}}\s*(?:ARGS|ARGUMENTS|ACTION[ _]INPUT|PARAMETERS)\s*{STAR}{{0,3}}\s*{SETS}*)?"
    r"\s*(?:```\w{0,10}\s*)?",
    re.IGNORECASE,
)
_LINE = re.compile(r"[^\n*\u273f]*")
_MEMBER = re.compile(rf"{OPENS_QUOTE}?[A-Za-z_]\w{{0,40}}{ENDS_QUOTE}?\s{{0,8}}{SETS}(?!//)")
_NUMBERS = re.compile(r"[-+]?[\d.]+(?:\s*[,\s\uff0c]\s*[-+]?[\d.]+){0,3}\s*$")
_OBJECTS = "{\uff5b[\uff3b`" + "\"'\u201c\u2018\uff02\uff07"


def named_call(text: str, start: int, verbs: Set[str]) -> tuple[Call, int]:
    """The call whose name begins at `start` (the name, and any arguments), and its end; `verbs` as in `find_calls`.

    Raises:
        Unreadable: there is no name, or arguments that cannot be read.
    """
    found = _NAME.match(text, start)
    if not found:
        raise Unreadable("no action is named", start)
    name = found[1] if spelled(found[1]) in verbs else found[1].rpartition(".")[2] or found[1]
    args = _ARGS.match(text, found.end())
    at = args.end() if args else found.end()
    character = text[at : at + 1]
    if character and character in "(\uff08":
        arguments, end = in_parentheses(name, text, at + 1)
        return Call(name, arguments), end
    if args and args["word"] and _MEMBER.match(text, at):  # the opening brace is missing
        reader = Reader(text, at)
        return Call(name, as_mapping(name, reader.members())), reader.at
    if character and character in _OBJECTS:
        value, end = read_value(text, at)
        return Call(name, as_mapping(name, value)), end
    if not args or not args["word"]:
        return Call(name, {}), found.end()
    line = _LINE.match(text, at)
    return Call(name, _bare(name, line[0] if line else "")), line.end() if line else at


def _bare(name: str, line: str) -> dict[str, object]:
    """Arguments in a line without brackets."""
    words = line.strip()
    if not words or words.lower() in ("none", "null", "n/a"):
        return {}
    if _NUMBERS.match(words):
        return in_parentheses(name, words, 0)[0]
    return as_mapping(name, words)
