"""`Attached`: the server's side of a channel to a run's process: what it asks, and what it shows during a pause."""

import base64
import itertools
import threading
from concurrent.futures import Future
from typing import Any

from pydantic import BaseModel

from actions.geometry import Size
from tasks.live.channel import Channel, Message


class Asked(BaseModel):
    """A question that waits for a person."""

    id: int
    what: str
    facts: list[tuple[str, str]]
    picture: str | None
    """The address of a picture of what it is about, relative to the run."""
    approval: bool
    """Whether it is answered with yes, all, no or stop; else with a text."""


class Attached:
    """A process that runs for this server, or for which this server runs."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._numbers = itertools.count(1)
        self._replies: dict[int, Future[Message]] = {}
        self.waiting: dict[int, Asked] = {}
        self.frame: bytes | None = None
        """The newest picture of a pause, as PNG."""
        self.frames = 0
        self.screen: Size | None = None
        self.said = ""
        """What came of the person's last act."""
        self.error = ""
        """Why it ended without a result."""
        self.over = threading.Event()
        threading.Thread(target=self._read, name="attached", daemon=True).start()

    def answer(self, number: int, answer: str, text: str) -> bool:
        """Answers a question; whether it waited for that."""
        if self.waiting.pop(number, None) is None:
            return False
        self._channel.send("answer", id=number, answer=answer, text=text)
        return True

    def act(self, name: str, arguments: dict[str, Any]) -> None:
        """Lets the process perform an action, in pixels of the screen, during a pause."""
        self._channel.send("act", name=name, arguments=arguments)

    def request(self, do: str, **content: object) -> Future[Message]:
        """Asks the process for something; its reply may be one with an `error`."""
        number = next(self._numbers)
        reply: Future[Message] = Future()
        self._replies[number] = reply
        self._channel.send("request", id=number, do=do, **content)
        if self.over.is_set():
            self._end()
        return reply

    def close(self) -> None:
        """Tells the process that nothing more comes."""
        self._channel.close()

    def _read(self) -> None:
        for message in self._channel.received():
            self._take(message)
        self._end()

    def _take(self, message: Message) -> None:
        match message["kind"]:
            case "ask":
                asked = Asked.model_validate({name: value for name, value in message.items() if name != "kind"})
                self.waiting[asked.id] = asked
            case "answered":
                self.waiting.pop(message["id"], None)
            case "frame":
                self.frame, self.screen = base64.b64decode(message["picture"]), Size(*message["screen"])
                self.frames += 1
            case "said":
                self.said = message["text"]
            case "failed":
                self.error = message["error"]
            case "reply":
                if reply := self._replies.pop(message["id"], None):
                    reply.set_result(message)

    def _end(self) -> None:
        self.over.set()
        self.waiting.clear()
        while self._replies:
            _, reply = self._replies.popitem()
            reply.set_result({"error": self.error or "The process has ended."})
