"""The input and output streams of commands."""

from collections.abc import Awaitable, Callable
from typing import NamedTuple, Protocol


class Source(Protocol):
    """A command's input."""

    async def read_all(self) -> bytes: ...


class Sink(Protocol):
    """A command's output."""

    async def write(self, data: bytes) -> None: ...


class Given:
    """Input that is complete from the start."""

    def __init__(self, data: bytes = b"") -> None:
        self._data = data

    async def read_all(self) -> bytes:
        data, self._data = self._data, b""
        return data


class Gathered:
    """Buffered output."""

    def __init__(self) -> None:
        self.data = bytearray()

    async def write(self, data: bytes) -> None:
        self.data += data


class Passed:
    """Output that is passed on immediately."""

    def __init__(self, target: Callable[[bytes], Awaitable[None]]) -> None:
        self._target = target

    async def write(self, data: bytes) -> None:
        if data:
            await self._target(data)


class Streams(NamedTuple):
    stdin: Source
    stdout: Sink
    stderr: Sink
