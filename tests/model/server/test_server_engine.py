"""The server engine against a real HTTP server with every bad habit that real ones have been seen to have."""

import pytest
from PIL import Image

from actions.errors import ContextOverflow, EngineFailure, UsageError
from model import profile
from model.engine import Generated, Message, Picture, Prompt, Text
from model.engines import EngineOptions, connect
from model.engines.server.engine import ServerEngine
from tests.fakes.openai_server import Ways, picture_of, serving

MODEL = profile.load("qwen2.5-vl-7b")
SHOT = Picture(Image.effect_noise((56, 84), 80).convert("RGB"))
FIRST = Prompt((Message("system", (Text("Act."),)), Message("user", (SHOT, Text("Go."))), Message("assistant", ())))
GROWN = Prompt(
    (
        *FIRST.messages[:2],
        Message("assistant", (Generated("I tap.", ()), Text("\n*RESULT*: "), SHOT, Text("\n*RETURN*:"))),
    )
)


def engine(url: str, **options: object) -> ServerEngine:
    found = connect("server", MODEL, EngineOptions.model_validate({"server": url, "timeout_s": 5, **options}))
    assert isinstance(found, ServerEngine)
    return found


def test_a_reply_comes_back_with_the_servers_own_counts() -> None:
    ways = Ways(replies=["I tap. *FUNCTION*: Tap"])
    with serving(ways) as url:
        completion = engine(url).generate(FIRST, ("*RESULT*",), 64)
    assert (completion.text, completion.ids, completion.cut_off) == ("I tap. *FUNCTION*: Tap", (), False)
    assert completion.completion_tokens == 2 and completion.prompt_tokens > 0
    body = ways.asked[-1]
    assert (body["model"], body["max_tokens"], body["temperature"], body["stop"]) == ("qwen", 64, 0, ["*RESULT*"])


def test_pictures_arrive_pixel_by_pixel_at_our_size() -> None:
    ways = Ways()
    with serving(ways) as url:
        engine(url).generate(FIRST, (), 8)
    (message,) = [message for message in ways.asked[-1]["messages"] if message["role"] == "user"]
    assert [part["type"] for part in message["content"]] == ["image_url", "text"]
    assert picture_of(message["content"][0]).tobytes() == SHOT.image.tobytes()


def test_an_empty_open_message_is_left_to_the_server() -> None:
    ways = Ways()
    with serving(ways) as url:
        engine(url).generate(FIRST, (), 8)
    assert [message["role"] for message in ways.asked[-1]["messages"]] == ["system", "user"]
    assert "continue_final_message" not in ways.asked[-1]


def test_a_growing_turn_is_continued_where_the_server_can() -> None:
    ways = Ways()
    with serving(ways) as url:
        growing = engine(url)
        growing.generate(GROWN, (), 8)
    assert growing.one_turn
    body = ways.asked[-1]
    assert body["continue_final_message"] is True and body["add_generation_prompt"] is False
    assert body["messages"][-1]["content"][-1] == {"type": "text", "text": "\n*RETURN*:"}
    assert body["messages"][-1]["content"][0] == {"type": "text", "text": "I tap.\n*RESULT*: "}


@pytest.mark.parametrize("ways", [Ways(assistant_pictures=False), Ways(continues=False)])
def test_a_server_that_cannot_grow_a_turn_is_found_out(ways: Ways) -> None:
    with serving(ways) as url:
        assert not engine(url).one_turn


def test_a_silent_resize_is_refused_with_the_remedy() -> None:
    with serving(Ways(max_pixels=1_003_520)) as url, pytest.raises(EngineFailure, match="--allow-server-resize"):
        engine(url)
    with serving(Ways(max_pixels=1_003_520)) as url:
        assert engine(url, allow_server_resize=True).generate(FIRST, (), 8).text == "ok"


def test_a_server_that_tells_no_counts_is_refused_unless_allowed() -> None:
    with serving(Ways(tells_usage=False)) as url, pytest.raises(EngineFailure, match="no token counts"):
        engine(url)
    with serving(Ways(tells_usage=False)) as url:
        completion = engine(url, allow_server_resize=True).generate(FIRST, (), 8)
    assert completion.prompt_tokens >= MODEL.image_tokens(SHOT.size)


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_busy_server_is_asked_again(status: int) -> None:
    ways = Ways()
    with serving(ways) as url:
        busy = engine(url)
        ways.failures = [status]
        assert busy.generate(FIRST, (), 8).text == "ok"


