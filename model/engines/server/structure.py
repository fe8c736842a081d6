"""`Structure`: a form that a reply must have, in the words of each server that can hold a model to one."""

from typing import Any, Literal, NamedTuple

from actions.errors import EngineFailure


class Structure(NamedTuple):
    """A form for a reply: a regular expression, a JSON schema, a grammar in the server's dialect, a structural tag.

    The first three hold from the first token on. A structural tag (vLLM's, as JSON text) holds from its trigger on, so
    that the thought before a call stays free.
    """

    form: Literal["regex", "json", "grammar", "structural_tag"]
    value: str | dict[str, Any]


def chat_fields(structure: Structure, server: str | None) -> dict[str, Any]:
    """The fields that ask a server for it in a chat request; `server` is what it calls itself, `Model.owned_by`.

    vLLM takes `structured_outputs` since 0.12, SGLang `regex` and `ebnf`, llama.cpp `grammar`; a JSON schema is a
    `response_format` everywhere else.

    Raises:
        EngineFailure: this server is not known to take such a form.
    """
    form, value = structure
    if server == "vllm":
        return {"structured_outputs": {form: value}}
    if form == "json":
        return {"response_format": {"type": "json_schema", "json_schema": {"name": "reply", "schema": value}}}
    field = {("sglang", "regex"): "regex", ("sglang", "grammar"): "ebnf", ("llamacpp", "grammar"): "grammar"}
    if (server or "", form) not in field:
        raise EngineFailure(
            f"A server that calls itself {server!r} is not known to hold a reply to a {form}. "
            "Serve the model with vLLM, or ask for no structure."
        )
    return {field[server or "", form]: value}
