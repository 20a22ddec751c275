"""The event source mapping itself: cuts batches, invokes, retries, splits, discards.

AWS Lambda Developer Guide: "Using Lambda to process records from Amazon Kinesis Data Streams" (polling and batching),
"Configuring partial batch response with Kinesis Data Streams and Lambda" and its twin for DynamoDB, "Retain discarded
batch records for a Kinesis Data Streams event source in Lambda"; API reference: CreateEventSourceMapping.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.support.event_source import discards, filters
from tests.support.event_source.schedules import Schedule, Steady
from tests.support.event_source.shards import EMPTY_EVENT, MAXIMUM_PAYLOAD, Record, Shard
from tests.support.schedule import Killed

Invoke = Callable[[dict[str, Any]], object]
"""The function: returns a response, raises, or is `Killed`."""


@dataclass(frozen=True, kw_only=True)
class Mapping:
    """An event source mapping's settings as CreateEventSourceMapping names them; the parallelization factor is 1.

    ``maximum_record_age_in_seconds`` None stands for AWS's -1, never. ``filters``: each filter's Pattern as JSON, of
    which a record has to match one; ValueError at the `EventSource` for a pattern that AWS would refuse.
    """

    batch_size: int = 100
    maximum_retry_attempts: int = 3
    maximum_record_age_in_seconds: int | None = None
    bisect_batch_on_function_error: bool = True
    report_batch_item_failures: bool = True
    filters: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        age = self.maximum_record_age_in_seconds
        if not 1 <= self.batch_size <= 10_000:
            raise ValueError(f"batch size is 1 to 10,000, not {self.batch_size}")
        if not 0 <= self.maximum_retry_attempts <= 10_000:
            raise ValueError(f"maximum retry attempts are 0 to 10,000, not {self.maximum_retry_attempts}")
        if age is not None and not 60 <= age <= 604_800:
            raise ValueError(f"maximum record age is 60 to 604,800 seconds, not {age}")


@dataclass(frozen=True, slots=True)
class _Batch:
    records: list[Record]
    retries: int = 0


@dataclass(frozen=True, slots=True)
class _Failure:
    """What to retry of a batch: all from ``start`` on."""

    start: int = 0
    function_error: str | None = None


class EventSource:
    """Delivers one shard's records to a function.

    ``discarded`` is the on-failure bucket: objects by key. ``invocations`` counts them, ``errors`` keeps what they
    raised, so that a test can tell the faults that it planned from a mistake of its own.
    """

    def __init__(self, shard: Shard, mapping: Mapping, invoke: Invoke, schedule: Schedule | None = None) -> None:
        self.discarded: dict[str, bytes] = {}
        self.errors: list[Exception | Killed] = []
        self.invocations = 0
        self._shard = shard
        self._mapping = mapping
        self._invoke = invoke
        self._schedule = schedule or Steady()
        self._patterns = [filters.parse(pattern, shard.filter_keys) for pattern in mapping.filters]
        self._read = 0
        self._pending: list[_Batch] = []  # last first: what a failed batch was split into comes before its followers

    @property
    def processed(self) -> int:
        """Position of the first record that is neither processed, nor discarded, nor filtered out."""
        return self._pending[-1].records[0].position if self._pending else self._read

    def rewind(self, position: int) -> None:
        """Restarts the poller at a position up to `processed`: the mapping delivers "at least once".

        Batches are cut anew, and their retries counted anew.
        """
        if not 0 <= position <= self.processed:
            raise ValueError(f"{self.processed} records are processed: cannot go to {position}")
        self._pending.clear()
        self._read = position

    def drain(self) -> None:
        """Steps until every record of the shard is processed, discarded or filtered out."""
        while self.step():
            pass

    def step(self) -> bool:
        """One poll and one invocation; False if nothing was there to deliver."""
        restart = self._schedule.redeliver_from(self.processed)
        if restart is not None:
            self.rewind(restart)
        if not self._pending and not self._poll():
            return False
        self._shard.clock.advance(self._schedule.seconds_to_wait())
        batch = self._without_expired(self._pending.pop())
        if batch.records:
            self._deliver(batch)
        return True

    def _poll(self) -> bool:
        """Cuts the next batch.

        Filtered-out records are passed over and take no place in it ("if you're using batching windows, Lambda applies
        your filter criteria to each new event to determine whether to add it to the current batch").
        """
        available: list[Record] = []
        size = len(EMPTY_EVENT) - 1
        records = self._shard.records
        for position in range(self._read, len(records)):
            record = records[position]
            if not self._is_wanted(record):
                continue
            size += len(record.text) + 1
            if size > MAXIMUM_PAYLOAD or len(available) == self._mapping.batch_size:
                break
            available.append(record)
        if not available:
            self._read = len(records)
            return False
        taken = self._schedule.records_to_take(len(available))
        if not 1 <= taken <= len(available):
            raise ValueError(f"a poll that finds {len(available)} records cannot take {taken}")
        self._read = available[taken - 1].position + 1
        self._pending.append(_Batch(available[:taken]))
        return True

    def _is_wanted(self, record: Record) -> bool:
        if not self._patterns:
            return True
        fields = self._shard.fields(record)
        return fields is not None and any(filters.matches(pattern, fields) for pattern in self._patterns)

    def _without_expired(self, batch: _Batch) -> _Batch:
        """Discards what is older than Lambda may send, without an invocation."""
        maximum = self._mapping.maximum_record_age_in_seconds
        if maximum is None:
            return batch
        oldest = self._shard.clock.now - maximum
        expired = [record for record in batch.records if record.arrival < oldest]
        if not expired:
            return batch
        self._discard(expired, discards.Condition.AGE, invocations=batch.retries)
        return _Batch(batch.records[len(expired) :], batch.retries)

    def _deliver(self, batch: _Batch) -> None:
        """Invokes; on failure leaves the next attempts, in order, to be done before all else.

        "If your invocation fails and BisectBatchOnFunctionError is turned on, the batch is bisected regardless of your
        ReportBatchItemFailures setting"; with a partial success "the batch is bisected at the returned sequence number
        and Lambda retries only the remaining records". "Splitting batches doesn't consume the retry quota."
        Of a partial response that names the first record AWS does not say where it is cut: as nothing succeeded, it
        counts as a failure of the whole batch here.
        """
        failure = self._failure(batch.records)
        if failure is None:
            return
        remaining = batch.records[failure.start :]
        if self._mapping.bisect_batch_on_function_error and failure.start:
            self._pending.append(_Batch(remaining))
        elif self._mapping.bisect_batch_on_function_error and len(remaining) > 1:
            middle = len(remaining) // 2
            self._pending += [_Batch(remaining[middle:]), _Batch(remaining[:middle])]
        elif batch.retries < self._mapping.maximum_retry_attempts:
            self._pending.append(_Batch(remaining, batch.retries + 1))
        else:
            self._discard(remaining, discards.Condition.RETRIES, batch.retries + 1, failure.function_error)

    def _failure(self, records: list[Record]) -> _Failure | None:
        """Invokes the function with an event of its own, as Lambda does; None for a complete success."""
        self.invocations += 1
        try:
            response = self._invoke(json.loads(discards.event_text(records)))
        except (Exception, Killed) as error:  # noqa: BLE001  kept for the test to look at
            self.errors.append(error)
            return _Failure(function_error="Unhandled")
        return self._reported(records, response) if self._mapping.report_batch_item_failures else None

    def _reported(self, records: list[Record], response: object) -> _Failure | None:
        """What the response means.

        Complete success: "an empty batchItemFailure list, a null batchItemFailure list, an empty EventResponse, a null
        EventResponse"; so is, here, a response of another shape, which is the worse for a function that mistook it.
        Complete failure: "an empty string itemIdentifier, a null itemIdentifier, an itemIdentifier with a bad key
        name", and one that the batch does not hold. Else "Lambda uses the record with the lowest sequence number as the
        checkpoint. Lambda then retries all records starting from that checkpoint."
        """
        items = response.get("batchItemFailures") if isinstance(response, dict) else None
        if not items:
            return None
        positions = {record.sequence_number: index for index, record in enumerate(records)}
        reported = items if isinstance(items, list) else [items]
        identifiers = [str(item.get("itemIdentifier")) if isinstance(item, dict) else "" for item in reported]
        return _Failure(min(positions.get(identifier, 0) for identifier in identifiers))

    def _discard(
        self,
        records: list[Record],
        condition: discards.Condition,
        invocations: int,
        function_error: str | None = None,
    ) -> None:
        key = discards.key(self._shard, len(self.discarded))
        self.discarded[key] = discards.invocation_record(
            self._shard, records, condition, invocations=invocations, function_error=function_error
        )
