"""A prompt's `Grammar` in the request format of each server that supports grammars."""

import json
from typing import Any

from model.engine import Grammar

PROBED = (Grammar("", 'root ::= "a"{1,3}'), Grammar("*FUNCTION*", 'root ::= ": " [a-z]+'))
"""The two forms that a grammar takes: from the first token on, and from a keyword on."""


def structure(grammar: Grammar, server: str | None) -> dict[str, Any]:
    """The request's fields; empty where this server is not known to support such a form.

    `server` is its own name (`Model.owned_by`). vLLM takes `structured_outputs` since 0.12, in a chat request
    as well as among sampling parameters, and from a keyword on a structural tag, whose format is xgrammar's; SGLang
    takes `ebnf`.
    """
    if server == "vllm" and grammar.keyword:
        return {"structured_outputs": {"structural_tag": json.dumps(_tag(grammar))}}
    if server == "vllm":
        return {"structured_outputs": {"grammar": grammar.rules}}
    if server == "sglang" and not grammar.keyword:
        return {"ebnf": grammar.rules}
    return {}


def _tag(grammar: Grammar) -> dict[str, Any]:
    content = {"type": "grammar", "grammar": grammar.rules}
    tag = {"type": "tag", "begin": grammar.keyword, "content": content, "end": ""}
    found = {"type": "triggered_tags", "triggers": [grammar.keyword], "tags": [tag], "stop_after_first": True}
    return {"type": "structural_tag", "format": found}
