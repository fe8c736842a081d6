"""`without_special_tokens`: text that a server can tokenise without finding a special token or a picture in it.

In this process text is never more than text. A chat server tokenises whole messages, special tokens included: there
`<|im_end|>` in a text ends the message, `<|image_pad|>` wants a picture, and so does Ollama's `[img-0]`.
"""

import re

_SPECIAL = re.compile(r"<(?=\||/?tool_response\b)|\[(?=img-\d)", re.IGNORECASE)


def without_special_tokens(text: str) -> str:
    """The text with `<|im_end|>` as `< |im_end|>`, and so on.

    The tags of calls and of thoughts stay, as the model writes them itself where it may; `prompts.escaping` breaks them
    in the texts of others.
    """
    return _SPECIAL.sub(lambda found: f"{found[0]} ", text)
