"""Reads the archive, and tells which of its events counted."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import msgspec
from isal import isal_zlib

from lambdas.stream_analytics.adapters.ledger import DAY
from lambdas.stream_analytics.contract import ArchivedEvent, archive_prefix
from lambdas.stream_analytics.domain.events import Event
from lambdas.stream_analytics.domain.recipe import Recipe
from tools.progress import Progress, Status
from tools.stack import Stack

_GZIP = 31
_ARCHIVED = msgspec.json.Decoder(ArchivedEvent)


@dataclass(frozen=True)
class Past:
    """An archived event."""

    archived: ArchivedEvent
    event: Event

    @property
    def content(self) -> bytes:
        """Its canonical JSON, as a unique event is stored."""
        return bytes(self.archived.event)


@dataclass
class History:
    """A stack's archive."""

    stack: Stack
    now: float = field(default_factory=time.time)
    _known: dict[str, bool] = field(default_factory=dict)
    """By shard, whether anything of it was ever committed."""

    def keys(self, recipe: Recipe[Any], day: date) -> list[str]:
        """Of the objects with a recipe's events of a UTC day."""
        midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
        prefix = archive_prefix(recipe.name, midnight).rpartition("hour=")[0]
        return self.stack.keys(self.stack.settings.archive_bucket_name, prefix)

    def events(self, recipe: Recipe[Any], key: str, undecodable: list[str]) -> list[Past]:
        """The events of an object; those that the recipe does not decode are told of in ``undecodable`` instead."""
        bucket = self.stack.settings.archive_bucket_name
        decoder = msgspec.json.Decoder(recipe.event)
        found = []
        lines = isal_zlib.decompress(self.stack.read(bucket, key), _GZIP).splitlines()
        for number, line in enumerate(lines, 1):
            try:
                archived = _ARCHIVED.decode(line)
                found.append(Past(archived, decoder.decode(archived.event)))
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                undecodable.append(f"s3://{bucket}/{key}, line {number}: {error}")
        return found

    def uncounted(self, events: Iterable[ArchivedEvent]) -> set[str]:
        """Those, as text, that the progress table knows not to have counted, so that a redrive may count them yet.

        The archive is written before events are counted. Where progress is forgotten (``progress_days``), or there
        never was any of a shard, an archived event is taken for counted.
        """
        forgotten = self.now - self.stack.settings.progress_days * DAY
        recent = [each for each in events if each.arrived > forgotten and self._knows(each.shard_id)]
        statuses = Progress(self.stack).statuses(recent)
        doubtful = [each for each in recent if statuses[str(each)] is not Status.COUNTED]
        marked = self.stack.ledger.counted_again(doubtful) if doubtful else ()
        return {str(each) for each in doubtful}.difference(marked)

    def _knows(self, shard_id: str) -> bool:
        if shard_id not in self._known:
            self._known[shard_id] = self.stack.ledger.checkpoint(shard_id) is not None
        return self._known[shard_id]
