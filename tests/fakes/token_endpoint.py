"""vLLM's `POST /inference/v1/generate` beyond the wire: a fake model that takes and gives token ids.

What it takes, what it refuses and what it answers are those of vLLM (`entrypoints/scale_out/token_in_token_out/`,
`protocol.py` and `serving.py`): one placeholder for a picture is expanded by the server, `token_ids` of a choice keep
what completed a stop string and the end of the turn, and caches go by the pictures' uuids.
"""

import base64
import io
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from PIL import Image
from tokenizers import Tokenizer

IMAGE_PAD, END = "<|image_pad|>", "<|im_end|>"


class Invalid(ValueError):
    """The request is not one that the endpoint takes."""


class Crashed(Exception):
    """The request is one that the endpoint fails over, as it does where pictures and placeholders do not match."""


@dataclass
class TokenIn:
    """The endpoint, with what it was asked and what its caches saved."""

    tokenizer: Tokenizer
    replies: list[list[int]] = field(default_factory=list)
    """The ids that the model would write, one list for each request for more than one token."""
    context: int = 32_768
    tells_prompt: bool = True
    asked: list[dict[str, Any]] = field(default_factory=list)
    prompts: list[list[int]] = field(default_factory=list)
    """Each prompt as the model read it, its placeholders expanded."""
    encoded: list[str] = field(default_factory=list)
    """The uuids of the pictures that the vision encoder had to look at."""
    computed: list[int] = field(default_factory=list)
    """How many tokens of each prompt were in no earlier one, or in its reply."""
    kept: dict[str, Image.Image] = field(default_factory=dict)
    """The pictures in its cache, by their uuids."""
    _seen: list[list[int | str]] = field(default_factory=list)

    def answer(self, body: dict[str, Any], tokens_of: Callable[[Image.Image], int]) -> dict[str, Any]:
        """The response to a request. Raises Invalid."""
        if not body.get("token_ids") or "sampling_params" not in body:
            raise Invalid("1 validation error: token_ids, sampling_params: Field required")
        self.asked.append(body)
        prompt, named = self._expanded(body, tokens_of)
        if len(prompt) > self.context:
            raise Invalid(
                f"The decoder prompt (length {len(prompt)}) is longer than the maximum model length of {self.context}."
            )
        self._remember(prompt, named)
        sampling = body["sampling_params"]
        limit = sampling["max_tokens"]
        made = self._stopped(self.replies.pop(0) if limit > 1 else self._end(), sampling.get("stop") or [], limit)
        self._seen[-1] += made
        done = made != [] and (made[-1] in self._end() or len(made) < limit)
        return {
            "request_id": "fake",
            "output_mode": "tokens",
            "choices": [
                {"index": 0, "logprobs": None, "finish_reason": "stop" if done else "length", "token_ids": made}
            ],
            "usage": {
                "prompt_tokens": len(prompt), "completion_tokens": len(made), "total_tokens": len(prompt) + len(made),
            },
            "prompt_token_ids": prompt if body.get("return_token_ids") and self.tells_prompt else None,
        }  # fmt: skip

    def _expanded(
        self, body: dict[str, Any], tokens_of: Callable[[Image.Image], int]
    ) -> tuple[list[int], list[int | str]]:
        """The prompt as the model reads it, and the same with each picture's tokens named by its uuid."""
        pad = self.tokenizer.get_vocab()[IMAGE_PAD]
        parts = iter(enumerate(body.get("content_parts") or []))
        prompt: list[int] = []
        named: list[int | str] = []
        for id in body["token_ids"]:
            index, part = next(parts, (0, None)) if id == pad else (0, None)
            if id == pad and part is None:
                raise Crashed("Failed to apply prompt replacement for mm_items['image'][0]")
            count = tokens_of(self._picture(index, part)) if part else 1
            prompt += [id] * count
            named += [part["uuid"] if part else id] * count
        if next(parts, None) is not None:
            raise Crashed("Failed to apply prompt replacement for mm_items['image'][0]")
        return prompt, named

    def _picture(self, index: int, part: dict[str, Any]) -> Image.Image:
        """A part's picture, from the cache where only its name is given."""
        if part["url"]:
            self.kept[part["uuid"]] = _picture(part)
        if part["uuid"] not in self.kept:
            raise Invalid(f"Cache miss for image at index {index} but data is not provided.")
        return self.kept[part["uuid"]]

    def _remember(self, prompt: list[int], named: list[int | str]) -> None:
        self.prompts.append(prompt)
        self.computed.append(len(named) - max((_common(named, seen) for seen in self._seen), default=0))
        self._seen.append(named)
        for uuid in dict.fromkeys(name for name in named if isinstance(name, str)):
            if uuid not in self.encoded:
                self.encoded.append(uuid)

    def _stopped(self, reply: list[int], stops: list[str], limit: int) -> list[int]:
        """The reply up to the token that completes a stop string."""
        for count in range(1, min(len(reply), limit) + 1):
            text = self.tokenizer.decode(reply[:count], skip_special_tokens=True)
            if any(stop in text for stop in stops):
                return reply[:count]
        return reply[:limit]

    def _end(self) -> list[int]:
        return [self.tokenizer.get_vocab()[END]]


def _common(one: list[int | str], other: list[int | str]) -> int:
    pairs = zip(one, other, strict=False)
    return next((at for at, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


def _picture(part: dict[str, Any]) -> Image.Image:
    kind, _, data = part["url"].partition(";base64,")
    if part["type"] != "image_url" or kind != "data:image/png":
        raise Invalid(f"cannot load {part['type']} {kind[:40]}")
    return Image.open(io.BytesIO(base64.b64decode(data)))
