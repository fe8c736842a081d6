"""`Pictures`: sends a picture once to a server that keeps pictures by name (vLLM), and to others each time."""

import base64
from collections.abc import Callable
from functools import lru_cache
from typing import TypeVar

from model.engine import Picture, Prompt
from model.engines.server.client import Failed, Refused

Answer = TypeVar("Answer")
KEPT_PICTURES = 64
"""More than fit a context; an encoded picture is reused within its episode."""
MISSED = "cache miss"
"""In vLLM's refusal of a name whose picture its cache no longer holds."""


class Pictures:
    """Which pictures the server has, by their digests."""

    def __init__(self, keeping: bool) -> None:
        """`keeping`: whether it is a server that keeps pictures."""
        self._keeping = keeping
        self._there: frozenset[str] = frozenset()

    def url(self, picture: Picture) -> str | None:
        """The picture as it goes into a request; None if its name is enough."""
        return None if picture.digest in self._there else data_uri(picture)

    def sent(self, prompt: Prompt, request: Callable[[], Answer]) -> Answer:
        """The answer to a request, which is made of the prompt anew each time that it is called.

        If the server refuses one with names alone, it is sent again with all pictures. Unless the server said that a
        picture is no longer in its cache, it does not take names, and gets none from now on.
        """
        digests = frozenset(picture.digest for picture in prompt.pictures)
        try:
            answer = request()
        except (Refused, Failed) as refusal:
            if not digests & self._there:
                raise
            self._keeping = MISSED in str(refusal).lower()
            self._there = frozenset()
            answer = request()
        self._there = digests if self._keeping else frozenset()
        return answer


@lru_cache(maxsize=KEPT_PICTURES)
def data_uri(picture: Picture) -> str:
    """The picture as PNG in a `data:` URI."""
    return "data:image/png;base64," + base64.b64encode(picture.png).decode()
