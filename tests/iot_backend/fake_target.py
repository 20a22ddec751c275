"""AWS Lambda's versions and alias, CloudWatch's alarm, Scheduler and IoT's data plane, in memory, with a fault at any
call.

What they refuse is what AWS refuses: "Create an alias for a Lambda function" and "Implement Lambda canary deployments
using a weighted alias" (AWS Lambda Developer Guide), UpdateAlias (Lambda API Reference), CreateSchedule (EventBridge
Scheduler API Reference).
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from itertools import count
from types import SimpleNamespace
from typing import Any

from tests.support.fake_aws import FakeDynamoDB, Outside, client_error

FUNCTION, ALIAS, ALARM = "target", "live", "target-errors"
Shape = tuple[str, dict[str, float]]
"""Version and weights of an alias."""


@dataclass
class FakeLambda:
    """A function with an alias; ``shapes`` is what the alias has been, one after the other."""

    outside: Outside
    versions: list[str] = field(default_factory=lambda: ["$LATEST", "1"])
    alias: Shape = ("1", {})
    of_another_role: set[str] = field(default_factory=set)
    """Versions that can share the alias with none."""

    def __post_init__(self) -> None:
        self.numbers = count()
        self.revision = f"revision-{next(self.numbers)}"
        self.shapes = [self.alias]
        self.page = 2
        """Versions of a listing's answer."""

    def publish(self) -> None:
        """What a deploy does."""
        self.versions.append(str(len(self.versions)))

    def point(self, version: str, weights: Mapping[str, float] = {}) -> None:
        """Moves the alias, as anybody may."""
        known = self.versions
        assert version in known
        if (weights and version in self.of_another_role) or set(weights) & self.of_another_role:
            raise client_error("UpdateAlias", "InvalidParameterValueException")
        if version in weights or len(weights) > 1 or (weights and version == "$LATEST"):
            raise client_error("UpdateAlias", "InvalidParameterValueException")
        assert all(each in known and each != "$LATEST" and 0 <= share <= 1 for each, share in weights.items())
        self.alias = (version, dict(weights))
        self.revision = f"revision-{next(self.numbers)}"
        self.shapes.append(self.alias)

    def get_alias(self, *, FunctionName: str, Name: str) -> Any:  # noqa: N803
        assert (FunctionName, Name) == (FUNCTION, ALIAS)
        return self.outside.call("GetAlias", lambda _: self._told())

    def update_alias(
        self,
        *,
        FunctionName: str,  # noqa: N803
        Name: str,  # noqa: N803
        FunctionVersion: str,  # noqa: N803
        RoutingConfig: Any,  # noqa: N803
        RevisionId: str,  # noqa: N803
    ) -> Any:
        assert (FunctionName, Name) == (FUNCTION, ALIAS)

        def effect(_: bool) -> Any:  # noqa: FBT001
            if RevisionId != self.revision:
                raise client_error("UpdateAlias", "PreconditionFailedException")
            self.point(FunctionVersion, RoutingConfig["AdditionalVersionWeights"])
            return self._told()

        return self.outside.call("UpdateAlias", effect)

    def _told(self) -> Any:
        version, weights = self.alias
        routing = {"RoutingConfig": {"AdditionalVersionWeights": weights}} if weights else {}
        return {"FunctionVersion": version, "RevisionId": self.revision, **routing}

    def get_paginator(self, operation: str) -> Any:
        assert operation == "list_versions_by_function"

        def paginate(*, FunctionName: str) -> Iterator[Any]:  # noqa: N803
            assert FunctionName == FUNCTION
            # The newest first, which is as good an order as any.
            names = self.versions[::-1]
            for at in range(0, len(names), self.page):
                page = {"Versions": [{"Version": each} for each in names[at : at + self.page]]}
                yield self.outside.call("ListVersionsByFunction", partial(_answered, page))

        return SimpleNamespace(paginate=paginate)


def _answered(page: Any, _: bool) -> Any:  # noqa: FBT001
    return page


@dataclass
class FakeCloudWatch:
    """One alarm; None where it is gone."""

    outside: Outside
    state: str | None = "OK"

    def describe_alarms(self, *, AlarmNames: list[str]) -> Any:  # noqa: N803
        assert AlarmNames == [ALARM]
        found = [{"AlarmName": ALARM, "StateValue": self.state}] if self.state else []
        return self.outside.call("DescribeAlarms", lambda _: {"MetricAlarms": found})


@dataclass
class FakeScheduler:
    """One-off schedules of the group, by name."""

    outside: Outside
    now: Callable[[], datetime]
    waiting: dict[str, tuple[datetime, Any]] = field(default_factory=dict)
    made: Counter[str] = field(default_factory=Counter)

    def create_schedule(self, *, Name: str, ScheduleExpression: str, Target: Any, **others: Any) -> Any:  # noqa: N803
        assert re.fullmatch(r"[0-9a-zA-Z-_.]{1,64}", Name)
        assert others == {
            "GroupName": "steps",
            "ScheduleExpressionTimezone": "UTC",
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "ActionAfterCompletion": "DELETE",
        }
        at = datetime.strptime(ScheduleExpression, "at(%Y-%m-%dT%H:%M:%S)").replace(tzinfo=UTC)

        def effect(_: bool) -> Any:  # noqa: FBT001
            if Name in self.waiting:
                raise client_error("CreateSchedule", "ConflictException")
            if at <= self.now():
                raise client_error("CreateSchedule", "ValidationException")
            self.waiting[Name] = at, json.loads(Target["Input"])
            self.made[Name] += 1
            return {}

        return self.outside.call("CreateSchedule", effect)

    def due(self) -> Any:
        """Input of a schedule whose time has come, which is deleted; None if there is none."""
        for name, (at, event) in sorted(self.waiting.items()):
            if at <= self.now():
                del self.waiting[name]
                return event
        return None


@dataclass
class FakeIot:
    """What buttons hear."""

    outside: Outside
    published: list[tuple[str, Any]] = field(default_factory=list)

    def publish(self, *, topic: str, qos: int, payload: bytes) -> Any:
        assert qos == 1
        return self.outside.call("Publish", lambda _: self.published.append((topic, json.loads(payload))))


class FakeTables(FakeDynamoDB):
    """Tables that can be listed, page by page, in no particular order."""

    def scan(
        self,
        *,
        TableName: str,  # noqa: N803
        Limit: int,  # noqa: N803
        FilterExpression: str,  # noqa: N803
        ExpressionAttributeNames: Mapping[str, str],  # noqa: N803
        ExpressionAttributeValues: Mapping[str, Any],  # noqa: N803
        ExclusiveStartKey: Mapping[str, Any] | None = None,  # noqa: N803
    ) -> Any:
        """Limits what is looked at, not what is found; a page that is full may be the last one all the same."""
        alias, _, value = FilterExpression.partition(" = ")
        name, wanted = ExpressionAttributeNames[alias], ExpressionAttributeValues[value]
        tables = self.tables[TableName]
        places = list(tables)
        begin = places.index(self._key(TableName, ExclusiveStartKey)) + 1 if ExclusiveStartKey else 0
        looked_at = places[begin : begin + Limit]
        last = tables[looked_at[-1]] if len(looked_at) == Limit else None
        answer: dict[str, Any] = {"Items": [tables[each] for each in looked_at if tables[each][name] == wanted]}
        if last:
            answer["LastEvaluatedKey"] = {each: last[each] for each in self.keys[TableName]}
        return self.outside.call("Scan", lambda _: answer)
