"""Which kind a file is of: by its content alone, whatever its name says."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from lambdas.file_processing.domain.archives.zip_directory import DamagedError, member_names
from lambdas.file_processing.domain.processing import HEAD_BYTES, Head, Kind

GZIP = b"\x1f\x8b\x08"
ZIP = b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"


@dataclass(frozen=True)
class Recognized:
    """What a file is."""

    kind: Kind
    media_type: str
    """As precise as the first bytes tell: ``image/png``, where the kind is ``image``."""


def recognize(head: Head, kinds: Iterable[Kind]) -> Recognized:
    """The first of ``kinds`` that claims the file; one of them must claim everything.

    What is gzipped is offered only to kinds that ask for it: others expect plain bytes.
    """
    kind = next(kind for kind in kinds if (kind.gzipped or head.encoding is None) and kind.claims(head))
    media_type = kind.media_type if isinstance(kind.media_type, str) else kind.media_type(head)
    return Recognized(kind, media_type)


def read_head(first: bytes, size: int, read: Callable[[int, int], bytes]) -> Head:
    """What recognition has to see of a file that begins with ``first``: `HEAD_BYTES`, or all if it is shorter.

    ``read`` returns bytes of the file from a position on; it is called for the directories of ZIP archives alone.
    """
    if first.startswith(GZIP):
        return _unzipped(first, size)
    members = _members(size, read) if first.startswith(ZIP) else ()
    return Head(data=first, size=size, members=members, whole=len(first) == size)


def _unzipped(first: bytes, size: int) -> Head:
    """What is damaged from its first block on is shown as it is stored, and is no gzip stream."""
    inflater = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    try:
        data = inflater.decompress(first, HEAD_BYTES)
    except zlib.error:
        return Head(data=first, size=size, whole=len(first) == size)
    whole = inflater.eof and not inflater.unused_data and len(first) == size
    return Head(data=data, size=size, encoding="gzip", whole=whole)


def _members(size: int, read: Callable[[int, int], bytes]) -> tuple[str, ...]:
    """None where the directory is damaged or too large: unpacking says what is wrong with it."""
    try:
        return member_names(read, size)
    except DamagedError:
        return ()
