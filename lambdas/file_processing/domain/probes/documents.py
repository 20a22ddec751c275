"""PDF, and the office formats, which are ZIP archives with certain members."""

from __future__ import annotations

import re

from lambdas.file_processing.domain.probes.containers import is_zip
from lambdas.file_processing.domain.processing import Head

_PDF = re.compile(rb"(?:\xef\xbb\xbf)?\s{0,1024}%PDF-\d\.\d")
_OPENXML = "application/vnd.openxmlformats-officedocument."
_PARTS = {
    # The number is written by Office on the web.
    re.compile(r"word/document\d*\.xml"): f"{_OPENXML}wordprocessingml.document",
    re.compile(r"xl/workbook\d*\.xml"): f"{_OPENXML}spreadsheetml.sheet",
    re.compile(r"ppt/presentation\d*\.xml"): f"{_OPENXML}presentationml.presentation",
}
_OPENDOCUMENT = re.compile(
    rb"mimetype(application/vnd\.oasis\.opendocument\.(?:text|spreadsheet|presentation))(?:PK|$)"
)


def is_pdf(head: Head) -> bool:
    """A PDF from its first byte on, save for white space: readers forgive more, and so do those who hide things."""
    return _PDF.match(head.data) is not None


def is_office(head: Head) -> bool:
    """A document, sheet or presentation of OOXML or ODF."""
    return _office(head) is not None


def office_type(head: Head) -> str:
    """Its media type."""
    return _office(head) or "application/zip"


def _office(head: Head) -> str | None:
    if not is_zip(head):
        return None
    if "[Content_Types].xml" in head.members:
        return next((name for part, name in _PARTS.items() if any(map(part.fullmatch, head.members))), None)
    # ODF: the first member is the media type, not compressed.
    declared = _OPENDOCUMENT.match(head.data[30:128])
    return declared[1].decode() if declared and "content.xml" in head.members else None
