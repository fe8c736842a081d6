"""One run of one command: its arguments, its streams, and its phone."""

from dataclasses import dataclass

from devices.doubles.simphone.phone import Phone
from devices.doubles.simphone.shell import Shell
from devices.doubles.simphone.streams import Streams


@dataclass(frozen=True)
class Job:
    phone: Phone
    shell: Shell
    arguments: list[str]
    streams: Streams

    async def out(self, text: str) -> int:
        """Writes a line and returns success."""
        await self.streams.stdout.write(f"{text}\n".encode("utf-8", "surrogateescape"))
        return 0

    async def fail(self, text: str, status: int = 1) -> int:
        """Writes a line to the error output and returns a failure."""
        await self.streams.stderr.write(f"{text}\n".encode("utf-8", "surrogateescape"))
        return status

    def options(self, flags: str) -> tuple[set[str], list[str]]:
        """The one-letter options among those letters, and the other arguments."""
        chosen: set[str] = set()
        rest = list(self.arguments)
        while rest and rest[0].startswith("-") and rest[0] != "-" and set(rest[0][1:]) <= set(flags):
            chosen |= set(rest.pop(0)[1:])
        if rest and rest[0] == "--":
            rest.pop(0)
        return chosen, rest
