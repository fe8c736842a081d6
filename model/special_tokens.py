"""`without_special_tokens`: text in which a server's tokenizer finds no special token or picture.

In this process text is never more than text. A chat server tokenises whole messages with their special tokens: there
`<|im_end|>` in a text ends the message, and `<|image_pad|>` or Ollama's `[img-0]` requires a picture.
"""

import re

_SPECIAL = re.compile(r"<(?=\||/?tool_response\b)|\[(?=img-\d)", re.IGNORECASE)


def without_special_tokens(text: str) -> str:
    """The text with `<|im_end|>` as `< |im_end|>`, and so on.

    The tags of calls and of thoughts stay, since the model may write them itself; `prompts.escaping` breaks them in
    other texts.
    """
    return _SPECIAL.sub(lambda found: f"{found[0]} ", text)
