"""`ServerEngine`: a model behind an OpenAI-compatible server's chat completions."""

from typing import Any

from actions.errors import EngineFailure, UsageError
from model.engine import Completion, Prompt
from model.engines import EngineOptions
from model.engines.server.client import Answer, Client
from model.engines.server.messages import continues, messages
from model.engines.server.probe import check_sizes, takes_one_turn
from model.profile import Profile
from model.weights import token_counter


class ServerEngine:
    """A served model. Its replies are text: a server tells no token ids here, so the text is what is sent back."""

    def __init__(self, client: Client, model: str, profile: Profile, allow_resize: bool) -> None:
        """Asks the server what it does with pictures. Raises EngineFailure when it resizes them."""
        self._client = client
        self._model = model
        self._profile = profile
        self.count_tokens = token_counter(profile.weights)
        if not allow_resize:
            check_sizes(profile, self._prompt_tokens)
        self.one_turn = takes_one_turn(profile, self._prompt_tokens)

    def generate(self, prompt: Prompt, stop: tuple[str, ...], max_new_tokens: int) -> Completion:
        """Continues the prompt greedily.

        Raises:
            EngineFailure: the server does not answer, or refuses. ContextOverflow: its context is too short.
        """
        answer = self._ask(prompt, continues(prompt), max_new_tokens, stop)
        choice = answer.choices[0]
        text = choice.message.content or ""
        for marker in stop:  # some servers leave the stop string in
            text = text.split(marker)[0]
        if answer.usage:
            counted = answer.usage.prompt_tokens, answer.usage.completion_tokens
        else:
            counted = prompt.token_count(self.count_tokens, self._profile.image_tokens), self.count_tokens(text)
        return Completion(text, (), *counted, cut_off=choice.finish_reason == "length")

    def close(self) -> None:
        self._client.close()

    def _prompt_tokens(self, prompt: Prompt, continued: bool) -> int | None:
        usage = self._ask(prompt, continued, 1, ()).usage
        return usage.prompt_tokens if usage else None

    def _ask(self, prompt: Prompt, continued: bool, max_new_tokens: int, stop: tuple[str, ...]) -> Answer:
        body: dict[str, Any] = {
            "model": self._model,
            "messages": messages(prompt),
            "max_tokens": max_new_tokens,
            "temperature": 0,
        }
        if stop:
            body["stop"] = list(stop)
        if continued:
            body |= {"add_generation_prompt": False, "continue_final_message": True}
        return self._client.chat(body)


def connect(profile: Profile, options: EngineOptions) -> ServerEngine:
    """Connects to the options' server.

    Raises:
        UsageError: no server is named, or it has several models and none is named.
        EngineFailure: it cannot be reached, has no model, or resizes pictures.
    """
    if options.server is None:
        raise UsageError(
            f"The server engine needs --server URL. Start one with: vllm serve {profile.weights} "
            f"--max-model-len {profile.context} --limit-mm-per-prompt '{{\"image\": 20}}'   then --server http://127.0.0.1:8000/v1"
        )
    client = Client(options.server, options.timeout_s)
    try:
        model = options.served_model or _only(client.models(), options.server)
        return ServerEngine(client, model, profile, options.allow_server_resize)
    except BaseException:
        client.close()
        raise


def _only(models: list[str], server: str) -> str:
    if not models:
        raise EngineFailure(f"{server} has no model. Load one, or name it with --served-model.")
    if len(models) > 1:
        raise UsageError(f"{server} has several models; name one with --served-model: {', '.join(models)}.")
    return models[0]
