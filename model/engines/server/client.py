"""`Client`: requests to an OpenAI-compatible server, with retries, timeouts and errors in our words."""

import time
from typing import Any, TypeVar

import httpx
from pydantic import BaseModel, Field, ValidationError

from actions.errors import ContextOverflow, EngineFailure, UsageError

TRIES = 4
FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 10.0
TOO_LONG = (
    "context length",
    "context window",
    "context size",
    "maximum context",
    "maximum model length",
    "too many tokens",
)
TOKENS_PATH = "/inference/v1/generate"
TOKENS_WERE_READ = (400, 422)
"""What vLLM answers there to a request without tokens. Where it does not offer the path it answers 403 or 404."""


class Model(BaseModel):
    """A model that a server lists; `owned_by` is what vLLM, SGLang and llama.cpp say of themselves there."""

    id: str
    owned_by: str | None = None


class Models(BaseModel):
    """The answer to GET /models."""

    data: list[Model]


class Message(BaseModel):
    """What a server's model said."""

    content: str | None = None


class Choice(BaseModel):
    """One completion."""

    message: Message
    finish_reason: str | None = None


class Tokens(BaseModel):
    """What a request took, by the server's own count."""

    prompt_tokens: int
    completion_tokens: int = 0


class Answer(BaseModel):
    """The answer to POST /chat/completions."""

    choices: list[Choice] = Field(min_length=1)
    usage: Tokens | None = None


class TokenChoice(BaseModel):
    """One completion in token ids, the end of the turn and what completed a stop string among them."""

    token_ids: list[int]
    finish_reason: str | None = None


class TokenAnswer(BaseModel):
    """The answer to POST /inference/v1/generate (vLLM, `entrypoints/scale_out/token_in_token_out/protocol.py`)."""

    choices: list[TokenChoice] = Field(min_length=1)
    usage: Tokens | None = None
    prompt_token_ids: list[int] | None = None
    """The prompt as the model read it, each picture's placeholder expanded; told when the request asks for it."""


Parsed = TypeVar("Parsed", bound=BaseModel)


class Refused(EngineFailure):
    """The server will not take such a request (a status of 400 to 499); asking again would not help."""


class NotTheFormat(EngineFailure):
    """The server answers, but not with what belongs there."""


def tokens_url(url: str) -> str:
    """Where the server at this base URL takes token ids, if it does: beside /v1, not below it."""
    return url.rstrip("/").removesuffix("/v1") + TOKENS_PATH


class Client:
    """A connection to one server."""

    def __init__(self, url: str, timeout_s: float) -> None:
        """Raises UsageError when the URL is none of http or https."""
        if not url.startswith(("http://", "https://")):
            raise UsageError(f"--server takes a URL such as http://127.0.0.1:8000/v1, not {url!r}.")
        self._url = url.rstrip("/")
        # A proxy of the environment is not asked: screens go to the server that was named and to nobody else.
        self._http = httpx.Client(timeout=httpx.Timeout(timeout_s, connect=min(timeout_s, 10.0)), trust_env=False)

    def models(self) -> list[Model]:
        """The models that the server has."""
        return self._ask("GET", f"{self._url}/models", None, Models).data

    def chat(self, body: dict[str, Any]) -> Answer:
        """A completion of a chat.

        Raises:
            Refused: the server will not take the request. ContextOverflow: it is too long for the server's model.
            EngineFailure: the server does not answer, or not in the format.
        """
        return self._ask("POST", f"{self._url}/chat/completions", body, Answer)

    def tokens_status(self) -> int:
        """What the server answers where it may take token ids, to an empty request, which costs it nothing."""
        return self._send("POST", tokens_url(self._url), {}).status_code

    def generate(self, body: dict[str, Any]) -> TokenAnswer:
        """A completion of token ids. Raises what `chat` raises."""
        return self._ask("POST", tokens_url(self._url), body, TokenAnswer)

    def close(self) -> None:
        self._http.close()

    def _ask(self, method: str, url: str, body: dict[str, Any] | None, kind: type[Parsed]) -> Parsed:
        response = self._send(method, url, body)
        if response.is_error:
            raise self._refusal(response)
        try:
            return kind.model_validate_json(response.content)
        except ValidationError as error:
            raise NotTheFormat(
                f"{url} does not answer in the OpenAI format: {response.text[:200]!r}. "
                "Is --server the address of an OpenAI-compatible server, with its /v1?"
            ) from error

    def _send(self, method: str, url: str, body: dict[str, Any] | None) -> httpx.Response:
        """The server's last word, after waiting where it is busy or not there yet."""
        pause = FIRST_PAUSE_S
        for last in (*[False] * (TRIES - 1), True):
            try:
                response = self._http.request(method, url, json=body)
            except httpx.ReadTimeout as error:
                raise EngineFailure(
                    f"{self._url} gave no answer within {self._http.timeout.read:g} s. "
                    "Raise --timeout, or look whether the server is overloaded."
                ) from error
            except httpx.TransportError as error:
                if last:
                    raise EngineFailure(
                        f"The server {self._url} cannot be reached: {error}. Start it, or pass another --server."
                    ) from error
            else:
                if last or response.status_code not in (429, 500, 502, 503, 504):
                    return response
                pause = _wanted_pause(response) or pause
            time.sleep(min(pause, LONGEST_PAUSE_S))
            pause *= 2
        raise AssertionError("the last try returns or raises")

    def _refusal(self, response: httpx.Response) -> EngineFailure | ContextOverflow:
        said = " ".join(response.text.split())[:300]
        if response.status_code == 400 and any(words in said.lower() for words in TOO_LONG):
            return ContextOverflow(
                f"The server's context is shorter than the prompt: {said} "
                "Start it with a longer one (vLLM: --max-model-len 32768), or pass a smaller --context."
            )
        remedy = {
            401: "The server wants a key; start it without one.",
            403: "The server does not allow this; look at its flags.",
            404: "The address or the model is unknown there: --server usually ends with /v1, --served-model names it.",
        }.get(response.status_code, "The server's own log says more.")
        kind = Refused if response.status_code < 500 else EngineFailure
        return kind(f"{self._url} answered {response.status_code}: {said} {remedy}")


def _wanted_pause(response: httpx.Response) -> float | None:
    """The seconds a busy server asks us to wait, where it says so in seconds."""
    wanted = response.headers.get("retry-after", "")
    return float(wanted) if wanted.isdecimal() else None
