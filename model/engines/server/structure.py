"""A prompt's `Grammar` in the request format of each server that supports grammars."""

import json
from typing import Any

from model.engine import Grammar

PROBED = (Grammar("", "a{1,3}"), Grammar("*FUNCTION*", ": [a-z]+"))
"""The two forms that a grammar takes: from the first token on, and from a keyword on."""


def structure(grammar: Grammar, server: str | None) -> dict[str, Any]:
    """The request's fields; empty where this server is not known to support such a form.

    `server` is its own name (`Model.owned_by`). vLLM takes `structured_outputs` since 0.12, in a chat request
    as well as among sampling parameters, and from a keyword on a structural tag, whose format is xgrammar's; SGLang
    takes a `regex`.
    """
    if server == "vllm" and grammar.keyword:
        return {"structured_outputs": {"structural_tag": json.dumps(_tag(grammar))}}
    if server == "vllm":
        return {"structured_outputs": {"regex": grammar.pattern}}
    if server == "sglang" and not grammar.keyword:
        return {"regex": grammar.pattern}
    return {}


def _tag(grammar: Grammar) -> dict[str, Any]:
    content = {"type": "regex", "pattern": grammar.pattern}
    tag = {"type": "tag", "begin": grammar.keyword, "content": content, "end": ""}
    found = {"type": "triggered_tags", "triggers": [grammar.keyword], "tags": [tag], "stop_after_first": True}
    return {"type": "structural_tag", "format": found}
