"""Unpacks what a subscription filter delivers: base64 of gzip of JSON ("Subscription filters with Lambda")."""

from __future__ import annotations

import base64
import binascii
from typing import Literal

import msgspec
from isal import isal_zlib

from lambdas.log_analysis.contract import Limits

_GZIP_WINDOW = 31
"""``wbits`` for the largest window, in a gzip wrapper."""


class MalformedDeliveryError(Exception):
    """No delivery, or one beyond the limits; it will be so again, and ends, whole, in the failure queue."""


class LogEvent(msgspec.Struct, frozen=True):
    """One event of a log stream."""

    id: str
    """Unique for good, so that an event which comes again is known."""
    timestamp: int
    """Unix time in milliseconds."""
    message: str


class Delivery(msgspec.Struct, frozen=True, rename="camel"):
    """Some events of one log stream."""

    message_type: Literal["DATA_MESSAGE", "CONTROL_MESSAGE"]
    """Control messages only ask whether somebody is there."""
    log_group: str
    log_stream: str
    subscription_filters: list[str]
    log_events: list[LogEvent]


class _Packed(msgspec.Struct, frozen=True):
    data: str


class _Event(msgspec.Struct, frozen=True):
    awslogs: _Packed


_decoder = msgspec.json.Decoder(Delivery)


def unpack(event: object, limits: Limits) -> Delivery:
    """The delivery of a Lambda event.

    Raises:
        MalformedDeliveryError: says what is wrong.
    """
    try:
        packed = base64.b64decode(msgspec.convert(event, _Event).awslogs.data, validate=True)
    except (msgspec.ValidationError, binascii.Error, ValueError) as error:
        raise MalformedDeliveryError(f"no event of CloudWatch Logs: {error}") from error
    text = _inflated(packed, limits)
    try:
        return _decoder.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedDeliveryError(f"awslogs.data holds no delivery: {error}") from error


def _inflated(packed: bytes, limits: Limits) -> bytes:
    most = min(limits.max_unpacked_bytes, len(packed) * limits.max_expansion)
    stream = isal_zlib.decompressobj(_GZIP_WINDOW)
    try:
        # One byte more than allowed tells a bomb.
        text = stream.decompress(packed, most + 1)
    except isal_zlib.error as error:  # type: ignore[misc]  # the stub calls the class an instance
        raise MalformedDeliveryError(f"awslogs.data is no gzip: {error}") from error
    if len(text) > most:
        raise MalformedDeliveryError(
            f"awslogs.data inflates to more than {most} bytes out of {len(packed)}: raise the limits if this is no bomb"
        )
    if not stream.eof:
        raise MalformedDeliveryError(f"the gzip in awslogs.data ends too early, after {len(packed)} bytes")
    return text
