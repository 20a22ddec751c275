"""A JSON object on each line."""

from __future__ import annotations

from pathlib import Path

from lambdas.file_processing.contract import Lane
from lambdas.file_processing.contract.limits import Limits
from lambdas.file_processing.domain.probes.notation import is_json_lines
from lambdas.file_processing.domain.processing import Input, Kind, Processed


def _process(source: Input, output: Path, limits: Limits) -> Processed:
    from lambdas.file_processing.domain.rows.json_lines import process

    return process(source, output, limits)


KIND = Kind(
    name="json_lines",
    media_type="application/jsonl",
    claims=is_json_lines,
    order=50,
    lane=Lane.VALIDATE,
    process=_process,
)
