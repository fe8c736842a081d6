"""The scripted engine says what its file says, and fails where a model would."""

from pathlib import Path

import pytest

from actions.errors import ContextOverflow, EngineFailure, UsageError
from model import profile
from model.engine import Message, Prompt, Text
from model.engines import EngineOptions, connect
from model.engines.scripted import ScriptedEngine, read_replies

MODEL = profile.load("embedded")
PROMPT = Prompt((Message("user", (Text("Go."),)), Message("assistant", ())))


def test_replies_come_in_their_order_cut_at_the_stop() -> None:
    engine = ScriptedEngine(["one *RESULT*: x", "two"], MODEL)
    first = engine.generate(PROMPT, ("*RESULT*",), 9)
    assert (first.text, first.cut_off) == ("one ", False)
    assert first.prompt_tokens == PROMPT.token_count(engine.count_tokens, MODEL.image_tokens)
    assert engine.generate(PROMPT, (), 9).text == "two"
    with pytest.raises(EngineFailure, match="only 2 replies"):
        engine.generate(PROMPT, (), 9)


def test_a_file_of_replies_is_separated_by_lines_of_dashes(tmp_path: Path) -> None:
    (tmp_path / "r").write_text("a\nb\n---\nc --- d\n---\n\n---\ne\n")
    assert read_replies((tmp_path / "r").read_text()) == ["a\nb", "c --- d", "", "e"]
    engine = connect("scripted", MODEL, EngineOptions(replies=tmp_path / "r"))
    assert engine.generate(PROMPT, (), 9).text == "a\nb"


def test_a_file_that_holds_nothing_or_is_not_there_is_wrong_use(tmp_path: Path) -> None:
    (tmp_path / "empty").write_text(" \n")
    (tmp_path / "binary").write_bytes(b"\xff\xfe\xff")
    for name, message in (("empty", "holds no replies"), ("binary", "cannot be read"), ("none", "cannot be read")):
        with pytest.raises(UsageError, match=message):
            connect("scripted", MODEL, EngineOptions(replies=tmp_path / name))
    with pytest.raises(UsageError, match="--replies FILE"):
        connect("scripted", MODEL, EngineOptions())


def test_a_prompt_that_a_model_could_not_read_is_an_overflow() -> None:
    engine = ScriptedEngine(["x"], profile.adjusted(MODEL, context=70, max_new_tokens=10))
    with pytest.raises(ContextOverflow, match="--context"):
        engine.generate(Prompt((Message("user", (Text("1 " * 60),)), Message("assistant", ()))), (), 10)
