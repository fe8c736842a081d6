"""The decoding loop, fed with the logits of a reply that is known beforehand."""

from collections.abc import Callable

import pytest

from model.engines.local.decode import Decoded, decode
from model.engines.local.tokens import Vocabulary
from tests.model.determined import Determined


def reply(vocabulary: Vocabulary, ids: list[int], stop: tuple[str, ...], limit: int = 100) -> tuple[Decoded, list[int]]:
    """What the loop makes of a model that wants to write `ids`, and the ids that it fed back."""
    model = Determined(ids)
    return decode(model.first(), model, vocabulary, stop, limit), model.fed


@pytest.fixture
def encode(vocabulary: Vocabulary) -> Callable[[str], list[int]]:
    return lambda text: list(vocabulary.encode(text))


def test_the_end_of_the_turn_ends_the_reply(vocabulary: Vocabulary, encode: Callable[[str], list[int]]) -> None:
    ids = encode("Done.")
    for end in ("<|im_end|>", "<|endoftext|>"):
        decoded, _ = reply(vocabulary, [*ids, vocabulary.marker(end)], ())
        assert decoded == Decoded(tuple(ids), "Done.", len(ids) + 1, cut_off=False)


def test_only_the_limit_makes_a_reply_cut_off(vocabulary: Vocabulary, encode: Callable[[str], list[int]]) -> None:
    ids = encode("0123456789")  # digits are single tokens
    decoded, fed = reply(vocabulary, ids, (), limit=3)
    assert decoded == Decoded(tuple(ids[:3]), "012", 3, cut_off=True)
    assert fed == ids[:2]


def test_rows_of_the_embedding_table_without_a_token_are_never_taken(vocabulary: Vocabulary) -> None:
    decoded, _ = reply(vocabulary, [vocabulary.marker("<|im_end|>")], ())
    assert decoded.steps == 1 and not decoded.cut_off


def test_special_tokens_that_models_reply_with_are_kept(vocabulary: Vocabulary) -> None:
    """Such as the boxes of UI-TARS and OS-Atlas."""
    ids = [vocabulary.marker("<|box_start|>"), *vocabulary.encode("(5,6)"), vocabulary.marker("<|box_end|>")]
    decoded, _ = reply(vocabulary, [*ids, vocabulary.marker("<|im_end|>")], ())
    assert decoded.ids == tuple(ids) and decoded.text == "<|box_start|>(5,6)<|box_end|>"


def test_text_and_ids_end_before_the_stop_string(vocabulary: Vocabulary, encode: Callable[[str], list[int]]) -> None:
    ids = encode("*FUNCTION*: Click\n") + encode("*RESULT*:") + encode(" and more")
    decoded, fed = reply(vocabulary, ids, ("*RESULT*", "*RETURN*"))
    assert decoded.text == "*FUNCTION*: Click\n"
    assert decoded.ids == tuple(encode("*FUNCTION*: Click\n"))
    assert decoded.steps < len(ids) and len(fed) == decoded.steps - 1 and not decoded.cut_off


def test_a_stop_string_that_ends_inside_a_token_is_seen(vocabulary: Vocabulary) -> None:
    token = longest_token(vocabulary)
    text = vocabulary.bytes_of(token).decode()
    decoded, _ = reply(vocabulary, [*vocabulary.encode("x"), token], (text[:-1],))
    assert decoded.text == "x" and decoded.ids == vocabulary.encode("x")


def test_what_a_token_says_before_the_stop_string_is_kept(vocabulary: Vocabulary) -> None:
    token = longest_token(vocabulary)
    text = vocabulary.bytes_of(token).decode()
    decoded, _ = reply(vocabulary, [*vocabulary.encode("x"), token], (text[2:],))
    assert decoded.text == "x" + text[:2]
    assert b"".join(map(vocabulary.bytes_of, decoded.ids)).decode() == decoded.text


def test_the_earliest_of_several_stop_strings_counts(vocabulary: Vocabulary) -> None:
    token = longest_token(vocabulary)
    text = vocabulary.bytes_of(token).decode()
    decoded, _ = reply(vocabulary, [token], (text[3:], text[1:]))
    assert decoded.text == text[:1]


def test_a_character_spread_over_tokens_comes_out_whole(
    vocabulary: Vocabulary, encode: Callable[[str], list[int]]
) -> None:
    ids = encode("中文😀ü")
    assert len(ids) > len("中文😀ü")
    decoded, _ = reply(vocabulary, [*ids, vocabulary.marker("<|im_end|>")], ())
    assert decoded.text == "中文😀ü"
    cut, _ = reply(vocabulary, ids, (), limit=1)
    assert cut.text == "\ufffd"


def test_a_stop_string_of_many_bytes_is_found(vocabulary: Vocabulary, encode: Callable[[str], list[int]]) -> None:
    decoded, _ = reply(vocabulary, encode("ab中文cd"), ("中文",))
    assert decoded.text == "ab" and decoded.ids == tuple(encode("ab"))


def longest_token(vocabulary: Vocabulary) -> int:
    ordinary = range(vocabulary.marker("<|endoftext|>"))
    return max(ordinary, key=lambda id: len(vocabulary.bytes_of(id)))
