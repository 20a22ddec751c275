"""Shards whose records are letters and a function that notes them, so that batches read as words."""

from __future__ import annotations

import json
from base64 import b64decode
from typing import Any

from tests.support.event_source.schedules import Script
from tests.support.event_source.shards import Clock, KinesisShard
from tests.support.event_source.source import EventSource, Mapping


def names(event: dict[str, Any]) -> list[str]:
    """What was put, of each record in an event."""
    return [b64decode(record["kinesis"]["data"]).decode() for record in event["Records"]]


def shard_of(data: str, clock: Clock | None = None) -> KinesisShard:
    """A shard with a record for each letter."""
    shard = KinesisShard(clock)
    for letter in data:
        shard.put(letter.encode())
    return shard


def failing_on(letter: str, event: dict[str, Any]) -> dict[str, Any]:
    """A partial response that reports the records with that letter."""
    bad = [
        record["kinesis"]["sequenceNumber"] for record in event["Records"] if names({"Records": [record]}) == [letter]
    ]
    return {"batchItemFailures": [{"itemIdentifier": number} for number in bad]}


class Function:
    """Notes the batches that it gets, as strings of letters; refuses those that hold one of ``bad``."""

    def __init__(self, bad: str = "", *, partial: bool = False) -> None:
        self.batches: list[str] = []
        self._bad = bad
        self._partial = partial

    def __call__(self, event: dict[str, Any]) -> object:
        batch = "".join(names(event))
        self.batches.append(batch)
        for letter in batch:
            if letter in self._bad:
                if self._partial:
                    return failing_on(letter, event)
                raise ValueError(letter)
        return None


def run(
    data: str, function: Function, script: Script | None = None, shard: KinesisShard | None = None, **settings: Any
) -> EventSource:
    source = EventSource(shard or shard_of(data), Mapping(**settings), function, script)
    source.drain()
    return source


def payloads(source: EventSource) -> list[str]:
    """The letters of each discarded batch, by object."""
    return ["".join(names(json.loads(json.loads(body)["payload"]))) for body in source.discarded.values()]
