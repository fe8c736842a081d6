"""`ServerEngine`: a model behind a server, by token ids if it takes them, else by chat completions."""

import logging
from collections.abc import Mapping
from typing import Any, NamedTuple

from actions.errors import ContextOverflow, EngineFailure, UsageError
from model.engine import Completion, Generated, Message, Prompt, Text
from model.engines import EngineOptions
from model.engines.server.client import MORE_PICTURES, Client, Failed, Refused, read_key
from model.engines.server.counting import counter
from model.engines.server.messages import continues, messages
from model.engines.server.pictures import Pictures
from model.engines.server.probe import check_sizes, counts_alike, leaves_out_thought, takes_one_turn
from model.engines.server.structure import PROBED, structure
from model.engines.server.tokens import TokenIn, open_tokens
from model.engines.server.wire import Answer, Model
from model.engines.server.wire import Message as Answered
from model.profile import Profile, adjusted

LOG = logging.getLogger(__name__)
PLAIN: Mapping[str | None, Mapping[str, Any]] = {
    "vllm": {"repetition_penalty": 1.0},
    "sglang": {"repetition_penalty": 1.0},
    "llamacpp": {"repeat_penalty": 1.0, "reasoning_format": "none"},
}
"""Sampling parameters that make each server return the model's own words: released checkpoints have a repetition
penalty above 1, which spoils repeated digits and which servers apply by default; llama.cpp removes thoughts from
replies."""
PARSED = (
    "The server removes the model's %s from its replies. They are restored here, not always as they were "
    "written: start it without %s."
)
LESS_PER_MESSAGE = 8
"""How many tokens fewer than in ChatML a message may take in the server's template, which may also trim it."""
END_OF_THOUGHT = "</think>"
END_OF_NO_THOUGHT = f"\n{END_OF_THOUGHT}\n\n"
"""What a template that leaves out the thought writes behind a prompt's `opening`, and so begins every reply."""


class _Asked(NamedTuple):
    """A prompt that was sent."""

    pictures: list[str]
    """Their digests."""
    text: int
    """Our count of its text's tokens."""
    thoughts: int
    """The part of it in replies with thoughts, which the server's template may drop."""
    least: int
    """What the server must read of it, in tokens."""
    read: int
    """What it says that it read."""

    def least_after(self, before: "_Asked") -> int:
        """What the server must read, also as the rest of the earlier prompt if this one extends it by a picture."""
        count = len(before.pictures)
        if count >= len(self.pictures) or before.pictures != self.pictures[:count] or before.text > self.text:
            return self.least
        return max(self.least, before.read - before.thoughts + self.least - before.least)


