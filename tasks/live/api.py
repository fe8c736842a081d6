"""The HTTP interface: `ROUTES`, from which the application and its OpenAPI description are made, and their handlers.

Bodies and replies are JSON. What is refused has an `error`, a sentence, in its reply.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import BaseModel, ValidationError
from starlette.concurrency import iterate_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse

from actions.errors import AgentError
from agent.control import Control
from agent.record import picture_path
from tasks.harness.story import Story, read_story
from tasks.live.attached import Attached
from tasks.live.bodies import (
    Act,
    Answered,
    Description,
    Listing,
    Located,
    Looked,
    Nothing,
    Opened,
    Pausing,
    Question,
    Said,
    SessionOptions,
    Start,
    Started,
    Told,
)
from tasks.live.channel import Message
from tasks.live.following import Follower, RunState
from tasks.live.runs import Runs

POLL_S = 0.02
"""How often a followed run's folder is read: a fifth of the promised delay."""
ALIVE_S = 10.0
"""How often a silent stream says that it is alive."""
OPENING_S = 900.0
"""How long a device and a model may take to open."""
ASKING_S = 600.0
"""How long a question about the screen may take."""


class Refused(Exception):
    """A request that cannot be fulfilled, with its status and a sentence."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


class Context(NamedTuple):
    """What a handler gets."""

    runs: Runs
    request: Request
    body: Any

    @property
    def run(self) -> Path:
        """The folder of the run that the path names."""
        if found := self.runs.find(self.request.path_params["run"]):
            return found
        raise Refused(404, "There is no such run.")

    @property
    def attached(self) -> Attached:
        """The process of that run."""
        attached = self.runs.attached(self.run.name)
        if attached is None or attached.over.is_set():
            raise Refused(
                409, "This run takes no answers and no acts from here: it has ended, or has another terminal."
            )
        return attached

    @property
    def control(self) -> Control:
        if not Follower(self.run, self.runs.attached(self.run.name)).state().going_on:
            raise Refused(409, "This run is not going on.")
        return Control(self.run)

    @property
    def session(self) -> Attached:
        if found := self.runs.session(self.request.path_params["session"]):
            return found
        raise Refused(404, "There is no such session.")


Handler = Callable[[Context], Awaitable[BaseModel | Response]]


async def list_runs(context: Context) -> Listing:
    return Listing(runs=await asyncio.to_thread(context.runs.listed))


async def start(context: Context) -> Started:
    _require_starting(context)
    body, runs = context.body, context.runs
    given = body.model_dump(exclude_none=True, exclude={"instruction", "learned", "parameters"})
    if (body.instruction is None) == (body.learned is None):
        raise Refused(422, "Pass an instruction, or a learned run: one of them.")
    if body.learned is None:
        if body.parameters:
            raise Refused(422, "parameters are the values of a learned run. Pass learned, too, or leave them out.")
        return Started(run=await asyncio.to_thread(runs.start, body.instruction, given))
    return Started(run=await asyncio.to_thread(runs.repeat, body.learned, body.parameters, given))


async def read(context: Context) -> Story:
    return await asyncio.to_thread(read_story, context.run)


async def state(context: Context) -> RunState:
    return Follower(context.run, context.runs.attached(context.run.name)).state()


async def events(context: Context) -> Response:
    follower = Follower(context.run, context.runs.attached(context.run.name))
    return StreamingResponse(_events(follower), media_type="text/event-stream")


async def _events(follower: Follower) -> AsyncIterator[str]:
    silent = 0.0
    try:
        while not follower.over:
            silent += POLL_S
            async for name, content in iterate_in_threadpool(follower.news()):  # each is sent as soon as it is known
                yield f"event: {name}\ndata: {json.dumps(content)}\n\n"
                silent = 0.0
            if silent >= ALIVE_S:
                silent = 0.0
                yield ": alive\n\n"
            await asyncio.sleep(POLL_S)
        yield "event: over\ndata: {}\n\n"
    except AgentError as error:
        yield f"event: broken\ndata: {json.dumps({'error': str(error)})}\n\n"


async def picture(context: Context) -> Response:
    if path := picture_path(context.run, f"screens/{context.request.path_params['picture']}"):
        return FileResponse(path, media_type="image/png")
    raise Refused(404, "There is no such picture.")


async def frame(context: Context) -> Response:
    if shown := context.attached.frame:
        return Response(shown, media_type="image/png")
    raise Refused(409, "There is a picture of the screen here only while the run is paused.")


async def pause(context: Context) -> Nothing:
    control, attached = context.control, context.runs.attached(context.run.name)
    if attached and not control.paused:
        attached.frame = None
    control.pause() if context.body.paused else control.proceed()
    return Nothing()


async def stop(context: Context) -> Nothing:
    context.control.stop()
    return Nothing()


async def say(context: Context) -> Nothing:
    context.control.send(context.body.text)
    return Nothing()


async def answer(context: Context) -> Nothing:
    if not context.attached.answer(context.body.id, context.body.answer, context.body.text):
        raise Refused(409, "This question does not wait any more.")
    return Nothing()


async def act(context: Context) -> Nothing:
    if context.attached.frame is None or not context.control.paused:
        raise Refused(409, "You can act on the device only while the run is paused. Pause it first.")
    context.attached.act(context.body.name, context.body.arguments)
    return Nothing()


async def open_session(context: Context) -> Opened:
    _require_starting(context)
    name, reply = context.runs.open_session(context.body.model_dump(exclude_none=True))
    try:
        await _reply(reply, OPENING_S)
    except Refused:
        context.runs.close_session(name)
        raise
    return Opened(session=name)


async def close_session(context: Context) -> Nothing:
    if not context.runs.close_session(context.request.path_params["session"]):
        raise Refused(404, "There is no such session.")
    return Nothing()


async def ask(context: Context) -> Told:
    return Told.model_validate(await _reply(context.session.request("ask", question=context.body.question), ASKING_S))


async def locate(context: Context) -> Located:
    asked = context.session.request("locate", description=context.body.description)
    return Located.model_validate(await _reply(asked, ASKING_S))


async def look(context: Context) -> Looked:
    return Looked.model_validate(await _reply(context.session.request("look"), ASKING_S))


async def _reply(reply: Future[Message], seconds: float) -> Message:
    try:
        message = await asyncio.wait_for(asyncio.wrap_future(reply), seconds)
    except TimeoutError:
        raise Refused(504, f"There was no reply within {seconds:g} s.") from None
    if "error" in message:
        raise Refused(422, message["error"])
    return message


def _require_starting(context: Context) -> None:
    if not context.runs.starting:
        raise Refused(409, "This server shows one run. Start others with --serve.")


class Route(NamedTuple):
    """One request that is understood."""

    method: str
    path: str
    handler: Handler
    summary: str
    reply: type[BaseModel] | str
    """The JSON of the reply, or the type of another content."""
    body: type[BaseModel] | None = None
    status: int = 200

    async def handle(self, runs: Runs, request: Request) -> Response:
        """The response to a request."""
        try:
            made = await self.handler(Context(runs, request, await self._body(request)))
        except Refused as refused:
            return JSONResponse({"error": str(refused)}, refused.status)
        except AgentError as error:
            return JSONResponse({"error": str(error)}, 422)
        return made if isinstance(made, Response) else JSONResponse(made.model_dump(mode="json"), self.status)

    async def _body(self, request: Request) -> BaseModel | None:
        if self.body is None:
            return None
        if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
            raise Refused(415, "The body must be JSON, with the content type application/json.")
        try:
            return self.body.model_validate_json(await request.body())
        except ValidationError as error:
            found = "; ".join(
                ": ".join(filter(None, (".".join(map(str, each["loc"])), each["msg"]))) for each in error.errors()
            )
            raise Refused(422, f"The body is not valid: {found}.") from error


PNG, STREAM = "image/png", "text/event-stream"
ROUTES = (
    Route("GET", "/api/runs", list_runs, "List the runs, the newest first.", Listing),
    Route("POST", "/api/runs", start, "Start a run in a process of its own.", Started, Start, 201),
    Route("GET", "/api/runs/{run}", read, "A run with its steps.", Story),
    Route("GET", "/api/runs/{run}/state", state, "Whether a run goes on, and what waits for a person.", RunState),
    Route(
        "GET", "/api/runs/{run}/events", events,
        "Watch a run by server-sent events: story, step, state, ending, and at last over, or broken with an error.",
        STREAM,
    ),
    Route("GET", "/api/runs/{run}/screens/{picture}", picture, "A screenshot of a run.", PNG),
    Route("GET", "/api/runs/{run}/frame", frame, "The screen of a paused run as it is now.", PNG),
    Route("POST", "/api/runs/{run}/pause", pause, "Pause a run after its step, or let it continue.", Nothing, Pausing),
    Route("POST", "/api/runs/{run}/stop", stop, "Stop a run.", Nothing, Nothing),
    Route("POST", "/api/runs/{run}/messages", say, "Send the model a message.", Nothing, Said),
    Route("POST", "/api/runs/{run}/answers", answer, "Answer a question, or approve an action.", Nothing, Answered),
    Route("POST", "/api/runs/{run}/acts", act, "Act on the device of a paused run.", Nothing, Act),
    Route("POST", "/api/sessions", open_session, "Open a device and a model.", Opened, SessionOptions, 201),
    Route("DELETE", "/api/sessions/{session}", close_session, "Close a session.", Nothing),
    Route("GET", "/api/sessions/{session}/look", look, "Look at the screen.", Looked),
    Route("POST", "/api/sessions/{session}/ask", ask, "Ask a question about the screen.", Told, Question),
    Route("POST", "/api/sessions/{session}/locate", locate, "The position of an element.", Located, Description),
)  # fmt: skip
