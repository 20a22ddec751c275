"""A bzip2 stream: what is in it becomes a file of its own, or many if it turns out to be a tar archive."""

from __future__ import annotations

from pathlib import Path

from lambdas.file_processing.contract import Lane
from lambdas.file_processing.contract.limits import Limits
from lambdas.file_processing.domain.probes.containers import is_bzip2
from lambdas.file_processing.domain.processing import Input, Kind, Processed


def _process(source: Input, output: Path, limits: Limits) -> Processed:
    from lambdas.file_processing.domain.archives.unpack import unpack

    return unpack(source, output, limits)


KIND = Kind(
    name="bzip2",
    media_type="application/x-bzip2",
    claims=is_bzip2,
    order=12,
    lane=Lane.UNPACK,
    process=_process,
)
