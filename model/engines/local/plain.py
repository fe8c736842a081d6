"""`PlainEngine`: any image-text-to-text model that the library loads, with its own processor, forward pass and cache.

Slower than `LocalEngine`: the chat template, the tokens of a picture and their positions are the processor's and the
model's. A reply is sent back as text and tokenised anew. The common prefix of two prompts is not computed again if the
cache can be cropped and a trial at the start shows that the logits stay equal.
"""

import inspect
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from jinja2 import TemplateError
from PIL import Image
from tokenizers import Tokenizer
from torch import Tensor
from transformers.cache_utils import DynamicLayer

from actions.errors import EngineFailure
from model.engine import Completion, Message, Picture, Prompt, Text
from model.engines.local import preflight
from model.engines.local.decode import Decoded, decode
from model.engines.local.loaded import Loaded
from model.engines.local.tokens import Vocabulary
from model.profile import Profile

REUSED = "the prefix that a prompt shares with the previous one is not computed again"
WHOLE = "every prompt is computed in full, because"
TRIAL_TOLERANCE = {torch.float32: 1e-3, torch.bfloat16: 0.1, torch.float16: 0.05}
"""The largest difference of a trial's logits, relative to their spread, that counts as rounding."""


class Asked(NamedTuple):
    """A prompt as the library's processor reads it."""

    ids: list[int]
    per_token: dict[str, Tensor]
    """The inputs per token besides its id: [1, tokens, ...]."""
    seen: dict[str, Tensor]
    """The inputs of the pictures."""
    pictures: list[Picture]


class Reader:
    """Converts a prompt to the model's inputs, with the model's own processor."""

    def __init__(self, processor: Any, special: Sequence[str], folder: str) -> None:
        """`special` are the tokens that no text may produce.

        Raises:
            EngineFailure: there is no chat template, or it does not support conversations with pictures.
        """
        self._processor = processor
        own = {*special, *processor.all_special_multimodal_tokens}
        self._special = re.compile("|".join(map(re.escape, sorted(own, key=len, reverse=True))))
        self._folder = folder
        self._system = True
        try:
            self.read(_trial(2))
        except EngineFailure:
            self._system = False  # some templates have no system message: the user's then contains its text
            self.read(_trial(2))

    def read(self, prompt: Prompt) -> Asked:
        """The whole prompt. None of its texts produces a special token or a picture placeholder.

        Raises:
            EngineFailure: the processor or its chat template refuses the conversation.
        """
        messages = [self._message(message) for message in self._merged(prompt.messages) if message.parts]
        open_turn = bool(prompt.messages[-1].parts)
        try:
            found = self._processor.apply_chat_template(
                messages,
                add_generation_prompt=not open_turn,
                continue_final_message=open_turn,
                tokenize=True,
                return_dict=True,
                return_tensors="pt",
            )
        except (TemplateError, ValueError, TypeError) as error:
            raise EngineFailure(
                f"The processor of the weights in {self._folder} refuses the conversation: {error}. Serve the model "
                "with another program and use --engine server --server URL."
            ) from error
        return self._sorted(found, prompt.pictures)

    def only(self, pictures: Sequence[Picture]) -> dict[str, Tensor]:
        """The inputs of these pictures alone."""
        if not pictures:
            return {}
        text = self._processor.image_token * len(pictures)
        images = [[picture.image for picture in pictures]]
        return self._sorted(self._processor(text=[text], images=images, return_tensors="pt"), list(pictures)).seen

    def picture_ids(self) -> frozenset[int]:
        """The tokens that stand for pictures."""
        return frozenset(id for id in self._processor.image_token_ids if id is not None)

    def _sorted(self, found: Any, pictures: list[Picture]) -> Asked:
        ids = found["input_ids"]
        others = {name: value for name, value in found.items() if name not in ("input_ids", "attention_mask")}
        per_token = {name: value for name, value in others.items() if value.shape[:2] == ids.shape}
        seen = {name: value for name, value in others.items() if name not in per_token}
        return Asked(ids[0].tolist(), per_token, seen, pictures)

    def _merged(self, messages: Sequence[Message]) -> list[Message]:
        """The messages; the system text moves to the user's message if the template has no system message."""
        first, second, *others = messages
        if self._system or first.role != "system":
            return list(messages)
        return [Message("user", (*first.parts, Text("\n\n"), *second.parts)), *others]

    def _message(self, message: Message) -> dict[str, Any]:
        content: list[dict[str, Any]] = []
        for part in message.parts:
            if isinstance(part, Picture):
                content.append({"type": "image", "image": part.image})
            elif content and content[-1]["type"] == "text":
                content[-1]["text"] += part.text
            else:
                content.append({"type": "text", "text": part.text})
        for entry in content:
            if entry["type"] == "text":  # a special token in it is broken by a space, as `without_special_tokens` does
                entry["text"] = self._special.sub(lambda found: f"{found[0][0]} {found[0][1:]}", entry["text"])
        return {"role": message.role, "content": content}


