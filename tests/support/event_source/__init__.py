"""A model of Lambda's event source mappings for Kinesis and DynamoDB streams, as AWS documents them.

A `KinesisShard` or `DynamoDBShard` takes records, an `EventSource` delivers them to a function under a `Mapping`.
What AWS leaves to chance (how many records a poll finds, when a poller restarts, how much time passes) a `Schedule`
decides, so that Hypothesis can. There are no threads: a step is one poll and one invocation.
"""

from __future__ import annotations

from tests.support.event_source.schedules import Schedule, Script, Steady
from tests.support.event_source.shards import Clock, DynamoDBShard, KinesisShard, Record, Shard
from tests.support.event_source.source import EventSource, Mapping

__all__ = [
    "Clock",
    "DynamoDBShard",
    "EventSource",
    "KinesisShard",
    "Mapping",
    "Record",
    "Schedule",
    "Script",
    "Shard",
    "Steady",
]
