"""`serve`: a session as a server of the Model Context Protocol, over standard input and output or over HTTP."""

import asyncio
import hmac
import os
import secrets as random
import signal
import socket
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from types import FrameType

import anyio
import uvicorn
from mcp.server.stdio import stdio_server
from mcp.server.transport_security import TransportSecuritySettings
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from actions.errors import UsageError
from actions.secrets import Secrets
from agent.stopping import STOPS
from agent.terminal import Terminal
from tasks.mcp_server.protocol import Protocol
from tasks.mcp_server.user import ClientsUser
from tasks.mcp_server.work import Desk, Work
from tasks.options import Options
from tasks.session import Session

HOST = "127.0.0.1"
PATH = "/mcp"
Serving = Callable[[], Coroutine[None, None, None]]


def serve(options: Options, port: int | None, console: Terminal) -> None:
    """Serves a session of these options until the client goes away (standard streams) or the process is stopped.

    With a port, HTTP on this machine, where each request needs the token that is printed.

    Raises:
        UsageError: the options are incompatible, or the port is taken. EngineFailure, DeviceFailure: as for a session.
    """
    work, hidden = Work(), Secrets(options.secrets)
    protocol, user = Protocol(work, hidden), ClientsUser(work)
    transport = _over_streams(protocol) if port is None else _over_http(protocol, port, console)
    with transport as serving, _until_stopped(work), _in_a_thread(serving, work):
        while not work.closed:
            with Session(options, console=console, person=user) as session:
                work.carry_out(Desk(session))


@contextmanager
def _in_a_thread(serving: Serving, work: Work) -> Iterator[None]:
    """The server in a thread of its own; the work is closed when the server ends."""
    ended = threading.Event()

    def run() -> None:
        try:
            try:
                asyncio.run(serving())
            except* OSError:  # the client's end of a pipe is gone
                pass
            ended.set()
        finally:
            work.close()

    threading.Thread(target=run, name="MCP server", daemon=True).start()
    yield
    if not ended.is_set():
        raise RuntimeError("the server ended by an error, which its thread has printed")


@contextmanager
def _until_stopped(work: Work) -> Iterator[None]:
    """Closes the work at a signal that ends the process: the run that it interrupts takes it for its own end."""
    before = {number: signal.getsignal(number) for number in STOPS}

    def stop(number: int, frame: FrameType | None) -> None:
        work.close()
        handler = before[signal.Signals(number)]
        if callable(handler):
            handler(number, frame)

    for number, handler in before.items():
        if callable(handler):
            signal.signal(number, stop)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _over_streams(protocol: Protocol) -> Iterator[Serving]:
    """Standard input and output for the protocol alone: meanwhile others read nothing, and print to standard error."""
    reading, writing, nowhere = os.dup(0), os.dup(1), os.open(os.devnull, os.O_RDONLY)
    os.dup2(nowhere, 0)
    os.dup2(2, 1)
    os.close(nowhere)

    async def serving() -> None:
        source = anyio.wrap_file(open(reading, encoding="utf-8", errors="replace"))
        sink = anyio.wrap_file(open(writing, "w", encoding="utf-8"))
        async with stdio_server(source, sink) as (read, write):
            await protocol.server.run(read, write, protocol.server.create_initialization_options())

    yield serving


@contextmanager
def _over_http(protocol: Protocol, port: int, console: Terminal) -> Iterator[Serving]:
    """Streamable HTTP on this machine. Raises UsageError if the port cannot be used."""
    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((HOST, port))
        except OSError as error:
            raise UsageError(f"Port {port} cannot be used: {error.strerror}. Pass another one.") from error
        names = [f"{name}:{listening.getsockname()[1]}" for name in (HOST, "localhost")]
        security = TransportSecuritySettings(allowed_hosts=names, allowed_origins=[f"http://{name}" for name in names])
        token = random.token_urlsafe()
        app = _Guarded(
            protocol.server.streamable_http_app(streamable_http_path=PATH, transport_security=security), token
        )
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1))
        console.print(f"MCP server: http://{names[0]}{PATH}", soft_wrap=True)
        console.print(f"Each request needs this header: Authorization: Bearer {token}", soft_wrap=True)
        yield lambda: server.serve([listening])
        server.should_exit = True


class _Guarded:
    """An application that answers only requests with the token."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app = app
        self._expected = f"Bearer {token}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            given = Headers(scope=scope).get("authorization", "")
            if not hmac.compare_digest(given.encode(), self._expected):
                refused = PlainTextResponse("The token is missing or wrong: see what the server printed.", 401)
                return await refused(scope, receive, send)
        await self._app(scope, receive, send)
        return None
