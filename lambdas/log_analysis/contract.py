"""What log analysis promises: settings, the keys of its table, what alerts carry, metric names.

The construct, the function, the tests and the tools read every name from here.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated

import msgspec

from lambdas.common.settings import Settings

# --- settings -------------------------------------------------------------------------------------------------------

Positive = Annotated[int, msgspec.Meta(ge=1)]


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What a delivery may be. An asynchronous invocation gets 1 MB at the most, as base64 of gzip."""

    max_unpacked_bytes: Positive = 32 * 1024 * 1024
    max_expansion: Annotated[int, msgspec.Meta(ge=2)] = 500
    """How many times larger than packed a delivery may get; DEFLATE reaches 1,032 with a single repeated byte."""


class Detection(msgspec.Struct, frozen=True, kw_only=True):
    """When somebody is told."""

    learning_minutes: Annotated[int, msgspec.Meta(ge=0)] = 24 * 60
    """Of a log group's own time, from its first delivery on: signatures that appear in it are known, not new."""
    false_alarm_probability: Annotated[float, msgspec.Meta(gt=0, lt=0.1)] = 1e-6
    """Of one test, of one signature and minute, while its rate stays what it was."""
    min_count: Annotated[int, msgspec.Meta(ge=2)] = 5
    """Of a minute, below which no rate is high."""
    baseline_minutes: Annotated[int, msgspec.Meta(ge=2, le=240)] = 60
    """Before a minute that it is compared with."""
    min_baseline_minutes: Annotated[int, msgspec.Meta(ge=2, le=240)] = 10
    """How many of them there have to be."""
    quiet_minutes: Positive = 15
    """Without a high rate, after which the next one is an episode of its own."""
    max_signatures: Annotated[int, msgspec.Meta(ge=1, le=10_000)] = 2_000
    """Of a log group; errors with others are counted together, as `OTHER`."""


class Retention(msgspec.Struct, frozen=True, kw_only=True):
    """How long items of the table are kept."""

    signature_days: Positive = 90
    """After the last day on which it was seen."""
    count_days: Positive = 14
    seen_days: Annotated[int, msgspec.Meta(ge=1)] = 3
    """Which log events are counted. Lambda retries for 6 hours; a letter in the failure queue may be redriven later."""


@dataclass(frozen=True, kw_only=True)
class AnalyzeSettings(Settings):
    """Environment of the Analyze function."""

    signatures_table_name: str
    alerts_topic_arn: str
    own_log_group_name: str
    """Where the function itself writes, which it must never analyze."""
    limits: Limits
    detection: Detection
    retention: Retention


# --- vocabulary -----------------------------------------------------------------------------------------------------


class Kind(StrEnum):
    """Of an episode."""

    NEW = "new"
    """An error with a signature that this log group has not had before."""
    RATE = "rate"
    """Far more errors of a signature than its own past lets one expect."""
    LOOP = "loop"
    """The function's own log group was subscribed, and the function took the subscription away."""


OTHER = "other"
"""Id of the signature that counts what is beyond `Detection.max_signatures`."""
LOOP = "loop"
"""Id of the signature whose episodes say that the function's own log group was subscribed."""


class Metric(StrEnum):
    """Metrics of the Analyze function."""

    EVENTS = "EventsAnalyzed"
    """Log events that were delivered; again with each retry."""
    ERRORS = "ErrorsCounted"
    """A stack trace counts as one."""
    ACCESSES = "AccessLinesCounted"
    REPEATED = "EventsRepeated"
    """Errors and access lines that were counted before."""
    NEW_SIGNATURES = "NewSignatures"
    """In the learning period, too."""
    UNNAMED = "ErrorsUnderOther"
    """Errors counted under `OTHER`."""
    ALERTS = "AlertsPublished"
    LAG = "Lag"
    """Milliseconds from a delivery's first log event to the end of its invocation."""
    BATCH_TIME = "BatchTime"
    """Milliseconds."""


# --- alerts ---------------------------------------------------------------------------------------------------------

KIND_ATTRIBUTE = "kind"
LOG_GROUP_ATTRIBUTE = "log_group"
SIGNATURE_ATTRIBUTE = "signature"
MINUTE_ATTRIBUTE = "minute"
"""String attributes of a message, for subscriptions to filter by: a `Kind`, a name, an id, an episode's first minute.
The four together tell an episode from all others."""

