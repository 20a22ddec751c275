"""What the progress table tells of single events: it was written with the counters, so it is the truth about them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from itertools import groupby
from typing import Any

from botocore.exceptions import ClientError

from lambdas.common.errors import has_code
from lambdas.stream_analytics import contract
from lambdas.stream_analytics.contract import Origin, Position
from tools.stack import Stack

PIECES: int = 10**contract.INDEX_DIGITS
"""No event of a record has an index as great. From it on indices are those of `within`."""


class Status(Enum):
    """What became of an event when it came for the first time."""

    COUNTED = auto()
    REJECTED = auto()
    DISCARDED = auto()
    """The event source gave it up: the checkpoint is behind it, so that it can no longer be counted where it stood."""
    IN_FLIGHT = auto()
    """The checkpoint is before it: it may be counted at any time."""


def within(index: int, piece: int) -> int:
    """Index of an event inside a piece of a record which could not be taken apart when it came.

    Neither an event of the record nor one of another of its pieces has the same.
    """
    return (index + 1) * PIECES + piece


def stood(origin: Origin) -> Position:
    """Where an event stood in its shard, or the piece that it was taken from."""
    index = origin.index
    while index >= PIECES:
        index = index // PIECES - 1
    return Position(origin.sequence_number, index)


@dataclass(frozen=True)
class _Covered:
    """What one transaction did."""

    first: Position
    last: Position
    rejected: frozenset[str]

    def status(self, position: Position) -> Status | None:
        if not self.first <= position <= self.last:
            return None
        return Status.REJECTED if str(position) in self.rejected else Status.COUNTED


@dataclass(frozen=True)
class Progress:
    """Asks, and moves checkpoints."""

    stack: Stack

    def statuses(self, origins: Iterable[Origin]) -> Mapping[str, Status]:
        """By ``str`` of each origin."""
        found: dict[str, Status] = {}
        ordered = sorted(origins, key=lambda each: (each.shard_id, stood(each)))
        for shard_id, members in groupby(ordered, lambda each: each.shard_id):
            # First the checkpoint: what is behind it then is final, whoever commits while the rest is read.
            checkpoint = self.stack.ledger.checkpoint(shard_id)
            covered: _Covered | None = None
            exhausted = False
            for origin in members:
                position = stood(origin)
                if not exhausted and (covered is None or covered.last < position):
                    covered = self._covered(shard_id, position)
                    exhausted = covered is None
                beyond = checkpoint is None or position > checkpoint
                unknown = Status.IN_FLIGHT if beyond else Status.DISCARDED
                found[str(origin)] = (covered and covered.status(position)) or unknown
        return found

    def _covered(self, shard_id: str, position: Position) -> _Covered | None:
        """The transaction that covers a position, or else the next one behind it."""
        answer = self.stack.dynamodb.query(
            TableName=self.stack.settings.progress_table_name,
            KeyConditionExpression="#shard = :shard AND #entry >= :entry",
            ExpressionAttributeNames={"#shard": contract.SHARD_ID, "#entry": contract.ENTRY},
            ExpressionAttributeValues={
                ":shard": {"S": shard_id},
                ":entry": {"S": f"{contract.COVERED}{position}"},
            },
            ConsistentRead=True,
            Limit=1,
        )
        for item in answer["Items"]:
            entry = item[contract.ENTRY]["S"]
            if entry.startswith(contract.COVERED):
                rejected: Any = item.get("rejected", {"L": []})
                return _Covered(
                    Position.parse(item["first"]["S"]),
                    Position.parse(entry.removeprefix(contract.COVERED)),
                    frozenset(each["S"] for each in rejected["L"]),
                )
        return None

    def give_up(self, shard_id: str, last: Position) -> None:
        """Moves a shard's checkpoint up to ``last``, if it is before it: what is not covered there never will be."""
        while True:
            checkpoint = self.stack.ledger.checkpoint(shard_id)
            if checkpoint and checkpoint >= last:
                return
            try:
                self.stack.dynamodb.put_item(
                    TableName=self.stack.settings.progress_table_name,
                    Item={
                        contract.SHARD_ID: {"S": shard_id},
                        contract.ENTRY: {"S": contract.CHECKPOINT},
                        "position": {"S": str(last)},
                    },
                    **_still_at(checkpoint),
                )
            except ClientError as error:
                if not has_code(error, {"ConditionalCheckFailedException"}):
                    raise


def _still_at(checkpoint: Position | None) -> Any:
    if checkpoint is None:
        return {"ConditionExpression": f"attribute_not_exists({contract.SHARD_ID})"}
    return {
        "ConditionExpression": "#position = :expected",
        "ExpressionAttributeNames": {"#position": "position"},
        "ExpressionAttributeValues": {":expected": {"S": str(checkpoint)}},
    }
