"""From a file to blocks of whole lines, unpacked, in memory that does not grow."""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import BinaryIO, cast
from zlib import error as ZlibError  # noqa: N812  it is an exception

from isal.igzip import BadGzipFile, IGzipFile
from isal.igzip_lib import IsalError

from lambdas.file_processing.contract.limits import LogLimits
from lambdas.file_processing.domain.processing import Rejected

BLOCK = 128 * 1024
"""Bytes that are read at once."""
KEPT = 1024
"""Of a line that is too long."""
_GZIP = b"\x1f\x8b"


@dataclass(frozen=True)
class Overlong:
    """A line that is longer than lines may be."""

    beginning: bytes
    """Its first `KEPT` bytes."""


def is_gzip(path: Path) -> bool:
    """By its first two bytes (RFC 1952, 2.3.1)."""
    with path.open("rb") as file:
        return file.read(2) == _GZIP


def blocks(path: Path, limits: LogLimits) -> Iterator[bytes | Overlong]:
    """Blocks of lines, each with its line feed and without a carriage return before it; the last line, too.

    Raises:
        Rejected: the gzip data is damaged or ends too early, or there is more than there may be.
    """
    with path.open("rb") as file:
        if not is_gzip(path):
            yield from _lines(file, limits)
            return
        try:
            with IGzipFile(fileobj=file, mode="rb") as unpacked:  # type: ignore[no-untyped-call]
                yield from _lines(cast("BinaryIO", unpacked), limits)
        except (BadGzipFile, EOFError, IsalError, ZlibError) as error:  # type: ignore[misc]  # the stub has an instance
            raise Rejected(
                "bad_gzip", f"the gzip data is damaged or ends too early: {error}; upload it again"
            ) from error


def _lines(file: BinaryIO, limits: LogLimits) -> Iterator[bytes | Overlong]:
    rest, lost, size = b"", None, 0
    while data := file.read(BLOCK):
        if not size:
            data = data.removeprefix(BOM_UTF8)
        size += len(data)
        if size > limits.max_unpacked_bytes:
            raise Rejected(
                "too_big",
                f"the log has more than {limits.max_unpacked_bytes} bytes, unpacked: split it, or raise "
                f"max_unpacked_bytes",
            )
        if lost is not None:
            end = data.find(b"\n")
            if end < 0:
                continue
            yield Overlong(lost)
            data, lost = data[end + 1 :], None
        end = data.rfind(b"\n") + 1
        if end:
            yield from _checked(rest + data[:end], limits.max_line_bytes)
            rest = b""
        rest += data[end:]
        if len(rest) > limits.max_line_bytes:
            rest, lost = b"", rest[:KEPT]
    if lost is not None:
        yield Overlong(lost)
    elif rest:
        yield from _checked(rest + b"\n", limits.max_line_bytes)


def _checked(block: bytes, most: int) -> Iterator[bytes | Overlong]:
    """Without carriage returns, and lines that are too long by themselves."""
    if b"\r" in block:
        block = block.replace(b"\r\n", b"\n")
    if _are_short(block, most):
        yield block
        return
    for fit, lines in groupby(block.split(b"\n")[:-1], lambda line: len(line) <= most):
        if fit:
            yield b"".join(line + b"\n" for line in lines)
        else:
            yield from (Overlong(line[:KEPT]) for line in lines)


def _are_short(block: bytes, most: int) -> bool:
    """Whether all lines have at most this many bytes. It leaps from line to line, few of all."""
    start = 0
    while start + most < len(block):
        start = block.rfind(b"\n", start, start + most + 1) + 1
        if not start:
            return False
    return True
