"""What stream analytics promises: settings, tables, objects, reasons, metric names.

The construct, the function, the tests and the tools read every name from here. The layout of the metrics table, which
other slices write and read, too, is in ``lambdas/common/tables/metrics``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated

import msgspec

from lambdas.common.settings import Settings

# --- settings -------------------------------------------------------------------------------------------------------

Positive = Annotated[int, msgspec.Meta(ge=1)]


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What an event may be. Kinesis takes records of up to 10 MiB, but an invocation gets 6 MB at the most."""

    max_event_bytes: Annotated[int, msgspec.Meta(ge=1, le=256 * 1024)] = 64 * 1024
    """Of one event's JSON."""
    max_decompressed_bytes: Positive = 16 * 1024 * 1024
    """Of what a gzip-compressed record unpacks to."""
    max_events_per_record: Annotated[int, msgspec.Meta(ge=1, le=999_999)] = 50_000
    max_late_seconds: Positive = 24 * 60 * 60
    """How much older than its arrival in the stream an event may be."""
    max_early_seconds: Positive = 5 * 60
    """How much a producer's clock may be ahead of the stream's."""


@dataclass(frozen=True, kw_only=True)
class AnalyzeSettings(Settings):
    """Environment of the Analyze function."""

    recipes: tuple[str, ...]
    """Modules in ``lambdas/stream_analytics/recipes``."""
    limits: Limits
    progress_table_name: str
    metrics_table_name: str
    orders_table_name: str
    index_table_name: str
    archive_bucket_name: str
    quarantine_bucket_name: str
    pseudonym_secret_arn: str
    """Secret that keys the pseudonyms of personal fields."""
    metrics_days: int
    """Days that items of the metrics table are kept."""
    index: bool
    """Whether the index table is written."""
    index_days: int
    progress_days: int
    """Days that is remembered which record was counted and which was rejected; longer than rejected ones are kept."""


# --- vocabulary -----------------------------------------------------------------------------------------------------


class ReasonCode(StrEnum):
    """Why an event, or a whole record, went to quarantine."""

    BAD_JSON = "bad_json"
    DUPLICATE_KEYS = "duplicate_keys"
    UNKNOWN_TYPE = "unknown_type"
    WRONG_SCHEMA = "wrong_schema"
    """A field is missing, unknown, of another type or out of its range, or fields contradict each other."""
    TOO_BIG = "too_big"
    TOO_MANY_EVENTS = "too_many_events"
    TOO_LATE = "too_late"
    IN_THE_FUTURE = "in_the_future"
    BAD_GZIP = "bad_gzip"
    DECOMPRESSION_BOMB = "decompression_bomb"
    CONFLICT = "conflict"
    """Something else is stored already under the key that makes the event unique, such as the order id."""
    RECIPE_ERROR = "recipe_error"
    """The recipe itself raised an error: correct it, then redrive."""


class Metric(StrEnum):
    """Metrics of the Analyze function."""

    RECORDS = "Records"
    """Kinesis records that were delivered; again with each retry."""
    EVENTS = "EventsCounted"
    REJECTED = "EventsRejected"
    REPEATED = "EventsRepeated"
    """Orders that are stored already, and redriven events that are counted already."""
    RETRIED = "BatchesRetried"
    """Batches of which the event source was told to retry a part."""
    REJECTED_SHARE = "RejectedShare"
    """Percent of a batch's events."""
    LAG = "Lag"
    """Milliseconds from the arrival of a batch's first record to the end of its invocation."""
    BATCH_TIME = "BatchTime"
    """Milliseconds."""


# --- identity -------------------------------------------------------------------------------------------------------

SEQUENCE_DIGITS = 56
"""Sequence numbers are compared as strings padded to this width: DynamoDB's numbers have 38 digits."""
INDEX_DIGITS = 6
LAST_INDEX = 10**INDEX_DIGITS - 1
"""No record has as many events. A checkpoint behind a whole record stands here: the next delivery may be under wider
limits, by which the record comes apart into more events."""


