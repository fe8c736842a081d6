"""`Proxy`: a SOCKS proxy on loopback through which a context sends everything, and which connects only where it may.

It has its own thread, so that pages go on loading whatever Python's other threads do. Chromium leaves it to the proxy
to resolve names, so that the address that is judged is the one that is connected to. The protocol is RFC 1928.
"""

import asyncio
import errno
import ipaddress
import socket
import struct
import threading
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from enum import IntEnum

from devices.rules.hosts import Address, Nearness, address_in, canonical, is_localhost, nearest, reached
from devices.rules.sites import Site, Sites, endpoint
from devices.rules.verdict import Decision, Verdict

CONNECT_S = 25.0
"""How long a host may take to accept; Chromium waits 30 seconds for a proxy."""
STOP_S = 5.0
CHUNK = 256 * 1024
REMEMBERED = 1000
"""How many failures are remembered, to be explained."""
_VERSION = 5
_NO_LOGIN = bytes((_VERSION, 0))
_CONNECT = 1
_RESET = struct.pack("ii", 1, 0)
"""The option by which closing a socket resets its connection."""
_LOOPBACK: list[Address] = [ipaddress.IPv4Address("127.0.0.1"), ipaddress.IPv6Address("::1")]
_FAILURES = {
    errno.ECONNREFUSED: "ERR_CONNECTION_REFUSED",
    errno.ECONNRESET: "ERR_CONNECTION_RESET",
    errno.ETIMEDOUT: "ERR_CONNECTION_TIMED_OUT",
    errno.EHOSTUNREACH: "ERR_ADDRESS_UNREACHABLE",
    errno.ENETUNREACH: "ERR_ADDRESS_UNREACHABLE",
}
"""Chromium's names for what Chromium itself sees only as a failure of its proxy."""
UNKNOWN = "ERR_CONNECTION_FAILED"
"""The name of a failure of which no more is known."""
REFUSED = "ERR_BLOCKED_BY_SITES"
"""Our own name for a connection that is not allowed."""


class _Answer(IntEnum):
    """RFC 1928, section 6."""

    CONNECTED = 0
    FAILED = 1
    NOT_ALLOWED = 2
    NO_SUCH_COMMAND = 7


class _Refused(Exception):
    """The rules do not allow this connection."""


