"""Whatever text remains: prose, source code, logs of other forms."""

from __future__ import annotations

from pathlib import Path

from lambdas.file_processing.contract import Lane
from lambdas.file_processing.contract.limits import Limits
from lambdas.file_processing.domain.probes.prose import is_text
from lambdas.file_processing.domain.processing import Input, Kind, Processed


def _process(source: Input, output: Path, limits: Limits) -> Processed:
    from lambdas.file_processing.domain.documents.text import process

    return process(source, output, limits)


KIND = Kind(
    name="text",
    media_type="text/plain",
    claims=is_text,
    order=90,
    lane=Lane.EXTRACT,
    process=_process,
)
