"""Counts a text's tokens: with the tokenizer on this machine, else with the server's, else by the text's bytes."""

from collections.abc import Callable
from functools import lru_cache

from model.engines.server.client import Client, Failed, Refused
from model.engines.server.transport import NotTheFormat
from model.weights import find_tokenizer, token_counter

PROBE = "Click the button."
KEPT = 4096
"""How many counts are kept. The texts of a prompt are counted again at every step."""


def counter(client: Client, model: str, weights: str) -> tuple[Callable[[str], int], bool]:
    """The way to count that a server leaves, and whether its counts are exact.

    The first call of a served count for a text asks the server, and raises EngineFailure if it no longer answers.
    """
    counted = token_counter(weights)
    if find_tokenizer(weights) is not None:
        return counted, True

    @lru_cache(KEPT)
    def served(text: str) -> int:
        return client.count(model, text) if text else 0

    try:
        exact = 0 < served(PROBE) <= counted(PROBE)
    except (Refused, Failed, NotTheFormat):  # it has no such path
        exact = False
    return (served, True) if exact else (counted, False)
