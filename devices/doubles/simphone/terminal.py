"""An interactive shell, line by line."""

from collections.abc import Awaitable, Callable

from devices.doubles.simphone.shell import Shell
from devices.doubles.simphone.streams import Given, Passed, Sink, Streams

_PROMPT = b"simphone:/ $ "


class Terminal:
    """Reads lines and runs each; with `echo` it behaves like a terminal, without it like a script on stdin."""

    def __init__(self, shell: Shell, read: Callable[[], Awaitable[bytes]], streams: Streams, *, echo: bool) -> None:
        self._shell = shell
        self._read = read
        self._echo = echo
        self._line = bytearray()
        self._over = False
        self._output = _with_returns(streams.stdout) if echo else streams.stdout
        self._errors = _with_returns(streams.stderr) if echo else streams.stderr

    async def run(self) -> int:
        """Runs until the input ends or says `exit`, and returns the last status."""
        await self._show(_PROMPT)
        while not self._over:
            data = await self._read()
            if not data:
                await self._execute()
                break
            for byte in data:
                await self._take(byte)
                if self._over:
                    break
        return self._shell.status

    async def _take(self, byte: int) -> None:
        if byte in b"\r\n":
            await self._show(b"\n")
            await self._execute()
            await self._show(_PROMPT)
        elif self._echo and byte in b"\x7f\x08":
            if self._line:
                del self._line[-1]
                await self._show(b"\b \b")
        elif self._echo and byte == 3:
            self._line.clear()
            await self._show(b"^C\n" + _PROMPT)
        elif self._echo and byte == 4:
            self._over = self._over or not self._line
        else:
            self._line.append(byte)
            await self._show(bytes([byte]))

    async def _execute(self) -> None:
        line = self._line.decode("utf-8", "surrogateescape").strip()
        self._line.clear()
        if line.split(" ")[0] == "exit":
            self._over = True
        if line:
            await self._shell.run(line, Streams(Given(), self._output, self._errors))

    async def _show(self, data: bytes) -> None:
        if self._echo:
            await self._output.write(data)


def _with_returns(sink: Sink) -> Sink:
    async def write(data: bytes) -> None:
        await sink.write(data.replace(b"\n", b"\r\n"))

    return Passed(write)
