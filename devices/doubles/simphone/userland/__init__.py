"""The commands of the phone's shell, by name."""

from collections.abc import Awaitable, Callable

from devices.doubles.simphone.phone import Phone
from devices.doubles.simphone.shell import Command, Shell
from devices.doubles.simphone.streams import Streams
from devices.doubles.simphone.userland import (
    activities,
    builtins,
    capture,
    dumps,
    filters,
    folders,
    input,
    packages,
    settings,
    windows,
)
from devices.doubles.simphone.userland.job import Job

_TABLES = (activities, builtins, capture, dumps, filters, folders, input, packages, settings, windows)


def commands(phone: Phone) -> dict[str, Command]:
    """Every command, bound to a phone."""
    return {name: _bound(phone, run) for room in _TABLES for name, run in room.COMMANDS.items()}


def _bound(phone: Phone, run: Callable[[Job], Awaitable[int]]) -> Command:
    async def command(shell: Shell, arguments: list[str], streams: Streams) -> int:
        return await run(Job(phone, shell, arguments, streams))

    return command
