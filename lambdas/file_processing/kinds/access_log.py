"""Access logs of S3, CloudFront, Application Load Balancers and web servers, gzipped or not."""

from __future__ import annotations

from pathlib import Path

from lambdas.file_processing.contract import Lane
from lambdas.file_processing.contract.limits import Limits
from lambdas.file_processing.domain.probes.access_logs import is_access_log
from lambdas.file_processing.domain.processing import Input, Kind, Processed


def _process(source: Input, output: Path, limits: Limits) -> Processed:
    from lambdas.file_processing.domain.access_logs.measure import process

    return process(source, output, limits)


KIND = Kind(
    name="access_log",
    media_type="text/x-access-log",
    claims=is_access_log,
    order=40,
    lane=Lane.MEASURE,
    process=_process,
    gzipped=True,
)
