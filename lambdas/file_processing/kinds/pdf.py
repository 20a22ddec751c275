"""PDF documents."""

from __future__ import annotations

from pathlib import Path

from lambdas.file_processing.contract import Lane
from lambdas.file_processing.contract.limits import Limits
from lambdas.file_processing.domain.probes.documents import is_pdf
from lambdas.file_processing.domain.processing import Input, Kind, Processed


def _process(source: Input, output: Path, limits: Limits) -> Processed:
    from lambdas.file_processing.domain.documents.pdf import process

    return process(source, output, limits)


KIND = Kind(
    name="pdf",
    media_type="application/pdf",
    claims=is_pdf,
    order=10,
    lane=Lane.EXTRACT,
    process=_process,
)
