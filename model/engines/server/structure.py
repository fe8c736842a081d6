"""A prompt's `Grammar` in the request format of each server that supports grammars."""

import json
from typing import Any

from model.engine import Grammar

PROBED = (Grammar("", 'root ::= "a"{1,3}'), Grammar("*FUNCTION*", 'root ::= ": " [a-z]+', ("think",)))
"""The two forms that a grammar takes: from the first token on, and from a keyword on."""


def structure(grammar: Grammar, server: str | None, opening: str = "") -> dict[str, Any]:
    """The request's fields, for a reply that `opening` begins; empty where this server is not known to support such a
    form.

    `server` is its own name (`Model.owned_by`). vLLM takes `structured_outputs` since 0.12, in a chat request
    as well as among sampling parameters, and from a keyword on a structural tag, whose format is xgrammar's; SGLang
    takes `ebnf`.
    """
    if server == "vllm" and grammar.keyword:
        return {"structured_outputs": {"structural_tag": json.dumps(_tag(grammar, opening))}}
    if server == "vllm":
        return {"structured_outputs": {"grammar": grammar.rules}}
    if server == "sglang" and not grammar.keyword:
        return {"ebnf": grammar.rules}
    return {}


def _tag(grammar: Grammar, opening: str) -> dict[str, Any]:
    """A reply is free up to the keyword, and behind a thought free up to the keyword there.

    What is common to both is allowed, so a keyword within a thought has no effect.
    """
    content = {"type": "grammar", "grammar": grammar.rules}
    tag = {"type": "tag", "begin": grammar.keyword, "content": content, "end": ""}
    call = {"type": "triggered_tags", "triggers": [grammar.keyword], "tags": [tag], "stop_after_first": True}
    before = {"type": "regex", "pattern": "[^<]*"}
    behind = [_sequence(before, _thought(f"<{name}>", name), call) for name in grammar.thoughts]
    if grammar.in_thought(opening):
        behind += [_sequence(_thought("", name), call) for name in grammar.thoughts if f"<{name}>" in opening]
    return {"type": "structural_tag", "format": {"type": "or", "elements": [*behind, call]} if behind else call}


def _thought(begin: str, name: str) -> dict[str, Any]:
    return {"type": "tag", "begin": begin, "content": {"type": "any_text"}, "end": f"</{name}>"}


def _sequence(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "sequence", "elements": elements}
