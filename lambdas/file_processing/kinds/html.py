"""Web pages, whatever they are named."""

from __future__ import annotations

from pathlib import Path

from lambdas.file_processing.contract import Lane
from lambdas.file_processing.contract.limits import Limits
from lambdas.file_processing.domain.probes.markup import is_html
from lambdas.file_processing.domain.processing import Input, Kind, Processed


def _process(source: Input, output: Path, limits: Limits) -> Processed:
    from lambdas.file_processing.domain.documents.html import process

    return process(source, output, limits)


KIND = Kind(
    name="html",
    media_type="text/html",
    claims=is_html,
    order=40,
    lane=Lane.EXTRACT,
    process=_process,
)
