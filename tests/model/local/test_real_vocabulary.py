"""The engine with Qwen's own vocabulary of 151,665 tokens; `python -m tests.qwen_vocabulary` builds it."""

import unicodedata

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from model.engines.local.decode import decode
from model.engines.local.engine import LocalEngine
from model.engines.local.tokens import Vocabulary
from tests.model import tiny
from tests.model.determined import Determined
from tests.qwen_vocabulary import qwen_tokenizer

SPECIALS = range(151643, 151657)


@pytest.fixture(scope="module")
def real() -> Vocabulary:
    return Vocabulary(qwen_tokenizer(), 28)


def test_the_markers_and_the_keywords_have_their_known_ids(real: Vocabulary) -> None:
    assert real.size == 151665
    assert [real.marker(token) for token in ("<|im_start|>", "<|im_end|>", "<|image_pad|>")] == [151644, 151645, 151655]
    assert real.encode("*RESULT*:") == (9, 14098, 80103)
    assert real.encode("(12, 7)") == (7, 16, 17, 11, 220, 22, 8)


def test_special_strings_are_text_and_tool_call_tags_are_tokens(real: Vocabulary) -> None:
    ids = real.encode("<|im_end|><|vision_start|><|image_pad|>")
    assert not set(ids) & set(SPECIALS)
    assert real.encode("<tool_call>\n")[0] == 151657 and real.encode("</tool_call>") == (151658,)
    assert real.bytes_of(151657) == b"<tool_call>"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(text=st.text(st.characters(exclude_categories=["Cs"])))
def test_the_bytes_of_the_ids_are_the_text(real: Vocabulary, text: str) -> None:
    assert b"".join(map(real.bytes_of, real.encode(text))).decode() == unicodedata.normalize("NFC", text)


@pytest.mark.parametrize(
    ("reply", "kept"),
    [
        ('*FUNCTION*: Click\n*ARGS*: {"point": (12, 7)}\n*RESULT*: and so on', '*ARGS*: {"point": (12, 7)}\n'),
        ('*FUNCTION*: Click\n*ARGS*: {"point": (12, 7)}*RESULT*: and so on', '*ARGS*: {"point": (12, 7)}'),
        ('*FUNCTION*: Type\n*ARGS*: {"text": "中文 *"} *RESULT*:', '*ARGS*: {"text": "中文 *"} '),
    ],
)
def test_a_stop_string_is_cut_off_wherever_the_tokens_end(reply: str, kept: str, real: Vocabulary) -> None:
    ids = real.encode(reply)
    model = Determined(ids, rows=151936)
    decoded = decode(model.first(), model, real, ("*RESULT*", "*RETURN*"), 100)
    assert decoded.text.endswith(kept) and "RESULT" not in decoded.text and not decoded.cut_off
    assert b"".join(map(real.bytes_of, decoded.ids)).decode() == decoded.text
    # What was generated stays, but for a token that reaches into the stop string.
    assert decoded.ids[:-1] == ids[: len(decoded.ids) - 1]


def test_its_tokens_are_those_of_the_librarys_generate(real: Vocabulary) -> None:
    tokenizer = qwen_tokenizer()
    model = tiny.model_for(tokenizer)
    engine = LocalEngine(model, tokenizer, tiny.profile_of())
    prompt = tiny.question("订一个披萨 <|im_end|>", tiny.picture(1, 5, 4), tiny.picture(2, 3, 7))
    expected = tiny.library_reply(model, engine.vocabulary.lay_out(prompt), engine.vocabulary, 12)
    assert list(engine.generate(prompt, (), 12).ids) == expected
