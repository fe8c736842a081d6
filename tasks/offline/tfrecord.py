"""Reads GZIP TFRecord files of `tf.train.Example` without tensorflow: only the features that AndroidControl's raw data
need.

A record is its length (8 bytes, little-endian), a checksum (4), its bytes and another checksum (4); gzip has its own,
so these are not checked. Inside are protocol buffers: an `Example` holds features by name, each a list of byte
strings, floats or integers.
"""

import gzip
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

from actions.errors import UsageError

Value = int | bytes
LENGTH_AND_CHECKSUM = struct.Struct("<Q4x")
CHECKSUM = 4
VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
BYTE_STRINGS, INTEGERS = 1, 3
"""A feature's kinds of list; floats are not read."""


def read_examples(path: Path) -> Iterator[dict[str, list[Value]]]:
    """The features of each record by name.

    Raises:
        UsageError: the file cannot be read, is not such a file, or ends within a record.
    """
    try:
        with gzip.open(path) as file:
            while head := file.read(LENGTH_AND_CHECKSUM.size):
                (length,) = LENGTH_AND_CHECKSUM.unpack(head)
                body = file.read(length)
                if len(body) != length or len(file.read(CHECKSUM)) != CHECKSUM:
                    raise UsageError(f"{path} ends within a record. Fetch it again.")
                yield _features(body)
    except (OSError, EOFError, zlib.error, struct.error, IndexError, ValueError) as error:
        raise UsageError(f"{path} is not a GZIP TFRecord file, or is damaged: {error}.") from error


def fields(message: bytes) -> Iterator[tuple[int, Value]]:
    """The fields of a protocol buffer in order: numbers, and values as integers or as bytes.

    Raises:
        IndexError: it ends within a field.
    """
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        number, wire = key >> 3, key & 7
        if wire == VARINT:
            value, at = _varint(message, at)
            yield number, value
            continue
        if wire == BYTES:
            length, at = _varint(message, at)
        elif wire in (FIXED64, FIXED32):
            length = 8 if wire == FIXED64 else 4
        else:
            raise IndexError(f"wire type {wire} at byte {at}")
        if at + length > len(message):
            raise IndexError(f"field {number} is cut off at byte {at}")
        yield number, message[at : at + length]
        at += length


def integers(message: bytes) -> list[int]:
    """Packed integers."""
    found, at = [], 0
    while at < len(message):
        value, at = _varint(message, at)
        found.append(value)
    return found


def inner(message: bytes, number: int) -> list[bytes]:
    """The messages, byte strings or texts under a field number."""
    return [value for found, value in fields(message) if found == number and isinstance(value, bytes)]


def _features(example: bytes) -> dict[str, list[Value]]:
    """An `Example` has `Features`, a map: entries of a name and a `Feature`, which holds one list."""
    features: dict[str, list[Value]] = {}
    for group in inner(example, 1):
        for entry in inner(group, 1):
            (name,), (feature,) = inner(entry, 1), inner(entry, 2)
            features[name.decode()] = [value for kind, held in fields(feature) for value in _list(kind, held)]
    return features


def _list(kind: int, held: Value) -> Iterator[Value]:
    assert isinstance(held, bytes), "a feature's list is a message"
    for _, value in fields(held):
        if kind == INTEGERS and isinstance(value, bytes):
            yield from integers(value)
        elif kind in (BYTE_STRINGS, INTEGERS):
            yield value


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at
