"""The vocabulary that the tests build is the real one: ids as Qwen2.5-VL's own tokenizer gives them."""

import pytest
from tokenizers import Tokenizer

from tests.qwen_vocabulary import NOT_SPECIAL, SPECIAL, qwen_tokenizer


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return qwen_tokenizer()


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("*RESULT*:", [9, 14098, 80103]),
        ("*RETURN*:", [9, 51533, 80103]),
        ("*RESULT*: ", [9, 14098, 80103, 220]),
        (" I", [358]),
        ("0123456789", list(range(15, 25))),
        (",", [11]),
        (" ", [220]),
        ("(", [7]),
        (")", [8]),
        ("]", [60]),
        ("<tool_call></tool_call>", [151657, 151658]),
    ],
)
def test_ids_are_those_of_the_model(text: str, ids: list[int], tokenizer: Tokenizer) -> None:
    assert tokenizer.encode(text).ids == ids


def test_special_tokens_follow_the_vocabulary_in_order(tokenizer: Tokenizer) -> None:
    assert [tokenizer.token_to_id(token) for token in SPECIAL + NOT_SPECIAL] == list(range(151_643, 151_665))


def test_special_tokens_in_text_are_text(tokenizer: Tokenizer) -> None:
    assert max(tokenizer.encode("".join(SPECIAL)).ids) < 151_643


def test_decoding_gives_the_text_back(tokenizer: Tokenizer) -> None:
    text = 'Def f(x):\n\treturn "披萨 🍕" * 2  # naïve\n*RESULT*: (3, 4)}\n'
    assert tokenizer.decode(tokenizer.encode(text).ids, skip_special_tokens=False) == text
