"""A session in a process of its own: run `python -m tasks.live.worker` with a channel on standard input and output.

The first request opens the session with its options; each further one is answered with a reply of the same id. The
process ends when the channel is closed, and a run that goes on then is stopped.
"""

import base64
import io
import os
import queue
import signal
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from actions.errors import AgentError, UsageError
from actions.secrets import Secrets
from agent.episode import Episode
from agent.record import gone_if_empty, stop_records
from agent.stopping import STOPPED_CODE, stoppable
from agent.terminal import Terminal
from tasks.harness.player import write_player
from tasks.learned.file import read_learned
from tasks.live.channel import Channel, Message
from tasks.live.front import Front
from tasks.options import Options
from tasks.session import Session

CLOSED: Message = {"kind": "closed"}


def serve(channel: Channel) -> None:
    """Serves the requests of the channel until it is closed."""
    requests: queue.SimpleQueue[Message] = queue.SimpleQueue()
    busy = threading.Event()

    def closed() -> None:
        requests.put(CLOSED)
        if busy.is_set():
            os.kill(os.getpid(), signal.SIGTERM)

    front = Front(channel, requests.put, closed)
    if (first := requests.get()) is CLOSED:
        return
    try:
        with _opened(first, front) as session:
            channel.send("reply", id=first["id"])
            while (request := requests.get()) is not CLOSED:
                busy.set()
                channel.send("reply", id=request["id"], **_reply(session, request))
                busy.clear()
    except AgentError as error:
        channel.send("failed", error=str(error))


@contextmanager
def _opened(request: Message, front: Front) -> Iterator[Session]:
    """The session of a request's options, for one run if there is a record; its folder vanishes if nothing begins."""
    options = Options.read(request["options"])
    with ExitStack() as stack:
        if request["record"]:
            record = stack.enter_context(gone_if_empty(Path(request["record"])))
            options = options.model_copy(update={"downloads": record / "downloads"})
        late = request["late"]
        yield stack.enter_context(Session(options, console=Terminal(stderr=True), person=front, late=late))


def _reply(session: Session, request: Message) -> dict[str, object]:
    try:
        return _done(session, request)
    except AgentError as error:
        return {"error": str(error)}


def _done(session: Session, request: Message) -> dict[str, object]:
    match request["do"]:
        case "run":
            record = Path(request["record"])
            return _ended(session.episode(request["instruction"], record=record), record)
        case "repeat":
            record, secrets = Path(request["record"]), Secrets(session.options.secrets)
            run = read_learned(Path(request["learned"]), request["parameters"], secrets)
            return _ended(session.repeat(run, record=record), record)
        case "ask":
            return {"answer": session.ask(request["question"])}
        case "locate":
            point = session.locate(request["description"])
            return {"x": point.x, "y": point.y}
        case "look":
            look, file = session.look(), io.BytesIO()
            look.image.save(file, "PNG", compress_level=1)
            picture = base64.b64encode(file.getvalue()).decode()
            return {"picture": picture, "screen": look.screen, "text": look.text, "location": look.location}
        case unknown:
            raise UsageError(f"There is no request {unknown!r}.")


def _ended(episode: Episode, record: Path) -> dict[str, object]:
    write_player(record)
    return {"ending": episode.ending, "answer": episode.answer, "steps": len(episode.steps)}


def main() -> int:
    channel = Channel.of_parent()
    try:
        with stoppable(stop_records):
            serve(channel)
    except KeyboardInterrupt:
        return STOPPED_CODE
    finally:
        channel.close()
    return 0


if __name__ == "__main__":
    code = main()
    os._exit(code)  # the thread that reads the channel may still wait
