"""`Prompt`, `Completion` and the `Engine` protocol: the interface between prompts and what runs a model.

A prompt is messages of parts in reading order. Text parts are plain text: no character sequence in them is ever a
special token. The markers of ChatML come only from `chatml`, and pictures only from `Picture`.
"""

import io
import re
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import Literal, NamedTuple, Protocol, runtime_checkable

from PIL import Image

from actions.geometry import Size
from actions.pictures import as_png, pixel_digest


class Text(NamedTuple):
    """Plain text."""

    text: str


class Generated(NamedTuple):
    """An earlier reply of the engine: its token ids, which are kept, and their text.

    `ids` is empty if the engine does not report them (a server).
    """

    text: str
    ids: tuple[int, ...]


class Shown(Protocol):
    """A look at a screen, which has its picture in these forms already."""

    @property
    def size(self) -> Size: ...

    @property
    def image(self) -> Image.Image: ...

    @property
    def png(self) -> bytes: ...

    @property
    def digest(self) -> str: ...


class Resized:
    """An RGB image of our own making; it is held as PNG once it has been encoded."""

    def __init__(self, image: Image.Image) -> None:
        self.size = Size(*image.size)
        self._pixels: Image.Image | None = image

    @property
    def image(self) -> Image.Image:
        return self._pixels or Image.open(io.BytesIO(self.png))

    @cached_property
    def png(self) -> bytes:
        assert self._pixels, "they are dropped only here"
        encoded, self.digest, self._pixels = as_png(self._pixels), self.digest, None
        return encoded

    @cached_property
    def digest(self) -> str:
        return pixel_digest(self.image)


class Picture:
    """An RGB image at exactly the size that the model sees."""

    def __init__(self, shown: Image.Image | Shown) -> None:
        self._shown: Shown = Resized(shown) if isinstance(shown, Image.Image) else shown

    @property
    def size(self) -> Size:
        return self._shown.size

    @property
    def image(self) -> Image.Image:
        return self._shown.image

    @property
    def png(self) -> bytes:
        """The image as PNG, encoded at most once."""
        return self._shown.png

    @property
    def digest(self) -> str:
        """A digest of the content: equal for equal pixels."""
        return self._shown.digest


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
    """A constraint on a reply from a keyword on; before it, or without it, a reply is free.

    An engine that can do it writes, once the reply holds `keyword` (at once if that is empty), only what `rules` allow
    from there to the end. The reply ends where nothing more is allowed, and before that where the model ends it behind
    what is whole. An engine that cannot do it leaves the reply free.
    """

    keyword: str
    rules: str
    """In the EBNF of llama.cpp (GBNF), which xgrammar takes as well; the rule `root` is the whole. For all servers to
    mean the same, no rule is part of itself."""
    thoughts: tuple[str, ...] = ()
    """Names of tags within which the keyword does not count: a thought may speak of calls."""

    def in_thought(self, text: str) -> bool:
        """Whether the last of these tags in a text opens a thought."""
        tags = re.findall(rf"<(/?)(?:{'|'.join(self.thoughts)})>", text, re.IGNORECASE) if self.thoughts else []
        return bool(tags) and not tags[-1]


class Prompt(NamedTuple):
    """A conversation whose last message is the assistant's, still open: the model continues from its end."""

    messages: tuple[Message, ...]
    grammar: Grammar | None = None
    opening: str = ""
    """The start of a reply in the model's chat template. A chat server's template adds it by itself."""

    def chatml(self) -> Iterator[Segment]:
        """The whole conversation in ChatML, with adjacent texts joined, so that each is tokenised in one piece."""
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
    """What the engine wrote. `text` and `ids` end before the stop string; `ids` is empty if they are not reported.

    `text` continues the prompt's `opening`, also where a chat server's template has begun the reply otherwise.
    """

    text: str
    ids: tuple[int, ...]
    prompt_tokens: int
    completion_tokens: int
    cut_off: bool
    """Whether the reply ended only because it reached `max_new_tokens`."""


class Engine(Protocol):
    """A running model."""

    @property
    def one_turn(self) -> bool:
        """Whether pictures may stand inside an assistant message, so that an episode can be one growing turn."""
        ...

    def generate(self, prompt: Prompt, stop: tuple[str, ...], max_new_tokens: int) -> Completion:
        """Continues the prompt greedily until the model ends its turn or writes a stop string.

        Raises:
            EngineFailure: the model cannot answer. ContextOverflow: the prompt exceeds the context.
        """
        ...

    def count_tokens(self, text: str) -> int:
        """The tokens of plain text: exact with the model's tokenizer, else an upper bound."""
        ...

    def close(self) -> None: ...


@runtime_checkable
class DescribedEngine(Engine, Protocol):
    """An engine with more than one way to run a model."""

    @property
    def path(self) -> str:
        """The chosen way and the reason, for the first line of a run."""
        ...


@runtime_checkable
class BatchEngine(Engine, Protocol):
    """An engine that can answer several prompts together."""

    @property
    def batching(self) -> bool:
        """Whether a batch is expected to be faster here than one prompt at a time."""
        ...

    def generate_batch(self, prompts: Sequence[Prompt], stop: tuple[str, ...], max_new_tokens: int) -> list[Completion]:
        """The reply of `generate` to each prompt.

        Raises:
            EngineFailure: as in `generate`. ContextOverflow: one of the prompts leaves no room for a reply.
        """
        ...
