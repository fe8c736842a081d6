"""A fake model that answers at once, in the words of each agent: it knows where the button is. It serves the page."""

import base64
import http.server
import io
import json
import re
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from PIL import Image

from actions.geometry import Point, Size
from tests.fakes.openai_server import Ways, bodies, chat_answer, listing, with_kept
from tests.fakes.serving import base_url
from tests.performance.peers.scene import Asked, page, target

Reply = Callable[[Point, str], str]
"""An agent's reply for a click at a point of its picture; the other argument is all text of its prompt."""


@dataclass
class Scene:
    """One run: what is shown, how the model answers, and what has happened."""

    transition_s: float
    reply: Reply
    steps: int
    server: str | None = None
    """The program that the server claims to be; None: one that counts no tokens, which the peers do not look at."""
    clicks: int = 0
    asked: list[Asked] = field(default_factory=list)
    on_ask: Callable[[int], None] = lambda count: None
    """Called with the number of each request that has a picture, from 0."""
    ended: threading.Event = field(default_factory=threading.Event)
    """Set once the model was asked for one step more than `steps`: all that is to be measured has happened."""

    def __post_init__(self) -> None:
        self.ways = Ways(models=["model"], owned_by=self.server or "")

    def answer(self, body: dict[str, Any], size: int) -> str:
        """The completion for a request of this many bytes."""
        if body.get("max_tokens") == 1 or not (picture := newest_picture(with_kept(body, self.ways))):  # a probe
            return chat_answer(body, self.ways)[1]
        self.asked.append(Asked(time.perf_counter(), size, picture, self.clicks))
        self.on_ask(len(self.asked) - 1)
        if len(self.asked) > self.steps:
            self.ended.set()
        shown = Size(*Image.open(io.BytesIO(picture)).size)
        said = self.reply(target(self.clicks, shown), json.dumps(body["messages"]))
        if self.server is None:
            choice = {"index": 0, "message": {"role": "assistant", "content": said}, "finish_reason": "stop"}
            return json.dumps(
                {"id": "1", "object": "chat.completion", "created": 0, "model": "model", "choices": [choice]}
            )
        self.ways.replies = [said]
        return chat_answer(body, self.ways)[1]


def newest_picture(body: dict[str, Any]) -> bytes | None:
    """The last picture of a chat request, as it is encoded."""
    parts = [part for parts in bodies(body) for part in parts if part["type"] == "image_url" and part.get("image_url")]
    found = re.fullmatch(r"data:image/\w+;base64,(.*)", parts[-1]["image_url"]["url"]) if parts else None
    return base64.b64decode(found[1]) if found else None


@contextmanager
def serving(scene: Scene) -> Iterator[str]:
    """The address of the page; the model is below it, at /v1."""

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: object) -> None:
            pass

        def do_GET(self) -> None:
            if self.path == "/v1/models":
                self.send(listing(scene.ways))
            else:
                self.send(page(scene.transition_s), "text/html; charset=utf-8")

        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["content-length"]))
            if self.path == "/clicked":
                scene.clicks += 1
                self.send("", "text/plain")
            elif self.path == "/v1/chat/completions":
                self.send(scene.answer(json.loads(content), len(content)))
            else:
                self.send_error(404)

        def send(self, text: str, kind: str = "application/json") -> None:
            self.send_response(200)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

    with base_url(_Server(("127.0.0.1", 0), Handler), threading.Event()) as url:
        yield url.removesuffix("/v1")


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exc_info()[1], ConnectionError):  # a browser that is ended closes its own as it likes
            super().handle_error(request, client_address)
