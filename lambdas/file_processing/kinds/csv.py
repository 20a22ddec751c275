"""Tables with commas, semicolons, tabs or bars between the fields."""

from __future__ import annotations

from pathlib import Path

from lambdas.file_processing.contract import Lane
from lambdas.file_processing.contract.limits import Limits
from lambdas.file_processing.domain.probes.tables import is_csv
from lambdas.file_processing.domain.processing import Input, Kind, Processed


def _process(source: Input, output: Path, limits: Limits) -> Processed:
    from lambdas.file_processing.domain.rows.csv import process

    return process(source, output, limits)


KIND = Kind(
    name="csv",
    media_type="text/csv",
    claims=is_csv,
    order=54,
    lane=Lane.VALIDATE,
    process=_process,
)
