"""Aggregates records as the Kinesis Producer Library does, written from its "KPL Aggregated Record Format"."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

MAGIC = b"\xf3\x89\x9a\xc2"

VARINT, LENGTH_DELIMITED = 0, 2


def aggregate(records: Sequence[tuple[str, bytes]]) -> bytes:
    """Data of one Kinesis record that carries all ``records``, each a partition key and its data, in order."""
    keys = {key: index for index, key in enumerate(dict.fromkeys(key for key, _ in records))}
    message = b"".join(field(1, key.encode()) for key in keys)
    message += b"".join(field(3, field(1, keys[key]) + field(3, data)) for key, data in records)
    return seal(message)


def seal(message: bytes) -> bytes:
    """The aggregated record around a protobuf message: magic number before it, its MD5 behind it."""
    return MAGIC + message + hashlib.md5(message, usedforsecurity=False).digest()


def field(number: int, value: int | bytes) -> bytes:
    """One protobuf field."""
    if isinstance(value, int):
        return varint(number << 3 | VARINT) + varint(value)
    return varint(number << 3 | LENGTH_DELIMITED) + varint(len(value)) + value


def varint(value: int, width: int = 1) -> bytes:
    """A number in groups of 7 bits, the lowest first, in at least ``width`` bytes."""
    groups: list[int] = []
    while value > 0x7F or len(groups) + 1 < width:
        groups.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*groups, value])
