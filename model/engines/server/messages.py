"""A prompt as the messages of a chat request, pictures as PNG at exactly the size that the profile gives."""

from typing import Any

from model.engine import Generated, Message, Picture, Prompt
from model.engines.server.pictures import Pictures, data_uri
from model.special_tokens import without_special_tokens


def messages(prompt: Prompt, named: Pictures | None = None) -> list[dict[str, Any]]:
    """The messages; the open last one is omitted while it is empty, because the server then opens it.

    With `named`, each picture carries its digest, by which vLLM finds it in its caches, and is itself sent only where
    the server does not have it.
    """
    return [_message(message, named) for message in prompt.messages if message.parts]


def continues(prompt: Prompt) -> bool:
    """Whether the model continues the last message instead of starting it."""
    return bool(prompt.messages[-1].parts)


def _message(message: Message, named: Pictures | None) -> dict[str, Any]:
    content: list[dict[str, Any]] = []
    for part in message.parts:
        if isinstance(part, Picture):
            content.append(_picture(part, named))
            continue
        # Text of others is escaped already; the model may have been tricked into writing a special token.
        text = without_special_tokens(part.text) if isinstance(part, Generated) else part.text
        if content and content[-1]["type"] == "text":
            content[-1]["text"] += text
        else:
            content.append({"type": "text", "text": text})
    only_text = len(content) == 1 and content[0]["type"] == "text"
    return {"role": message.role, "content": content[0]["text"] if only_text else content}


def _picture(picture: Picture, named: Pictures | None) -> dict[str, Any]:
    if named is None:
        return {"type": "image_url", "image_url": {"url": data_uri(picture)}}
    url = named.url(picture)
    return {"type": "image_url", "image_url": {"url": url} if url else None, "uuid": picture.digest}
