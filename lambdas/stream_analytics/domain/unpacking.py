"""Takes the data of one Kinesis record apart into events.

A record holds one event, or is packed: NDJSON, gzip of NDJSON, or a KPL-aggregated record whose user records are each
one of the former. Nothing is packed twice over beyond that: gzip in gzip, and KPL in KPL or gzip, stay as they are.
"""

from __future__ import annotations

import re
from io import BytesIO

import msgspec
from isal import isal_zlib

from lambdas.stream_analytics.contract import Limits, ReasonCode
from lambdas.stream_analytics.domain import kpl
from lambdas.stream_analytics.domain.rejection import Rejected

GZIP_MAGIC = b"\x1f\x8b"
_PACKED = (GZIP_MAGIC, kpl.MAGIC)

_GZIP_WINDOW = 31
"""``wbits`` for the largest window, in a gzip wrapper."""
_INPUT_BYTES = 4 * 1024
"""What is inflated at once: bounds what a step gives (deflate reaches 1,032 to 1), and what a member's end copies."""

_ZEROS = re.compile(rb"\0*")
_LINE = re.compile(rb"\S[^\n]*")
"""A line that is not blank, from its first character on; ``\\S`` knows the same whitespace as ``bytes.strip``."""


class Broken(msgspec.Struct, frozen=True):
    """A piece that cannot be taken apart: it goes to quarantine as it came, in its own place among the events."""

    payload: bytes
    code: ReasonCode
    message: str


def unpack(data: bytes, limits: Limits) -> list[bytes | Broken]:
    """The events of one Kinesis record, each the bytes of its JSON, unparsed; never empty, never raises.

    The position in the list is the event's index within its record: the same data under the same limits gives the
    same list. Rules, each with nothing lost:

    - KPL-aggregated, with a matching MD5: each user record is unpacked in turn. Otherwise the record is one event.
    - gzip, also of several members and with zero padding: inflated, then as NDJSON. What is malformed, truncated or
      followed by garbage is broken as a whole, and so is what inflates, together with its siblings before it, to more
      than ``max_decompressed_bytes``.
    - with a line feed: NDJSON; each line without surrounding whitespace, blank ones skipped.
    - what holds no event at all, such as an empty record, is one event itself, which then fails as JSON.
    - a record of more than ``max_events_per_record`` events is broken as a whole.
    """
    if data[:1] == b"{" and b"\n" not in data:
        return [data]
    if not data.startswith(_PACKED):
        return _lines(data, data, limits)
    users = kpl.user_records(data)
    if users is None:
        return _unpack_plain(data, limits, limits.max_decompressed_bytes)[0]
    if len(users) > limits.max_events_per_record:
        return [_too_many(data, limits)]
    pieces: list[bytes | Broken] = []
    left = limits.max_decompressed_bytes
    for user in users:
        if b"\n" in user or user[:2] == GZIP_MAGIC:
            unpacked, left = _unpack_plain(user, limits, left)
            pieces += unpacked
            if len(pieces) > limits.max_events_per_record:
                return [_too_many(data, limits)]
        else:
            pieces.append(user)
    return pieces or [data]


def _unpack_plain(data: bytes, limits: Limits, most: int) -> tuple[list[bytes | Broken], int]:
    """The events of what may be gzip or NDJSON, and how much of ``most`` bytes is left for siblings to inflate to."""
    if not data.startswith(GZIP_MAGIC):
        return [data] if data.startswith(kpl.MAGIC) else _lines(data, data, limits), most
    try:
        text = _inflate(data, most)
    except Rejected as rejected:
        return [Broken(data, rejected.code, rejected.message)], most
    # Lines of something binary could not be put together again; the record as it came is smaller, too.
    if text.startswith(_PACKED):
        message = "the gzip holds gzip or a KPL record: compress once, and aggregate what is compressed"
        return [Broken(data, ReasonCode.BAD_GZIP, message)], most
    return _lines(text, data, limits), most - len(text)


def _lines(text: bytes, data: bytes, limits: Limits) -> list[bytes | Broken]:
    """The events in ``text``, which came as ``data``."""
    if b"\n" not in text:
        return [text] if text else [data]
    most = limits.max_events_per_record
    if text.count(b"\n") < most:
        return [line for raw in text.split(b"\n") if (line := raw.strip())] or [data]
    # Nearly all lines may be blank, so only counting the others tells; and no more of them are held than may be.
    found: list[bytes | Broken] = []
    for match in _LINE.finditer(text):
        if len(found) == most:
            return [_too_many(data, limits)]
        found.append(match[0].rstrip())
    return found or [data]


def _too_many(data: bytes, limits: Limits) -> Broken:
    message = f"more than {limits.max_events_per_record} events in one record: pack fewer, or raise the limit"
    return Broken(data, ReasonCode.TOO_MANY_EVENTS, message)


def _inflate(data: bytes, most: int) -> bytes:
    """Content of every gzip member (RFC 1952), at most ``most`` bytes, however much there would be.

    Raises:
        Rejected: BAD_GZIP or DECOMPRESSION_BOMB.
    """
    # Grows in place and hands its buffer over: a list of parts, joined, would hold everything twice.
    text = BytesIO()
    left = most
    pos = 0
    while pos < len(data):
        member = isal_zlib.decompressobj(_GZIP_WINDOW)
        while not member.eof:
            chunk = data[pos : pos + _INPUT_BYTES]
            if not chunk:
                raise Rejected(ReasonCode.BAD_GZIP, f"the gzip ends within a member, after {pos} bytes")
            try:
                # One byte more than allowed tells a bomb; and 0 would mean no limit.
                part = member.decompress(chunk, left + 1)
            except isal_zlib.error as error:  # type: ignore[misc]  # the stub calls the class an instance
                raise Rejected(ReasonCode.BAD_GZIP, f"no gzip from byte {pos} on: {error}") from error
            left -= len(part)
            if left < 0:
                message = f"inflates to more than the {most} bytes that were left: pack less, or raise the limit"
                raise Rejected(ReasonCode.DECOMPRESSION_BOMB, message)
            text.write(part)
            pos += len(chunk) - len(member.unused_data)
        # Padding to a block size, as tapes have it, is no garbage: gzip(1) ignores it, too.
        if data[pos : pos + 1] == b"\0" and (padding := _ZEROS.match(data, pos)):
            pos = padding.end()
    return text.getvalue()
