"""`Front`: the person at the live page, as a run sees them: asked over the channel, and acting during a pause."""

import base64
import contextlib
import io
import itertools
import queue
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from actions.action import Call
from actions.errors import ModelMistake
from actions.geometry import Viewport
from devices import Environment
from devices.rules.approval import Answer, Approval
from tasks.approving import Person
from tasks.live.channel import Channel, Message

LOOK_S = 1.0
"""How often the screen is shown during a pause in which nothing is done at the page."""
NEW_PAUSE_S = 1.0
"""After this time without a call another pause has begun, and acts that were meant for the last one are dropped."""
MOST_ACTS = 50
"""Acts that wait to be performed; further ones are dropped."""
GONE = "The live page is closed, so nobody could be asked."


class Front(Person):
    """Asks at the page. Once the server is gone, every question is answered with no."""

    def __init__(
        self,
        channel: Channel,
        request: Callable[[Message], None] = lambda message: None,
        closed: Callable[[], None] = lambda: None,
    ) -> None:
        """`request` gets every message of the server that is about no question and no act.

        `closed` is called once the server is gone. Both are called in a thread of their own.
        """
        self._channel = channel
        self._request = request
        self._closed = closed
        self._numbers = itertools.count(1)
        self._answers: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self._acts: queue.Queue[Message] = queue.Queue(MOST_ACTS)
        self._looked = self._used = 0.0
        threading.Thread(target=self._read, name="front", daemon=True).start()

    def ask(self, question: str) -> str:
        return str(self._asked(what=question, facts=[], picture=None, approval=False).get("text", "")).strip()

    def decide(self, what: str, facts: Sequence[tuple[str, str]], picture: Path | None) -> Approval:
        name = f"screens/{picture.name}" if picture else None
        answer = self._asked(what=what, facts=facts, picture=name, approval=True)
        return Approval(Answer(answer["answer"]), " ".join(str(answer.get("text", "")).split()))

    def use(self, environment: Environment) -> None:
        if time.monotonic() - self._used > NEW_PAUSE_S:
            self._forget_acts()
        try:
            self._channel.send("said", text=_performed(environment, self._acts.get_nowait()))
            self._show(environment)
        except queue.Empty:
            if time.monotonic() - self._looked >= LOOK_S and not self._channel.busy:
                self._show(environment)
        self._used = time.monotonic()

    def _forget_acts(self) -> None:
        with contextlib.suppress(queue.Empty):
            while True:
                self._acts.get_nowait()

    def _show(self, environment: Environment) -> None:
        if self._channel.closed.is_set():
            return
        seen, file = environment.observe(), io.BytesIO()
        seen.image.save(file, "PNG", compress_level=1)
        self._channel.send("frame", picture=base64.b64encode(file.getvalue()).decode(), screen=seen.screen)
        self._looked = time.monotonic()

    def _asked(self, **question: object) -> Message:
        number = next(self._numbers)
        self._channel.send("ask", id=number, **question)
        try:
            while not self._channel.closed.is_set():
                try:
                    answer = self._answers.get(timeout=0.2)  # in short, so that a signal is handled
                except queue.Empty:
                    continue
                if answer["id"] == number:
                    return answer
            return {"answer": "no", "text": GONE if question["approval"] else ""}
        finally:
            self._channel.send("answered", id=number)

    def _read(self) -> None:
        for message in self._channel.received():
            if message["kind"] == "answer":
                self._answers.put(message)
            elif message["kind"] == "act":
                if not self._acts.full():
                    self._acts.put(message)
            else:
                self._request(message)
        self._closed()


def _performed(environment: Environment, act: Message) -> str:
    """Performs what a person did on the picture; returns what came of it."""
    screen = environment.observe().screen
    try:
        action = environment.action_space.decode(Call(act["name"], act["arguments"]), Viewport(screen, screen))
        outcome = environment.perform(action)
    except ModelMistake as mistake:
        return str(mistake)
    return f"{action} {'' if outcome.performed else 'was not performed.'} {outcome.text}".strip()
