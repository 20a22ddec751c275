"""Rows as events on an EventBridge bus, for other services."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import msgspec

from lambdas.common.calls import Patience
from lambdas.common.groups import groups
from lambdas.common.side_by_side import Together
from lambdas.table_etl.contract import NO_ROW, RowEvent
from lambdas.table_etl.domain.transform import Loaded

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient

MAX_ENTRIES, MAX_BYTES = 10, 255_000
"""Of a PutEvents, which takes less than 256 KB in all ("PutEvents", EventBridge API reference)."""
_JSON = msgspec.json.Encoder()


@dataclass(frozen=True)
class EventBridgeOutlet:
    """A `Target`: an event for every version of every row, at least once; consumers keep the greatest version."""

    client: EventBridgeClient
    bus: str
    source: str
    """Of the events, as rules match it."""
    patience: Patience
    together: Together

    def load(self, loaded: Sequence[Loaded], _: date) -> None:
        """Sends one event for each row and each deletion."""
        self.together(self._send_all, list(_requests(self._entry(each) for each in loaded)))

    def _entry(self, each: Loaded) -> dict[str, str]:
        detail = RowEvent(
            dataset=each.flow.name,
            key=each.key,
            version=each.version,
            row=msgspec.Raw(each.content.json) if each.content else NO_ROW,
        )
        return {
            "EventBusName": self.bus,
            "Source": self.source,
            "DetailType": "row loaded" if each.content else "row deleted",
            "Detail": _JSON.encode(detail).decode(),
        }

    def _send_all(self, entries: list[dict[str, str]]) -> None:
        self.patience.until_done("send events", entries, self._send)

    def _send(self, entries: list[dict[str, str]]) -> list[dict[str, str]]:
        """Those that EventBridge did not take."""
        request: Any = entries
        answer = self.client.put_events(Entries=request)
        if not answer["FailedEntryCount"]:
            return []
        return [entry for entry, result in zip(entries, answer["Entries"], strict=True) if "ErrorCode" in result]


def _size(entry: dict[str, str]) -> int:
    return sum(len(value.encode()) for value in entry.values())


def _requests(entries: Iterable[dict[str, str]]) -> Iterator[list[dict[str, str]]]:
    return groups(entries, _size, largest=MAX_BYTES, most=MAX_ENTRIES)