class Position(msgspec.Struct, frozen=True, order=True):
    """Where an event stands in its shard; orders as the shard does."""

    sequence_number: str
    """Padded with zeros to `SEQUENCE_DIGITS`."""
    index: int
    """Of the event within its record, from 0; other than 0 only in packed and aggregated records."""

    def __str__(self) -> str:
        return f"{self.sequence_number}#{self.index:0{INDEX_DIGITS}d}"

    @staticmethod
    def parse(text: str) -> Position:
        """The inverse of ``str``."""
        sequence_number, _, index = text.partition("#")
        return Position(sequence_number, int(index))


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """What identifies an event for good, wherever it is kept and however often it is put into the stream again."""

    shard_id: str
    sequence_number: str
    index: int
    arrived: float
    """Unix time (s) at which Kinesis got the record."""

    @property
    def position(self) -> Position:
        """Within its shard."""
        return Position(self.sequence_number, self.index)

    def __str__(self) -> str:
        return f"{self.shard_id}#{self.position}"


# --- objects --------------------------------------------------------------------------------------------------------


class ArchivedEvent(Origin, frozen=True, kw_only=True):
    """A line of an archive object; lines with the same origin tell of the same event."""

    event: msgspec.Raw
    """The cleansed event, as the recipe encodes it."""


class QuarantinedEvent(Origin, frozen=True, kw_only=True):
    """A line of a quarantine object."""

    reason: ReasonCode
    message: str
    payload: bytes
    """As it came; base64 in JSON."""


REDRIVEN = "redriven"
"""Value of ``type`` that marks an event put into the stream again by ``tools redrive``."""


class RedrivenEvent(Origin, frozen=True, kw_only=True, tag_field="type", tag=REDRIVEN, forbid_unknown_fields=True):
    """An event that was rejected or discarded before, with where it stood at first.

    Whoever may put records may write one, so that what becomes keys and times is as narrow here as Kinesis makes it.
    """

    shard_id: Annotated[str, msgspec.Meta(pattern=r"\A[a-zA-Z0-9_.-]{1,128}\Z")]
    sequence_number: Annotated[str, msgspec.Meta(pattern=rf"\A[0-9]{{{SEQUENCE_DIGITS},128}}\Z")]
    index: Annotated[int, msgspec.Meta(ge=0, lt=10**18)]
    arrived: Annotated[float, msgspec.Meta(ge=0)]
    payload: bytes


def archive_prefix(event_type: str, hour: datetime) -> str:
    """Where events of a type and an hour (UTC, of the event's own time) are kept; Hive partitions for Athena."""
    return f"events/type={event_type}/date={hour:%Y-%m-%d}/hour={hour:%H}/"


QUARANTINE_PREFIX = "rejected/"


def quarantine_prefix(day: datetime) -> str:
    """Where events are kept that arrived on a day and were rejected."""
    return f"{QUARANTINE_PREFIX}date={day:%Y-%m-%d}/"


# --- tables ---------------------------------------------------------------------------------------------------------

EXPIRES_AT = "expires_at"
"""Time-to-live attribute of the progress and index tables, in Unix seconds."""

# Progress table: one partition per shard.
SHARD_ID = "shard_id"
ENTRY = "entry"
"""Sort key: `CHECKPOINT`, or one of the prefixes below and a position."""
CHECKPOINT = "checkpoint"
COVERED = "covered#"
"""Prefix; the item says up to which position a transaction went, from which on, and which events it rejected."""
COUNTED_AGAIN = "redriven#"
"""Prefix; the marker of a redriven event that has been counted."""

ORDER_ID = "order_id"
"""Partition key of the orders table."""

ENTITY = "entity"
"""Partition key of the index table: ``visitor#v-123``."""
TIME_AND_ORIGIN = "time_and_origin"
"""Sort key of the index table: time of the event, then its origin, so that the newest comes last."""
