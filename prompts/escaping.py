"""`escaped`: escapes text of a user, a page or a device, so that it cannot pose as part of the conversation.

Such text may contain what only the runtime and the model may write: ChatML's special tokens, the tags of tool calls,
and the five keywords. Each is broken by a small change that keeps it readable; all other text is unchanged.
"""

import re

from model.special_tokens import without_special_tokens

_TAG = re.compile(r"<(?=/?(?:tool_call|tools|thinking|think|conclusion)\b)", re.IGNORECASE)
_KEYWORD = re.compile(
    r"[*\u273f]\s*(FUNCTION|ARGS|RESULT|RETURN|USER)\s*[*\u273f]", re.IGNORECASE
)  # Qwen-Agent: a flower


def escaped(text: str) -> str:
    """The text with `<|im_end|>` as `< |im_end|>`, `<tool_call>` as `< tool_call>` and `*RESULT*` as `'RESULT'`."""
    text = _TAG.sub("< ", without_special_tokens(text))
    return _KEYWORD.sub(r"'\1'", text)
