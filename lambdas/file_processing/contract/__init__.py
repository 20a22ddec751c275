"""What file processing promises: settings, limits, metric names, messages; its tables are in ``contract.tables``.

The constructs, the functions, the tests and the tools read every name from here.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import msgspec

from lambdas.common.settings import Settings
from lambdas.file_processing.contract.limits import IndexLimits, Limits


class Lane(StrEnum):
    """A function that processes files of some kinds, with a queue and a layer of its own; named after its module."""

    UNPACK = "unpack"
    """Archives: every member becomes a file of its own."""
    TRANSCODE = "transcode"
    """Video and audio."""
    EXTRACT = "extract"
    """Documents and text."""
    VALIDATE = "validate"
    """Tables of rows: CSV, JSON, JSON Lines, Parquet."""
    MEASURE = "measure"
    """Access logs."""


@dataclass(frozen=True, kw_only=True)
class QueueSettings(Settings):
    """What every function that reads a queue is told of it, so that messages that failed come again soon."""

    queue_url: str
    longest_wait_seconds: int
    """That a message may be given until it comes again: what is left at least of the time for which the queue hides
    it, when an invocation has taken all of its own."""


@dataclass(frozen=True, kw_only=True)
class RecognizeSettings(QueueSettings):
    """Environment of the Recognize function."""

    quarantine_bucket_name: str
    catalog_table_name: str
    lane_queue_urls: dict[Lane, str]
    index_queue_url: str
    limits: Limits
    keep_days: int
    """Days that items of replaced and deleted versions stay in the catalog."""


@dataclass(frozen=True, kw_only=True)
class LaneSettings(QueueSettings):
    """Environment of every lane's function."""

    products_bucket_name: str
    quarantine_bucket_name: str
    catalog_table_name: str
    index_queue_url: str
    limits: Limits
    keep_days: int


@dataclass(frozen=True, kw_only=True)
class UnpackSettings(LaneSettings):
    """Environment of the Unpack function."""

    arrivals_queue_url: str
    """Where members are announced, as S3 announces objects of the inbox."""


@dataclass(frozen=True, kw_only=True)
class TranscodeSettings(LaneSettings):
    """Environment of the Transcode function."""

    media_convert_role_arn: str
    """Role that AWS Elemental MediaConvert reads and writes the buckets with; empty where it is switched off."""
    media_convert_queue_arn: str
    """Empty for the account's default queue."""


@dataclass(frozen=True, kw_only=True)
class MeasureSettings(LaneSettings):
    """Environment of the Measure function."""

    metrics_table_name: str
    metrics_days: int
    """Days until metrics of a minute expire."""


@dataclass(frozen=True, kw_only=True)
class FinishSettings(Settings):
    """Environment of the Finish function, which completes what MediaConvert has done."""

    products_bucket_name: str
    quarantine_bucket_name: str
    catalog_table_name: str
    transcode_queue_url: str
    index_queue_url: str
    keep_days: int


@dataclass(frozen=True, kw_only=True)
class IndexSettings(QueueSettings):
    """Environment of the Index function, the only writer of the full-text index."""

    products_bucket_name: str
    catalog_table_name: str
    limits: IndexLimits


@dataclass(frozen=True, kw_only=True)
class SearchSettings(Settings):
    """Environment of the Search function."""

    products_bucket_name: str


class Metric(StrEnum):
    """Metrics of the functions: counts, but for those that say their unit."""

    ARRIVED = "FilesArrived"
    """Versions that were taken into the catalog."""
    READY = "FilesReady"
    CATALOGUED = "FilesCatalogued"
    """Of a kind that nothing more is done with, such as images."""
    REJECTED = "FilesRejected"
    REMOVED = "FilesRemoved"
    DISCARDED = "GenerationsDiscarded"
    """Products of replaced and deleted versions that were removed."""
    NO_EFFECT = "EventsWithoutEffect"
    RETRIED = "MessagesRetried"
    REJECTED_SHARE = "RejectedShare"
    """Percent: each settled file writes 0 or 100, so that the average over a time is the share of rejected ones."""
    HANDLING_TIME = "HandlingTime"
    """Milliseconds."""
    BAD_ROWS = "RowsRejected"
    """Of tables and access logs."""
    JOBS_STARTED = "MediaConvertJobsStarted"
    JOBS_FAILED = "MediaConvertJobsFailed"
    DOCUMENTS_INDEXED = "DocumentsIndexed"
    DOCUMENTS_REMOVED = "DocumentsRemoved"
    INDEX_CONFLICTS = "IndexConflicts"
    INDEX_SEGMENTS = "IndexSegments"
    INDEX_BYTES = "IndexBytes"
    TEXTS_LEFT_OUT = "TextsLeftOut"
    """Of files that are found by their names alone: the index is full, or somebody has deleted the texts."""
    SEARCHES = "Searches"
    SEARCH_TIME = "SearchTime"
    """Milliseconds."""


FILE_READERS = "file-readers"
"""Cognito group whose members may search by the web backend's API."""

# --- products and quarantine ---------------------------------------------------------------------------------------

PRODUCTS_PREFIX = "products/"
"""Of the products bucket: everything that lanes write."""
INDEX_PREFIX = "index/"
"""Of the products bucket: the full-text index."""
TEXT_PRODUCT = "text.txt"
"""Name of the product that holds a file's text in UTF-8; what is to be found by search."""
QUARANTINED_ORIGINAL = "original"
QUARANTINE_REASON = "reason.json"


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """``reason.json`` beside a quarantined original."""

    code: str
    message: str
    file_id: str
    name: str
    kind: str
    bucket: str
    key: str
    version_id: str


def generation_prefix(file_id: str, generation: str) -> str:
    """What the keys of all products of one generation of a file begin with; the quarantine has the same without
    `PRODUCTS_PREFIX`."""
    return f"{PRODUCTS_PREFIX}{quarantine_prefix(file_id, generation)}"


def quarantine_prefix(file_id: str, generation: str) -> str:
    """Where the quarantine bucket keeps what was bad in one generation of a file."""
    return f"{file_id}/{generation}/"
