"""Documents for tests: what the processors make of bytes, and files put together part by part."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

from lambdas.file_processing.contract.limits import DocumentLimits, Limits
from lambdas.file_processing.domain.documents.draft import Clock
from lambdas.file_processing.domain.processing import Input

MB = 1_000_000
LONG = DocumentLimits(max_seconds=100_000)
"""With time for a slow machine."""


@dataclass(frozen=True)
class Document:
    """What came of a file."""

    text: str
    facts: dict[str, Any]


class Saved(Protocol):
    """Documents of python-docx, openpyxl and python-pptx."""

    def save(self, file: Any, /) -> Any:
        """Writes the document."""


def frozen() -> float:
    """A clock on which no time passes."""
    return 0.0


def ticking(seconds: float) -> Clock:
    """A clock that goes forward with each look."""
    now = 0.0

    def clock() -> float:
        nonlocal now
        now += seconds
        return now

    return clock


def read(kind: str, data: bytes | Path, limits: DocumentLimits = LONG, clock: Clock = frozen) -> Document:
    """Processes one file."""
    process = import_module(f"lambdas.file_processing.domain.documents.{kind}").process
    with TemporaryDirectory() as folder:
        path, output = Path(folder) / "content", Path(folder) / "output"
        output.mkdir()
        if isinstance(data, bytes):
            path.write_bytes(data)
        else:
            path = data
        size = path.stat().st_size
        done = process(Input(path=path, name="a/b", kind=kind, size=size), output, Limits(documents=limits), clock)
        assert [each.name for each in done.products] in ([], ["text.txt"])
        return Document(done.products[0].path.read_bytes().decode() if done.products else "", dict(done.facts))


def saved(document: Saved) -> bytes:
    """The file that a library writes."""
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def zipped(parts: Mapping[str, str | bytes | Iterable[bytes]]) -> bytes:
    """A ZIP file; parts may come in pieces, and be larger than memory."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            with archive.open(name, "w", force_zip64=True) as part:
                for piece in [data.encode()] if isinstance(data, str) else [data] if isinstance(data, bytes) else data:
                    part.write(piece)
    return stream.getvalue()


_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN = "application/vnd.openxmlformats-officedocument.{}.main+xml"
_KINDS = {"word": "wordprocessingml.document", "xl": "spreadsheetml.sheet", "ppt": "presentationml.presentation"}


def relations(targets: Mapping[str, str]) -> str:
    """A part of relations; ids are ``r1`` and on, by kind and target."""
    listed = "".join(
        f'<Relationship Id="r{number}" Type="{_RELATIONS}/{kind.rstrip("0123456789")}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets.items(), 1)
    )
    space = "http://schemas.openxmlformats.org/package/2006/relationships"
    return f'<?xml version="1.0"?><Relationships xmlns="{space}">{listed}</Relationships>'


def ooxml(main: str, parts: Mapping[str, str | bytes | Iterable[bytes]], kind: str = "") -> bytes:
    """An Office Open XML package whose document is the part ``main``, of the usual content type or another."""
    kind = kind or _MAIN.format(_KINDS[main.partition("/")[0]])
    space = "http://schemas.openxmlformats.org/package/2006/content-types"
    types = f'<Types xmlns="{space}"><Override PartName="/{main}" ContentType="{kind}"/></Types>'
    head = {"[Content_Types].xml": types, "_rels/.rels": relations({"officeDocument": main})}
    return zipped({**head, **parts})


WORDS = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def docx(*body: str | bytes, **parts: str) -> bytes:
    """A Word document with this body."""
    pieces = [each.encode() if isinstance(each, str) else each for each in body]
    whole = [f'<w:document xmlns:w="{WORDS}"><w:body>'.encode(), *pieces, b"</w:body></w:document>"]
    return ooxml("word/document.xml", {"word/document.xml": whole, **parts})


_OFFICE = "urn:oasis:names:tc:opendocument:xmlns:"
OPENDOCUMENT = (
    " ".join(
        f'xmlns:{prefix}="{_OFFICE}{name}:1.0"'
        for prefix, name in {
            "office": "office",
            "text": "text",
            "table": "table",
            "style": "style",
            "draw": "drawing",
            "presentation": "presentation",
            "meta": "meta",
        }.items()
    )
    + ' xmlns:dc="http://purl.org/dc/elements/1.1/"'
)


def opendocument(kind: str, body: str, hiding: str = "", parts: Mapping[str, str] | None = None) -> bytes:
    """An OpenDocument file: ``kind`` is text, spreadsheet or presentation; ``hiding`` are its styles."""
    content = (
        f"<office:document-content {OPENDOCUMENT}><office:automatic-styles>{hiding}</office:automatic-styles>"
        f"<office:body><office:{kind}>{body}</office:{kind}></office:body></office:document-content>"
    )
    head = {"mimetype": f"application/vnd.oasis.opendocument.{kind}", "content.xml": content}
    return zipped({**head, **(parts or {})})


def stream(data: bytes, entries: bytes = b"") -> bytes:
    """A packed stream as PDF objects are written."""
    packed = zlib.compress(data)
    return b"<< /Length %d /Filter /FlateDecode %s >>\nstream\n%s\nendstream" % (len(packed), entries, packed)


def shown(*lines: str) -> bytes:
    """Content of a page."""
    escaped = (re.sub(rb"([\\()])", rb"\\\1", line.encode("cp1252")) for line in lines)
    return b"BT /F1 12 Tf 72 720 Td 14 TL " + b" ".join(b"(%s) Tj T*" % line for line in escaped) + b" ET"


def pdf(*contents: bytes, info: bytes = b"", resources: bytes = b"", more: Iterable[bytes] = ()) -> bytes:
    """A PDF of these pages, in the order of PDF's standard: header, objects, cross-references, trailer.

    Objects ``more`` begin at number 5 + 2 * pages.
    """
    pages = b" ".join(b"%d 0 R" % (5 + 2 * number) for number in range(len(contents)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R /Lang (en-GB) >>",
        b"<< /Type /Pages /Count %d /Kids [%s] >>" % (len(contents), pages),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        b"<< %s >>" % info,
    ]
    for number, content in enumerate(contents):
        font = b"/Font << /F1 3 0 R >>"
        objects += [
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents %d 0 R /Resources << %s %s >> >>"
            % (6 + 2 * number, font, resources),
            content if content.startswith(b"<<") else stream(content),
        ]
    return _numbered([*objects, *more])


def _numbered(objects: list[bytes]) -> bytes:
    file = bytearray(b"%PDF-1.7\n")
    places = []
    for number, each in enumerate(objects, 1):
        places.append(len(file))
        file += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    start = len(file)
    file += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    file += b"".join(b"%010d 00000 n \n" % place for place in places)
    file += b"trailer << /Size %d /Root 1 0 R /Info 4 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(file)
