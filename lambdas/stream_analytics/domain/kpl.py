"""Records that the Kinesis Producer Library (KPL) aggregated: magic number, protobuf message, MD5 of the message.

The format is "KPL Aggregated Record Format" in awslabs/amazon-kinesis-producer (``aggregation-format.md``), proto2::

    message AggregatedRecord {
      repeated string partition_key_table     = 1;
      repeated string explicit_hash_key_table = 2;
      repeated Record records                 = 3;
    }
    message Record {
      required uint64 partition_key_index     = 1;
      optional uint64 explicit_hash_key_index = 2;
      required bytes  data                    = 3;
      repeated Tag    tags                    = 4;
    }

It is parsed here because nothing of it is needed but each record's data, and a protobuf library takes twice the time.
"""

from __future__ import annotations

import hashlib

MAGIC = b"\xf3\x89\x9a\xc2"
_DIGEST_BYTES = 16

_MAX_VARINT_BYTES = 10
_UINT64 = 1 << 64
_FIRST_TAG, _LAST_TAG = 1 << 3, (1 << 32) - 1
"""Field numbers begin at 1, and tags have 32 bits."""

# Tags: field number, then three bits of wire type.
_PARTITION_KEYS = 1 << 3 | 2
_RECORDS = 3 << 3 | 2
_KEY_INDEX = 1 << 3 | 0
_DATA = 3 << 3 | 2


class _MalformedError(Exception):
    """The bytes are no message of this type."""


def user_records(data: bytes) -> list[bytes] | None:
    """Data of each user record, in order; None if ``data`` is not an aggregated record.

    None stands for every way of not being one: no magic number, an MD5 that does not match, malformed protobuf, a
    user record without data or partition key, a partition key index outside the table. KPL consumers take such a
    record for an ordinary one. Unknown fields are skipped; protobuf's groups, deprecated before the KPL existed, are
    malformed.
    """
    end = len(data) - _DIGEST_BYTES
    if not data.startswith(MAGIC) or end < len(MAGIC):
        return None
    # MD5 tells an aggregated record from one that begins alike by chance; it protects nothing.
    if hashlib.md5(memoryview(data)[len(MAGIC) : end], usedforsecurity=False).digest() != data[end:]:
        return None
    try:
        return _aggregated(data, end)
    except _MalformedError:
        return None


def _aggregated(data: bytes, end: int) -> list[bytes]:
    """Data of the user records in the message ``data[4:end]``; the table of keys may stand anywhere."""
    found: list[bytes] = []
    keys = 0
    highest_key = -1
    pos = len(MAGIC)
    while pos < end:
        tag, start = _varint(data, pos, end)
        if tag == _RECORDS:
            key, pos = _usual_records(data, pos, end, found)
            if pos < start:
                size, start = _varint(data, start, end)
                pos = _within(start + size, end)
                key, piece = _record(data, start, pos)
                found.append(piece)
            highest_key = max(highest_key, key)
        else:
            keys += tag == _PARTITION_KEYS
            pos = _skip(data, start, end, tag)
    if highest_key >= keys:
        raise _MalformedError
    return found


def _usual_records(data: bytes, pos: int, end: int, found: list[bytes]) -> tuple[int, int]:
    """Appends user records to ``found`` while they are as the KPL writes them: key index, data, nothing else.

    Gives the highest key index (-1 for none) and the place of the first field that is different or long, which
    `_record` knows how to read. This loop is the price of a user record, so it reads numbers of one or two bytes in
    place, without asking whether they are within the message: a header has 9 bytes, and the digest's 16 follow.
    """
    highest_key = -1
    while pos < end and data[pos] == _RECORDS:
        second_bytes = 0
        size = data[pos + 1]
        at = pos + 2
        if size > 0x7F:
            second_bytes = data[at]
            size += (data[at] << 7) - 0x80
            at += 1
        stop = at + size
        key = data[at + 1]
        if data[at] != _KEY_INDEX:
            break
        at += 2
        if key > 0x7F:
            second_bytes |= data[at]
            key += (data[at] << 7) - 0x80
            at += 1
        length = data[at + 1]
        if data[at] != _DATA:
            break
        at += 2
        if length > 0x7F:
            second_bytes |= data[at]
            length += (data[at] << 7) - 0x80
            at += 1
        if at + length != stop or stop > end or second_bytes > 0x7F:
            break
        found.append(data[at:stop])
        pos = stop
        if key > highest_key:
            highest_key = key
    return highest_key, pos


def _record(data: bytes, pos: int, end: int) -> tuple[int, bytes]:
    """Partition key index and data of the Record in ``data[pos:end]``; of a repeated field the last one counts."""
    key: int | None = None
    found: bytes | None = None
    while pos < end:
        tag, pos = _varint(data, pos, end)
        if tag == _KEY_INDEX:
            key, pos = _varint(data, pos, end)
        elif tag == _DATA:
            size, start = _varint(data, pos, end)
            pos = _within(start + size, end)
            found = data[start:pos]
        else:
            pos = _skip(data, pos, end, tag)
    if key is None or found is None:
        raise _MalformedError
    return key, found


def _varint(data: bytes, pos: int, end: int) -> tuple[int, int]:
    """The number at ``pos`` and where the next field begins."""
    value = shift = 0
    last = pos + _MAX_VARINT_BYTES
    while pos < end and pos < last:
        byte = data[pos]
        pos += 1
        value |= (byte & 0x7F) << shift
        if byte <= 0x7F and value < _UINT64:
            return value, pos
        shift += 7
    raise _MalformedError


def _skip(data: bytes, pos: int, end: int, tag: int) -> int:
    """The end of the field whose tag is read; ``pos`` is behind the tag."""
    if not _FIRST_TAG <= tag <= _LAST_TAG:
        raise _MalformedError
    match tag & 7:
        case 0:  # a varint
            return _varint(data, pos, end)[1]
        case 1:
            return _within(pos + 8, end)
        case 2:  # delimited by its length
            size, pos = _varint(data, pos, end)
            return _within(pos + size, end)
        case 5:
            return _within(pos + 4, end)
        case _:
            raise _MalformedError


def _within(pos: int, end: int) -> int:
    if pos > end:
        raise _MalformedError
    return pos
