"""Reads a segment of a table, page by page, as fast as it may."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from botocore.exceptions import ClientError

from lambdas.common.calls import aws_call
from lambdas.common.errors import has_code
from lambdas.common.exporter.progress import Key

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

THROTTLED = {"ProvisionedThroughputExceededException", "RequestLimitExceeded", "ThrottlingException"}
WAITS = (0.5, 1, 2, 4, 8, 16, 16, 16)
"""Seconds between attempts at a throttled page, on top of boto3's own."""


class Pace(Protocol):
    """No more than so many a second."""

    @property
    def rate(self) -> float:
        """A second."""

    def take(self, count: float) -> None:
        """Waits until that many may go."""


@dataclass(frozen=True)
class Page:
    """Some items of a segment, in order."""

    items: list[dict[str, Any]]
    """As boto3's client has them."""
    last: Key | None
    """Where the next page begins; None where there is none."""


@dataclass
class Scan:
    """Reads one table by several segments, in one pace."""

    client: DynamoDBClient
    table: str
    segments: int
    pace: Pace | None = None
    """Of read capacity units."""
    sleep: Callable[[float], None] = time.sleep
    _turn: threading.Lock = field(default_factory=threading.Lock)
    _items_per_unit: float = 1.0
    """One at first, until a page tells better."""

    def pages(self, segment: int, after: Key | None) -> Iterator[Page]:
        """The pages of a segment behind a key, by consistent reads; at least one.

        Raises:
            UnavailableError: DynamoDB does not answer, or still throttles after minutes.
        """
        while True:
            answer = self._read(segment, after)
            after = answer.get("LastEvaluatedKey")
            yield Page(answer["Items"], after)
            if after is None:
                return

    def _read(self, segment: int, after: Key | None) -> Any:
        question: dict[str, Any] = {"ExclusiveStartKey": after} if after else {}
        if self.pace:
            # A page of 1 MB takes 256 units at once, which starves others that a small table serves: "Best practices
            # for querying and scanning data" (Developer Guide) has smaller pages instead.
            question["Limit"] = max(1, int(self.pace.rate / self.segments * self._items_per_unit))
        with aws_call(f"scan {self.table}"):
            answer = self._unthrottled(Segment=segment, **question)
        if self.pace:
            self._slow_down(self.pace, len(answer["Items"]), answer["ConsumedCapacity"]["CapacityUnits"])
        return answer

    def _unthrottled(self, **question: Any) -> Any:
        for wait in WAITS:
            try:
                return self._call(**question)
            except ClientError as error:
                if not has_code(error, THROTTLED):
                    raise
            self.sleep(wait)
        return self._call(**question)

    def _call(self, **question: Any) -> Any:
        return self.client.scan(
            TableName=self.table,
            TotalSegments=self.segments,
            ConsistentRead=True,
            ReturnConsumedCapacity="TOTAL",
            **question,
        )

    def _slow_down(self, pace: Pace, items: int, units: float) -> None:
        with self._turn:
            if items and units:
                self._items_per_unit = items / units
            pace.take(units)