# --- table ----------------------------------------------------------------------------------------------------------

PARTITION = "partition"
ENTRY = "entry"
EXPIRES_AT = "expires_at"
"""Time-to-live attribute, in Unix seconds."""

GROUPS = "groups"
"""Partition with one item for each log group: since when it is analyzed, and how many signatures it has."""

SHARDS = 8
"""Of counters: streams that are analyzed at the same time rarely write the same item. Readers add them up."""
SLICE_SECONDS = 10
"""Of event time, whose counted log events are remembered under one prefix."""

Key = tuple[str, str]
"""Partition and entry. Neither log groups nor streams have a colon in their names ("PutLogEvents")."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def minute_text(minute: int) -> str:
    """``2026-11-21T09:05``, in UTC, of minutes since 1970; sorts as time does."""
    return f"{_EPOCH + timedelta(minutes=minute):%Y-%m-%dT%H:%M}"


def minute_of(text: str) -> int:
    """The inverse of `minute_text`."""
    return (datetime.fromisoformat(text).replace(tzinfo=UTC) - _EPOCH) // timedelta(minutes=1)


def day_of(minute: int) -> int:
    """Days since 1970 (UTC) of minutes since then."""
    return minute // (24 * 60)


def hour_text(minute: int) -> str:
    """``2026-11-21T09``: the hour (UTC) of minutes since 1970."""
    return minute_text(minute)[:13]


def shard_of(log_stream: str) -> int:
    """Of the counters that a log stream adds to."""
    return hashlib.sha256(log_stream.encode()).digest()[0] % SHARDS


def group_key(log_group: str) -> Key:
    """Of what is known of a log group."""
    return GROUPS, log_group


def signatures_partition(log_group: str) -> str:
    """All signatures of a log group; the entry is the id."""
    return f"signatures:{log_group}"


def signature_key(log_group: str, signature_id: str) -> Key:
    """Of a signature: template, samples, when it was seen, its episodes."""
    return signatures_partition(log_group), signature_id


def counts_partition(log_group: str, signature_id: str) -> str:
    """Counts of one signature by minute; the entry begins with `minute_text`."""
    return f"counts:{log_group}:{signature_id}"


def count_key(log_group: str, signature_id: str, minute: int, shard: int) -> Key:
    """Of a count of one signature and minute."""
    return counts_partition(log_group, signature_id), f"{minute_text(minute)}#{shard}"


def hours_partition(log_group: str, hour: str) -> str:
    """Counts of all signatures of a log group in one hour (`hour_text`); the entry begins with the id."""
    return f"hours:{log_group}:{hour}"


def hour_key(log_group: str, signature_id: str, minute: int, shard: int) -> Key:
    """Of a count of one signature and the hour of a minute."""
    return hours_partition(log_group, hour_text(minute)), f"{signature_id}#{shard}"


def access_partition(log_group: str) -> str:
    """Requests by minute; the entry begins with `minute_text`."""
    return f"access:{log_group}"


def access_key(log_group: str, minute: int, shard: int) -> Key:
    """Of the requests of a minute."""
    return access_partition(log_group), f"{minute_text(minute)}#{shard}"


def seen_partition(log_group: str, log_stream: str) -> str:
    """Counted log events of a stream. A stream's name may have 512 characters, of four bytes each: hence its digest."""
    return f"seen:{log_group}:{hashlib.sha256(log_stream.encode()).hexdigest()[:32]}"


def seen_slice(slice_number: int) -> str:
    """What the entries of a slice begin with, before a ``#``; sorts as time does."""
    return f"{slice_number:012d}"


def seen_entry(slice_number: int, part: int) -> str:
    """Of one part of a slice: each transaction adds the next."""
    return f"{seen_slice(slice_number)}#{part:06d}"


# Attributes.
COUNT = "n"
"""Of a counter of signatures."""
DOCUMENT = "document"
"""JSON of a signature's item."""
REVISION = "revision"
"""Of a signature's item: each write adds one, under the condition that nobody else has."""
DIGESTS = "digests"
"""Of a seen item: eight bytes for each counted log event, one after the other."""
SINCE = "since"
"""Of a log group's item: the first minute (`minute_text`)."""
SIGNATURES = "signatures"
"""Of a log group's item: how many there are."""
RECOUNTED = "recounted"
"""Of a log group's item: the day on which they were last counted, since some expire."""
