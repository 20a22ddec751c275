"""Tar archives, plain or gzipped, and those within bzip2 or xz that the first bytes show."""

from __future__ import annotations

from pathlib import Path

from lambdas.file_processing.contract import Lane
from lambdas.file_processing.contract.limits import Limits
from lambdas.file_processing.domain.probes.containers import is_tar
from lambdas.file_processing.domain.processing import Input, Kind, Processed


def _process(source: Input, output: Path, limits: Limits) -> Processed:
    from lambdas.file_processing.domain.archives.unpack import unpack

    return unpack(source, output, limits)


KIND = Kind(
    name="archive_tar",
    media_type="application/x-tar",
    claims=is_tar,
    order=10,
    lane=Lane.UNPACK,
    process=_process,
    gzipped=True,
)
