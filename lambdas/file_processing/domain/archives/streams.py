"""Compressed streams, unpacked a chunk at a time: neither what goes in nor what comes out is ever whole in memory."""

from __future__ import annotations

import bz2
import lzma
import zlib
from collections.abc import Callable, Generator, Iterator
from typing import BinaryIO, Protocol

from lambdas.file_processing.contract.limits import MEBIBYTE
from lambdas.file_processing.domain.processing import Rejected

CHUNK = 256 * 1024
"""Bytes read, and bytes unpacked, at once."""
_XZ_MEMORY = 128 * MEBIBYTE
"""That an xz stream may ask for; ``xz -9`` asks for 65 MiB, hostile ones for gigabytes."""


class Decompressor(Protocol):
    """As the standard library's `bz2.BZ2Decompressor`."""

    @property
    def eof(self) -> bool:
        """Whether the end of the stream was seen."""

    @property
    def needs_input(self) -> bool:
        """Whether nothing more comes without more input."""

    @property
    def unused_data(self) -> bytes:
        """What stands behind the end."""

    def decompress(self, data: bytes, max_length: int) -> bytes:
        """At most ``max_length`` bytes; the rest of the input is kept."""


class Inflater:
    """zlib's decompressor as the other ones are."""

    def __init__(self, wbits: int) -> None:
        self._inner = zlib.decompressobj(wbits)
        self.needs_input = True

    @property
    def eof(self) -> bool:
        """Whether the end of the stream was seen."""
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        """What stands behind the end."""
        return self._inner.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        """At most ``max_length`` bytes; the rest of the input is kept."""
        out = self._inner.decompress(self._inner.unconsumed_tail + data, max_length)
        self.needs_input = not self._inner.unconsumed_tail and len(out) < max_length
        return out


def raw_deflate() -> Decompressor:
    """Of members of ZIP archives."""
    return Inflater(-zlib.MAX_WBITS)


FORMATS: dict[str, tuple[bytes, Callable[[], Decompressor]]] = {
    "gzip": (b"\x1f\x8b", lambda: Inflater(16 + zlib.MAX_WBITS)),
    "bzip2": (b"BZh", bz2.BZ2Decompressor),
    "xz": (b"\xfd7zXZ\x00", lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, _XZ_MEMORY)),
}
"""First bytes, and what unpacks them."""


def damaged(why: str) -> Rejected:
    """The verdict on an archive that cannot be read to its end."""
    return Rejected("archive_damaged", f"the archive is damaged: {why}; pack and upload it again")


def chunks_of(file: BinaryIO) -> Iterator[bytes]:
    """The rest of an open file."""
    while chunk := file.read(CHUNK):
        yield chunk


def unpacked(packed: Iterator[bytes], start: bytes, new: Callable[[], Decompressor]) -> Iterator[bytes]:
    """What is in a file of one stream or several, each of which begins with ``start``. Raises Rejected."""
    rest = b""
    while True:
        rest = yield from one_stream(packed, rest, new())
        while not rest.lstrip(b"\0") and (chunk := next(packed, b"")):  # streams may be padded with zeros
            rest = chunk
        rest = rest.lstrip(b"\0")
        if not rest:
            return
        if not rest.startswith(start[: len(rest)]):
            raise damaged("something else stands behind its compressed stream")


def one_stream(packed: Iterator[bytes], data: bytes, decompressor: Decompressor) -> Generator[bytes, None, bytes]:
    """What is in one stream that begins with ``data``; returns what stands behind it. Raises Rejected."""
    while not decompressor.eof:
        if not data and decompressor.needs_input:
            data = next(packed, b"")
            if not data:
                raise damaged("its compressed stream breaks off")
        try:
            out = decompressor.decompress(data, CHUNK)
        except (zlib.error, lzma.LZMAError, OSError, EOFError) as error:
            raise damaged(f"{error} in its compressed stream") from error
        data = b""
        if out:
            yield out
    return decompressor.unused_data