class Proxy:
    """A running proxy. Its starter closes it, once."""

    def __init__(self, sites: Callable[[], Sites], refused: Callable[[str], None]) -> None:
        """`sites` are those that are open now; `refused` is called, in the proxy's thread, with each refusal."""
        self._sites = sites
        self._refused = refused
        self._reached: dict[Site, Nearness] = {}
        self._served: set[asyncio.Task[None]] = set()
        self._failures: OrderedDict[tuple[str, int], str] = OrderedDict()
        self._loop = asyncio.SelectorEventLoop()  # it has `remove_reader` on every system
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)
        self._thread.start()
        started = asyncio.run_coroutine_threadsafe(self._started(), self._loop)
        self._server = started.result(STOP_S)

    @property
    def address(self) -> str:
        """The proxy's address in Chromium's form."""
        host, port = self._server.sockets[0].getsockname()
        return f"socks5://{host}:{port}"

    def failure(self, url: str) -> str:
        """The name, in Chromium's terms, of what failed last at the URL's host."""
        with suppress(ValueError):
            return self._failures.get(endpoint(url)[:2], UNKNOWN)
        return UNKNOWN

    def close(self) -> None:
        """Ends all connections."""
        with suppress(TimeoutError):
            asyncio.run_coroutine_threadsafe(self._stopped(), self._loop).result(STOP_S)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(STOP_S)
        if not self._thread.is_alive():
            self._loop.close()

    async def _started(self) -> asyncio.Server:
        return await asyncio.start_server(self._accepted, "127.0.0.1", 0)

    async def _stopped(self) -> None:
        for listening in self._server.sockets:
            self._loop.remove_reader(listening.fileno())
        await asyncio.sleep(
            0
        )  # what was just accepted has its transport; asyncio forgets it if the server closes first
        self._server.close()
        while others := asyncio.all_tasks() - {asyncio.current_task()}:
            for task in self._served:  # the others are asyncio's own: one that is cancelled would leave its socket open
                task.cancel()
            await asyncio.wait(others)
            await asyncio.sleep(0)  # aborted connections are closed by the loop's next round
        await self._loop.shutdown_default_executor()

    def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serves a connection, and closes it after that, even if its task is cancelled before it has begun."""
        task = self._loop.create_task(self._serve(reader, writer))
        self._served.add(task)
        task.add_done_callback(self._served.discard)
        task.add_done_callback(lambda _: writer.transport.abort())

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, from Chromium's greeting to the end of both directions."""
        try:
            destination = await _destination(reader, writer)
            if destination:
                await self._join(*destination, reader, writer)
        except (OSError, asyncio.IncompleteReadError, ValueError):  # Chromium gave up, or it is no Chromium
            pass

    async def _join(self, name: str, port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host = canonical(name)
        try:
            there = await self._connected(host, port)
        except _Refused as refusal:
            self._failed(host, port, REFUSED)
            self._refused(f"Nothing was sent to {host!r}: {refusal}.")
            await _answer(writer, _Answer.NOT_ALLOWED)
        except OSError as error:
            self._failed(host, port, _name_of(error))
            await _answer(writer, _Answer.FAILED)
        else:
            try:
                await _answer(writer, _Answer.CONNECTED)
                await _relay((reader, writer), there)
            finally:
                there[1].transport.abort()

    async def _connected(self, host: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection to a canonical host. Raises _Refused or OSError."""
        async with asyncio.timeout(CONNECT_S):
            _require(self._sites().name(host, port))
            addresses = await self._addresses(host)
            for address in addresses:  # a name of a denied address is denied with it
                _require(self._sites().name(str(reached(address)), port))
            _require(self._sites().connection(host, port, nearest(addresses), self._reached))
            for left, address in enumerate(addresses, 1 - len(addresses)):
                try:
                    return await asyncio.open_connection(str(address), port, limit=CHUNK)
                except OSError:
                    if not left:
                        raise
        raise AssertionError("a name has at least one address")

    async def _addresses(self, host: str) -> list[Address]:
        """The addresses of a canonical host, in the order in which they are tried. Raises OSError."""
        if literal := address_in(host):
            return [literal]
        if is_localhost(host):
            return _LOOPBACK
        found = await self._loop.getaddrinfo(host, None, type=socket.SOCK_STREAM)
        return [ipaddress.ip_address(str(where[0]).partition("%")[0]) for *_, where in found]

    def _failed(self, host: str, port: int, name: str) -> None:
        self._failures[host, port] = name
        self._failures.move_to_end((host, port))
        if len(self._failures) > REMEMBERED:
            self._failures.popitem(last=False)


def _require(verdict: Verdict) -> None:
    """Raises _Refused unless it is allowed."""
    if verdict.decision is not Decision.ALLOW:
        raise _Refused(verdict.rule)


async def _destination(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> tuple[str, int] | None:
    """The host and port that a client asks for; None if it asks for something else. Raises IncompleteReadError."""
    version, methods = await reader.readexactly(2)
    if version != _VERSION:
        return None
    await reader.readexactly(methods)
    writer.write(_NO_LOGIN)
    _, command, _, kind = await reader.readexactly(4)
    match kind:
        case 1:
            host = str(ipaddress.IPv4Address(await reader.readexactly(4)))
        case 3:
            (length,) = await reader.readexactly(1)
            host = (await reader.readexactly(length)).decode("ascii")
        case 4:
            host = str(ipaddress.IPv6Address(await reader.readexactly(16)))
        case _:
            return None
    port = int.from_bytes(await reader.readexactly(2))
    if command != _CONNECT:
        await _answer(writer, _Answer.NO_SUCH_COMMAND)
        return None
    return host, port


async def _answer(writer: asyncio.StreamWriter, answer: _Answer) -> None:
    """Answers a request. The address that the proxy itself uses is not told."""
    writer.write(bytes((_VERSION, answer, 0, 1, 0, 0, 0, 0, 0, 0)))
    await writer.drain()


Ends = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def _relay(here: Ends, there: Ends) -> None:
    """Passes bytes both ways until both directions have ended. Raises OSError: one is broken, and then both are."""
    ways = [asyncio.ensure_future(_pass_on(one[0], other[1])) for one, other in ((here, there), (there, here))]
    try:
        await asyncio.gather(*ways)
    except OSError:
        for _, writer in (here, there):  # an end that is cut off must not look like a complete answer
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        raise
    finally:
        for way in ways:
            way.cancel()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(CHUNK):
        writer.write(data)
        await writer.drain()
    writer.write_eof()


def _name_of(error: OSError) -> str:
    if isinstance(error, socket.gaierror):
        return "ERR_NAME_NOT_RESOLVED"
    if isinstance(error, TimeoutError):
        return "ERR_CONNECTION_TIMED_OUT"
    return _FAILURES.get(error.errno or 0, "ERR_CONNECTION_FAILED")
