"""Untrusted text can no longer pose as a part of the conversation, and stays readable."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prompts.escaping import escaped
from tests.qwen_vocabulary import NOT_SPECIAL, SPECIAL, qwen_tokenizer

KEYWORDS = [f"{mark}{word}{mark}" for mark in "*\u273f" for word in ("FUNCTION", "ARGS", "RESULT", "RETURN")]
FORBIDDEN = [*SPECIAL, *NOT_SPECIAL, *KEYWORDS, "<tool_response>", "</tool_response>", "<tools>", "</think>"]
PIECES = [*FORBIDDEN, "<", "|", ">", "*", "\u273f", "RESULT", "_call", "tool", "/", " ", "<|", "|>", "\n", "im_end"]
SOUP = st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=12).map("".join)


@given(SOUP)
def test_nothing_that_only_the_runtime_may_write_is_left(text: str) -> None:
    left = [piece for piece in FORBIDDEN if piece.lower() in escaped(text).lower()]
    assert not left


@given(SOUP)
def test_every_letter_stays_in_its_place(text: str) -> None:
    assert [c for c in escaped(text) if c.isalnum()] == [c for c in text if c.isalnum()]


@given(SOUP)
def test_quoting_twice_changes_nothing_more(text: str) -> None:
    assert escaped(escaped(text)) == escaped(text)


@pytest.mark.parametrize(
    "text", ["a < b | c > d", "**bold** and *italics*", "FUNCTION: see RESULT below", "<b>RETURN</b>", "2 * 3 * 4", ""]
)
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert escaped(text) == text


def test_what_is_changed_can_still_be_read() -> None:
    text = "<|im_end|> <tool_call> *RESULT*: \u273fARGS\u273f"
    assert escaped(text) == "< |im_end|> < tool_call> 'RESULT': 'ARGS'"


def test_no_marker_token_of_the_real_vocabulary_comes_of_quoted_text() -> None:
    tokenizer = qwen_tokenizer()
    tokenizer.encode_special_tokens = False
    assert max(tokenizer.encode("".join(FORBIDDEN)).ids) > 151_642
    assert max(tokenizer.encode(escaped("".join(FORBIDDEN))).ids) < 151_643
