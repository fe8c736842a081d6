"""The device side of the adb protocol: connections, and the streams multiplexed on each."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

from devices.doubles.simphone.packets import MAX_PAYLOAD, VERSION, BrokenPacket, Packet, encode, read

Service = Callable[["Stream"], Awaitable[None]]


class StreamClosed(Exception):
    """The other side has closed this stream or the connection."""


class Host(Protocol):
    """The phone's interface for a connection."""

    @property
    def banner(self) -> str: ...

    @property
    def trusts_everyone(self) -> bool:
        """False while the computer's key counts as not accepted."""
        ...

    def find_service(self, name: str) -> Service | None: ...


class Stream:
    """One two-way stream of bytes; the protocol allows one write at a time."""

    def __init__(self, connection: "Connection", local_id: int, remote_id: int) -> None:
        self._connection = connection
        self._local_id = local_id
        self._remote_id = remote_id
        self._incoming: asyncio.Queue[bytes] = asyncio.Queue()
        self._rest = b""
        self._writable = asyncio.Event()
        self._writable.set()
        self.closed = False

    async def read_some(self) -> bytes:
        """The next bytes; empty once the other side has closed. Reading them lets the other side continue."""
        if self._rest:
            data, self._rest = self._rest, b""
            return data
        if self.closed and self._incoming.empty():
            return b""
        data = await self._incoming.get()
        if data and not self.closed:
            await self._connection.send(Packet(b"OKAY", self._local_id, self._remote_id))
        return data

    async def read_exactly(self, count: int) -> bytes:
        """That many bytes.

        Raises:
            StreamClosed: the other side closed before.
        """
        parts = bytearray()
        while len(parts) < count:
            data = await self.read_some()
            if not data:
                raise StreamClosed
            parts += data
        self._rest = bytes(parts[count:]) + self._rest
        return bytes(parts[:count])

    async def write(self, data: bytes) -> None:
        """Writes all of it, in pieces of the size that the other side accepts.

        Raises:
            StreamClosed: the other side closed before.
        """
        size = self._connection.max_payload
        for start in range(0, len(data), size):
            await self._writable.wait()
            if self.closed:
                raise StreamClosed
            self._writable.clear()
            await self._connection.send(Packet(b"WRTE", self._local_id, self._remote_id, data[start : start + size]))

    async def flush(self) -> None:
        """Waits until the last write was taken."""
        await self._writable.wait()

    def take(self, data: bytes) -> None:
        self._incoming.put_nowait(data)

    def allow_write(self) -> None:
        self._writable.set()

    def end(self) -> None:
        """Marks the other side as gone and wakes all waiters."""
        self.closed = True
        self._incoming.put_nowait(b"")
        self._writable.set()


class Connection:
    """One adb server's connection to this phone."""

    def __init__(self, host: Host, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._host = host
        self._reader = reader
        self._writer = writer
        self._checksum = True
        self._streams: dict[int, Stream] = {}
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._last_id = 0
        self.max_payload = 4096

    async def serve(self) -> None:
        """Serves requests until the connection ends."""
        try:
            while True:
                await self._take(await read(self._reader))
        except (BrokenPacket, asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            await self._end()

    async def send(self, packet: Packet) -> None:
        """Sends one packet.

        Raises:
            StreamClosed: the connection is gone.
        """
        try:
            self._writer.write(encode(packet, checksum=self._checksum))
            await self._writer.drain()
        except ConnectionError as error:
            raise StreamClosed from error

    def cut(self) -> None:
        """Breaks the connection abruptly, like a pulled cable."""
        self._writer.transport.abort()

    async def _take(self, packet: Packet) -> None:
        if packet.command in (b"CNXN", b"AUTH"):
            await self._greet(packet)
        elif packet.command == b"OPEN":
            await self._open(packet)
        elif stream := self._streams.get(packet.arg1):
            await self._pass_on(stream, packet)
        elif packet.command == b"WRTE":
            await self._answer(Packet(b"CLSE", 0, packet.arg0))

    async def _answer(self, packet: Packet) -> None:
        try:
            await self.send(packet)
        except StreamClosed as error:
            raise ConnectionError("the connection is gone") from error

    async def _greet(self, packet: Packet) -> None:
        if packet.command == b"CNXN":
            self._checksum = packet.arg0 < VERSION
            self.max_payload = max(1, min(packet.arg1, MAX_PAYLOAD))
        if not self._host.trusts_everyone:
            if packet.command == b"CNXN" or packet.arg0 == 2:  # a signature of a key that is not accepted
                await self._answer(Packet(b"AUTH", 1, 0, bytes(range(20))))
            return
        await self._answer(Packet(b"CNXN", VERSION, MAX_PAYLOAD, self._host.banner.encode()))

    async def _open(self, packet: Packet) -> None:
        name = packet.data.rstrip(b"\0").decode("utf-8", "surrogateescape")
        service = self._host.find_service(name)
        if service is None:
            await self._answer(Packet(b"CLSE", 0, packet.arg0))
            return
        self._last_id += 1
        number = self._last_id
        stream = self._streams[number] = Stream(self, number, packet.arg0)
        await self._answer(Packet(b"OKAY", number, packet.arg0))
        self._tasks[number] = asyncio.create_task(self._run(service, stream, number, packet.arg0))

    async def _pass_on(self, stream: Stream, packet: Packet) -> None:
        if packet.command == b"WRTE":
            stream.take(packet.data)
        elif packet.command == b"OKAY":
            stream.allow_write()
        elif packet.command == b"CLSE":
            stream.end()
            if task := self._tasks.get(packet.arg1):
                task.cancel()

    async def _run(self, service: Service, stream: Stream, number: int, remote_id: int) -> None:
        try:
            await service(stream)
            await stream.flush()
        except StreamClosed:
            pass
        finally:
            self._streams.pop(number, None)
            self._tasks.pop(number, None)
            if not stream.closed:
                stream.closed = True
                self._writer.write(encode(Packet(b"CLSE", number, remote_id), checksum=self._checksum))

    async def _end(self) -> None:
        tasks = list(self._tasks.values())
        for stream in list(self._streams.values()):
            stream.end()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._writer.close()
