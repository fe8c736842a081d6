"""A server's answers, as far as they are read: the lists of models and the completions of the OpenAI format."""

import json
from typing import Any

from pydantic import BaseModel, Field


class Meta(BaseModel):
    """llama.cpp's data about a model."""

    n_ctx: int | None = None


class Model(BaseModel):
    """A model that a server lists; `owned_by` names the server program (vLLM, SGLang, llama.cpp)."""

    id: str
    owned_by: str | None = None
    max_model_len: int | None = None
    """The context, as vLLM and SGLang report it."""
    meta: Meta | None = None

    @property
    def context(self) -> int | None:
        """The limit of prompt and reply together, in tokens, if the server reports it."""
        return self.max_model_len or (self.meta.n_ctx if self.meta else None)

    def __str__(self) -> str:
        """The name for display, without control characters."""
        return self.id if self.id.isprintable() else repr(self.id)


class Models(BaseModel):
    """The answer to GET /models."""

    data: list[Model]


class Function(BaseModel):
    """A function's name, and its arguments, mostly as JSON in a string."""

    name: str
    arguments: str | dict[str, Any] = ""


class ToolCall(BaseModel):
    """A call that the server extracted from the model's text."""

    function: Function

    def __str__(self) -> str:
        """The call as a model writes it."""
        arguments = self.function.arguments
        written = arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False)
        name = json.dumps(self.function.name, ensure_ascii=False)
        return f'<tool_call>\n{{"name": {name}, "arguments": {written or "{}"}}}\n</tool_call>'


class Message(BaseModel):
    """The model's reply, possibly split by the server's parsers."""

    content: str | None = None
    reasoning_content: str | None = None
    reasoning: str | None = None
    """The same in vLLM since 0.12."""
    tool_calls: list[ToolCall] | None = None

    @property
    def thought(self) -> str:
        """The thought that a reasoning parser extracted."""
        return self.reasoning_content or self.reasoning or ""

    def written(self) -> str:
        """The reply as the model wrote it, as far as it can be restored: thought, text and calls in one."""
        calls = [str(call) for call in self.tool_calls or ()]
        said = "\n".join([*filter(None, [self.content]), *calls])
        # If a model never closes its thought, the parser takes the whole reply for one, including the call.
        return f"<think>\n{self.thought}\n</think>\n\n{said}" if self.thought and said else self.thought or said


class Choice(BaseModel):
    """One completion."""

    message: Message
    finish_reason: str | None = None


class Tokens(BaseModel):
    """A request's tokens, by the server's count."""

    prompt_tokens: int
    completion_tokens: int = 0


class Answer(BaseModel):
    """The answer to POST /chat/completions."""

    choices: list[Choice] = Field(min_length=1)
    usage: Tokens | None = None


class TokenChoice(BaseModel):
    """One completion in token ids, including the end of the turn and the end of a stop string."""

    token_ids: list[int]
    finish_reason: str | None = None


class TokenAnswer(BaseModel):
    """The answer to POST /inference/v1/generate (vLLM, `entrypoints/scale_out/token_in_token_out/protocol.py`)."""

    choices: list[TokenChoice] = Field(min_length=1)
    usage: Tokens | None = None
    prompt_token_ids: list[int] | None = None
    """The prompt as the model read it, with expanded picture placeholders; reported on request."""


class Tokenized(BaseModel):
    """The answer to POST /tokenize."""

    tokens: list[int]
