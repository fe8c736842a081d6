"""What a request to a server may take: a time for the whole of it, and a size; everything else is a sentence."""

import gzip
import json
import resource
import time
import zlib

import pytest

from actions.errors import EngineFailure, UsageError
from model.engines.server.client import Client
from model.engines.server.transport import LARGEST_BODY
from tests.fakes.raw_server import HEAD, Answer, pieces, sending, trickle

MODELS = json.dumps({"data": [{"id": "qwen"}]}).encode()


def asked(answer: Answer, timeout_s: float = 20) -> list[str]:
    """The names of the models that a server lists which answers so."""
    with sending(answer) as url:
        client = Client(url, timeout_s)
        try:
            return [model.id for model in client.models()]
        finally:
            client.close()


@pytest.mark.parametrize(
    "answer",
    [
        trickle(HEAD + b"content-length: 900000\r\n\r\n", b" ", 0.05),
        trickle(HEAD + b"\r\n", b" ", 0.05),
        trickle(HEAD + b"transfer-encoding: chunked\r\n\r\n", b"1\r\n \r\n", 0.05),
        trickle(b"", b"H", 0.05),
        trickle(HEAD + b"x-slow: ", b"s", 0.05),
        trickle(b"", b"HTTP/1.1 100 Continue\r\n\r\n", 0.05),
    ],
    ids=["body", "body without a length", "chunks", "status", "headers", "interim answers"],
)
def test_a_server_that_sends_a_byte_now_and_then_is_given_up_in_time(answer: Answer) -> None:
    began = time.monotonic()
    with pytest.raises(EngineFailure, match=r"no complete answer within 1 s.*--timeout"):
        asked(answer, timeout_s=1)
    assert time.monotonic() - began < 30


def test_an_answer_in_time_is_taken_however_it_comes() -> None:
    assert asked(pieces(HEAD + b"content-length: %d\r\n\r\n" % len(MODELS), MODELS)) == ["qwen"]
    assert asked(pieces(HEAD + b"\r\n", MODELS)) == ["qwen"]
    for packed, encoding in ((gzip.compress(MODELS, mtime=0), b"gzip"), (zlib.compress(MODELS), b"deflate")):
        assert asked(pieces(HEAD + b"content-encoding: " + encoding + b"\r\n\r\n", packed)) == ["qwen"]


@pytest.mark.parametrize("packed", [False, True])
def test_a_body_larger_than_any_reply_is_refused_before_it_fills_the_memory(packed: bool) -> None:
    many = 12 * LARGEST_BODY
    unpacking = zlib.compressobj(9, wbits=31)
    bomb = b"".join(unpacking.compress(bytes(2**20)) for _ in range(many // 2**20)) + unpacking.flush()
    head = HEAD + (b"content-encoding: gzip\r\n\r\n" if packed else b"\r\n")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(EngineFailure, match="more than 16 MiB"):
        asked(pieces(head, bomb) if packed else lambda: (head, *(bytes(2**20) for _ in range(many // 2**20))))
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown * 1024 < 6 * LARGEST_BODY, "kibibytes on Linux"


@pytest.mark.parametrize(
    ("head", "body", "message"),
    [
        (b"content-encoding: gzip\r\n", MODELS, "broken gzip"),
        (b"content-encoding: gzip\r\n", gzip.compress(MODELS, mtime=0)[:-9], "is truncated"),
        (b"content-encoding: gzip\r\n", b"", "is truncated"),
        (b"content-encoding: deflate\r\n", b"\xff" * 50, "broken deflate"),
        (b"content-encoding: br\r\n", MODELS, "encoding 'br'"),
        (b"content-encoding: gzip, gzip\r\n", MODELS, "encoding 'gzip, gzip'"),
        (b"content-length: 900\r\n", MODELS, "closed the connection before"),
        (b"content-length: many\r\n", MODELS, "closed the connection before"),
        (b"transfer-encoding: chunked\r\n", b"zz\r\n", "closed the connection before"),
        (b"", b"\xff\xfe\x00", "OpenAI format"),
        (b"", b"[" * 100_000, "OpenAI format"),
        (b"", b'{"data": [{"id": "\\ud800"}]}', "OpenAI format"),
    ],
)
def test_what_cannot_be_read_is_a_sentence(head: bytes, body: bytes, message: str) -> None:
    with pytest.raises(EngineFailure, match=message) as failure:
        asked(pieces(HEAD + head + b"\r\n", body))
    assert str(failure.value).isprintable()


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (b"", "closed the connection before"),
        (b"220 mail.example.com ESMTP\r\n", "closed the connection before"),
        (b"HTTP/1.1 999999 What\r\n\r\n", "closed the connection before"),
        (b"HTTP/1.1 301 Moved\r\nlocation: http://example.com/v1\r\n\r\n", "moved to http://example.com/v1"),
        (b"HTTP/1.1 418 \r\n\r\n\x1b[2J\x1b]0;owned\x07\xc2\x9b31m", r"answered 418:  ?\[2J \]0;owned 31m"),
    ],
)
def test_what_is_no_answer_is_a_sentence_that_no_terminal_obeys(answer: bytes, message: str) -> None:
    with pytest.raises(EngineFailure, match=message) as failure:
        asked(pieces(answer))
    assert str(failure.value).isprintable()


@pytest.mark.parametrize(
    "url",
    [
        "", "/v1", "127.0.0.1:8000", "ftp://x", "http://", "http:///v1", "http:h/v1", "http://[::1", "http://h:abc/v1",
        "http://h:99999/v1", "http://h:0/v1", "http://a..b/v1", f"http://{'a' * 64}/v1", "http://\u2603.net/v1",
        "http://xn--/v1", "http://h\x1b/v1", "http://h/v1?key=1", "http://h/v1#x", f"http://{'h' * 70_000}/v1",
    ],
)  # fmt: skip
def test_what_is_no_address_of_a_server_is_wrong_use(url: str) -> None:
    with pytest.raises(UsageError, match="--server takes a URL such as"):
        Client(url, 1)


def test_a_password_within_an_address_is_refused_and_not_shown() -> None:
    with pytest.raises(UsageError, match="--api-key-file") as wrong:
        Client("http://me:hunter2@127.0.0.1/v1", 1)
    assert "hunter2" not in str(wrong.value)


def test_an_address_may_end_with_a_slash_and_hold_spaces_around_it() -> None:
    with sending(pieces(HEAD + b"\r\n", MODELS)) as url:
        client = Client(f" {url}/ ", 20)
        assert [model.id for model in client.models()] == ["qwen"]
        client.close()
