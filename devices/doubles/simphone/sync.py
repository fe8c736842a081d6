"""The `sync:` service: version 1 of the protocol of `adb push`, `adb pull` and `adb ls`."""

import struct

from devices.doubles.simphone.files import Status, resolve
from devices.doubles.simphone.phone import Phone
from devices.doubles.simphone.transport import Stream

_CHUNK = 64 << 10
_NUMBER = struct.Struct("<I")


async def serve(phone: Phone, stream: Stream) -> None:
    """Answers requests until the other side quits."""
    while True:
        command = await stream.read_exactly(4)
        (length,) = _NUMBER.unpack(await stream.read_exactly(4))
        if command == b"QUIT":
            return
        text = (await stream.read_exactly(length)).decode("utf-8", "surrogateescape")
        if command == b"SEND":
            await _receive(phone, stream, text)
        elif command == b"STAT":
            await stream.write(b"STAT" + _status(phone.files.status(resolve("/", text))))
        elif command == b"LIST":
            await _list(phone, stream, resolve("/", text))
        elif command == b"RECV":
            await _send(phone, stream, resolve("/", text))
        else:
            await _fail(stream, f"unknown command {command!r}")
            return


def _status(status: Status | None) -> bytes:
    return struct.pack("<III", *(status or (0, 0, 0)))


async def _fail(stream: Stream, reason: str) -> None:
    data = reason.encode("utf-8", "surrogateescape")
    await stream.write(b"FAIL" + _NUMBER.pack(len(data)) + data)


async def _list(phone: Phone, stream: Stream, path: str) -> None:
    answer = bytearray()
    status = phone.files.status(path)
    for name in phone.files.names(path) if status and status.is_folder else []:
        data = name.encode("utf-8", "surrogateescape")
        answer += b"DENT" + _status(phone.files.status(resolve(path, name))) + _NUMBER.pack(len(data)) + data
    await stream.write(bytes(answer) + b"DONE" + bytes(16))


async def _send(phone: Phone, stream: Stream, path: str) -> None:
    try:
        data = phone.files.read(path)
    except OSError as error:
        await _fail(stream, f"{error.strerror}: {path}")
        return
    for start in range(0, len(data), _CHUNK):
        piece = data[start : start + _CHUNK]
        await stream.write(b"DATA" + _NUMBER.pack(len(piece)) + piece)
    await stream.write(b"DONE" + _NUMBER.pack(0))


async def _receive(phone: Phone, stream: Stream, text: str) -> None:
    """Receives a pushed file; `text` is its path, a comma and its mode."""
    name, _, mode = text.rpartition(",")
    data = bytearray()
    while True:
        kind = await stream.read_exactly(4)
        (number,) = _NUMBER.unpack(await stream.read_exactly(4))
        if kind != b"DATA":
            break
        data += await stream.read_exactly(number)
    path = resolve("/", name)
    try:
        phone.files.make_folder(path.rsplit("/", 1)[0] or "/", parents=True)
        phone.files.write(path, bytes(data), modified=number, mode=int(mode or 0o644) & 0o777)
    except OSError as error:
        await _fail(stream, f"{path}: {error.strerror}")
        return
    await phone.deliver()
    await stream.write(b"OKAY" + _NUMBER.pack(0))
