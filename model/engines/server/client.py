"""`Client`: requests to an OpenAI-compatible server, with waiting for an absent server, and errors with remedies."""

import logging
import os
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from actions.errors import ContextOverflow, EngineFailure, TooManyPictures, UsageError
from model.engines.server.transport import Broken, NotTheFormat, Response, Transport, Unreachable, checked
from model.engines.server.wire import Answer, Model, Models, TokenAnswer, Tokenized

LOG = logging.getLogger(__name__)
WAIT_S = 600.0
"""How long to wait for a server that has answered once: vLLM takes minutes to reload a large model."""
FIRST_WAIT_S = 3.0
"""How long to wait, by default, for a server that has not answered yet: the address may be wrong."""
REPORTED_AFTER_S = 1.0
"""A shorter absence is not reported."""
TRIES = 4
"""How often a request is sent if the server fails with an internal error."""
FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 10.0
SHOWN = 300
"""The longest quotation of a server, in characters."""
KEY_VARIABLE = "OPENAI_API_KEY"
TOO_LONG = (
    "context length",
    "context window",
    "context size",
    "maximum context",
    "maximum model length",
    "too many tokens",
)
AT_MOST = re.compile(r"at most (\d{1,6}) image", re.IGNORECASE)
"""vLLM's refusal of a prompt with too many pictures."""
MORE_PICTURES = """--limit-mm-per-prompt '{"image":32,"video":0}'"""
TOKENS_PATH = "/inference/v1/generate"
COUNT_PATH = "/tokenize"
"""Of vLLM, SGLang and llama.cpp."""
TOKENS_WERE_READ = (400, 422)
"""vLLM's status for a request without tokens. Where it does not offer the path it answers 403 or 404."""

Parsed = TypeVar("Parsed", bound=BaseModel)


class Refused(EngineFailure):
    """The server rejects the request (a status of 400 to 499); repeating it would not help."""


class Unavailable(EngineFailure):
    """The server, or a proxy in front of it, is busy or not ready yet."""

    def __init__(self, message: str, pause_s: float | None) -> None:
        super().__init__(message)
        self.pause_s = pause_s
        """How long it asks the client to wait."""


class Failed(EngineFailure):
    """The server failed on this request (500)."""


def beside(url: str, path: str) -> str:
    """The URL of a path that lies beside /v1, not below it."""
    return url.rstrip("/").removesuffix("/v1") + path


def read_key(file: Path | None) -> str | None:
    """A server's API key: the content of this file, else of the variable OPENAI_API_KEY, else None.

    Raises:
        UsageError: the file cannot be read, or its content cannot be a key. The message does not show the content.
    """
    try:
        key = file.read_text(encoding="utf-8").strip() if file else os.environ.get(KEY_VARIABLE, "").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"The file of --api-key-file cannot be read: {file}: {error}.") from error
    where = str(file) if file else KEY_VARIABLE
    if not key.isascii() or any(letter.isspace() or not letter.isprintable() for letter in key):
        raise UsageError(f"{where} holds no key: a key is one word of ASCII characters.")
    if file and not key:
        raise UsageError(f"{where} is empty. Write the server's key into it.")
    return key or None


