"""Moving pictures, with or without sound."""

from __future__ import annotations

from pathlib import Path

from lambdas.file_processing.contract import Lane
from lambdas.file_processing.contract.limits import Limits
from lambdas.file_processing.domain.probes.media import is_video, media_type
from lambdas.file_processing.domain.processing import Input, Kind, Processed


def _process(source: Input, output: Path, limits: Limits) -> Processed:
    from lambdas.file_processing.domain.media.process import process

    return process(source, output, limits)


KIND = Kind(
    name="video",
    media_type=media_type,
    claims=is_video,
    order=10,
    lane=Lane.TRANSCODE,
    process=_process,
)
