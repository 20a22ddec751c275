"""ZIP archives that are no office files: every member becomes a file of its own."""

from __future__ import annotations

from pathlib import Path

from lambdas.file_processing.contract import Lane
from lambdas.file_processing.contract.limits import Limits
from lambdas.file_processing.domain.probes.containers import is_zip
from lambdas.file_processing.domain.processing import Input, Kind, Processed


def _process(source: Input, output: Path, limits: Limits) -> Processed:
    from lambdas.file_processing.domain.archives.unpack import unpack

    return unpack(source, output, limits)


KIND = Kind(
    name="archive_zip",
    media_type="application/zip",
    claims=is_zip,
    order=12,
    lane=Lane.UNPACK,
    process=_process,
)
