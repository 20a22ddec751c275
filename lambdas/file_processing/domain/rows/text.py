"""From a file's bytes to lines of UTF-8, in memory that does not grow, whatever the file holds."""

from __future__ import annotations

import codecs
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from lambdas.common.lines import KEPT, Line, Tail, limited
from lambdas.file_processing.domain.rows.problems import Problem, problem

BLOCK = 256 * 1024
"""Bytes that are held at a time."""
_HEAD = 4096


class Encoding(NamedTuple):
    """How a file's text is stored."""

    name: str
    """As Python calls it."""
    mark: int
    """Bytes of its byte order mark."""
    returns: bool
    """Whether lines end in carriage returns alone, as on the first Macs."""

    @property
    def told(self) -> str:
        """Its name in the facts."""
        return {"cp1252": "windows-1252"}.get(self.name, self.name)


def blocks(path: Path, encoding: Encoding) -> Iterator[bytes]:
    """The text as UTF-8, without byte order mark. Bytes that are no text in the file's encoding are none in UTF-8."""
    with path.open("rb") as file:
        file.seek(encoding.mark)
        pieces = iter(lambda: file.read(BLOCK), b"")
        for piece in pieces if encoding.name == "utf-8" else _translated(pieces, encoding.name):
            yield piece.replace(b"\r", b"\n") if encoding.returns else piece


def encoding_of(path: Path) -> Encoding:
    """By the byte order mark, or by what is there.

    UTF-16 without mark is known by its zeros. What is not UTF-8, and has not one line beyond ASCII that is, is
    Windows-1252, which has Latin-1 in it.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
        returns = b"\r" in head and b"\n" not in head + file.read(2)  # or else it may end amid CR LF
    for name, mark in (("utf-8", BOM_UTF8), ("utf-16-le", BOM_UTF16_LE), ("utf-16-be", BOM_UTF16_BE)):
        if head.startswith(mark):
            return Encoding(name, len(mark), returns)
    for name, zeros, others in (("utf-16-le", head[1::2], head[::2]), ("utf-16-be", head[::2], head[1::2])):
        if zeros.count(0) * 2 > len(zeros) and b"\0" not in others:
            return Encoding(name, 0, returns)
    return Encoding("utf-8" if _has_utf8(path) else "cp1252", 0, returns)


def _has_utf8(path: Path) -> bool:
    """Whether there is a line of UTF-8 beyond ASCII, or nothing but ASCII."""
    only_ascii = True
    with path.open("rb") as file:
        # Whole lines, unless they are huge: then a cut may go through a character, which costs that line its vote.
        while block := file.read(BLOCK) + file.readline(BLOCK):
            if not block.isascii():
                only_ascii = False
                if any(not line.isascii() and is_utf8(line) for line in block.split(b"\n")):
                    return True
    return only_ascii


def is_utf8(text: bytes) -> bool:
    """Whether bytes are text."""
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def unreadable(text: bytes) -> Problem | None:
    """Why bytes are no text; None if they are."""
    if b"\0" in text:
        return problem("", "encoding", "there are NUL characters in it")
    return None if is_utf8(text) else problem("", "encoding", "there are bytes that are no text in the file's encoding")


def too_long(most: int) -> Problem:
    """What is wrong with a row of which there is the beginning alone."""
    return problem(
        "",
        "too_long",
        f"has more than {most} bytes, of which the first {KEPT} are here: raise limits.rows.max_row_bytes",
    )


def _translated(pieces: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    errors = "surrogateescape" if encoding == "cp1252" else "surrogatepass"
    decoder = codecs.getincrementaldecoder(encoding)(errors)
    for piece in pieces:
        yield decoder.decode(piece).encode("utf-8", errors)
    if decoder.getstate()[0]:
        yield b"\xff"  # half a character of UTF-16


def batches(pieces: Iterator[bytes], most: int) -> Iterator[list[Line]]:
    """Lines without their line feeds, blank ones, too: those that end in one block at a time."""
    tail = Tail(most)
    for piece in pieces:
        first, *rest = piece.split(b"\n")
        tail.add(first)
        if rest:
            last = rest.pop()
            whole: list[Line] = [tail.take()]
            whole += rest if len(piece) <= most else (limited(line, most) for line in rest)
            tail.add(last)
            yield whole
    if tail.size:
        yield [tail.take()]
