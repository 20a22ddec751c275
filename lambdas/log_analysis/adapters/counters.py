"""Counters in DynamoDB, written in one transaction with the log events that they count."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lambdas.common.side_by_side import Together
from lambdas.log_analysis.adapters.table import DAY, Item, absent, entries, key_of, transact
from lambdas.log_analysis.contract import (
    COUNT,
    DIGESTS,
    ENTRY,
    EXPIRES_AT,
    Key,
    Retention,
    access_key,
    count_key,
    counts_partition,
    hour_key,
    minute_of,
    minute_text,
    seen_entry,
    seen_partition,
    seen_slice,
    shard_of,
)
from lambdas.log_analysis.domain.analysis import DIGEST_BYTES
from lambdas.log_analysis.domain.tally import Requests, Tally
from lambdas.log_analysis.ports import Seen

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

REQUESTS, BYTES = "requests", "bytes"
STATUS, LATENCY = "status", "latency"
"""Prefixes of attributes: ``status5``, ``latency42``."""


@dataclass(frozen=True)
class DynamoCounters:
    """The `Counters` in a table."""

    client: DynamoDBClient
    table: str
    retention: Retention
    together: Together

    def seen(self, log_group: str, log_stream: str, slices: Collection[int]) -> Seen:
        """Which log events are counted. Neighbouring slices are read together."""
        partition = seen_partition(log_group, log_stream)

        def read(run: tuple[int, int]) -> list[Item]:
            return list(entries(self.client, self.table, partition, seen_slice(run[0]), f"{seen_slice(run[1])}~"))

        digests: dict[int, set[bytes]] = {each: set() for each in slices}
        parts = dict.fromkeys(slices, 0)
        for items in self.together(read, list(_runs(slices))):
            for item in items:
                number, part = map(int, item[ENTRY]["S"].split("#"))
                digests[number].update(_cut(item[DIGESTS]["B"]))
                # Earlier parts may have expired.
                parts[number] = part + 1
        return Seen({each: frozenset(found) for each, found in digests.items()}, parts)

    def add(self, log_group: str, log_stream: str, tally: Tally, parts: Mapping[int, int]) -> None:
        """Adds a tally and remembers its log events, in one step."""
        shard = shard_of(log_stream)
        forgotten = {EXPIRES_AT: {"N": str(int(time.time()) + self.retention.seen_days * DAY)}}
        writes: list[Any] = []
        for number, digests in tally.digests.items():
            key = key_of((seen_partition(log_group, log_stream), seen_entry(number, parts[number])))
            item = {**key, DIGESTS: {"B": bytes(digests)}, **forgotten}
            writes.append({"Put": {"TableName": self.table, "Item": item, **absent()}})
        hours: Counter[Key] = Counter()
        for (identity, minute), count in tally.errors.items():
            writes.append(self._more(count_key(log_group, identity, minute, shard), minute, {COUNT: count}))
            hours[hour_key(log_group, identity, minute, shard)] += count
        latest = max((minute for _, minute in tally.errors), default=0)
        writes += [self._more(key, latest, {COUNT: count}) for key, count in hours.items()]
        for minute, requests in tally.requests.items():
            writes.append(self._more(access_key(log_group, minute, shard), minute, _attributes(requests)))
        transact(self.client, f"count log events of {log_group}", writes)

    def _more(self, key: Key, minute: int, counts: Mapping[str, int]) -> dict[str, Any]:
        """Adds to numbers of an item, which is kept from its minute on."""
        names = {f"#{at}": name for at, name in enumerate(counts)}
        values = {f":{at}": {"N": str(count)} for at, count in enumerate(counts.values())}
        update = {
            "TableName": self.table,
            "Key": key_of(key),
            "UpdateExpression": f"ADD {', '.join(f'#{at} :{at}' for at in range(len(counts)))} SET #expires = :expires",
            "ExpressionAttributeNames": {**names, "#expires": EXPIRES_AT},
            "ExpressionAttributeValues": {
                **values,
                ":expires": {"N": str(minute * 60 + self.retention.count_days * DAY)},
            },
        }
        return {"Update": update}

    def counts(self, log_group: str, ids: Collection[str], first: int, last: int) -> Mapping[int, int]:
        """Errors of some signatures together, by minute, of those minutes in which there were any."""
        return counts_of(self.client, self.table, log_group, ids, first, last)


def counts_of(
    client: DynamoDBClient, table: str, log_group: str, ids: Collection[str], first: int, last: int
) -> Mapping[int, int]:
    """Errors of some signatures together, by minute, of those minutes in which there were any."""
    counts: Counter[int] = Counter()
    for identity in ids:
        partition = counts_partition(log_group, identity)
        for item in entries(client, table, partition, minute_text(first), f"{minute_text(last)}~"):
            counts[minute_of(item[ENTRY]["S"].partition("#")[0])] += int(item[COUNT]["N"])
    return counts


def _attributes(requests: Requests) -> dict[str, int]:
    return {
        REQUESTS: requests.number,
        BYTES: requests.size,
        **{f"{STATUS}{each}": number for each, number in requests.statuses.items()},
        **{f"{LATENCY}{each}": number for each, number in requests.cells.items()},
    }


def _runs(numbers: Collection[int]) -> Iterator[tuple[int, int]]:
    """The first and the last of each run of neighbours."""
    rest = sorted(numbers)
    while rest:
        length = next((at for at in range(1, len(rest)) if rest[at] != rest[at - 1] + 1), len(rest))
        yield rest[0], rest[length - 1]
        rest = rest[length:]


def _cut(digests: bytes) -> Iterator[bytes]:
    return (digests[at : at + DIGEST_BYTES] for at in range(0, len(digests), DIGEST_BYTES))
