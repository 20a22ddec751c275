"""What table ETL promises: settings, versions, objects, messages, reasons, metric names.

The constructs, the functions, the tests and the tools read every name from here. Layouts of tables that other slices
use, too, are in ``lambdas/common/tables/shop`` (the sample's source) and ``lambdas/common/tables/read_model``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Annotated

import msgspec

from lambdas.common.settings import Settings

# --- settings -------------------------------------------------------------------------------------------------------

Positive = Annotated[int, msgspec.Meta(ge=1)]


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What a row and a file may be."""

    max_row_bytes: Annotated[int, msgspec.Meta(ge=1, le=200_000)] = 200_000
    """Of a row's JSON. A row is in all targets or none: DynamoDB takes items of 400 KB, and a row can be twice as large
    there; EventBridge takes events of 256 KB, with a key of up to 22 KB."""
    max_line_bytes: Annotated[int, msgspec.Meta(ge=1, le=64 * 1024 * 1024)] = 4 * 1024 * 1024
    """Of a line of a file, unpacked. An item of 400 KB can have 3 MB of DynamoDB JSON, if it is a list of booleans."""
    max_unpacked_bytes: Positive = 64 * 1024**3
    """Of a whole file."""
    max_expansion: Annotated[int, msgspec.Meta(ge=2)] = 250
    """How many times larger than packed a gzip file may get; DEFLATE reaches 1,032 with a single repeated byte."""


class Targets(msgspec.Struct, frozen=True, kw_only=True):
    """Where rows are loaded; None where a target is not wanted."""

    read_model_table_name: str | None = None
    lake_bucket_name: str | None = None
    event_bus_name: str | None = None


@dataclass(frozen=True, kw_only=True)
class LoadSettings(Settings):
    """Environment of the Load function, and of Backfill, which loads by the same code."""

    pipeline: str
    """Module in ``lambdas/table_etl/pipelines``."""
    limits: Limits
    targets: Targets
    quarantine_bucket_name: str


@dataclass(frozen=True, kw_only=True)
class PlanSettings(Settings):
    """Environment of the Plan function."""

    tasks_queue_url: str
    quarantine_bucket_name: str


@dataclass(frozen=True, kw_only=True)
class CompactSettings(Settings):
    """Environment of the Compact function."""

    pipeline: str
    lake_bucket_name: str
    max_memory_mb: int
    """What DuckDB may use; it spills to the temporary directory beyond."""
    max_chunk_bytes: int
    """Of staged objects that are merged at a time, as stored."""
    grace_hours: int
    """How long replaced objects stay for queries that still read them."""


COMPACT_MARGIN_SECONDS = 120
"""Of an invocation, in which no other day is begun: enough for one day, and for what comes after."""


# --- versions -------------------------------------------------------------------------------------------------------

_SEQUENCE_DIGITS = 40
"""The longest sequence number (DynamoDB Streams API reference, StreamRecord)."""
NEVER = ""
"""Sorts before every version."""


def live_version(sequence_number: str) -> str:
    """Version of a change out of the stream. Greater than every version of history."""
    return f"1#{sequence_number.zfill(_SEQUENCE_DIGITS)}"


def history_version(moment: datetime, file_id: str = "", row: int = 0) -> str:
    """Version of a row of an export or a file, as of ``moment``.

    Of rows as of the same moment one is the later for good, whatever order they come in: within a file (``file_id``:
    a few characters made of its identity) the one further down.
    """
    micros = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // _MICROSECOND
    return f"0#{micros:020d}#{file_id}#{row:012d}"


_MICROSECOND = datetime.resolution


# --- vocabulary -----------------------------------------------------------------------------------------------------


class ReasonCode(StrEnum):
    """Why a change, a row, or a whole file went to quarantine."""

    BAD_RECORD = "bad_record"
    """No DynamoDB change or item: a malformed image, an attribute of an unknown type."""
    BAD_KEY = "bad_key"
    """The key is missing, or of no form that the pipeline knows."""
    UNKNOWN_SCHEMA_VERSION = "unknown_schema_version"
    WRONG_SCHEMA = "wrong_schema"
    """A field is missing, unknown, of another type or out of its range, or fields contradict each other."""
    TOO_BIG = "too_big"
    BAD_NUMBER = "bad_number"
    """More than DynamoDB's 38 digits, or an amount that a total cannot hold exactly."""
    STEP_ERROR = "step_error"
    """A step of the pipeline raised an error: correct it, then redrive."""
    BAD_LINE = "bad_line"
    """A line of a file that is no JSON object, or a CSV row with more or fewer cells than there are columns."""
    BAD_ENCODING = "bad_encoding"
    """Not UTF-8."""
    BAD_GZIP = "bad_gzip"
    DECOMPRESSION_BOMB = "decompression_bomb"
    BAD_HEADER = "bad_header"
    """A CSV file's first line names no columns, or one twice."""
    UNSUPPORTED_FILE = "unsupported_file"
    BAD_MANIFEST = "bad_manifest"
    FILE_GONE = "file_gone"


class Metric(StrEnum):
    """Metrics of the functions."""

    CHANGES = "Changes"
    """Changes of the stream that were delivered; again with each retry."""
    ROWS = "HistoricalRows"
    """Rows out of files that were read; again with each retry."""
    LOADED = "RowsLoaded"
    """Rows and deletions handed to the targets."""
    REJECTED = "RowsRejected"
    RETRIED = "BatchesRetried"
    REJECTED_SHARE = "RejectedShare"
    """Percent of what was delivered."""
    LAG = "Lag"
    """Milliseconds from a batch's first change to the end of its invocation."""
    BATCH_TIME = "BatchTime"
    """Milliseconds."""
    FILES = "FilesPlanned"
    FILES_REJECTED = "FilesRejected"
    COMPACTED = "ObjectsCompacted"
    """Staged objects that were merged."""
    COMPACTED_BYTES = "BytesCompacted"
    STAGED = "ObjectsStaged"
    """Staged objects that are left for the next compaction."""
    STAGED_AGE = "OldestStagedAge"
    """Milliseconds that the oldest of them has been waiting."""
    COMPACTION_TIME = "CompactionTime"
    """Milliseconds."""


