"""An xz stream: what is in it becomes a file of its own, or many if it turns out to be a tar archive."""

from __future__ import annotations

from pathlib import Path

from lambdas.file_processing.contract import Lane
from lambdas.file_processing.contract.limits import Limits
from lambdas.file_processing.domain.probes.containers import is_xz
from lambdas.file_processing.domain.processing import Input, Kind, Processed


def _process(source: Input, output: Path, limits: Limits) -> Processed:
    from lambdas.file_processing.domain.archives.unpack import unpack

    return unpack(source, output, limits)


KIND = Kind(
    name="xz",
    media_type="application/x-xz",
    claims=is_xz,
    order=12,
    lane=Lane.UNPACK,
    process=_process,
)
