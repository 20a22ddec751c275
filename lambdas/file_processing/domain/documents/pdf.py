"""Text of PDF files, page by page."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic
from typing import Any

from pypdf import PageObject, PasswordType, PdfReader, apply_configuration
from pypdf.errors import DependencyError, PyPdfError
from pypdf.generic import NameObject

from lambdas.file_processing.contract.limits import MEBIBYTE, Limits
from lambdas.file_processing.domain.documents.disk import DiskFile
from lambdas.file_processing.domain.documents.draft import Clock, Draft, EnoughError, Gap, extracted
from lambdas.file_processing.domain.processing import Input, Processed, Rejected

_DAMAGED = (
    PyPdfError,
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    NotImplementedError,
    RecursionError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)
"""What pypdf raises over damaged files. Not OSError, which is the disk's, see `DiskFile`; nor MemoryError."""

_STREAM_BYTES = 16 * MEBIBYTE
"""Of one unpacked stream: content of a page, a font's map, a table of objects. Pictures are not unpacked."""
_STREAM_PARTS = 1_000_000
"""Operators and operands of one page, which take some 200 bytes of memory each."""
_CHECKED_EVERY = 1_000
"""Operators between two looks at the clock."""
_FORGET_EVERY = 50
"""Pages after which objects read so far are forgotten: pypdf keeps each, and with it all pictures' data."""

_LIGATURES = str.maketrans(
    {"\ufb00": "ff", "\ufb01": "fi", "\ufb02": "fl", "\ufb03": "ffi", "\ufb04": "ffl", "\ufb05": "st", "\ufb06": "st"}
)
_ADDRESS = re.compile(r"IndirectObject\((\d+), \d+, \d+\)")
_HYPHENATED = re.compile(r"(?<=[^\W\d_])[-\u2010\xad]\n(?=[^\W\d_])")


def process(file: Input, output: Path, limits: Limits, clock: Clock = monotonic) -> Processed:
    """Text in the order of the pages. Raises Rejected for what cannot be opened, or not without a password."""
    return extracted(file, output, limits, clock, _read)


def _read(path: Path, draft: Draft) -> None:
    with DiskFile(path) as stream, _limited():
        reader = _opened(stream)
        count = _counted(reader)
        draft.facts["pages"] = count
        _note(reader, draft)
        for number in range(min(count, draft.limits.max_pages)):
            draft.check()
            _read_page(reader, number, draft)
            if number % _FORGET_EVERY == _FORGET_EVERY - 1:
                reader.resolved_objects.clear()
        if count > draft.limits.max_pages:
            raise EnoughError("max_pages")


def _limited() -> Any:
    """pypdf's own limits, set to what the function's memory and time allow."""
    return apply_configuration(
        maximum_declared_stream_length=_STREAM_BYTES,
        array_based_stream_maximum_output_length=_STREAM_BYTES,
        zlib_maximum_output_length=_STREAM_BYTES,
        lzw_maximum_output_length=_STREAM_BYTES,
        run_length_maximum_output_length=_STREAM_BYTES,
        brotli_maximum_output_length=_STREAM_BYTES,
        jbig2_maximum_output_length=_STREAM_BYTES,
        stream_parsing_work_maximum_count=_STREAM_PARTS,
        jbig2dec_binary=None,
    )


def _opened(stream: DiskFile) -> PdfReader:
    """The document, decrypted if that takes no password, as where printing alone is forbidden."""
    try:
        reader = PdfReader(stream)
        locked = reader.is_encrypted and reader.decrypt("") is PasswordType.NOT_DECRYPTED
    except DependencyError as error:
        raise Rejected("encrypted_document", f"The PDF is encrypted in an unusual way ({error}). {_UNLOCK}") from error
    except _DAMAGED as error:
        raise _damaged(error) from error
    if locked:
        raise Rejected("encrypted_document", f"The PDF opens with a password only. {_UNLOCK}")
    return reader


_UNLOCK = "Save it without one, and upload it again."


def _damaged(error: Exception) -> Rejected:
    told = f"The PDF cannot be read ({_told(error)}). Save it anew in a viewer, and upload it again."
    return Rejected("damaged_document", told)


def _told(error: Exception) -> str:
    """Without the addresses in memory by which pypdf names objects."""
    what = _ADDRESS.sub(r"object \1", str(error))
    return f"{type(error).__name__}: {what}"


def _counted(reader: PdfReader) -> int:
    try:
        return len(reader.pages)
    except _DAMAGED as error:
        raise _damaged(error) from error


def _note(reader: PdfReader, draft: Draft) -> None:
    """Facts that the document tells of itself; damaged ones are left out."""
    try:
        about = reader.metadata
        if about:
            draft.tell("title", about.title)
            draft.tell("author", about.author)
        language = reader.root_object.get("/Lang")
        draft.tell("language", language if isinstance(language, str) else None)
    except _DAMAGED as error:
        draft.unread("metadata", _told(error))


def _read_page(reader: PdfReader, number: int, draft: Draft) -> None:
    try:
        page = reader.pages[number]
        text = page.extract_text(visitor_operand_before=_clocked(draft))
    except _DAMAGED as error:
        draft.unread(number + 1, _told(error))
        return
    draft.write_lines(_HYPHENATED.sub("", text.translate(_LIGATURES)))
    for note in _notes(page, number, draft):
        draft.gap(Gap.PARAGRAPH)
        draft.write_lines(note)
    draft.gap(Gap.PARAGRAPH)


def _clocked(draft: Draft) -> Callable[[Any, Any, Any, Any], None]:
    """Looks at the clock now and then: forms that draw forms make a small page a long one."""
    count = 0

    def look(*_: Any) -> None:
        nonlocal count
        if count % _CHECKED_EVERY == 0:
            draft.check()  # raises every time from then on, for pypdf goes on after errors within a form
        count += 1

    return look


def _notes(page: PageObject, number: int, draft: Draft) -> Iterator[str]:
    """What was filled into forms, and comments; damaged ones are left out."""
    try:
        annotations = list(page.annotations or ())
    except _DAMAGED as error:
        draft.unread(number + 1, f"its notes: {_told(error)}")
        return
    for annotation in annotations:
        try:
            text = _said(annotation.get_object())
        except _DAMAGED as error:
            draft.unread(number + 1, f"a note: {_told(error)}")
        else:
            yield text


def _said(note: Any) -> str:
    """A field that is shown at several places has its value in their parent; one of several choices has a list."""
    value = note.get_inherited("/V") if note.get("/Subtype") == "/Widget" else note.get("/Contents")
    values = [each.get_object() for each in value] if isinstance(value, list) else [value]
    # Names are states of check boxes.
    return "\n".join(each for each in values if isinstance(each, str) and not isinstance(each, NameObject))
