"""Reads exports of tables, whoever made them ("DynamoDB table export output format", Developer Guide).

::

    prefix/AWSDynamoDB/01693685827463-2d8752fd/manifest-summary.json   names the next one
    prefix/AWSDynamoDB/01693685827463-2d8752fd/manifest-files.json     a line for each data file
    prefix/AWSDynamoDB/01693685827463-2d8752fd/data/….json.gz          a line for each item
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from hashlib import md5
from typing import Any

import msgspec
from isal.igzip_lib import DECOMP_GZIP, IgzipDecompressor, IsalError

from lambdas.backups.contract.records import Tally
from lambdas.backups.domain.digest import MalformedItemError, added, digest

_PIECE = 256 * 1024
"""Of unpacked bytes that are held at a time."""


class DamagedExportError(Exception):
    """An export is not what DynamoDB wrote; the message says where."""


class _Summary(msgspec.Struct):
    listing: str = msgspec.field(name="manifestFilesS3Key")


class DataFile(msgspec.Struct, frozen=True):
    """A line of ``manifest-files.json``."""

    items: int = msgspec.field(name="itemCount")
    md5: str = msgspec.field(name="md5Checksum")
    """Of the file as it is stored, in base64."""
    key: str = msgspec.field(name="dataFileS3Key")


class _Line(msgspec.Struct):
    item: dict[str, dict[str, Any]] = msgspec.field(name="Item")


_LINE = msgspec.json.Decoder(_Line)


def listing_key(summary_key: str, summary: bytes) -> str:
    """Key of ``manifest-files.json``. Raises DamagedExportError."""
    try:
        return msgspec.json.decode(summary, type=_Summary).listing
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise DamagedExportError(f"{summary_key} is no summary of an export: {error}") from error


def data_files(listing_key: str, listing: bytes) -> Sequence[DataFile]:
    """The data files that it names, in its order. Raises DamagedExportError."""
    try:
        return msgspec.json.Decoder(DataFile).decode_lines(listing)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise DamagedExportError(f"{listing_key} is no list of data files: {error}") from error


def read(file: DataFile, chunks: Iterable[bytes]) -> Tally:
    """Count and digest of a data file's items, in memory that does not grow with it.

    Raises:
        DamagedExportError: it is not what the manifest says.
    """
    checksum = md5(usedforsecurity=False)
    tally = Tally()
    try:
        for lines in _lines(_unpacked(_watched(chunks, checksum.update))):
            tally = added(tally, digest(_LINE.decode(line).item for line in lines if line))
    except (IsalError, EOFError, UnicodeDecodeError, msgspec.DecodeError, MalformedItemError) as error:  # type: ignore[misc]  # the stub calls the first one an instance
        raise DamagedExportError(f"{file.key} is damaged behind {tally.items:,} items: {error}") from error
    if b64encode(checksum.digest()).decode() != file.md5:
        raise DamagedExportError(f"{file.key} was changed: its MD5 is not the one in the manifest")
    if tally.items != file.items:
        raise DamagedExportError(f"{file.key} has {tally.items:,} items, and the manifest says {file.items:,}")
    return tally


def _watched(chunks: Iterable[bytes], see: Any) -> Iterator[bytes]:
    for chunk in chunks:
        see(chunk)
        yield chunk


def _unpacked(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Of no chunks nothing: the file of an empty partition is empty. Raises IsalError, or EOFError."""
    member: IgzipDecompressor | None = None
    for chunk in chunks:
        packed = chunk
        while packed:
            member = member or IgzipDecompressor(flag=DECOMP_GZIP)
            piece = member.decompress(packed, _PIECE)
            while piece:
                yield piece
                piece = b"" if member.eof or member.needs_input else member.decompress(b"", _PIECE)
            packed, member = (member.unused_data, None) if member.eof else (b"", member)
    if member is not None:
        raise EOFError("the gzip data ends too early")


def _lines(pieces: Iterable[bytes]) -> Iterator[list[bytes]]:
    tail = b""
    for piece in pieces:
        *whole, tail = (tail + piece).split(b"\n")
        yield whole
    yield [tail]
