"""The services a phone offers over adb: shells, files, and refusals with a reason."""

import asyncio
import re
from functools import partial

from devices.doubles.simphone import sync
from devices.doubles.simphone.phone import Phone
from devices.doubles.simphone.shell import Shell
from devices.doubles.simphone.streams import Passed, Streams
from devices.doubles.simphone.terminal import Terminal
from devices.doubles.simphone.transport import Service, Stream
from devices.doubles.simphone.userland import commands

_STDIN, _STDOUT, _STDERR, _EXIT, _CLOSE_STDIN = range(5)
_NOISE = b"WARNING: linker: /system/bin/app_process32: unsupported flags DT_FLAGS_1=0x8000001\n"
_REFUSALS = {
    "root": "adbd cannot run as root in production builds\n",
    "remount": 'Not running as root. Try "adb root" first.\n',
    "tcpip": "SimPhone is reached over TCP already\n",
    "usb": "SimPhone has no USB\n",
    "disable-verity": "SimPhone has no verity\n",
    "enable-verity": "SimPhone has no verity\n",
}


def find_service(phone: Phone, name: str) -> Service | None:
    """The handler of a service's name; None means refused (reboot, forwarding, framebuffer, installs by stream)."""
    kind, _, rest = name.partition(":")
    words = kind.split(",")
    if words[0] == "shell":
        run = partial(_framed if "v2" in words else _plain, phone, rest)
        return partial(run, "pty" in words or (not rest and "raw" not in words))
    if kind == "exec":
        return partial(_plain, phone, rest, False)
    if kind == "sync":
        return partial(sync.serve, phone)
    if kind == "reverse":
        return partial(_reverse, phone.screen.ports, rest)
    if kind in _REFUSALS:
        return partial(_say, _REFUSALS[kind])
    return None


async def _say(text: str, stream: Stream) -> None:
    await stream.write(text.encode())


async def _reverse(ports: dict[int, int], request: str, stream: Stream) -> None:
    """`adb reverse`: lets the phone's page reach a port of the computer, on which they both run."""
    verb, _, rest = request.partition(":")
    given = re.fullmatch(r"(?:norebind:)?tcp:(\d+)(?:;tcp:(\d+))?", rest)
    if verb == "list-forward":
        lines = "".join(f"simphone tcp:{port} tcp:{there}\n" for port, there in ports.items())
        await _say(f"{len(lines):04x}{lines}", stream)
        return
    if verb == "forward" and given and given[2]:
        ports[int(given[1])] = int(given[2])
    elif verb == "killforward" and given and int(given[1]) in ports:
        del ports[int(given[1])]
    elif verb == "killforward-all":
        ports.clear()
    else:
        reason = f"cannot do {request}"
        await _say(f"FAIL{len(reason):04x}{reason}", stream)
        return
    await _say("OKAY", stream)


class _PlainInput:
    """The other side's data, all of it input."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream

    async def read_some(self) -> bytes:
        return await self._stream.read_some()

    async def read_all(self) -> bytes:
        found = bytearray()
        while data := await self.read_some():
            found += data
        return bytes(found)


class _FramedInput(_PlainInput):
    """The other side's data in the frames of shell version 2."""

    _ended = False

    async def read_some(self) -> bytes:
        while not self._ended:
            head = await self._stream.read_exactly(5)
            data = await self._stream.read_exactly(int.from_bytes(head[1:], "little"))
            if head[0] == _STDIN and data:
                return data
            self._ended = head[0] == _CLOSE_STDIN
        return b""


async def _write_framed(stream: Stream, kind: int, data: bytes) -> None:
    await stream.write(bytes([kind]) + len(data).to_bytes(4, "little") + data)


async def _framed(phone: Phone, command: str, terminal: bool, stream: Stream) -> None:
    """A shell of version 2: output, errors and the exit status are separate."""
    outputs = [Passed(partial(_write_framed, stream, kind)) for kind in (_STDOUT, _STDERR)]
    streams = Streams(_FramedInput(stream), *outputs)
    status = await _run(phone, command, terminal, streams)
    await _write_framed(stream, _EXIT, bytes([status & 0xFF]))


async def _plain(phone: Phone, command: str, terminal: bool, stream: Stream) -> None:
    """A shell with output and errors in one stream and no exit status."""
    output = Passed(stream.write)
    await _run(phone, command, terminal, Streams(_PlainInput(stream), output, output))


async def _run(phone: Phone, command: str, terminal: bool, streams: Streams) -> int:
    await asyncio.sleep(phone.properties.number("sim.hang_ms") / 1000)
    variables = {"HOME": "/", "USER": "shell", "PATH": "/system/bin", "ANDROID_DATA": "/data"}
    variables |= {"EXTERNAL_STORAGE": "/sdcard", "HOSTNAME": "simphone", "PWD": "/"}
    shell = Shell(commands(phone), phone.files, variables)
    if phone.properties.number("sim.noise"):
        await streams.stderr.write(_NOISE)
    if command:
        status = await shell.run(command, streams)
    else:
        assert isinstance(streams.stdin, _PlainInput)
        status = await Terminal(shell, streams.stdin.read_some, streams, echo=terminal).run()
    await phone.deliver()
    return status
