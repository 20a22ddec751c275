"""What a library of some thousand signatures makes of a file that the probes here do not know."""

from __future__ import annotations

from lambdas.file_processing.domain.processing import Head

_SEARCHED = 4096
"""Bytes at the start within which a signature stands."""
_MIN_BYTES = 4
"""Of a signature that a media type is believed from; shorter ones fit too much by chance."""


def media_type(head: Head) -> str:
    """The media type of a binary file, as far as its first bytes tell it."""
    return described(head, _MIN_BYTES) or "application/octet-stream"


def described(head: Head, min_bytes: int) -> str | None:
    """The media type of the longest signature that matches, if that has enough bytes."""
    from puremagic import PureError, magic_string  # its tables are read when a file needs them

    # Zeros stand for the end, where it would look for the signatures of trailers: the first bytes have none.
    padded = head.data[:_SEARCHED] + bytes(_SEARCHED)
    try:
        matches = magic_string(padded)
    except PureError:
        return None
    known = [match for match in matches if "/" in match.mime_type and len(match.byte_match) >= min_bytes]
    best = max(known, key=lambda match: len(match.byte_match), default=None)
    return best and best.mime_type
