"""Reads what log analysis knows, for people: which signatures there are, how often, and how requests went."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lambdas.log_analysis.adapters.counters import BYTES, LATENCY, REQUESTS, STATUS, counts_of
from lambdas.log_analysis.adapters.signatures import stored_of
from lambdas.log_analysis.adapters.table import Item, entries
from lambdas.log_analysis.contract import (
    COUNT,
    ENTRY,
    GROUPS,
    SINCE,
    access_partition,
    hour_text,
    hours_partition,
    minute_of,
    minute_text,
    signatures_partition,
)
from lambdas.log_analysis.domain.signatures import Signature
from lambdas.log_analysis.domain.tally import Requests

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_HOUR = 60


@dataclass(frozen=True)
class SignatureReader:
    """Reads the signatures table. Minutes are since 1970. Raises UnavailableError when a call fails."""

    client: DynamoDBClient
    table: str

    def log_groups(self) -> Mapping[str, int]:
        """The log groups that are analyzed, each with its first minute."""
        found = entries(self.client, self.table, GROUPS)
        return {item[ENTRY]["S"]: minute_of(item[SINCE]["S"]) for item in found}

    def signatures(self, log_group: str) -> Sequence[Signature]:
        """All signatures of a log group, without those that are counted under a more general one."""
        found = [
            stored_of(item).signature for item in entries(self.client, self.table, signatures_partition(log_group))
        ]
        there = {each.id for each in found}
        return [each for each in found if each.same_as not in there]

    def counts(self, log_group: str, signature: Signature, first: int, last: int) -> Mapping[int, int]:
        """Errors of a signature by minute, of those minutes in which there were any."""
        return counts_of(self.client, self.table, log_group, signature.ids, first, last)

    def hourly(
        self, log_group: str, signatures: Sequence[Signature], first: int, last: int
    ) -> Mapping[str, Mapping[int, int]]:
        """Errors by signature and hour (its first minute), of those hours in which there were any: one read an hour."""
        owners = {identity: each.id for each in signatures for identity in each.ids}
        counts: dict[str, Counter[int]] = {each.id: Counter() for each in signatures}
        for hour in range(first // _HOUR * _HOUR, last + 1, _HOUR):
            for item in entries(self.client, self.table, hours_partition(log_group, hour_text(hour))):
                if owner := owners.get(item[ENTRY]["S"].partition("#")[0]):
                    counts[owner][hour] += int(item[COUNT]["N"])
        return counts

    def requests(self, log_group: str, first: int, last: int) -> Mapping[int, Requests]:
        """Requests by minute, of those minutes in which there were any."""
        requests: dict[int, Requests] = {}
        partition = access_partition(log_group)
        for item in entries(self.client, self.table, partition, minute_text(first), f"{minute_text(last)}~"):
            _add(requests.setdefault(_minute(item), Requests()), item)
        return requests


def _minute(item: Item) -> int:
    return minute_of(item[ENTRY]["S"].partition("#")[0])


def _add(requests: Requests, item: Item) -> None:
    requests.number += int(item[REQUESTS]["N"])
    requests.size += int(item[BYTES]["N"])
    for name, value in item.items():
        if name.startswith(STATUS):
            requests.statuses[int(name.removeprefix(STATUS))] += int(value["N"])
        elif name.startswith(LATENCY):
            requests.cells[int(name.removeprefix(LATENCY))] += int(value["N"])
