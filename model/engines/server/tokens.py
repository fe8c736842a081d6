"""`TokenIn`: vLLM's endpoint that takes and returns token ids, detected by a probe.

Nothing is tokenised twice: generated ids are sent back unchanged, so that the server's prefix cache holds up to the
last of them, and pictures have names that stay the same from step to step.
"""

from typing import Any

from PIL import Image

from actions.errors import EngineFailure
from actions.geometry import Size
from model.engine import Completion, Message, Picture, Prompt, Text
from model.engines.local.tokens import Tokens, Vocabulary
from model.engines.server.client import TOKENS_PATH, TOKENS_WERE_READ, Client, Failed, Refused
from model.engines.server.pictures import Pictures
from model.engines.server.structure import structure
from model.engines.server.transport import NotTheFormat
from model.profile import Profile
from model.weights import download, find_tokenizer

PROBED = (Size(1, 1), Size(8000, 5000))
"""Screens that give the smallest and the largest picture of a profile."""


class TokenIn:
    """A served model that is prompted with token ids."""

    def __init__(self, client: Client, model: str, vocabulary: Vocabulary) -> None:
        self._client = client
        self._model = model
        self._vocabulary = vocabulary
        self._pictures = Pictures(keeping=True)

    def generate(self, prompt: Prompt, stop: tuple[str, ...], max_new_tokens: int) -> Completion:
        """Continues the prompt greedily.

        Raises:
            EngineFailure: the server does not answer or refuses, or reads a different prompt.
            ContextOverflow: its context is too short.
        """
        tokens = self._vocabulary.lay_out(prompt)
        held = structure(prompt.grammar, "vllm", prompt.opening) if prompt.grammar else {}
        answer = self._pictures.sent(
            prompt, lambda: self._client.generate(self._request(tokens, stop, max_new_tokens, held))
        )
        if answer.usage and answer.usage.prompt_tokens != len(tokens.ids):
            raise EngineFailure(
                f"The server read {answer.usage.prompt_tokens} tokens of a prompt of {len(tokens.ids)}. "
                "Does it resize pictures, or does the tokenizer on this machine belong to another model?"
            )
        made = answer.choices[0]
        ids, text = self._kept(made.token_ids, stop)
        return Completion(text, ids, len(tokens.ids), len(made.token_ids), cut_off=made.finish_reason == "length")

    def disagreement(self, prompt: Prompt) -> str | None:
        """How the server's reading of the prompt differs from ours; None if it does not."""
        tokens = self._vocabulary.lay_out(prompt)
        try:
            answer = self._client.generate(self._request(tokens, (), 1, {}) | {"return_token_ids": True})
        except (Refused, Failed, NotTheFormat) as error:  # vLLM fails over a placeholder of another vocabulary
            return f"{TOKENS_PATH} rejects our prompt: {error}"
        if answer.prompt_token_ids == tokens.ids:
            return None
        problem = (
            "reports no prompt ids" if answer.prompt_token_ids is None else "expands pictures to other tokens than ours"
        )
        return f"{TOKENS_PATH} {problem}"

    def _request(
        self, tokens: Tokens, stop: tuple[str, ...], max_new_tokens: int, held: dict[str, Any]
    ) -> dict[str, Any]:
        sampling: dict[str, Any] = {"max_tokens": max_new_tokens, "temperature": 0, "stop": list(stop)}
        pictures = [placed.picture for placed in tokens.pictures]
        return {
            "model": self._model,
            "token_ids": _with_one_placeholder_each(tokens),
            "content_parts": [
                {"type": "image_url", "url": self._pictures.url(picture), "uuid": picture.digest}
                for picture in pictures
            ],
            "sampling_params": sampling | held,
        }

    def _kept(self, made: list[int], stop: tuple[str, ...]) -> tuple[tuple[int, ...], str]:
        """The ids and the text before the end of the turn and before the first stop string.

        A token that spans the end of the reply and the start of the stop string is replaced by tokens of the former.
        """
        end = next((place for place, id in enumerate(made) if id in self._vocabulary.ends), len(made))
        pieces = [self._vocabulary.bytes_of(id) for id in made[:end]]
        written = b"".join(pieces)
        found = [place for string in stop if (place := written.find(string.encode())) >= 0]
        kept = written[: min(found)] if found else written
        count = length = 0
        while count < end and length + len(pieces[count]) <= len(kept):
            length += len(pieces[count])
            count += 1
        if self._vocabulary.structure.intersection(made[:count]):  # not to begin a turn or require a picture when sent
            count = length = 0
        rest = self._vocabulary.encode(_readable(kept[length:])) if kept[length:] else ()
        return (*made[:count], *rest), _readable(kept)


def open_tokens(client: Client, model: str, profile: Profile) -> TokenIn | str:
    """`TokenIn` if the server offers it and reads a prompt with pictures as we do, else the reason against it.

    Raises:
        EngineFailure: the server does not answer. ContextOverflow: its context is too short for a picture.
    """
    status = client.tokens_status()
    if status not in TOKENS_WERE_READ:
        return f"the server answers {status} at {TOKENS_PATH} (vLLM offers it with --enable-scale-out)"
    tokenizer = find_tokenizer(profile.weights)
    if tokenizer is None:
        return f"the tokenizer is not here ({download(profile.weights, 'tokenizer.json', 'config.json')})"
    opened = TokenIn(client, model, Vocabulary(tokenizer, profile.patch))
    for size in PROBED:
        shown = Picture(Image.new("RGB", profile.image_size(size), (120, 130, 140)))
        look = Prompt((Message("user", (shown, Text("Look."))), Message("assistant", ())))
        if disagreement := opened.disagreement(look):
            return disagreement
    return opened


def _with_one_placeholder_each(tokens: Tokens) -> list[int]:
    """The ids in the endpoint's form: one placeholder per picture, which the server expands."""
    ids: list[int] = []
    at = 0
    for placed in tokens.pictures:
        ids += tokens.ids[at : placed.start + 1]
        at = placed.end
    return ids + tokens.ids[at:]


def _readable(written: bytes) -> str:
    return written.decode("utf-8", "replace")
