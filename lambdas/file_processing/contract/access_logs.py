"""What becomes of an access log: metrics per minute, and the lines that could not be read.

Metrics are in the layout of ``lambdas/common/tables/metrics``. Their dimension is the *site*: the first path segment of
the log's key with its slash, such as ``shop/``, and the empty string for keys without one.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from lambdas.file_processing.contract import PRODUCTS_PREFIX


class AccessMetric(StrEnum):
    """Metrics of a site's requests; each says its kind of value."""

    REQUESTS = "access.requests"
    """Count."""
    STATUS = "access.status"
    """Count by `status_dimension`, not by site alone."""
    ERRORS = "access.errors"
    """Count of those answered with 5xx. Minutes without any have none."""
    BYTES = "access.bytes"
    """Sum of bytes that were sent."""
    LATENCY = "access.latency"
    """Quantiles of milliseconds, of the requests whose line tells them."""
    PATHS = "access.paths"
    """Top, without queries. `NO_PATH` stands for requests that name none."""
    FAILING_PATHS = "access.failing_paths"
    """Top of those answered with 5xx."""


OTHER_STATUS = "other"
STATUS_CLASSES = ("1xx", "2xx", "3xx", "4xx", "5xx", OTHER_STATUS)
"""The last for whatever has none of the others: ``-``, and CloudFront's 000 for viewers that had gone."""
NO_PATH = "-"


def status_dimension(site: str, status_class: str) -> str:
    """Dimension of `AccessMetric.STATUS`: ``shop/5xx``; a site is empty or ends with a slash, and a class has none."""
    return site + status_class


MANIFESTS_PREFIX = f"{PRODUCTS_PREFIX}metrics/"
"""Of the products bucket: a list of the metrics of each generation of a log. They outlive the generation, and are of no
use once its metrics have expired."""
BAD_LINES = "lines.jsonl.gz"
"""Name of the quarantined file of `QuarantinedLine`, one per line."""


def manifest_key(file_id: str, generation: str) -> str:
    """Of the list of metrics; no file has the id ``metrics``."""
    return f"{MANIFESTS_PREFIX}{file_id}/{generation}.json"


class LineReason(StrEnum):
    """Why a line was not counted."""

    MALFORMED = "malformed"
    BAD_TIME = "bad_time"
    WRONG_FIELDS = "wrong_fields"
    """A line of CloudFront has another number of fields than its header."""
    TOO_LONG = "too_long"


class QuarantinedLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A line that was not counted."""

    line: int
    """Its number in the file, from 1; comments and blank lines have theirs."""
    code: LineReason
    message: str
    raw: str | None = None
    """As it came, without its end; of a line that is too long only the beginning."""
    raw_base64: bytes | None = None
    """The same of bytes that are no UTF-8."""
