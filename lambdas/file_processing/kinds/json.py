"""One JSON document."""

from __future__ import annotations

from pathlib import Path

from lambdas.file_processing.contract import Lane
from lambdas.file_processing.contract.limits import Limits
from lambdas.file_processing.domain.probes.notation import is_json
from lambdas.file_processing.domain.processing import Input, Kind, Processed


def _process(source: Input, output: Path, limits: Limits) -> Processed:
    from lambdas.file_processing.domain.rows.json import process

    return process(source, output, limits)


KIND = Kind(
    name="json",
    media_type="application/json",
    claims=is_json,
    order=52,
    lane=Lane.VALIDATE,
    process=_process,
)
