"""`Asking`: evaluates expressions in a page without a driver, through the page's own server.

The page includes `/asking.js`, which fetches questions from `/question?CHANNEL`, where it waits for one, and sends the
values to `/answer?CHANNEL`. The broadcasts of AndroidWorld's MiniWoB++ app serve the same purpose on a phone.
"""

import contextlib
import json
import queue
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from actions.errors import DeviceFailure
from tasks.worlds.site_server import QuietHandler, serving

SCRIPT = Path(__file__).with_suffix(".js")
WAIT_S = 10.0
"""How long a page's request for a question is held open."""


class Asking:
    """The questions and answers of the pages at an address. A page must answer within `patience_s`."""

    def __init__(self, patience_s: float = 30.0) -> None:
        self.address = ""
        self._patience_s = patience_s
        self._openings: Counter[str] = Counter()
        self.questions: defaultdict[str, queue.Queue[str]] = defaultdict(queue.Queue)
        self.answers: defaultdict[str, queue.Queue[bytes]] = defaultdict(queue.Queue)

    def open(self, name: str) -> str:
        """The channel of a page that is about to be opened under a name; an earlier page of that name is not used."""
        self._openings[name] += 1
        return self._channel(name)

    def evaluate(self, name: str, expression: str) -> Any:
        """The value of a JavaScript expression in the newest page of that name; promises are awaited.

        Raises:
            DeviceFailure: the page does not answer, or the expression fails.
        """
        channel = self._channel(name)
        self.questions[channel].put(expression)
        try:
            value = json.loads(self.answers[channel].get(timeout=self._patience_s))
        except queue.Empty:
            raise DeviceFailure(
                f"The page {name} did not answer within {self._patience_s:g} s. Is it on the screen?"
            ) from None
        if isinstance(value, dict) and "failure" in value:
            raise DeviceFailure(f"The page {name} could not evaluate {expression[:80]!r}: {value['failure']}")
        return value

    def _channel(self, name: str) -> str:
        return f"{name}.{self._openings[name]}"


@contextmanager
def asking(handler: type[QuietHandler]) -> Iterator[Asking]:
    """Serves the pages of a handler and evaluates expressions in them, for the duration of the block."""
    pages = Asking()

    class Handler(handler):  # type: ignore[misc, valid-type]
        def do_GET(self) -> None:
            path, _, channel = self.path.partition("?")
            if path == "/question":
                self._say(_next(pages.questions[channel]))
            elif path == "/asking.js":
                self._say(SCRIPT.read_bytes(), "text/javascript")
            else:
                super().do_GET()

        def do_POST(self) -> None:
            _, _, channel = self.path.partition("?")
            pages.answers[channel].put(self.rfile.read(int(self.headers["Content-Length"])))
            self._say(b"")

        def _say(self, body: bytes, kind: str = "text/plain") -> None:
            self.send_response(200)
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            with contextlib.suppress(ConnectionError):  # the page was left meanwhile
                self.end_headers()
                self.wfile.write(body)

    with serving(Handler) as address:
        pages.address = address
        yield pages


def _next(questions: "queue.Queue[str]") -> bytes:
    """The next question, or nothing after a timeout."""
    try:
        return questions.get(timeout=WAIT_S).encode()
    except queue.Empty:
        return b""
