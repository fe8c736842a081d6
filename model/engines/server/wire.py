"""What a server answers, as far as we read it: the lists of models and the completions of the OpenAI format."""

from pydantic import BaseModel, Field


class Model(BaseModel):
    """A model that a server lists; `owned_by` is what vLLM, SGLang and llama.cpp say of themselves there."""

    id: str
    owned_by: str | None = None

    def __str__(self) -> str:
        """The name as it is shown, which no terminal obeys."""
        return self.id if self.id.isprintable() else repr(self.id)


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
    """The prompt as the model read it, each picture's placeholder expanded; reported when the request asks for it."""
