"""A prompt as the messages of a chat request, pictures as PNG at exactly the size that the profile gives."""

import base64
import io
from functools import lru_cache
from typing import Any

from model.engine import Generated, Message, Picture, Prompt
from model.special_tokens import without_special_tokens

KEPT_PICTURES = 64
"""More than fit a context; an encoded picture is reused within its episode."""


def messages(prompt: Prompt, named: bool) -> list[dict[str, Any]]:
    """The messages; the open last one is omitted while it is empty, because the server then opens it.

    `named`: each picture carries its digest, by which vLLM finds it in its caches.
    """
    return [_message(message, named) for message in prompt.messages if message.parts]


def continues(prompt: Prompt) -> bool:
    """Whether the model continues the last message instead of starting it."""
    return bool(prompt.messages[-1].parts)


def _message(message: Message, named: bool) -> dict[str, Any]:
    content: list[dict[str, Any]] = []
    for part in message.parts:
        if isinstance(part, Picture):
            name = {"uuid": part.digest} if named else {}
            content.append({"type": "image_url", "image_url": {"url": data_uri(part)}, **name})
            continue
        # Text of others is escaped already; the model may have been tricked into writing a special token.
        text = without_special_tokens(part.text) if isinstance(part, Generated) else part.text
        if content and content[-1]["type"] == "text":
            content[-1]["text"] += text
        else:
            content.append({"type": "text", "text": text})
    only_text = len(content) == 1 and content[0]["type"] == "text"
    return {"role": message.role, "content": content[0]["text"] if only_text else content}


@lru_cache(maxsize=KEPT_PICTURES)
def data_uri(picture: Picture) -> str:
    """The picture as PNG in a `data:` URI."""
    buffer = io.BytesIO()
    picture.image.save(buffer, "PNG", compress_level=1)
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()
