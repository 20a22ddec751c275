"""Text of office files: DOCX, XLSX and PPTX of Office Open XML, ODT, ODS and ODP of OpenDocument.

Read as streams, so that neither a sheet of a million rows nor a package that unpacks to gigabytes takes memory.
"""

from __future__ import annotations

from pathlib import Path
from time import monotonic

from lambdas.file_processing.contract.limits import Limits
from lambdas.file_processing.domain.documents import ooxml, opendocument
from lambdas.file_processing.domain.documents.draft import Clock, Draft, extracted
from lambdas.file_processing.domain.documents.package import damaged, opened
from lambdas.file_processing.domain.processing import Input, Processed


def process(file: Input, output: Path, limits: Limits, clock: Clock = monotonic) -> Processed:
    """Text as it is shown: body, tables, notes, comments, headers and footers. Hidden text, sheets and slides are
    left out."""
    return extracted(file, output, limits, clock, _read)


def _read(path: Path, draft: Draft) -> None:
    with opened(path, draft) as package:
        if opendocument.claims(package):
            opendocument.read(package, draft)
        else:
            ooxml.read(package, draft)
        if draft.empty and draft.first_problem:
            raise damaged(draft.first_problem)