# --- quarantine -----------------------------------------------------------------------------------------------------


class StreamPosition(msgspec.Struct, frozen=True, tag="stream", tag_field="kind"):
    """Where a change stood."""

    table_stream_arn: str
    sequence_number: str


class FilePosition(msgspec.Struct, frozen=True, tag="file", tag_field="kind"):
    """Where a row stood."""

    bucket: str
    key: str
    version_id: str
    row: int
    """From 1 on, the header of a CSV file not counted; 0 for the file as a whole."""


class Form(StrEnum):
    """What a payload, or a line of a file, is."""

    STREAM_RECORD = "stream_record"
    """A record of a Lambda event, as JSON."""
    JSON = "json"
    """A source item as a plain JSON object."""
    CSV = "csv"
    """A row of cells; the columns stand beside it."""
    EXPORT = "export"
    """A line of DynamoDB's export, full or incremental."""


class Quarantined(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a quarantine object."""

    reason: ReasonCode
    message: str
    position: StreamPosition | FilePosition
    form: Form | None
    """None for a whole file, which stays where it is."""
    payload: bytes
    """As it came; base64 in JSON. Of a line that is too long only its beginning: the file has the rest."""
    complete: bool = True
    """Whether the payload is all of it, so that it can be redriven."""
    version: str = NEVER
    """What the row would have been loaded as."""
    columns: tuple[str, ...] = ()
    """Of a CSV row."""


QUARANTINE_PREFIX = "rejected/"


def quarantine_prefix(day: date) -> str:
    """Where what was rejected is kept: by the day of the change in the stream, or of the file."""
    return f"{QUARANTINE_PREFIX}date={day:%Y-%m-%d}/"


class Redrive(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Event that asks the Load function to load what was in quarantine."""

    redrive: list[Quarantined]


# --- source ---------------------------------------------------------------------------------------------------------

SCHEMA_VERSION = "schema_version"
"""Attribute of every item of a source: which form it is written in."""

# --- historical files -----------------------------------------------------------------------------------------------


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """Message that asks the Backfill function to load one file."""

    bucket: str
    key: str
    version_id: str
    """Empty for the data files of an export: its manifest names none."""
    form: Form
    gzip: bool
    moment: Annotated[datetime, msgspec.Meta(tz=True)]
    """As of when its rows are: of the export, or when the file was dropped."""


# --- rows -----------------------------------------------------------------------------------------------------------

NO_ROW = msgspec.Raw(b"null")
"""In the place of a row that is deleted, in the lake and in events."""

# --- outlet ---------------------------------------------------------------------------------------------------------


class RowEvent(msgspec.Struct, frozen=True):
    """Detail of an event on the bus."""

    dataset: str
    key: str
    version: str
    """Events come at least once and in any order: a consumer keeps the greatest version of a key."""
    row: msgspec.Raw


def event_source(pipeline: str) -> str:
    """Source of the events, for rules to match."""
    return f"table-etl.{pipeline}"


# --- lake -----------------------------------------------------------------------------------------------------------

UNDATED = "all"
"""Day of the rows of a dataset that has none."""

LAKE_DAY = "day"
"""Partition of the tables, in keys as Hive has it."""

STAGED_PREFIX = "staged/"
ROWS_PREFIX = "rows/"
TABLES_PREFIX = "tables/"


class StagedRow(msgspec.Struct, frozen=True):
    """A line of a staged object."""

    key: str
    version: str
    day: str
    """``2026-11-25``, or `UNDATED`; made of the key, so that all versions of a row have the same."""
    row: msgspec.Raw
    """`NO_ROW` where the source item is deleted, or filtered out."""


def staged_prefix(dataset: str) -> str:
    """Where the rows of a dataset wait to be compacted."""
    return f"{STAGED_PREFIX}{dataset}/"


def staged_key(dataset: str, arrived: date, name: str) -> str:
    """Key of a batch's rows, by the day on which they arrived."""
    return f"{staged_prefix(dataset)}{LAKE_DAY}={arrived:%Y-%m-%d}/{name}.jsonl.gz"


def table_location(dataset: str) -> str:
    """Prefix that the Glue table points to."""
    return f"{TABLES_PREFIX}{dataset}/"


def pointer_key(dataset: str, day: str) -> str:
    """Key of the object that says, in one line, which Parquet object holds a day's rows; replaced in one step.

    Athena reads it as a symlink manifest, the form of Amazon S3 Inventory's tables.
    """
    return f"{table_location(dataset)}{LAKE_DAY}={day}/symlink.txt"


def dataset_prefix(dataset: str) -> str:
    """Where the generations of all days of a dataset stand, those that were replaced included."""
    return f"{ROWS_PREFIX}{dataset}/"


def rows_prefix(dataset: str, day: str, generation: str) -> str:
    """Where one generation of a day stands: `ROWS_FILE`, which readers see, and `TOMBSTONES_FILE`."""
    return f"{dataset_prefix(dataset)}{LAKE_DAY}={day}/{generation}/"


ROWS_FILE = "rows.parquet"
TOMBSTONES_FILE = "tombstones.parquet"
"""Key and version of every deleted row, so that an older version that comes late does not bring it back."""

LAKE_KEY = "source_key"
LAKE_VERSION = "source_version"
"""Columns that every row has beside its own."""
