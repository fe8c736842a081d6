"""A server that goes away is waited for, with a line that says so, and what it said before is not lost."""

import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from actions.errors import EngineFailure, UsageError
from model.engines.server.client import Client, read_key
from tests.fakes.openai_server import Ways, serving
from tests.fakes.raw_server import pieces, sending

CANARY = "sk-canary-5f3a9c"


@contextmanager
def client(url: str, wait_s: float | None = None, key: str | None = None) -> Iterator[Client]:
    opened = Client(url, 20, key, wait_s)
    try:
        yield opened
    finally:
        opened.close()


def port_of(url: str) -> int:
    return int(url.removesuffix("/v1").rpartition(":")[2])


def test_a_server_that_restarts_is_waited_for_and_both_are_said(caplog: pytest.LogCaptureFixture) -> None:
    again = threading.Event()

    def restart() -> None:
        time.sleep(2)
        with serving(Ways(models=["again"]), port_of(url)):
            again.wait(60)

    with serving(Ways()) as url:
        asking = Client(url, 20)
        assert asking.models()
    thread = threading.Thread(target=restart)
    thread.start()
    with closing(asking):
        try:
            assert [model.id for model in asking.models()] == ["again"]
        finally:
            again.set()
            thread.join()
    gone, back = caplog.messages
    assert "cannot be reached" in gone and "Waiting for it, up to 600 s" in gone
    assert "answers again after" in back


def test_a_server_that_loads_its_model_is_waited_for(caplog: pytest.LogCaptureFixture) -> None:
    ways = Ways(failures=[503] * 3, failure_text='{"error": {"message": "Loading model"}}')
    with serving(ways) as url, client(url) as asking:
        assert asking.chat({"model": "qwen", "messages": [], "max_tokens": 1}).choices
    assert "Loading model" in caplog.messages[0]


def test_one_that_was_never_there_is_given_up_soon_unless_the_user_says_otherwise() -> None:
    began = time.monotonic()
    with (
        client("http://127.0.0.1:9/v1") as asking,
        pytest.raises(EngineFailure, match=r"cannot be reached: .*Start it"),
    ):
        asking.models()
    assert time.monotonic() - began < 60
    with client("http://127.0.0.1:9/v1", wait_s=4) as asking, pytest.raises(EngineFailure, match="cannot be reached"):
        began = time.monotonic()
        asking.models()
    assert time.monotonic() - began > 2


def test_what_a_server_said_before_it_died_is_told() -> None:
    last_words = pieces(b"HTTP/1.1 500 Internal Server Error\r\n\r\nEngineCore died: out of memory")
    with sending(last_words, dies=True) as url, client(url, wait_s=2) as asking:
        with pytest.raises(EngineFailure, match=r"cannot be reached.*Before that: .*answered 500: EngineCore died"):
            asking.models()


def test_a_request_that_the_server_always_breaks_at_is_not_repeated_for_ever() -> None:
    asked = []

    def broken() -> tuple[bytes, ...]:
        asked.append(1)
        return ()

    with sending(broken) as url, client(url, wait_s=60) as asking:
        with pytest.raises(EngineFailure, match="closed the connection"):
            asking.models()
    assert len(asked) == 4


def test_a_short_hiccup_is_not_worth_a_line(caplog: pytest.LogCaptureFixture) -> None:
    ways = Ways(failures=[503])
    with serving(ways) as url, client(url) as asking:
        asking.chat({"model": "qwen", "messages": [], "max_tokens": 1})
    assert not caplog.messages


def test_a_key_is_sent_and_never_shown(caplog: pytest.LogCaptureFixture) -> None:
    with serving(Ways(key=CANARY)) as url, client(url, key=CANARY) as asking:
        assert asking.models()
    with serving(Ways(key="another")) as url:
        with client(url, key=CANARY) as asking, pytest.raises(EngineFailure, match="another key") as wrong:
            asking.models()
        with client(url) as asking, pytest.raises(EngineFailure, match="requires a key: pass --api-key-file"):
            asking.models()
    assert CANARY not in str(wrong.value) and "[the key]" in str(wrong.value)
    assert CANARY not in caplog.text


def test_a_key_that_is_cut_by_the_length_of_what_is_shown_is_hidden_all_the_same() -> None:
    body = b"x" * 290 + CANARY.encode()
    with sending(pieces(b"HTTP/1.1 400 Bad\r\n\r\n", body)) as url, client(url, key=CANARY) as asking:
        with pytest.raises(EngineFailure) as wrong:
            asking.models()
    assert CANARY[:6] not in str(wrong.value)


def test_a_key_comes_from_its_file_else_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    assert read_key(None) is None
    monkeypatch.setenv("OPENAI_API_KEY", f" {CANARY}\n")
    assert read_key(None) == CANARY
    file = tmp_path / "key"
    file.write_text(f"{CANARY}2\n", encoding="utf-8")
    assert read_key(file) == f"{CANARY}2"


@pytest.mark.parametrize(
    "content", [b"", b" \n", b"two words", b"two\nlines", "schl\u00fcssel".encode(), b"\xff\xfe", b"\x00"]
)
def test_what_cannot_be_a_key_is_wrong_use_and_not_shown(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "key"
    file.write_bytes(content)
    with pytest.raises(UsageError, match="key") as wrong:
        read_key(file)
    assert "two" not in str(wrong.value) and "schl" not in str(wrong.value)
    with pytest.raises(UsageError, match="cannot be read"):
        read_key(tmp_path)


def test_a_key_of_the_environment_that_cannot_be_one_is_wrong_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "two words")
    with pytest.raises(UsageError, match="OPENAI_API_KEY holds no key"):
        read_key(None)
