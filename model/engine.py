"""`Prompt`, `Completion` and the `Engine` protocol: the seam between what is asked and what answers.

A prompt is messages of parts in reading order. Text parts are plain text: no character sequence in them is ever a
special token. The markers of ChatML come only from `chatml`, and pictures only from `Picture`.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple, Protocol, runtime_checkable

from PIL import Image

from actions.geometry import Size


class Text(NamedTuple):
    """Plain text."""

    text: str


class Generated(NamedTuple):
    """What the engine itself wrote before: its token ids, which are kept, and the text they stand for.

    `ids` is empty where the engine does not tell them (a server); then the text is all there is.
    """

    text: str
    ids: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Picture:
    """An RGB image at exactly the size that the model sees."""

    image: Image.Image

    @property
    def size(self) -> Size:
        return Size(*self.image.size)

    @cached_property
    def digest(self) -> str:
        """The content's own name: equal for equal pixels."""
        return hashlib.sha256(repr(self.size).encode() + self.image.tobytes()).hexdigest()


class Marker(NamedTuple):
    """A special token of ChatML, by its text."""

    token: str


Part = Text | Generated | Picture
Segment = Text | Generated | Picture | Marker
Role = Literal["system", "user", "assistant"]


class Message(NamedTuple):
    """One turn of the conversation."""

    role: Role
    parts: tuple[Part, ...]


class Grammar(NamedTuple):
    """What a reply must be like from a keyword on; before it, or without it, a reply is free.

    An engine that can do it writes, once the reply holds `keyword` (at once if that is empty), only what `rules` allow
    from there to the end. The reply ends where nothing more is allowed, and before that where the model ends it behind
    what is whole. An engine that cannot do it leaves the reply free.
    """

    keyword: str
    rules: str
    """In the EBNF of llama.cpp (GBNF), which xgrammar takes as well; the rule `root` is the whole. For all servers to
    mean the same, no rule is part of itself."""


class Prompt(NamedTuple):
    """A conversation whose last message is the assistant's, still open: the model goes on where it ends."""

    messages: tuple[Message, ...]
    grammar: Grammar | None = None
    opening: str = ""
    """What the model's chat template begins a reply with. A chat server's template writes it unasked."""

    def chatml(self) -> Iterator[Segment]:
        """The whole conversation in ChatML, adjoining texts joined so that each is tokenised in one piece."""
        text = ""
        for segment in self._segments():
            if isinstance(segment, Text):
                text += segment.text
                continue
            if text:
                yield Text(text)
                text = ""
            yield segment
        if text:
            yield Text(text)

    def _segments(self) -> Iterator[Segment]:
        last = len(self.messages) - 1
        for index, message in enumerate(self.messages):
            yield Marker("<|im_start|>")
            yield Text(f"{message.role}\n" + (self.opening if index == last else ""))
            yield from message.parts
            if index < last:
                yield Marker("<|im_end|>")
                yield Text("\n")

    def token_count(self, text_tokens: Callable[[str], int], image_tokens: Callable[[Size], int]) -> int:
        """The tokens of the whole prompt, special ones and pictures included."""
        return sum(cost(segment, text_tokens, image_tokens) for segment in self.chatml())

    @property
    def pictures(self) -> list[Picture]:
        return [part for message in self.messages for part in message.parts if isinstance(part, Picture)]


def cost(segment: Segment, text_tokens: Callable[[str], int], image_tokens: Callable[[Size], int]) -> int:
    """The tokens of one segment."""
    match segment:
        case Text(text):
            return text_tokens(text)
        case Generated(text, ids):
            return len(ids) or text_tokens(text)
        case Picture():
            return image_tokens(segment.size)
        case Marker():
            return 1


class Completion(NamedTuple):
    """What the engine wrote. `text` and `ids` end before the stop string; `ids` is empty where they are not told."""

    text: str
    ids: tuple[int, ...]
    prompt_tokens: int
    completion_tokens: int
    cut_off: bool
    """True when the reply ended only because `max_new_tokens` was reached."""


class Engine(Protocol):
    """A running model."""

    @property
    def one_turn(self) -> bool:
        """Whether pictures may stand inside an assistant message, so that an episode can be one growing turn."""
        ...

    def generate(self, prompt: Prompt, stop: tuple[str, ...], max_new_tokens: int) -> Completion:
        """Continues the prompt greedily until the model ends its turn or writes a stop string.

        Raises:
            EngineFailure: the model cannot answer. ContextOverflow: the prompt is longer than it can take.
        """
        ...

    def count_tokens(self, text: str) -> int:
        """The tokens of plain text: exact where the model's tokenizer is at hand, else never too few."""
        ...

    def close(self) -> None: ...


@runtime_checkable
class DescribedEngine(Engine, Protocol):
    """An engine that has more than one way to run a model."""

    @property
    def path(self) -> str:
        """The way it runs this one, and why so, for the first line of a run."""
        ...


@runtime_checkable
class BatchEngine(Engine, Protocol):
    """An engine that can answer several prompts together."""

    @property
    def batching(self) -> bool:
        """Whether that is meant to be faster than one by one here."""
        ...

    def generate_batch(self, prompts: Sequence[Prompt], stop: tuple[str, ...], max_new_tokens: int) -> list[Completion]:
        """What `generate` says to each of the prompts.

        Raises:
            EngineFailure: as in `generate`. ContextOverflow: one of the prompts leaves no room for a reply.
        """
        ...