class PlainModel:
    """A model and the cache of the last prompt and its reply."""

    def __init__(self, model: Any, reader: Reader) -> None:
        self._model = model
        self._reader = reader
        self._positions: Any = getattr(model.base_model, "get_rope_index", None)
        """The model's own way to count positions, if these depend on pictures: they are passed, because what the model
        would infer for the rest of a prompt is wrong."""
        self._takes = set(inspect.signature(model.forward).parameters)
        self._cache: Any = None
        self._ids: list[int] = []
        self._pictures: list[str] = []
        self._next = 0
        self.tokens_computed = 0
        self.why_whole: str | None = "it was not tried yet"
        self.why_whole = self._why_whole()

    def prefill(self, asked: Asked) -> Tensor:
        """The logits of the token after the prompt: float32, [rows of the embedding table]."""
        shared = 0 if self.why_whole else self._shared(asked)
        if shared:
            self.take_back(len(self._ids) - shared)
        else:
            self.forget()
        new = asked.pictures[len(self._pictures) :] if shared else asked.pictures
        inputs = self._reader.only(new) if shared else asked.seen
        inputs |= {name: value[:, shared:] for name, value in asked.per_token.items()}
        positions = self._all_positions(asked)
        logits = self._run(asked.ids[shared:], inputs, None if positions is None else positions[..., shared:], keep=1)
        self._ids, self._pictures = list(asked.ids), [picture.digest for picture in asked.pictures]
        return logits[-1]

    def append(self, ids: Sequence[int]) -> Tensor:
        """Appends text tokens; returns the logits after each: float32, [tokens, rows of the embedding table]."""
        positions = None
        if self._positions:
            start, self._next = self._next, self._next + len(ids)
            positions = torch.arange(start, self._next).expand(3, 1, -1)
        self._ids.extend(ids)
        return self._run(list(ids), {}, positions, keep=0)

    def take_back(self, count: int) -> None:
        """Drops the last `count` tokens."""
        if count:
            self._cache.crop(-count)
            del self._ids[len(self._ids) - count :]
            self._next -= count

    def forget(self) -> None:
        """Drops the caches."""
        self._cache, self._ids, self._pictures, self._next = None, [], [], 0

    @torch.inference_mode()
    def _run(self, ids: list[int], given: dict[str, Tensor], positions: Tensor | None, keep: int) -> Tensor:
        device, dtype = self._model.device, self._model.dtype
        inputs = {name: value.to(device) for name, value in given.items() if name in self._takes}
        inputs |= {name: value.to(dtype) for name, value in inputs.items() if value.is_floating_point()}
        if positions is not None:
            inputs["position_ids"] = positions.to(device)
        found = self._model(
            input_ids=torch.tensor([ids], device=device),
            past_key_values=self._cache,
            use_cache=True,
            logits_to_keep=keep,
            **inputs,
        )
        self._cache = found.past_key_values
        self.tokens_computed += len(ids)
        logits: Tensor = found.logits[0].float()
        return logits

    def _all_positions(self, asked: Asked) -> Tensor | None:
        """The positions of the whole prompt, if they depend on pictures: [3, 1, tokens]."""
        if not self._positions:
            return None
        known = {"input_ids": torch.tensor([asked.ids]), **asked.per_token, **asked.seen}
        takes = inspect.signature(self._positions).parameters
        found: Tensor = self._positions(**{name: value for name, value in known.items() if name in takes})[0]
        self._next = int(found.max()) + 1
        return found

    def _shared(self, asked: Asked) -> int:
        """How many tokens of the prompt are known: up to the first difference, with all known pictures or none."""
        pairs = zip(self._ids, asked.ids, strict=False)
        same = next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(self._ids), len(asked.ids)))
        same = min(same, len(asked.ids) - 1)  # the last one's logits are needed
        places = [index for index, id in enumerate(self._ids) if id in self._reader.picture_ids()]
        digests = [picture.digest for picture in asked.pictures]
        if digests[: len(self._pictures)] == self._pictures and (not places or places[-1] < same):
            return same
        return 0

    def _why_whole(self) -> str | None:
        """Why reuse is impossible, or None: computes a growing prompt in both ways and compares."""
        grown = self._reader.read(_trial(2))
        expected = self.prefill_whole(grown)
        layers = self._cache.layers
        if not all(type(layer) is DynamicLayer and layer.get_seq_length() == len(grown.ids) for layer in layers):
            kinds = sorted({type(layer).__name__ for layer in layers} - {DynamicLayer.__name__})
            return f"its cache cannot be cropped ({', '.join(kinds) or 'its layers hold other tokens'})"
        self.why_whole = None
        self.prefill_whole(self._reader.read(_trial(1)))
        computed = self.tokens_computed
        found = self.prefill(grown)
        if self.tokens_computed - computed == len(grown.ids):
            return "its chat template changes what came before"
        off = float((found - expected).abs().max() / expected.std())
        if off < TRIAL_TOLERANCE[self._model.dtype]:
            return None
        return f"reuse changes its logits (by {off:.2g} of their spread)"

    def prefill_whole(self, asked: Asked) -> Tensor:
        """`prefill` without reuse."""
        self.forget()
        return self.prefill(asked)