class Client:
    """A connection to one server."""

    def __init__(self, url: str, timeout_s: float, key: str | None = None, wait_s: float | None = None) -> None:
        """`wait_s`: how long to wait for the server while it is unreachable.

        Raises:
            UsageError: the URL is not http or https.
        """
        self._url = checked(url)
        self._key = key
        self._transport = Transport(timeout_s, key)
        self._first_wait_s = FIRST_WAIT_S if wait_s is None else wait_s
        self._wait_s = WAIT_S if wait_s is None else wait_s
        self._answered = False

    def models(self) -> list[Model]:
        """The models that the server has."""
        return self._ask("GET", f"{self._url}/models", None, Models).data

    def chat(self, body: dict[str, Any]) -> Answer:
        """A completion of a chat.

        Raises:
            Refused: the server rejects the request. ContextOverflow: it is too long for the server's model.
            EngineFailure: the server does not answer, or not in the OpenAI format.
        """
        return self._ask("POST", f"{self._url}/chat/completions", body, Answer)

    def tokens_status(self) -> int:
        """The status of an empty request to the path for token ids, which costs the server nothing."""
        return self._send("POST", beside(self._url, TOKENS_PATH), {}).status

    def generate(self, body: dict[str, Any]) -> TokenAnswer:
        """A completion of token ids. Raises what `chat` raises."""
        return self._ask("POST", beside(self._url, TOKENS_PATH), body, TokenAnswer)

    def count(self, model: str, text: str) -> int:
        """The number of tokens of a text, by the server's tokenizer. Raises what `chat` raises."""
        # vLLM and SGLang read `prompt`, llama.cpp `content`.
        body = {"model": model, "prompt": text, "content": text, "add_special_tokens": False}
        return len(self._ask("POST", beside(self._url, COUNT_PATH), body, Tokenized).tokens)

    def close(self) -> None:
        self._transport.close()

    def _ask(self, method: str, url: str, body: dict[str, Any] | None, kind: type[Parsed]) -> Parsed:
        response = self._send(method, url, body)
        if response.status >= 300:
            raise self._refusal(response)
        try:
            return kind.model_validate_json(response.content)
        except ValidationError as error:
            raise NotTheFormat(
                f"{url} does not answer in the OpenAI format: {self._said(response)!r}. "
                "Is --server the address of an OpenAI-compatible server, with its /v1?"
            ) from error

    def _send(self, method: str, url: str, body: dict[str, Any] | None) -> Response:
        """The server's final response, after waiting while it is busy, failing or unreachable."""
        failures, began, reported = 0, 0.0, False
        said: EngineFailure | None = None
        for pause in _pauses():
            try:
                response = self._once(method, url, body)
            except (Unreachable, Unavailable, Broken, Failed) as error:
                trouble = error
            else:
                if reported:
                    LOG.warning("The server answers again after %.0f s.", time.monotonic() - began)
                self._answered = True
                return response
            failures += isinstance(trouble, Broken | Failed)
            if isinstance(trouble, Unavailable | Failed):
                said, self._answered = trouble, True
            began = began or time.monotonic()
            waited = time.monotonic() - began
            patience = self._wait_s if self._answered else self._first_wait_s
            wanted = trouble.pause_s if isinstance(trouble, Unavailable) else None
            if failures == TRIES or waited + pause > patience:
                raise trouble if said in (None, trouble) else EngineFailure(f"{trouble} Before that: {said}")
            if not reported and waited > REPORTED_AFTER_S and isinstance(trouble, Unreachable | Unavailable):
                LOG.warning("%s Waiting for it, up to %g s; Ctrl-C stops the wait.", trouble, patience)
                reported = True
            time.sleep(min(wanted or pause, LONGEST_PAUSE_S))
        raise AssertionError("there is always another pause")

    def _once(self, method: str, url: str, body: dict[str, Any] | None) -> Response:
        """Raises Unavailable or Failed where repeating the request may help."""
        response = self._transport.ask(method, url, body)
        if response.status in (429, 502, 503, 504):
            wanted = response.headers.get("retry-after", "")
            raise Unavailable(self._explained(response), float(wanted) if wanted.isdecimal() else None)
        if response.status == 500:
            raise Failed(self._explained(response))
        return response

    def _refusal(self, response: Response) -> EngineFailure | ContextOverflow:
        said = self._said(response)
        if response.status == 400 and any(words in said.lower() for words in TOO_LONG):
            return ContextOverflow(
                f"The server's context is shorter than the prompt: {said} "
                "Start it with a longer one (vLLM: --max-model-len 32768), or pass a smaller --context."
            )
        if found := AT_MOST.search(said):
            return TooManyPictures(f"{self._explained(response)} Start vLLM with {MORE_PICTURES}.", int(found[1]))
        kind = Refused if 400 <= response.status < 500 else EngineFailure
        return kind(self._explained(response))

    def _explained(self, response: Response) -> str:
        """The server's answer and the remedy."""
        key = "another key" if self._key else "a key"
        remedy = {
            401: f"The server requires {key}: pass --api-key-file FILE, or set {KEY_VARIABLE}.",
            403: "The server does not allow this; check its flags and the key (--api-key-file FILE).",
            404: "The address or the model is unknown there: --server usually ends with /v1, --served-model names it.",
            413: "It refuses a request of this size; raise its limit, or use a profile with smaller max_pixels.",
        }.get(response.status, "The server's own log says more.")
        if 300 <= response.status < 400:
            remedy = (
                f"It has moved to {self._shown(response.headers.get('location', 'nowhere'))}: pass that to --server."
            )
        return f"{self._url} answered {response.status}: {self._said(response)} {remedy}"

    def _said(self, response: Response) -> str:
        return self._shown(response.content.decode("utf-8", "replace"))

    def _shown(self, said: str) -> str:
        """The server's text as one short line, without the key and without control characters."""
        hidden = said.replace(self._key, "[the key]") if self._key else said
        return " ".join("".join(letter if letter.isprintable() else " " for letter in hidden).split())[:SHOWN]


def _pauses() -> Iterator[float]:
    pause = FIRST_PAUSE_S
    while True:
        yield pause
        pause = min(2 * pause, LONGEST_PAUSE_S)