class ServerEngine:
    """A served model. `path` says which interface is used, and why.

    Chat completions report no token ids: the reply is sent back as text and tokenised anew.
    """

    def __init__(self, client: Client, model: Model, profile: Profile, allow_resize: bool) -> None:
        """Probes what the server accepts and what it does with pictures. Raises EngineFailure if it resizes them."""
        self._client = client
        self._model = model
        shorter = model.context and model.context < profile.context
        self.profile = adjusted(profile, context=model.context) if shorter else profile
        self._resizes = allow_resize
        self._asked_last = _Asked([], 0, 0, 0, 0)
        self._said: set[str] = set()
        self._stops = True
        self.count_tokens, exact = counter(client, model.id, profile.weights)
        self._pictures = Pictures(keeping=model.owned_by == "vllm")
        opened = open_tokens(client, model.id, profile)
        self._tokens = opened if isinstance(opened, TokenIn) else None
        self.path = f"chat completions, because {opened}" if isinstance(opened, str) else "token ids in and out"
        if self._tokens is None and not allow_resize:
            check_sizes(profile, self._prompt_tokens)
        self._exact = self._tokens is None and exact and counts_alike(self.count_tokens, self._prompt_tokens)
        unopened = profile.opens_thought and self._tokens is None and leaves_out_thought(self._thinking_tokens)
        self._before = END_OF_NO_THOUGHT if unopened else ""
        self.one_turn = self._tokens is not None or takes_one_turn(profile, self._prompt_tokens)
        self._structured = self._takes_structure()
        self.path += "; calls are held to the action space" if self._structured else "; replies are free"
        if shorter:
            self.path += f"; its context has {model.context} tokens, not the {profile.context} of {profile.name}"

    def generate(self, prompt: Prompt, stop: tuple[str, ...], max_new_tokens: int) -> Completion:
        """Continues the prompt greedily, constrained to its grammar if the server supports that.

        Raises:
            EngineFailure: the server does not answer, or refuses. ContextOverflow: its context is too short.
        """
        if not self._structured:
            prompt = prompt._replace(grammar=None)
        if self._tokens:
            return self._tokens.generate(prompt, stop, max_new_tokens)
        answer = self._stopped(prompt, max_new_tokens, stop)
        choice = answer.choices[0]
        written = text = f"{self._before}{self._written(choice.message)}"
        for marker in stop:  # some servers return the stop string too, or go on behind it
            text = text.split(marker)[0]
        if answer.usage:
            self._check_whole(prompt, answer.usage.prompt_tokens)
            counted = answer.usage.prompt_tokens, answer.usage.completion_tokens
        else:
            counted = prompt.token_count(self.count_tokens, self.profile.image_tokens), self.count_tokens(text)
        return Completion(text, (), *counted, cut_off=choice.finish_reason == "length" and text == written)

    def close(self) -> None:
        self._client.close()

    def _written(self, message: Answered) -> str:
        """The reply as the model wrote it; warns of a server's flag that changes it."""
        if message.thought:
            self._warn("thought", "--reasoning-parser (vLLM, SGLang), or with --reasoning-format none (llama.cpp)")
        if message.tool_calls:
            self._warn("calls", "--enable-auto-tool-choice and --tool-call-parser (vLLM, SGLang)")
        return message.written()

    def _warn(self, what: str, flags: str) -> None:
        if what not in self._said:
            LOG.warning(PARSED, what, flags)
        self._said.add(what)

    def _check_whole(self, prompt: Prompt, read: int) -> None:
        """Raises ContextOverflow if the server read less than it was sent: some truncate a prompt silently."""
        now = self._sent(prompt, read)
        least = now.least_after(self._asked_last)
        self._asked_last = now
        if read < least:
            raise ContextOverflow(
                f"The server read {read} tokens of a prompt of at least {least}: it truncates long prompts "
                "silently. Start it with a longer context (Ollama: OLLAMA_CONTEXT_LENGTH=32768, llama.cpp: "
                f"-c 32768), or pass --context {read}."
            )

    def _sent(self, prompt: Prompt, read: int) -> _Asked:
        shown = [self.profile.image_tokens(picture.size) for picture in prompt.pictures]
        text = prompt.token_count(self.count_tokens, self.profile.image_tokens) - sum(shown)
        replies = [part for message in prompt.messages for part in message.parts if isinstance(part, Generated)]
        thoughts = sum(self.count_tokens(reply.text) for reply in replies if END_OF_THOUGHT in reply.text)
        least = len(shown) if self._resizes else sum(shown)
        if self._exact:
            least += max(0, text - thoughts - LESS_PER_MESSAGE * len(prompt.messages))
        return _Asked([picture.digest for picture in prompt.pictures], text, thoughts, least, read)

    def _takes_structure(self) -> bool:
        """Whether the server accepts every form of grammar that is needed."""
        for grammar in PROBED:
            if not structure(grammar, self._model.owned_by):
                return False
            prompt = Prompt((Message("user", (Text("Go."),)), Message("assistant", ())), grammar)
            try:
                if self._tokens:
                    self._tokens.generate(prompt, (), 1)
                else:
                    self._ask(prompt, False, 1, ())
            except Refused:
                return False
        return True

    def _prompt_tokens(self, prompt: Prompt, continued: bool) -> int | None:
        usage = self._ask(prompt, continued, 1, ()).usage
        return usage.prompt_tokens if usage else None

    def _stopped(self, prompt: Prompt, max_new_tokens: int, stop: tuple[str, ...]) -> Answer:
        """The answer, without stop strings in the request once the server has been found to fail over them."""
        continued = continues(prompt)
        if not stop or not self._stops:
            return self._ask(prompt, continued, max_new_tokens, ())
        try:
            return self._ask(prompt, continued, max_new_tokens, stop)
        except (Refused, Failed) as failure:
            try:
                answer = self._ask(prompt, continued, max_new_tokens, ())
            except EngineFailure:
                raise failure from None
            LOG.warning("The server cannot stop at a string, so each reply is written to its end: %s", failure)
            self._stops = False
            return answer

    def _thinking_tokens(self, thinks: bool | None) -> int | None:
        """The server's count of a short prompt whose reply is asked for with a thought, without one, or as usual."""
        wanted = {} if thinks is None else {"chat_template_kwargs": {"enable_thinking": thinks}}
        prompt = Prompt((Message("user", (Text("Go."),)), Message("assistant", ())))
        usage = self._client.chat(self._body(prompt, False, 1, ()) | wanted).usage
        return usage.prompt_tokens if usage else None

    def _ask(self, prompt: Prompt, continued: bool, max_new_tokens: int, stop: tuple[str, ...]) -> Answer:
        return self._pictures.sent(
            prompt, lambda: self._client.chat(self._body(prompt, continued, max_new_tokens, stop))
        )

    def _body(self, prompt: Prompt, continued: bool, max_new_tokens: int, stop: tuple[str, ...]) -> dict[str, Any]:
        """A chat request."""
        server = self._model.owned_by
        body: dict[str, Any] = {
            "model": self._model.id,
            "messages": messages(prompt, self._pictures if server == "vllm" else None),
            "max_tokens": max_new_tokens,
            "temperature": 0,
        }
        body |= PLAIN.get(server, {})
        if prompt.grammar:
            body |= structure(prompt.grammar, server, prompt.opening)
        if stop:
            body["stop"] = list(stop)
        if continued:
            body |= {"add_generation_prompt": False, "continue_final_message": True}
        return body


def connect(profile: Profile, options: EngineOptions) -> ServerEngine:
    """Connects to the options' server.

    Raises:
        UsageError: no server is given, or it has several models and none is chosen.
        EngineFailure: it cannot be reached, has no model, or resizes pictures.
    """
    if options.server is None:
        raise UsageError(
            f"The server engine needs --server URL. Start one with: vllm serve {profile.weights} "
            f"--max-model-len {profile.context} {MORE_PICTURES} --enable-scale-out   "
            "then --server http://127.0.0.1:8000/v1"
        )
    client = Client(options.server, options.timeout_s, read_key(options.api_key_file), options.server_wait_s)
    try:
        model = _chosen(client.models(), options)
        return ServerEngine(client, model, profile, options.allow_server_resize)
    except BaseException:
        client.close()
        raise


def _chosen(models: list[Model], options: EngineOptions) -> Model:
    """The model that the options name, or the only one."""
    named = [model for model in models if options.served_model in (None, model.id)]
    if len(named) == 1:
        return named[0]
    if options.served_model:  # a name that only the server can resolve
        return Model(id=options.served_model, owned_by=models[0].owned_by if models else None)
    if not models:
        raise EngineFailure(f"{options.server} has no model. Load one, or name it with --served-model.")
    names = ", ".join(map(str, models))
    raise UsageError(f"{options.server} has several models; name one with --served-model: {names}.")