class PlainEngine(Loaded[PlainModel]):
    """A loaded model. `path` says what is computed at each step."""

    one_turn = False

    def __init__(self, model: Any, processor: Any, tokenizer: Tokenizer, profile: Profile, folder: str) -> None:
        vocabulary = Vocabulary(tokenizer, profile.patch, _ends(model, processor))
        special = [vocabulary.bytes_of(id).decode() for id in vocabulary.special]
        self._reader = Reader(processor, special, folder)
        super().__init__(PlainModel(model, self._reader), vocabulary, profile)
        whole = self.model.why_whole
        self.path = f"its own processor and cache; {f'{WHOLE} {whole}' if whole else REUSED}"

    def generate(self, prompt: Prompt, stop: tuple[str, ...], max_new_tokens: int) -> Completion:
        """Continues the prompt greedily.

        Raises:
            EngineFailure: it is closed, or memory ran out. ContextOverflow: the prompt leaves no room for a reply.
        """
        model = self.model
        asked = self._reader.read(prompt)
        limit = min(max_new_tokens, self._room(len(asked.ids)))

        def reply() -> Decoded:
            return decode(model.prefill(asked), model, self.vocabulary, stop, limit, self._constraint(prompt))

        found = preflight.retried(reply, model.forget, self._profile)
        return Completion(found.text, (), len(asked.ids), found.steps, found.cut_off)


def _ends(model: Any, processor: Any) -> frozenset[int]:
    """The tokens that end a reply, from the checkpoint."""
    ids = model.generation_config.eos_token_id
    ends = {*(ids if isinstance(ids, list) else [ids]), processor.tokenizer.eos_token_id}
    return frozenset(id for id in ends if id is not None)


def _trial(pictures: int) -> Prompt:
    """A growing conversation with this many pictures."""
    seen = [Picture(Image.new("RGB", (64, 48), colour)) for colour in ("red", "blue")]
    turns = [
        (Message("user", (seen[0], Text("Go."))),),
        (Message("assistant", (Text("Gone."),)), Message("user", (Text("Again."), seen[1]))),
    ]
    shown = [message for turn in turns[:pictures] for message in turn]
    return Prompt((Message("system", (Text("Act."),)), *shown, Message("assistant", ())))
