"""What a command reads from and writes to."""

from collections.abc import Awaitable, Callable
from typing import NamedTuple, Protocol


class Source(Protocol):
    """Where a command's input comes from."""

    async def read_all(self) -> bytes: ...


class Sink(Protocol):
    """Where a command's output goes."""

    async def write(self, data: bytes) -> None: ...


class Given:
    """Input that is there already."""

    def __init__(self, data: bytes = b"") -> None:
        self._data = data

    async def read_all(self) -> bytes:
        data, self._data = self._data, b""
        return data


class Gathered:
    """Output kept until somebody takes it."""

    def __init__(self) -> None:
        self.data = bytearray()

    async def write(self, data: bytes) -> None:
        self.data += data


class Passed:
    """Output handed on as it comes."""

    def __init__(self, target: Callable[[bytes], Awaitable[None]]) -> None:
        self._target = target

    async def write(self, data: bytes) -> None:
        if data:
            await self._target(data)


class Streams(NamedTuple):
    stdin: Source
    stdout: Sink
    stderr: Sink
