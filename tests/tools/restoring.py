"""A table that was backed up on three days, and AWS as ``restore`` sees it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from lambdas.backups.adapters.status import DynamoStatus
from lambdas.backups.contract import ENTRY, NEWEST, PARTITION, backups_partition, run_entry
from lambdas.backups.contract.records import Backup, Kept, Kind, Newest
from lambdas.backups.ports import Place, Put
from tests.support.fake_aws import FakeDynamoDB, Outside, client_error

ARN = "arn:aws:dynamodb:us-east-1:123456789012:table/orders"
KEY = "arn:aws:kms:us-east-1:123456789012:key/1"
NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


@dataclass
class Table:
    """Of looks at it until it is as it will be."""

    status: str = "ACTIVE"
    looks: int = 0
    source: str | None = None
    """Backup that it is restored from."""
    protected: bool = False
    options: dict[str, Any] = field(default_factory=dict)


class Amazon(FakeDynamoDB):
    """boto3.client, for a stack that has backed up a table at three, on three days."""

    def __init__(self) -> None:
        super().__init__(Outside(), {"status": (PARTITION, ENTRY)})
        self.names: dict[str, Table] = {"orders": Table()}
        self.states: dict[str, str] = {}
        """Of backups, by ARN."""
        self.key: str | None = None
        self.outputs = {"BackupStatusTableName": "status"}
        client: Any = self
        self.status = DynamoStatus(client, "status")
        for day in (23, 24, 25):
            self.back_up(datetime(2026, 11, day, 3, tzinfo=UTC))

    def __call__(self, service: str, **_: Any) -> Any:
        assert service in {"dynamodb", "cloudformation"}
        return self

    def back_up(self, instant: datetime, *, arn: str = ARN, deleting: bool = False) -> None:
        slot = f"{instant:%Y%m%dT%H%MZ}"
        backup = Backup(
            policy="daily",
            slot=slot,
            kind=Kind.TABLE,
            resource=arn,
            instant=instant,
            finished=instant,
            backup_arn=f"{arn}/backup/{slot}",
            items=instant.day,
        )
        self.states[f"{arn}/backup/{slot}"] = "AVAILABLE"
        place = Place(NEWEST, arn)
        newest = Newest(resource=arn, kind=Kind.TABLE, policy="daily", found=instant, seen=slot, backup=backup)
        present = self.status.read(place, Newest)
        self.status.write(
            Put(place, newest, present.revision if present else None),
            Put(Place(backups_partition(arn), run_entry("daily", slot)), Kept(backup=backup, deleting=deleting)),
        )

    def describe_stacks(self, *, StackName: str) -> Any:  # noqa: N803  boto3's names
        if StackName != "Backups":
            raise client_error("DescribeStacks", "ValidationError")
        return {"Stacks": [{"Outputs": [{"OutputKey": key, "OutputValue": it} for key, it in self.outputs.items()]}]}

    def describe_backup(self, *, BackupArn: str) -> Any:  # noqa: N803
        if BackupArn not in self.states:
            raise client_error("DescribeBackup", "BackupNotFoundException")
        features = {"SSEDescription": {"KMSMasterKeyArn": self.key}} if self.key else {}
        details = {"BackupStatus": self.states[BackupArn]}
        return {"BackupDescription": {"BackupDetails": details, "SourceTableFeatureDetails": features}}

    def describe_table(self, *, TableName: str) -> Any:  # noqa: N803
        table = self.names.get(TableName)
        if table and table.looks:
            table.looks -= 1
        elif table and table.status == "DELETING":
            table = self.names.pop(TableName) and None
        elif table:
            table.status = "ACTIVE"
        if table is None:
            raise client_error("DescribeTable", "ResourceNotFoundException")
        described: Any = {"TableStatus": table.status, "CreationDateTime": NOON, "ItemCount": 1234}
        described["DeletionProtectionEnabled"] = table.protected
        if table.source:
            described["RestoreSummary"] = {"SourceBackupArn": table.source, "RestoreInProgress": True}
        return {"Table": described}

    def delete_table(self, *, TableName: str) -> Any:  # noqa: N803
        self.names[TableName] = Table("DELETING", looks=2)

    def restore_table_from_backup(self, *, TargetTableName: str, BackupArn: str, **options: Any) -> Any:  # noqa: N803
        if TargetTableName in self.names:
            raise client_error("RestoreTableFromBackup", "TableAlreadyExistsException")
        self.names[TargetTableName] = Table("CREATING", looks=3, source=BackupArn, options=options)
