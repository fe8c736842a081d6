"""A fake model behind a real HTTP server: it speaks the chat completion format, counts tokens as Qwen2.5-VL does, and
returns given replies. Its habits are those observed in real servers."""

import base64
import http.server
import io
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from PIL import Image

from actions.geometry import Size
from model import profile
from tests.fakes.serving import base_url
from tests.fakes.token_endpoint import Crashed, Invalid, TokenIn


@dataclass
class Ways:
    """How the server behaves."""

    replies: list[str | None] = field(default_factory=lambda: ["ok"])
    models: list[str] = field(default_factory=lambda: ["qwen"])
    owned_by: str = "vllm"
    tokens: TokenIn | None = None
    """Offers the endpoint for token ids as well."""
    no_tokens: int = 404
    """The status where it does not: vLLM has been seen to answer 403 and 404."""
    listed: dict[str, Any] = field(default_factory=dict)
    """What else is said of each model at GET /models."""
    most_pictures: int | None = None
    """Refuses a prompt with more, in vLLM's words."""
    thought: str | None = None
    """What the template does about the thought of a reply: "opened" or "left out" unless `enable_thinking` is asked for
    otherwise, or "always opened"."""
    kept: dict[str, dict[str, Any]] = field(default_factory=dict)
    """The pictures that were sent with a name, as vLLM keeps them: a later request may give the name alone."""
    cuts_at: int | None = None
    """Silently reads at most this many tokens of a prompt."""
    message: dict[str, Any] = field(default_factory=dict)
    """Fields of each reply's message in place of its content, as parsers of thoughts and calls leave them."""
    max_pixels: int | None = None
    """Silently resizes larger pictures."""
    tells_usage: bool = True
    continues: bool = True
    """Goes on with an assistant message that is to be continued; otherwise closes it and opens another."""
    assistant_pictures: bool = True
    takes_structure: bool = True
    """Refuses a chat request with a grammar, as a server does that was started without a backend for them."""
    takes_stop: bool = True
    """Fails over a chat request with stop strings, as `transformers serve` does."""
    key: str | None = None
    """Wanted in every request."""
    counts: bool = False
    """Offers its tokenizer, to which a word is a token."""
    joins: int = 1
    """How many words are a token in a prompt; of another model than the tokenizer it offers if that is not 1."""
    drops_thoughts: bool = False
    """Its template drops the thoughts of earlier replies."""
    failures: list[int] = field(default_factory=list)
    """Statuses answered before anything else is."""
    failure_text: str = '{"error": "no"}'
    silent_s: float = 0.0
    hangs_up: bool = False
    body: str | None = None
    """Answered in place of JSON."""
    finish_reason: str = "stop"
    asked: list[dict[str, Any]] = field(default_factory=list)
    """Every request's body, in order."""


def prompt_tokens(body: dict[str, Any], ways: Ways) -> int:
    """A token per word, five per message, and for a picture what the model's formula says at the size it is read at."""
    count = 0
    for message in body["messages"]:
        parts = message["content"]
        for part in [{"type": "text", "text": parts}] if isinstance(parts, str) else parts:
            if part["type"] == "text":
                dropped = ways.drops_thoughts and message["role"] == "assistant"
                said = part["text"].split("</think>")[-1] if dropped else part["text"]
                count += len(said.split()) // ways.joins
            else:
                count += tokens_of(picture_of(part), ways)
        count += 5
    count += thought_tokens(body, ways)
    if ways.cuts_at:
        return min(count, ways.cuts_at)
    continued = ways.continues and body.get("continue_final_message") and not body.get("add_generation_prompt", True)
    return count - 2 if continued else count + 3


def thought_tokens(body: dict[str, Any], ways: Ways) -> int:
    """The tokens with which the template begins a reply: `<think>` and a line, and behind that the thought's end."""
    opened = body.get("chat_template_kwargs", {}).get("enable_thinking", ways.thought == "opened")
    return 0 if ways.thought is None else 2 if opened or ways.thought == "always opened" else 4


def picture_of(part: dict[str, Any]) -> Image.Image:
    """The picture of a content part, decoded from its data URI."""
    data = re.fullmatch(r"data:image/png;base64,(.*)", part["image_url"]["url"])
    assert data, part["image_url"]["url"][:60]
    return Image.open(io.BytesIO(base64.b64decode(data[1])))


def tokens_of(image: Image.Image, ways: Ways) -> int:
    model = profile.adjusted(profile.load("qwen2.5-vl-7b"), max_pixels=ways.max_pixels or 16384 * 28 * 28)
    return model.image_tokens(model.image_size(Size(*image.size)))


