"""Apache Parquet tables."""

from __future__ import annotations

from pathlib import Path

from lambdas.file_processing.contract import Lane
from lambdas.file_processing.contract.limits import Limits
from lambdas.file_processing.domain.probes.tables import is_parquet
from lambdas.file_processing.domain.processing import Input, Kind, Processed


def _process(source: Input, output: Path, limits: Limits) -> Processed:
    from lambdas.file_processing.domain.rows.parquet import process

    return process(source, output, limits)


KIND = Kind(
    name="parquet",
    media_type="application/vnd.apache.parquet",
    claims=is_parquet,
    order=10,
    lane=Lane.VALIDATE,
    process=_process,
)
