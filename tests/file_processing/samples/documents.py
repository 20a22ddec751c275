"""Documents as the usual libraries write them."""

from __future__ import annotations

import io
import tempfile
import zipfile
from pathlib import Path

import docx
import duckdb
import openpyxl
import pptx
import pypdf

_ODF = {"odt": "text", "ods": "spreadsheet", "odp": "presentation"}


def samples() -> dict[str, bytes]:
    """``pdf/…``, ``office/…``, ``parquet/…``."""
    opened = {f"office/{name}": opendocument(kind) for name, kind in _ODF.items()}
    return opened | {
        "pdf/pypdf": pdf(),
        "pdf/after white space": b"\r\n\n" + pdf(),
        "pdf/after a byte order mark": b"\xef\xbb\xbf" + pdf(),
        "office/docx": word(),
        "office/docx of office on the web": _renamed(word(), "word/document.xml", "word/document2.xml"),
        "office/xlsx": sheet(),
        "office/pptx": slides(),
        "parquet/duckdb": parquet(),
    }


def pdf() -> bytes:
    """One empty page."""
    writer, file = pypdf.PdfWriter(), io.BytesIO()
    writer.add_blank_page(200, 100)
    writer.write(file)
    return file.getvalue()


def word() -> bytes:
    """One paragraph."""
    document, file = docx.Document(), io.BytesIO()
    document.add_paragraph("Hello")
    document.save(file)
    return file.getvalue()


def sheet() -> bytes:
    """One cell."""
    book, file = openpyxl.Workbook(), io.BytesIO()
    book.create_sheet("One").append(["a", 1])
    book.save(file)
    return file.getvalue()


def slides() -> bytes:
    """One slide."""
    presentation, file = pptx.Presentation(), io.BytesIO()
    presentation.slides.add_slide(presentation.slide_layouts[0])
    presentation.save(file)
    return file.getvalue()


def opendocument(kind: str) -> bytes:
    """The least that LibreOffice would open."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", f"application/vnd.oasis.opendocument.{kind}", zipfile.ZIP_STORED)
        archive.writestr("content.xml", "<office:document-content/>")
        archive.writestr("META-INF/manifest.xml", "<manifest:manifest/>")
    return file.getvalue()


def parquet() -> bytes:
    """A hundred rows."""
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "rows.parquet"
        rows = "SELECT range AS id, 'name ' || range AS name FROM range(100)"
        duckdb.execute(f"COPY ({rows}) TO '{path}' (FORMAT parquet)")
        return path.read_bytes()


def _renamed(archive: bytes, old: str, new: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as source, zipfile.ZipFile(file, "w") as target:
        for name in source.namelist():
            target.writestr(new if name == old else name, source.read(name))
    return file.getvalue()
