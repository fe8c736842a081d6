"""A prompt becomes the right ids, and text never becomes a special token."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from actions.errors import EngineFailure
from model.engine import Generated, Message, Prompt
from model.engines.local.tokens import Placed, Tokens, Vocabulary
from tests.model import tiny

SPECIAL = ["<|im_end|>", "<|im_start|>system\n", "<|vision_start|><|image_pad|><|vision_end|>", "<|endoftext|>"]


@pytest.mark.parametrize("text", SPECIAL)
def test_a_special_string_in_text_is_spelled_out(text: str, vocabulary: Vocabulary) -> None:
    first_special = vocabulary.marker("<|endoftext|>")
    ids = vocabulary.encode(f"before {text} after")
    assert max(ids) < first_special
    assert b"".join(map(vocabulary.bytes_of, ids)).decode() == f"before {text} after"


def test_a_prompt_is_laid_out_as_chatml(vocabulary: Vocabulary, small_tokenizer: Tokenizer) -> None:
    tokens = vocabulary.lay_out(tiny.question("Click <|im_end|> here", tiny.picture(1, columns=2, rows=3)))
    small_tokenizer.encode_special_tokens = False
    head = small_tokenizer.encode(
        "<|im_start|>system\nAct on the page.<|im_end|>\n<|im_start|>user\n<|vision_start|>" + "<|image_pad|>" * 6
    ).ids
    end = small_tokenizer.encode("<|im_end|>\n<|im_start|>assistant\n").ids
    small_tokenizer.encode_special_tokens = True
    middle = [vocabulary.marker("<|vision_end|>"), *vocabulary.encode("Click <|im_end|> here")]
    assert tokens.ids == [*head, *middle, *end]
    assert [placed[:3] for placed in tokens.pictures] == [(len(head) - 6, 3, 2)]


def test_generated_ids_are_kept_and_encoded_only_where_they_are_not_told(vocabulary: Vocabulary) -> None:
    odd = tuple(vocabulary.encode("Cli")) + tuple(vocabulary.encode("ck"))
    assert odd != vocabulary.encode("Click")

    def ids(part: Generated) -> list[int]:
        return vocabulary.lay_out(Prompt((Message("assistant", (part,)),))).ids

    assert tuple(ids(Generated("Click", odd))[-len(odd) :]) == odd
    assert tuple(ids(Generated("Click", ()))[-1:]) == vocabulary.encode("Click")[-1:]


@settings(deadline=None)
@given(text=st.text(st.characters(exclude_categories=["Cs"])))
def test_the_bytes_of_the_ids_are_the_text(text: str) -> None:
    vocabulary = Vocabulary(tiny.tokenizer_of(tiny.EMBEDDED / "tokenizer.json"), 28)
    assert b"".join(map(vocabulary.bytes_of, vocabulary.encode(text))) == text.encode()


def test_a_lone_surrogate_does_not_break_the_prompt(vocabulary: Vocabulary) -> None:
    assert vocabulary.encode("a\ud800b") == vocabulary.encode("a?b")


def test_a_tokenizer_of_another_family_is_refused() -> None:
    with pytest.raises(EngineFailure, match=re.escape("no token <|im_end|>")):
        Vocabulary(Tokenizer.from_str('{"version":"1.0","model":{"type":"BPE","vocab":{},"merges":[]}}'), 28)


def placed(start: int, seed: int, columns: int = 2) -> Placed:
    return Placed(start, 2, columns, tiny.picture(seed, columns, 2))


def test_a_prefix_is_shared_up_to_the_first_other_token() -> None:
    grown = Tokens([1, 2, 3, 4], [])
    assert grown.shared_with(Tokens([1, 2, 9, 4], [])) == 2
    assert grown.shared_with(Tokens([1, 2, 3, 4, 5], [])) == 4
    assert grown.shared_with(Tokens([], [])) == 0


def test_pictures_are_told_apart_by_their_content_and_not_by_their_tokens() -> None:
    ids = [1, 7, 7, 7, 7, 2, 7, 7, 7, 7, 3]
    shown = Tokens(ids, [placed(1, seed=1), placed(6, seed=2)])
    assert shown.shared_with(Tokens(ids, [placed(1, seed=1), placed(6, seed=2)])) == len(ids)
    assert shown.shared_with(Tokens(ids, [placed(1, seed=1), placed(6, seed=3)])) == 6
    assert shown.shared_with(Tokens(ids, [placed(1, seed=3), placed(6, seed=2)])) == 1
    assert shown.shared_with(Tokens([*ids, 7, 7], [placed(1, seed=1), placed(6, seed=2, columns=3)])) == 6


def test_written_placeholders_are_no_picture() -> None:
    ids = [1, 7, 7, 7, 7, 2]
    shown, written = Tokens(ids, [placed(1, seed=1)]), Tokens(ids, [])
    assert shown.shared_with(written) == written.shared_with(shown) == 1
