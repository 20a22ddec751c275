"""Documents, sheets and slides: OOXML of Microsoft Office, ODF of LibreOffice."""

from __future__ import annotations

from pathlib import Path

from lambdas.file_processing.contract import Lane
from lambdas.file_processing.contract.limits import Limits
from lambdas.file_processing.domain.probes.documents import is_office, office_type
from lambdas.file_processing.domain.processing import Input, Kind, Processed


def _process(source: Input, output: Path, limits: Limits) -> Processed:
    from lambdas.file_processing.domain.documents.office import process

    return process(source, output, limits)


KIND = Kind(
    name="office",
    media_type=office_type,
    claims=is_office,
    order=10,
    lane=Lane.EXTRACT,
    process=_process,
)
