"""From a file's stored bytes to its lines, in memory that does not grow, whatever the file holds."""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator

from isal.igzip_lib import DECOMP_GZIP, IgzipDecompressor, IsalError

from lambdas.common.lines import Line, Tail, limited
from lambdas.table_etl.contract import Limits, ReasonCode
from lambdas.table_etl.domain.rejection import Rejected

PIECE = 256 * 1024
"""Of unpacked bytes that are held at a time."""
SLICE = 64 * 1024
"""Of packed bytes between which expansion is judged."""
JUDGED_FROM = 16 * 1024 * 1024
"""Unpacked bytes; up to there a file may be as repetitive as it likes."""


def lines(chunks: Iterable[bytes], *, gzip: bool, limits: Limits) -> Iterator[Line]:
    """Lines without their line feeds, blank ones, too; a byte order mark is dropped.

    Raises:
        Rejected: the rest of the file cannot be had: damaged gzip, a bomb, too many bytes. All lines that end before
            it have been given out; but of damaged gzip nobody can tell where the damage begins, so that up to a
            `PIECE` before the place where it shows may be missing.
    """
    pieces = _unpacked(chunks, limits.max_expansion) if gzip else chunks
    found = _split(_bounded(pieces, limits.max_unpacked_bytes), limits.max_line_bytes)
    for first in found:
        yield first.removeprefix(BOM_UTF8) if isinstance(first, bytes) else first
        yield from found


def unreadable(text: bytes) -> Rejected | None:
    """Why bytes are no text in UTF-8; None if they are."""
    if b"\0" in text:
        return Rejected(ReasonCode.BAD_ENCODING, "there are NUL characters, as UTF-16 has them: save it as UTF-8")
    try:
        if not text.isascii():
            text.decode()
    except UnicodeDecodeError as error:
        return Rejected(ReasonCode.BAD_ENCODING, f"{error}: save it as UTF-8")
    return None


def _bounded(pieces: Iterable[bytes], most: int) -> Iterator[bytes]:
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > most:
            raise Rejected(
                ReasonCode.TOO_BIG,
                f"the file has more than {most} bytes, unpacked: split it, or raise max_unpacked_bytes",
            )
        yield piece


def _unpacked(chunks: Iterable[bytes], max_expansion: int) -> Iterator[bytes]:
    gunzip = _Gunzip(max_expansion)
    for chunk in chunks:
        for at in range(0, len(chunk), SLICE):
            yield from gunzip.feed(chunk[at : at + SLICE])
    gunzip.end()


class _Gunzip:
    """Unpacks a gzip file: members, one after the other (RFC 1952, 2.2), with zeros behind them as tapes leave them."""

    def __init__(self, max_expansion: int) -> None:
        self._max_expansion = max_expansion
        self._member: IgzipDecompressor | None = None
        """None before and between members."""
        self._begun = False
        self._packed = self._unpacked = 0

    def feed(self, packed: bytes) -> Iterator[bytes]:
        """What comes out of the next bytes, in pieces. Raises Rejected for damage and bombs."""
        self._packed += len(packed)
        while packed:
            if self._member is None:
                packed = packed.lstrip(b"\0") if self._begun else packed
                if not packed:
                    return
                self._member, self._begun = IgzipDecompressor(flag=DECOMP_GZIP), True
            yield from self._pieces(self._member, packed)
            if not self._member.eof:
                return
            packed, self._member = self._member.unused_data, None

    def end(self) -> None:
        """Raises Rejected if there should be more."""
        if self._member is not None or not self._begun:
            raise Rejected(ReasonCode.BAD_GZIP, "the gzip data ends too early: drop the whole file again")

    def _pieces(self, member: IgzipDecompressor, packed: bytes) -> Iterator[bytes]:
        piece = self._inflate(member, packed)
        while piece:
            self._unpacked += len(piece)
            if self._unpacked > max(JUDGED_FROM, self._max_expansion * self._packed):
                raise Rejected(
                    ReasonCode.DECOMPRESSION_BOMB,
                    f"the file unpacks to more than {self._max_expansion} times its bytes: store it unpacked if it is "
                    f"what it should be, or raise max_expansion",
                )
            yield piece
            piece = b"" if member.eof or member.needs_input else self._inflate(member, b"")

    @staticmethod
    def _inflate(member: IgzipDecompressor, packed: bytes) -> bytes:
        try:
            return member.decompress(packed, PIECE)
        except IsalError as error:  # type: ignore[misc]  # a class, where the stub has an instance
            raise Rejected(
                ReasonCode.BAD_GZIP, f"the gzip data is damaged, or there is other data behind it: {error}"
            ) from error


def _split(pieces: Iterable[bytes], most: int) -> Iterator[Line]:
    tail = Tail(most)
    for piece in pieces:
        first, *rest = piece.split(b"\n")
        tail.add(first)
        if not rest:
            continue
        yield tail.take()
        last = rest.pop()
        if len(piece) <= most:
            yield from rest
        else:
            yield from (limited(each, most) for each in rest)
        tail.add(last)
    if tail.size:
        yield tail.take()