@pytest.mark.parametrize(
    ("status", "expected"),
    [(400, "own log"), (401, "requires a key"), (403, "flags"), (404, "--served-model"), (422, "own log")],
)
def test_a_refusal_is_final_and_explained(status: int, expected: str) -> None:
    ways = Ways()
    with serving(ways) as url:
        refusing = engine(url)
        before = len(ways.asked)
        ways.failures = [status]
        with pytest.raises(EngineFailure, match=expected):
            refusing.generate(FIRST, (), 8)
    assert len(ways.asked) == before, "a refused request must not be sent again"


@pytest.mark.parametrize("status", [500, 503])
def test_a_server_that_keeps_failing_is_given_up(status: int) -> None:
    ways = Ways()
    with serving(ways) as url:
        failing = engine(url, server_wait_s=1)
        ways.failures = [status] * 9
        with pytest.raises(EngineFailure, match=f"answered {status}"):
            failing.generate(FIRST, (), 8)


def test_a_prompt_that_is_too_long_for_the_server_is_an_overflow() -> None:
    ways = Ways()
    with serving(ways) as url:
        short = engine(url)
        ways.failures, ways.failure_text = [400], "This model's maximum context length is 4096 tokens."
        with pytest.raises(ContextOverflow, match="--max-model-len"):
            short.generate(FIRST, (), 8)


def test_silence_ends_at_the_timeout() -> None:
    ways = Ways()
    with serving(ways) as url:
        silent = engine(url, timeout_s=0.5)
        ways.silent_s = 30
        with pytest.raises(EngineFailure, match=r"within 0\.5 s"):
            silent.generate(FIRST, (), 8)


def test_a_connection_that_breaks_is_a_failure() -> None:
    with serving(Ways(hangs_up=True)) as url, pytest.raises(EngineFailure, match="closed the connection before"):
        engine(url)


@pytest.mark.parametrize("body", ["<html>", "{}", '{"choices": []}', '{"choices": [{"message": 3}]}'])
def test_what_is_no_completion_is_a_failure(body: str) -> None:
    with serving(Ways(body=body)) as url, pytest.raises(EngineFailure, match="OpenAI format"):
        engine(url)


@pytest.mark.parametrize(
    ("models", "kind", "expected"),
    [([], EngineFailure, "has no model"), (["a", "b"], UsageError, "--served-model: a, b")],
)
def test_the_servers_model_has_to_be_clear(models: list[str], kind: type[Exception], expected: str) -> None:
    with serving(Ways(models=models)) as url, pytest.raises(kind, match=expected):
        engine(url)
    with serving(Ways(models=models)) as url:
        assert engine(url, served_model="b").generate(FIRST, (), 8).text == "ok"


@pytest.mark.parametrize(("reply", "text"), [(None, ""), ("", ""), ("a*RESULT*: b", "a")])
def test_every_kind_of_text_becomes_text(reply: str | None, text: str) -> None:
    with serving(Ways(replies=[reply])) as url:
        assert engine(url).generate(FIRST, ("*RESULT*",), 8).text == text


def test_a_reply_that_ran_out_of_tokens_says_so() -> None:
    with serving(Ways(finish_reason="length")) as url:
        assert engine(url).generate(FIRST, (), 8).cut_off


def test_text_is_counted_by_the_servers_tokenizer_where_it_offers_one() -> None:
    ways = Ways(counts=True)
    with serving(ways) as url:
        counting = engine(url)
        assert [counting.count_tokens(text) for text in ("", "eins zwei drei", "eins zwei drei")] == [0, 3, 3]
    assert counting.count_tokens("eins zwei drei") == 3, "a text is asked about once"
    with serving(Ways()) as url:
        assert engine(url).count_tokens("eins zwei drei") == len("eins zwei drei")


def test_a_server_that_fails_over_stop_strings_is_asked_without(caplog: pytest.LogCaptureFixture) -> None:
    ways = Ways(takes_stop=False, replies=["I tap. *FUNCTION*: Tap\n*RESULT*: made up"], finish_reason="length")
    with serving(ways) as url:
        found = engine(url)
        said = [found.generate(FIRST, ("*RESULT*",), 64) for _ in range(2)]
    assert [(one.text, one.cut_off) for one in said] == [("I tap. *FUNCTION*: Tap\n", False)] * 2
    assert all("stop" not in body for body in ways.asked[-2:])
    (warning,) = caplog.messages
    assert "cannot stop at a string" in warning


def test_nobody_there_is_a_failure_and_no_url_is_wrong_use() -> None:
    with pytest.raises(EngineFailure, match="cannot be reached"):
        engine("http://127.0.0.1:9/v1")
    for wrong in ("127.0.0.1:8000", "ftp://x"):
        with pytest.raises(UsageError, match="--server"):
            engine(wrong)
