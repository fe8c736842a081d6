"""The 24-byte packets that an adb server and a phone exchange."""

import asyncio
import struct
from typing import NamedTuple

VERSION = 0x01000001  # from this version on, the checksum of the data may be 0
MAX_PAYLOAD = 1 << 20
_HEADER = struct.Struct("<4s5I")


class Packet(NamedTuple):
    command: bytes
    """CNXN, AUTH, OPEN, OKAY, WRTE or CLSE."""
    arg0: int
    arg1: int
    data: bytes = b""


class BrokenPacket(Exception):
    """The bytes on the connection are not an adb packet."""


def encode(packet: Packet, *, checksum: bool) -> bytes:
    """A packet as bytes; servers older than `VERSION` require the checksum."""
    total = sum(packet.data) & 0xFFFFFFFF if checksum else 0
    magic = int.from_bytes(packet.command, "little") ^ 0xFFFFFFFF
    return _HEADER.pack(packet.command, packet.arg0, packet.arg1, len(packet.data), total, magic) + packet.data


async def read(reader: asyncio.StreamReader) -> Packet:
    """The next packet.

    Raises:
        BrokenPacket: the data is not a packet. asyncio.IncompleteReadError: the connection ended.
    """
    command, arg0, arg1, length, _checksum, magic = _HEADER.unpack(await reader.readexactly(_HEADER.size))
    if magic != int.from_bytes(command, "little") ^ 0xFFFFFFFF:
        raise BrokenPacket(f"the header of {command!r} has a wrong magic number")
    if length > MAX_PAYLOAD:
        raise BrokenPacket(f"{command!r} announces {length} bytes, more than the {MAX_PAYLOAD} agreed on")
    return Packet(command, arg0, arg1, await reader.readexactly(length))
