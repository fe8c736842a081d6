"""`serve`: a session as a server of the Model Context Protocol, over standard input and output or over HTTP."""

import asyncio
import os
import secrets as random
import signal
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from types import FrameType

import anyio
import uvicorn
from mcp.server.stdio import stdio_server
from mcp.server.transport_security import TransportSecuritySettings

from actions.secrets import Secrets
from agent.stopping import STOPS
from agent.terminal import Terminal
from tasks.loopback import HOST, Guard, listening
from tasks.mcp_server.protocol import Protocol
from tasks.mcp_server.user import ClientsUser
from tasks.mcp_server.work import Desk, Work
from tasks.options import Options
from tasks.session import Session

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
    with listening(port) as taken:
        port = taken.getsockname()[1]
        token = random.token_urlsafe()
        unchecked = TransportSecuritySettings(enable_dns_rebinding_protection=False)  # the guard checks the host
        app = protocol.server.streamable_http_app(streamable_http_path=PATH, transport_security=unchecked)
        config = uvicorn.Config(Guard(app, token, port), log_level="warning", timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        console.print(f"MCP server: http://{HOST}:{port}{PATH}", soft_wrap=True)
        console.print(f"Each request needs this header: Authorization: Bearer {token}", soft_wrap=True)
        yield lambda: server.serve([taken])
        server.should_exit = True
