"""Tar archives, read from front to end: only regular files come out."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping

from lambdas.file_processing.domain.archives.members import Members
from lambdas.file_processing.domain.archives.streams import damaged
from lambdas.file_processing.domain.archives.tar_headers import (
    HEADER_BYTES,
    DamagedHeaderError,
    Header,
    is_extended,
    long_name,
    parse,
    records,
)

_MAX_RECORDS = 1024 * 1024
"""Bytes of the records before a member, which are held in memory."""
_SKIPPED = {
    b"1": "hard link",
    b"2": "symbolic link",
    b"3": "device",
    b"4": "device",
    b"6": "named pipe",
}
"""Types without content."""
_FILES, _DIRECTORY, _SPARSE = {b"0", b"7"}, b"5", b"S"


class Source:
    """A stream of chunks, read by length."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._held, self._at = b"", 0
        """A chunk, and how far it is read: cutting it for every header would copy it as often."""

    def peek(self, length: int) -> bytes:
        """The next bytes, which stay; fewer at the end."""
        while len(self._held) - self._at < length and (chunk := next(self._chunks, b"")):
            self._held, self._at = self._held[self._at :] + chunk, 0
        return self._held[self._at : self._at + length]

    def read(self, length: int) -> bytes:
        """The next bytes; fewer at the end."""
        data = self.peek(length)
        self._at += len(data)
        return data

    def pieces(self, length: int) -> Iterator[bytes]:
        """The next bytes, as they come. Raises Rejected if the stream ends before."""
        while length:
            piece = self.read(min(length, len(self._held) - self._at or 1))
            if not piece:
                raise damaged("a member breaks off")
            length -= len(piece)
            yield piece

    def rest(self) -> Iterator[bytes]:
        """All that remains."""
        while piece := self.read(len(self._held) - self._at or 1):
            yield piece


def unpack_tar(source: Source, members: Members) -> None:
    """Writes all members. Raises Rejected."""
    shared: dict[str, bytes] = {}
    own: dict[str, bytes] = {}
    while header := _next_header(source):
        match header.kind:
            case b"x" | b"X":
                own |= _records(source, header)
            case b"g":
                shared |= _records(source, header)
            case b"L":
                own["path"] = long_name(_whole(source, header))
            case b"K":  # where a link leads, which is not followed
                _whole(source, header)
            case _:
                members.budget.count_entry()
                _unpack(source, _amended(header, shared | own), members)
                own = {}
    _drop(source.rest())  # to the end, where the checksum of a compressed stream stands


def _next_header(source: Source) -> Header | None:
    """None at the end: two blocks of zeros, or nothing more."""
    block = source.read(HEADER_BYTES)
    if not block.strip(b"\0"):
        block = source.read(HEADER_BYTES)
        if not block.strip(b"\0"):
            return None
    if len(block) < HEADER_BYTES:
        raise damaged("a header breaks off")
    try:
        return parse(block)
    except DamagedHeaderError as error:
        raise damaged(f"a header is none: {error}") from error


def _amended(header: Header, changes: Mapping[str, bytes]) -> Header:
    try:
        return header.amended(changes)
    except DamagedHeaderError as error:
        raise damaged(f"the records before a member are wrong: {error}") from error


def _unpack(source: Source, header: Header, members: Members) -> None:
    if header.kind in _SKIPPED:
        members.skip(header.text, _SKIPPED[header.kind])
    elif header.kind in _FILES and not header.sparse:
        members.add(header.text, source.pieces(header.size))
        _drop(source.pieces(-header.size % HEADER_BYTES))
    elif header.kind != _DIRECTORY:
        members.skip(header.text, "sparse file" if header.sparse else f"entry of type {header.kind!r}")
        _drop_map(source, header)
        _drop(source.pieces(header.size + -header.size % HEADER_BYTES))


def _drop_map(source: Source, header: Header) -> None:
    """Further blocks of the map of a sparse file of the old format."""
    more = header.kind == _SPARSE and header.goes_on
    while more:
        block = source.read(HEADER_BYTES)
        if len(block) < HEADER_BYTES:
            raise damaged("the map of a sparse file breaks off")
        more = is_extended(block)


def _records(source: Source, header: Header) -> dict[str, bytes]:
    try:
        return records(_whole(source, header))
    except DamagedHeaderError as error:
        raise damaged(f"the records before a member are none: {error}") from error


def _whole(source: Source, header: Header) -> bytes:
    if header.size > _MAX_RECORDS:
        raise damaged(f"the records before a member have {header.size} bytes")
    data = b"".join(source.pieces(header.size))
    _drop(source.pieces(-header.size % HEADER_BYTES))
    return data


def _drop(pieces: Iterator[bytes]) -> None:
    deque(pieces, maxlen=0)
