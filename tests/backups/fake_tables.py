"""Tables of DynamoDB that are backed up, restored, described, scanned and deleted; the live ones nobody may scan."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.backups.items import Item
from tests.common.exports import Scanned
from tests.support.fake_aws import Outside, client_error

ARN = "arn:aws:dynamodb:us-east-1:123456789012:table/"


@dataclass
class Restored:
    """A scratch table: so many looks at it until it is active, or gone."""

    items: list[Item]
    created: datetime
    options: dict[str, Any]
    looks: int
    status: str = "CREATING"


@dataclass
class FakeTables:
    """One account's tables."""

    outside: Outside
    now: Callable[[], datetime]
    looks: int = 2
    """Looks at a table until it is active, or gone."""
    page: int = 3
    live: dict[str, list[Item]] = field(default_factory=dict)
    """By name."""
    scratch: dict[str, Restored] = field(default_factory=dict)
    restored: Counter[str] = field(default_factory=Counter)
    """How often each scratch table was made."""
    _past: dict[tuple[str, datetime], list[Item]] = field(default_factory=dict)
    """Items by ARN and second."""
    backups: dict[str, list[Item]] = field(default_factory=dict)
    """Items by the backup's ARN."""
    at_once: int = 50
    """Tables that are restored at the same time."""
    stale: int = 0
    """Looks that do not see a table yet which is there."""

    def make(self, name: str, items: list[Item]) -> str:
        """A live table, and its ARN."""
        self.live[name] = list(items)
        return f"{ARN}{name}"

    def back_up(self, arn: str, instant: datetime, name: str) -> str:
        """Keeps what there is now; the backup's ARN."""
        items = list(self.live[arn.removeprefix(ARN)])
        self._past[arn, instant] = items
        backup = f"{arn}/backup/{name}"
        self.backups[backup] = items
        return backup

    def forget_points_in_time(self) -> None:
        """As if point-in-time recovery had been switched off."""
        self._past.clear()

    def spoil(self, change: Callable[[list[Item]], list[Item]]) -> None:
        """Restores come out differently from now on."""
        self._past = {key: change(items) for key, items in self._past.items()}
        self.backups = {key: change(items) for key, items in self.backups.items()}

    def source(self, name: str) -> Scanned:
        """For an exporter that reads a live table while its backup is made."""
        return Scanned(self.outside, name=name, items=list(self.live[name]))

    # --- boto3 ------------------------------------------------------------------------------------------------------

    def restore_table_to_point_in_time(
        self,
        *,
        SourceTableArn: str,  # noqa: N803
        RestoreDateTime: datetime,  # noqa: N803
        TargetTableName: str,  # noqa: N803
        **options: Any,
    ) -> Any:
        def effect(_: bool) -> Any:  # noqa: FBT001
            if SourceTableArn.removeprefix(ARN) not in self.live:
                raise client_error("RestoreTableToPointInTime", "TableNotFoundException")
            if (SourceTableArn, RestoreDateTime) not in self._past:
                raise client_error("RestoreTableToPointInTime", "PointInTimeRecoveryUnavailableException")
            return self._restore(TargetTableName, self._past[SourceTableArn, RestoreDateTime], options)

        return self.outside.call("RestoreTableToPointInTime", effect)

    def restore_table_from_backup(self, *, BackupArn: str, TargetTableName: str, **options: Any) -> Any:  # noqa: N803
        def effect(_: bool) -> Any:  # noqa: FBT001
            if BackupArn not in self.backups:
                raise client_error("RestoreTableFromBackup", "BackupNotFoundException")
            return self._restore(TargetTableName, self.backups[BackupArn], options)

        return self.outside.call("RestoreTableFromBackup", effect)

    def _restore(self, name: str, items: list[Item], options: dict[str, Any]) -> Any:
        if found := self.scratch.get(name):
            there = "TableAlreadyExistsException" if found.status == "ACTIVE" else "TableInUseException"
            raise client_error("RestoreTable", there)
        if sum(each.status == "CREATING" for each in self.scratch.values()) >= self.at_once:
            raise client_error("RestoreTable", "LimitExceededException")
        assert name not in self.live, f"{name} is a live table"
        self.scratch[name] = Restored(list(items), self.now(), options, self.looks)
        self.restored[name] += 1
        return {}

    def describe_table(self, *, TableName: str) -> Any:  # noqa: N803
        def effect(_: bool) -> Any:  # noqa: FBT001
            found = self._seen(TableName)
            if found is None:
                raise client_error("DescribeTable", "ResourceNotFoundException")
            return {"Table": {"TableStatus": found.status, "CreationDateTime": found.created}}

        return self.outside.call("DescribeTable", effect)

    def _seen(self, name: str) -> Restored | None:
        """Each look brings a table nearer to what it becomes."""
        found = self.scratch.get(name)
        if found and self.stale:
            self.stale -= 1
            return None
        if found and found.status != "ACTIVE":
            found.looks -= 1
            if found.looks <= 0 and found.status == "DELETING":
                return self.scratch.pop(name, None) and None
            if found.looks <= 0:
                found.status = "ACTIVE"
        return found

    def scan(
        self,
        *,
        TableName: str,  # noqa: N803
        ExclusiveStartKey: Item | None = None,  # noqa: N803
        ConsistentRead: bool,  # noqa: N803
        **_: Any,
    ) -> Any:
        assert TableName not in self.live, f"the live table {TableName} is read"
        assert ConsistentRead

        def effect(_: bool) -> Any:  # noqa: FBT001
            found = self.scratch.get(TableName)
            if found is None:
                raise client_error("Scan", "ResourceNotFoundException")
            keys = [item["id"] for item in found.items]
            first = keys.index(ExclusiveStartKey["id"]) + 1 if ExclusiveStartKey else 0
            page = found.items[first : first + self.page]
            more = {"LastEvaluatedKey": {"id": page[-1]["id"]}} if first + self.page < len(keys) else {}
            return {"Items": page, **more}

        return self.outside.call("Scan", effect)

    def delete_table(self, *, TableName: str) -> Any:  # noqa: N803
        assert TableName not in self.live, f"the live table {TableName} is deleted"

        def effect(_: bool) -> Any:  # noqa: FBT001
            found = self.scratch.get(TableName)
            if found is None:
                raise client_error("DeleteTable", "ResourceNotFoundException")
            if found.status != "ACTIVE":
                raise client_error("DeleteTable", "ResourceInUseException")
            found.status, found.looks = "DELETING", self.looks
            return {}

        return self.outside.call("DeleteTable", effect)
