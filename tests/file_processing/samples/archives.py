"""Archives and streams, and what no kind knows."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import random
import sqlite3
import tarfile
import zipfile

from tests.file_processing.samples import texts

FILES = {"orders/rows.csv": texts.CSV.encode(), "page.html": texts.PAGE.encode(), "note.txt": texts.PROSE.encode()}


def samples() -> dict[str, bytes]:
    """``archive_zip/…``, ``archive_tar/…``, ``gzip/…``, ``bzip2/…``, ``xz/…``, ``empty/…``, ``unknown/…``."""
    formats = {"ustar": tarfile.USTAR_FORMAT, "pax": tarfile.PAX_FORMAT, "gnu": tarfile.GNU_FORMAT}
    tars = {f"archive_tar/{name}": tar(FILES, form) for name, form in formats.items()}
    return (
        tars
        | _streams()
        | _unknown()
        | {
            "archive_zip/deflated": zipped(FILES),
            "archive_zip/stored": zipped(FILES, zipfile.ZIP_STORED),
            "archive_zip/no members": zipped({}),
            "archive_zip/no directory": zipped(FILES)[:300],
            "archive_zip/of word's names without types": zipped({"word/document.xml": b"<w/>"}),
            "empty/no byte": b"",
        }
    )


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A ZIP archive."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 11, 26, 0, 0, 0)), data, method)
    return file.getvalue()


def tar(files: dict[str, bytes], form: int = tarfile.PAX_FORMAT) -> bytes:
    """A tar archive."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=form) as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return file.getvalue()


def _streams() -> dict[str, bytes]:
    noise = random.Random(7).randbytes(200_000)
    large = tar({"noise": noise})
    return {
        "archive_tar/v7": _v7(tar(FILES, tarfile.USTAR_FORMAT)),
        "archive_tar/gzip": gzip.compress(tar(FILES)),
        "archive_tar/bzip2": bz2.compress(tar(FILES)),
        "archive_tar/xz": lzma.compress(tar(FILES)),
        "archive_tar/large gzip": gzip.compress(large),
        "archive_tar/large xz": lzma.compress(large),
        "bzip2/large tar": bz2.compress(large),
        "gzip/csv": gzip.compress(texts.CSV.encode()),
        "gzip/page": gzip.compress(texts.PAGE.encode()),
        "gzip/picture": gzip.compress(b"\x89PNG\r\n\x1a\n" + noise),
        "gzip/of gzip": gzip.compress(gzip.compress(texts.PROSE.encode())),
        "gzip/nothing": gzip.compress(b""),
        "gzip/damaged": b"\x1f\x8b\x08\0\0\0\0\0\0\3" + b"\xff" * 50,
        "bzip2/text": bz2.compress(texts.PROSE.encode()),
        "bzip2/nothing": bz2.compress(b""),
        "xz/text": lzma.compress(texts.PROSE.encode()),
        "access_log/gzip": gzip.compress(texts.COMBINED.encode() * 5000),
        "access_log/gzip of s3": gzip.compress(texts.S3.encode() * 9),
    }


def _v7(data: bytes) -> bytes:
    """The first header without the magic of later formats, its checksum made good."""
    header = data[:257] + bytes(512 - 257)
    total = sum(header[:148]) + 8 * 32 + sum(header[156:])
    return header[:148] + b"%06o\0 " % total + header[156:] + data[512:]


def _unknown() -> dict[str, bytes]:
    with sqlite3.connect(":memory:") as database:
        database.execute("CREATE TABLE a (b)")
        tables = database.serialize()
    database.close()
    noise = random.Random(11).randbytes(5000)
    return {
        "unknown/sqlite": tables,
        "unknown/program": b"\x7fELF\2\1\1\0" + noise,
        "unknown/program that ends as an archive": b"MZ\x90\0" + noise + zipped(FILES),
        "unknown/noise": b"\0\x01" + noise,
        "unknown/zeros": bytes(1024),
        "unknown/class": b"\xca\xfe\xba\xbe\0\0\0\x34" + noise,
        "unknown/text with zeros": b"one\0two\0three\0" * 20,
        "unknown/old office": bytes.fromhex("d0cf11e0a1b11ae1") + noise,
    }
