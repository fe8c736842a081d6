"""`Work`: requests of clients, which the thread of the session carries out one after the other.

The session lives in the main thread, because only there a signal interrupts a device or a model; the server lives in an
event loop in another thread. A `Job` connects the two.
"""

import asyncio
import queue
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import NamedTuple

from PIL import Image
from pydantic import JsonValue

from actions.errors import EpisodeFailure, ModelMistake, Undecided, UsageError
from agent.episode import Step
from devices import Observation
from devices.rules.approval import Answer, Approval
from tasks.session import Session

ANSWER_S = 300.0
"""How long a client's user may take for an answer."""
MOST = 16
"""How many requests may wait for their turn."""
POLL_S = 0.05
CANCELLED = "The request was cancelled."
STOPPED = "The user stopped it."


class Asked(NamedTuple):
    """A question to the client's user."""

    text: str


class Reply(NamedTuple):
    """The result of a request: facts, which may come from a screen or a model, and a picture of the screen."""

    facts: Mapping[str, JsonValue]
    picture: Image.Image | None = None
    failed: bool = False


Event = Asked | Step | Reply


class Desk:
    """An open session, and the look that a client had of it last."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.seen: Observation | None = None


class Job:
    """One request. While it is carried out, it may report steps and ask its client's user."""

    def __init__(self, do: Callable[[Desk, "Job"], Reply], asks: bool, patience_s: float = ANSWER_S) -> None:
        """`asks` is whether the client's user can be asked. To be called in the server's event loop."""
        self.asks = asks
        self.awaited = True
        """Whether the client waits for what comes next; set in the event loop."""
        self._do = do
        self._patience_s = patience_s
        self._loop = asyncio.get_running_loop()
        self._events: asyncio.Queue[Event] = asyncio.Queue()
        self._answers: queue.SimpleQueue[Approval | None] = queue.SimpleQueue()
        self._cancelled = threading.Event()
        self._ended_by = ""

    @property
    def cancelled(self) -> bool:
        return self._cancelled.is_set()

    async def event(self) -> Event:
        """What happens next; a reply is the last event."""
        return await self._events.get()

    def answer(self, approval: Approval | None) -> None:
        """Answers the last question; None if the user cannot be asked."""
        self._answers.put(approval)

    def cancel(self) -> None:
        """Interrupts it, or keeps it from beginning."""
        self._ended_by = self._ended_by or CANCELLED
        self._cancelled.set()

    def ask(self, question: str) -> Approval | None:
        """The answer of the client's user; None if there is none. To be called in the session's thread."""
        if not self.asks:
            return None
        self._post(Asked(question))
        try:
            approval = self._answers.get(timeout=self._patience_s)
        except queue.Empty:
            if not self.awaited:  # the client went away with the question
                self.cancel()
            return None
        if approval and approval.answer is Answer.STOP:
            self._ended_by = STOPPED
        return approval

    def report(self, step: Step) -> None:
        """Reports a step of a run. To be called in the session's thread."""
        self._post(step)

    def run(self, desk: Desk) -> bool:
        """Carries it out, in the session's thread; whether the session can be used further.

        Raises:
            KeyboardInterrupt: the process is to end.
        """
        usable = True
        try:
            if self.cancelled:
                raise KeyboardInterrupt
            with desk.session.interrupted(self._due):
                reply = self._do(desk, self)
        except (UsageError, Undecided, ModelMistake) as error:
            reply = failure(str(error))
        except EpisodeFailure as error:
            reply, usable = failure(f"{error} The next request opens the device anew."), False
        except KeyboardInterrupt:
            if not self._ended_by:
                raise
            reply = failure(self._ended_by)
        self._post(reply)
        return usable

    def _due(self, over: threading.Event) -> bool:
        while not self.cancelled:
            if over.wait(POLL_S):
                return False
        return True

    def _post(self, event: Event) -> None:
        with suppress(RuntimeError):  # the loop has ended: the client is gone
            self._loop.call_soon_threadsafe(self._events.put_nowait, event)


class Work:
    """The requests that wait for their turn."""

    def __init__(self) -> None:
        self.closed = False
        self._current: Job | None = None
        """The request that is being carried out."""
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()

    def add(self, job: Job) -> None:
        """Raises UsageError if too many are waiting."""
        if self._jobs.qsize() >= MOST:
            raise UsageError(f"{MOST} requests wait for their turn already. Call again when one of them is done.")
        self._jobs.put(job)

    def close(self) -> None:
        """No more requests are carried out after the present one."""
        self.closed = True
        self._jobs.put(None)

    def ask(self, question: str) -> Approval | None:
        """The answer of the user whose request is being carried out; None if there is none."""
        return self._current.ask(question) if self._current else None

    def carry_out(self, desk: Desk) -> None:
        """Carries out requests until the work is closed, or the session must be opened anew."""
        while (job := self._jobs.get()) and not self.closed:
            self._current = job
            usable = job.run(desk)
            self._current = None
            if not usable:
                return


def failure(why: str) -> Reply:
    """The result of a request that failed."""
    return Reply({"error": why}, failed=True)
