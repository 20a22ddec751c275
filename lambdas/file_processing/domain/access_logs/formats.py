"""Which of the formats an access log has, by its first lines. Needs nothing but the standard library."""

from __future__ import annotations

from collections.abc import Sequence

from lambdas.file_processing.domain.access_logs.alb import LoadBalancerLog
from lambdas.file_processing.domain.access_logs.clf import CommonLog
from lambdas.file_processing.domain.access_logs.cloudfront import FIELDS, CloudFrontLog
from lambdas.file_processing.domain.access_logs.dialect import BadLineError, Dialect
from lambdas.file_processing.domain.access_logs.s3 import S3Log

_TEXT: tuple[type[Dialect], ...] = (S3Log, LoadBalancerLog, CommonLog)


def format_of(head: bytes) -> Dialect | None:
    """The format that most of the lines are of, None if none is of any. The last may have been cut."""
    if head.startswith((b"#Version:", FIELDS)):
        return CloudFrontLog() if FIELDS in head else None
    lines = [line.removesuffix(b"\r") for line in head.split(b"\n")]
    read, best = max(((_read(dialect(), lines), dialect) for dialect in _TEXT), key=lambda each: each[0])
    return best() if read else None


def _read(dialect: Dialect, lines: Sequence[bytes]) -> int:
    return sum(_is_of(dialect, line) for line in lines)


def _is_of(dialect: Dialect, line: bytes) -> bool:
    try:
        return dialect.row(line) is not None
    except BadLineError:
        return False
