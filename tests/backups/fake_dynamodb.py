"""DynamoDB's tables, on-demand backups and exports, beside the items of `FakeDynamoDB`.

A backup or an export is ready some minutes after it was asked for.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import msgspec

from tests.backups.fake_s3 import FakeVersionedS3
from tests.support.fake_aws import FakeDynamoDB, Outside, client_error

STATUS = "status"
READY_AFTER = timedelta(minutes=2)


@dataclass
class Table:
    """A table as the control plane knows it."""

    name: str
    tags: dict[str, str]
    recovery: bool = True
    items: list[dict[str, Any]] = field(default_factory=list)

    @property
    def arn(self) -> str:
        return f"arn:aws:dynamodb:us-east-1:123456789012:table/{self.name}"


@dataclass
class Made:
    """A backup or an export."""

    table: str
    name: str
    at: datetime
    items: list[dict[str, Any]]
    key: str = ""
    failure: str = ""


class FakeTables(FakeDynamoDB):
    """Tables with backups and exports; the status table is the only one whose items are stored."""

    def __init__(self, outside: Outside, s3: FakeVersionedS3, now: Callable[[], datetime]) -> None:
        super().__init__(outside, {STATUS: ("partition", "entry")})
        self.s3, self.now = s3, now
        self.sources: dict[str, Table] = {}
        self.backups: dict[str, Made] = {}
        self.exports: dict[str, Made] = {}
        self.tokens: dict[str, tuple[str, Any]] = {}
        self.export_failure = ""
        self.seen_after = timedelta(0)

    def list_tables(self, *, Limit: int, ExclusiveStartTableName: str = "") -> Any:  # noqa: N803  boto3's names
        def effect(_: bool) -> Any:  # noqa: FBT001
            names = sorted(name for name in self.sources if name > ExclusiveStartTableName)
            more = {"LastEvaluatedTableName": names[Limit - 1]} if len(names) > Limit else {}
            return {"TableNames": names[:Limit], **more}

        return self.outside.call("ListTables", effect)

    def describe_table(self, *, TableName: str) -> Any:  # noqa: N803
        def effect(_: bool) -> Any:  # noqa: FBT001
            table = self._table("DescribeTable", TableName)
            return {"Table": {"TableName": table.name, "TableArn": table.arn, "TableId": f"id-{table.name}"}}

        return self.outside.call("DescribeTable", effect)

    def list_tags_of_resource(self, *, ResourceArn: str) -> Any:  # noqa: N803
        def effect(_: bool) -> Any:  # noqa: FBT001
            table = self._table("ListTagsOfResource", ResourceArn.rpartition("/")[2])
            return {"Tags": [{"Key": key, "Value": value} for key, value in table.tags.items()]}

        return self.outside.call("ListTagsOfResource", effect)

    def _table(self, call: str, name: str, code: str = "ResourceNotFoundException") -> Table:
        if name not in self.sources:
            raise client_error(call, code)
        return self.sources[name]

    # --- backups --------------------------------------------------------------------------------------------------

    def create_backup(self, *, TableName: str, BackupName: str) -> Any:  # noqa: N803
        def effect(_: bool) -> Any:  # noqa: FBT001
            table = self._table("CreateBackup", TableName, "TableNotFoundException")
            arn = f"{table.arn}/backup/{len(self.calls_of('CreateBackup')):04d}"
            self.backups[arn] = Made(TableName, BackupName, self.now(), copy.deepcopy(table.items))
            return {"BackupDetails": {"BackupArn": arn}}

        return self.outside.call("CreateBackup", effect)

    def calls_of(self, name: str) -> list[str]:
        return [call for call in self.outside.calls if call == name]

    def _unseen(self, made: Made) -> bool:
        return self.now() < made.at + self.seen_after

    def _backup_status(self, made: Made) -> str:
        return "AVAILABLE" if made.at + READY_AFTER <= self.now() else "CREATING"

    def list_backups(self, *, TableName: str, BackupType: str) -> Any:  # noqa: N803
        assert BackupType == "USER"

        def effect(_: bool) -> Any:  # noqa: FBT001
            return {
                "BackupSummaries": [
                    {
                        "BackupArn": arn,
                        "BackupName": made.name,
                        "BackupCreationDateTime": made.at,
                        "BackupStatus": self._backup_status(made),
                    }
                    for arn, made in self.backups.items()
                    if made.table == TableName
                ]
            }

        return self.outside.call("ListBackups", effect)

    def describe_backup(self, *, BackupArn: str) -> Any:  # noqa: N803
        def effect(_: bool) -> Any:  # noqa: FBT001
            if BackupArn not in self.backups or self._unseen(self.backups[BackupArn]):
                raise client_error("DescribeBackup", "BackupNotFoundException")
            return {
                "BackupDescription": {"BackupDetails": {"BackupStatus": self._backup_status(self.backups[BackupArn])}}
            }

        return self.outside.call("DescribeBackup", effect)

    def delete_backup(self, *, BackupArn: str) -> Any:  # noqa: N803
        def effect(_: bool) -> Any:  # noqa: FBT001
            if self.backups.pop(BackupArn, None) is None:
                raise client_error("DeleteBackup", "BackupNotFoundException")
            return {}

        return self.outside.call("DeleteBackup", effect)

    # --- exports --------------------------------------------------------------------------------------------------

    def describe_continuous_backups(self, *, TableName: str) -> Any:  # noqa: N803
        def effect(_: bool) -> Any:  # noqa: FBT001
            table = self._table("DescribeContinuousBackups", TableName, "TableNotFoundException")
            status = {"PointInTimeRecoveryStatus": "ENABLED" if table.recovery else "DISABLED"}
            return {"ContinuousBackupsDescription": {"PointInTimeRecoveryDescription": status}}

        return self.outside.call("DescribeContinuousBackups", effect)

    def export_table_to_point_in_time(
        self,
        *,
        TableArn: str,  # noqa: N803
        ExportTime: datetime,  # noqa: N803
        ClientToken: str,  # noqa: N803
        S3Bucket: str,  # noqa: N803
        S3Prefix: str,  # noqa: N803
        ExportFormat: str,  # noqa: N803
    ) -> Any:
        assert ExportFormat == "DYNAMODB_JSON"
        assert ExportTime.microsecond == 0
        assert ExportTime <= self.now()

        def effect(_: bool) -> Any:  # noqa: FBT001
            wanted = (TableArn, ExportTime, S3Bucket, S3Prefix)
            arn, before = self.tokens.get(ClientToken, ("", wanted))
            if before != wanted:
                raise client_error("ExportTableToPointInTime", "ExportConflictException")
            if not arn:
                table = self._table("ExportTableToPointInTime", TableArn.rpartition("/")[2], "TableNotFoundException")
                arn = f"{TableArn}/export/{len(self.exports):04d}"
                self.exports[arn] = self._export(table, S3Bucket, f"{S3Prefix}/AWSDynamoDB/", arn)
                self.tokens[ClientToken] = (arn, wanted)
            return {"ExportDescription": {"ExportArn": arn}}

        return self.outside.call("ExportTableToPointInTime", effect)

    def _export(self, table: Table, bucket: str, folder: str, arn: str) -> Made:
        root = f"{folder}{arn.rpartition('/')[2]}/"
        key = f"{root}manifest-summary.json"
        if not self.export_failure:
            self.s3.store(bucket, f"{root}data/a.json.gz", msgspec.json.encode(table.items))
            self.s3.store(bucket, key, msgspec.json.encode({"itemCount": len(table.items)}))
        return Made(table.name, arn, self.now(), table.items, key, self.export_failure)

    def describe_export(self, *, ExportArn: str) -> Any:  # noqa: N803
        def effect(_: bool) -> Any:  # noqa: FBT001
            made = self.exports[ExportArn]
            if self._unseen(made):
                raise client_error("DescribeExport", "ExportNotFoundException")
            if made.at + READY_AFTER > self.now():
                return {"ExportDescription": {"ExportStatus": "IN_PROGRESS"}}
            if made.failure:
                failed = {"ExportStatus": "FAILED", "FailureCode": "S3Error", "FailureMessage": made.failure}
                return {"ExportDescription": failed}
            complete = {"ExportStatus": "COMPLETED", "ItemCount": len(made.items), "BilledSizeBytes": 100}
            return {"ExportDescription": complete}

        return self.outside.call("DescribeExport", effect)