def token_answer(body: dict[str, Any], ways: Ways) -> tuple[int, str]:
    """The status and the body with which the endpoint for token ids answers."""
    if ways.tokens is None:
        return ways.no_tokens, '{"detail": "Not Found"}'
    try:
        return 200, json.dumps(ways.tokens.answer(body, lambda image: tokens_of(image, ways) - 2))
    except Crashed as error:
        return 500, json.dumps({"error": {"message": str(error), "type": "InternalServerError", "code": 500}})
    except Invalid as error:
        return 400, json.dumps({"error": {"message": str(error), "type": "BadRequestError", "code": 400}})


def keyless(authorization: str | None, ways: Ways) -> str | None:
    """The refusal where the key is wrong; it repeats what was sent, as some servers' does."""
    if ways.key in (None, (authorization or "").removeprefix("Bearer ")):
        return None
    return json.dumps({"error": {"message": f"Incorrect API key provided: {authorization}"}})


def listing(ways: Ways) -> str:
    """The answer to GET /models."""
    return json.dumps({"data": [{"id": name, "owned_by": ways.owned_by, **ways.listed} for name in ways.models]})


def chat_answer(body: dict[str, Any], ways: Ways) -> tuple[int, str]:
    """The status and the body with which a chat request is answered."""
    if "stop" in body and not ways.takes_stop:
        return 500, "Internal Server Error"
    if refused := refusal(body, ways):
        return 400, json.dumps({"error": refused})
    body = with_kept(body, ways)
    text = ways.replies[0] if body["max_tokens"] == 1 or len(ways.replies) == 1 else ways.replies.pop(0)
    message = {"role": "assistant", "content": text} | ways.message
    choice = {"message": message, "finish_reason": ways.finish_reason}
    usage = {"prompt_tokens": prompt_tokens(body, ways), "completion_tokens": 2}
    return 200, ways.body or json.dumps({"choices": [choice]} | ({"usage": usage} if ways.tells_usage else {}))


@contextmanager
def serving(ways: Ways, port: int = 0) -> Iterator[str]:
    """The base URL of a server with these ways, at this port or at one that is free."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            pass

        def do_GET(self) -> None:
            refused = keyless(self.headers.get("authorization"), ways)
            self.answer(401 if refused else 200, refused or listing(ways))

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            if refused := keyless(self.headers.get("authorization"), ways):
                self.answer(401, refused)
            elif self.path == "/tokenize":
                words = [*range(len(body["prompt"].split()))]
                self.answer(*(200, json.dumps({"tokens": words})) if ways.counts else (404, "Not Found"))
            elif ways.failures:
                self.answer(ways.failures.pop(0), ways.failure_text)
            elif self.path == "/inference/v1/generate":
                self.answer(*token_answer(body, ways))
            elif ways.hangs_up:
                self.connection.close()
            else:
                ways.asked.append(body)
                stopped.wait(ways.silent_s)
                self.answer(*chat_answer(body, ways))

        def answer(self, status: int, text: str) -> None:
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(text.encode())))
            self.send_header("retry-after", "0")
            self.end_headers()
            self.wfile.write(text.encode())

    stopped = threading.Event()
    with base_url(http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler), stopped) as url:
        yield url


def refusal(body: dict[str, Any], ways: Ways) -> str | None:
    """Why a chat request is not taken."""
    if not ways.assistant_pictures and has_assistant_picture(body):
        return "assistant content must be text"
    pictures = sum(part["type"] == "image_url" for parts in bodies(body) for part in parts)
    if ways.most_pictures is not None and pictures > ways.most_pictures:
        return f"At most {ways.most_pictures} image(s) may be provided in one prompt. (parameter=image)"
    named = [part for parts in bodies(body) for part in parts if part.get("uuid")]
    for index, part in enumerate(named):
        if part["image_url"] is None and part["uuid"] not in ways.kept:
            return f"Cache miss for image at index {index} but data is not provided."
    if not ways.takes_structure and "structured_outputs" in body:
        return "structured outputs are not enabled"
    return None


def with_kept(body: dict[str, Any], ways: Ways) -> dict[str, Any]:
    """The request with a picture wherever it has a name alone; keeps those that have a name."""
    for parts in bodies(body):
        ways.kept |= {part["uuid"]: part for part in parts if part.get("uuid") and part["image_url"]}
    messages = [
        message | {"content": [ways.kept.get(part.get("uuid"), part) for part in message["content"]]}
        if isinstance(message["content"], list)
        else message
        for message in body["messages"]
    ]
    return body | {"messages": messages}


def bodies(body: dict[str, Any]) -> list[list[dict[str, Any]]]:
    """The messages' contents, as far as they are lists of parts."""
    return [message["content"] for message in body["messages"] if isinstance(message["content"], list)]


def has_assistant_picture(body: dict[str, Any]) -> bool:
    """Whether a picture stands in a message of the assistant's."""
    turns = [message["content"] for message in body["messages"] if message["role"] == "assistant"]
    return any(part["type"] == "image_url" for parts in turns if isinstance(parts, list) for part in parts)
