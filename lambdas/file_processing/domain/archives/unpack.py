"""Archives and compressed files: every regular file in them becomes a file of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from lambdas.file_processing.contract.limits import ArchiveLimits, Limits
from lambdas.file_processing.domain.archives.budget import Budget
from lambdas.file_processing.domain.archives.members import Members
from lambdas.file_processing.domain.archives.streams import FORMATS, chunks_of, damaged, unpacked
from lambdas.file_processing.domain.archives.tar_headers import HEADER_BYTES, is_header
from lambdas.file_processing.domain.archives.tars import Source, unpack_tar
from lambdas.file_processing.domain.archives.zips import unpack_zip
from lambdas.file_processing.domain.processing import Fact, Input, Processed, Rejected

_SUFFIXES = {".gz", ".gzip", ".z", ".bz2", ".bz", ".xz"}


def unpack(source: Input, output: Path, limits: Limits) -> Processed:
    """The members of an archive of any format. Raises Rejected if a limit is passed, whatever has come out by then."""
    _check_depth(source, limits.archives)
    members = Members(output, Budget(limits.archives, source.size))
    with source.path.open("rb") as file:
        if source.kind == "archive_zip":
            unpack_zip(file, source.size, members)
            form: dict[str, Fact] = {"format": "zip"}
        else:
            form = _unpack_stream(file, source, members)
    return Processed(facts=form | members.facts(), members=tuple(members.written))


def _check_depth(source: Input, limits: ArchiveLimits) -> None:
    if source.depth >= limits.max_depth:
        raise Rejected(
            "archive_too_deep",
            f"the archive lies within {source.depth} others, and {limits.max_depth} are opened; upload it by itself",
        )


def _unpack_stream(file: BinaryIO, source: Input, members: Members) -> dict[str, Fact]:
    """A tar archive, or whatever else is in a compressed stream."""
    start = file.read(6)
    file.seek(0)
    packing = next((name for name, (mark, _) in FORMATS.items() if start.startswith(mark)), None)
    content = Source(_counted(_content(file, packing), members.budget))
    if is_header(content.peek(HEADER_BYTES)):
        unpack_tar(content, members)
        return {"format": "tar", "compression": packing}
    if not packing:
        raise damaged("it does not begin with a member")
    members.budget.count_entry()
    members.add(_name_within(source.name), content.rest())
    return {"format": packing, "compression": packing}


def _content(file: BinaryIO, packing: str | None) -> Iterator[bytes]:
    return unpacked(chunks_of(file), *FORMATS[packing]) if packing else chunks_of(file)


def _counted(chunks: Iterator[bytes], budget: Budget) -> Iterator[bytes]:
    for chunk in chunks:
        budget.spend(len(chunk))
        yield chunk


def _name_within(name: str) -> str:
    """Of the only file in a stream: the stream's own, without the suffix that says how it is packed."""
    path = PurePosixPath(name.rpartition("/")[2] or name)
    return path.stem if path.suffix.lower() in _SUFFIXES else str(path)
