"""Office files as ZIP packages: parts by name, and which part refers to which."""

from __future__ import annotations

import lzma
import posixpath
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lambdas.file_processing.domain.documents.disk import DiskFile
from lambdas.file_processing.domain.documents.draft import Draft
from lambdas.file_processing.domain.documents.xml import Attributes, Reader, XmlError, read_xml
from lambdas.file_processing.domain.processing import Rejected

DAMAGED = (
    XmlError,
    zipfile.BadZipFile,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    lzma.LZMAError,
    struct.error,
    zlib.error,
)
"""What reading a part raises if it is damaged, missing, encrypted or packed in a way that office programs never use."""

MAX_DIRECTORY = 4 * 1024 * 1024
"""Bytes of a package's directory, for some 40,000 parts; each takes ten times as much memory."""
MAX_RELATIONS = 20_000
_TAIL = 64 * 1024 + 22
_END, _END_64_PLACE, _END_64 = b"PK\5\6", b"PK\6\7", b"PK\6\6"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@dataclass(frozen=True)
class Relation:
    """One part refers to another."""

    kind: str
    """Last part of its URI, such as ``officeDocument``."""
    target: str
    """Name of a part."""


class Package:
    """An open package."""

    def __init__(self, archive: zipfile.ZipFile, draft: Draft) -> None:
        self._archive = archive
        self._draft = draft

    def __contains__(self, name: str) -> bool:
        return name in self._archive.NameToInfo

    def read(self, name: str, reader: Reader) -> bool:
        """Hands a part to ``reader``; one that cannot be read, or only in part, is noted. Whether all went well."""
        try:
            self._read(name, reader)
        except KeyError:
            self._draft.unread(name, "it is missing")
        except DAMAGED as error:
            self._draft.unread(name, error)
        else:
            return True
        return False

    def try_read(self, name: str, reader: Reader) -> None:
        """The same with a part that need not be there."""
        if name in self:
            self.read(name, reader)

    def first_bytes(self, name: str, size: int) -> bytes:
        """What a part begins with; nothing if it is not there."""
        if name not in self:
            return b""
        try:
            with self._archive.open(name) as stream:
                return stream.read(size)
        except DAMAGED:
            return b""

    def relations(self, name: str) -> dict[str, Relation]:
        """By id, those within the package; the package's own for the empty name."""
        folder, base = posixpath.split(name)
        found = _Relations(folder)
        self.try_read(posixpath.join(folder, "_rels", f"{base}.rels"), found)
        return found.by_id

    def _read(self, name: str, reader: Reader) -> None:
        with self._archive.open(name) as stream:
            read_xml(stream, reader, self._draft)


@contextmanager
def opened(path: Path, draft: Draft) -> Iterator[Package]:
    """The package in a file. Raises Rejected for what is none."""
    _check(path)
    with DiskFile(path) as stream:
        try:
            archive = zipfile.ZipFile(stream)
        except DAMAGED as error:
            raise damaged(str(error)) from error
        with archive:
            yield Package(archive, draft)


def damaged(reason: str) -> Rejected:
    """The document is beyond reading."""
    told = f"The office file cannot be read ({reason}). Save it anew, and upload it again."
    return Rejected("damaged_document", told)


def _check(path: Path) -> None:
    """Looks at the ZIP directory's size before anything reads all of it."""
    with path.open("rb") as stream:
        if stream.read(len(_OLE)) == _OLE:
            raise Rejected(
                "encrypted_document",
                "The file is encrypted, or of an Office version before 2007. Save it without password in a current "
                "format, and upload it again.",
            )
        size = stream.seek(0, 2)
        stream.seek(max(0, size - _TAIL))
        tail = stream.read()
        at = tail.rfind(_END)
        if at < 0 or len(tail) < at + 22:
            raise damaged("it is no ZIP file, or it is cut off")
        (directory,) = struct.unpack_from("<L", tail, at + 12)
        if at >= 20 and tail[at - 20 : at - 16] == _END_64_PLACE:
            (place,) = struct.unpack_from("<Q", tail, at - 12)
            stream.seek(min(place, size))
            record = stream.read(56)
            if len(record) == 56 and record.startswith(_END_64):
                (directory,) = struct.unpack_from("<Q", record, 40)
    if directory > MAX_DIRECTORY:
        raise damaged(f"its directory has {directory} bytes, and {MAX_DIRECTORY} are read")


class _Relations:
    def __init__(self, folder: str) -> None:
        self.by_id: dict[str, Relation] = {}
        self._folder = folder

    def start(self, name: str, attributes: Attributes) -> None:
        if name != "Relationship" or attributes.get("TargetMode") == "External":
            return
        if len(self.by_id) < MAX_RELATIONS:
            target = posixpath.normpath(posixpath.join("/", self._folder, attributes.get("Target", ""))).lstrip("/")
            kind = attributes.get("Type", "").rpartition("/")[2]
            self.by_id[attributes.get("Id", "")] = Relation(kind, target)

    def end(self, name: str) -> None:
        pass

    def data(self, text: str) -> None:
        pass
