"""Tables that backups are restored into.

DynamoDB gives a restored table neither tags nor streams, time to live, scaling, point-in-time recovery or deletion
protection ("Restore a table in DynamoDB", Developer Guide). It is restored on demand and without indexes here, which
would only cost: nobody queries it.
"""

from __future__ import annotations

from base64 import b64decode
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec
from botocore.exceptions import ClientError

from lambdas.backups.adapters.refusals import refused
from lambdas.backups.contract import SCRATCH_PREFIX, RestoreFrom
from lambdas.backups.contract.records import Backup
from lambdas.backups.ports import RefusedError, ScratchPage, ScratchTable
from lambdas.common.calls import aws_call
from lambdas.common.errors import has_code
from lambdas.common.exporter.scan import Scan
from lambdas.common.failures import UnavailableError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_LATER = {"TableAlreadyExistsException", "TableInUseException", "LimitExceededException"}
"""The table is there, or is being made or deleted, or the account restores 50 tables already, which is the most that
DynamoDB does ("RestoreTableFromBackup", API Reference): whoever looks again later sees which of them."""
_GONE = {"ResourceNotFoundException"}


@dataclass(frozen=True)
class DynamoScratchTables:
    """The `ScratchTables` in DynamoDB."""

    client: DynamoDBClient
    restore_from: RestoreFrom

    def find(self, name: str) -> ScratchTable | None:
        """Asks DynamoDB."""
        with aws_call(f"describe {name}"):
            try:
                found = self.client.describe_table(TableName=name)["Table"]
            except ClientError as error:
                if has_code(error, _GONE):
                    return None
                raise
        return ScratchTable(found["TableStatus"], found["CreationDateTime"])

    def restore(self, backup: Backup, name: str) -> None:
        """While DynamoDB has no place for one more, nothing is asked for."""
        options: Any = {
            "TargetTableName": _scratch(name),
            "BillingModeOverride": "PAY_PER_REQUEST",
            "GlobalSecondaryIndexOverride": [],
            "LocalSecondaryIndexOverride": [],
        }
        with (
            aws_call(f"restore {name}"),
            refused({"BackupNotFoundException"}, "the on-demand backup was deleted"),
            refused({"TableNotFoundException"}, "the table was deleted, and its points in time with it"),
            refused({"PointInTimeRecoveryUnavailableException"}, "point-in-time recovery of the table is off"),
        ):
            try:
                if self.restore_from == "point_in_time":
                    self.client.restore_table_to_point_in_time(
                        SourceTableArn=backup.resource, RestoreDateTime=backup.instant, **options
                    )
                else:
                    self.client.restore_table_from_backup(BackupArn=backup.backup_arn or "", **options)
            except ClientError as error:
                if not has_code(error, _LATER):
                    raise

    def page(self, name: str, after: str | None) -> ScratchPage:
        """Up to 1 MB, by a consistent read."""
        scan = Scan(self.client, _scratch(name), segments=1)
        try:
            page = next(scan.pages(0, _key(after)))
        except UnavailableError as error:
            if isinstance(error.__cause__, ClientError) and has_code(error.__cause__, _GONE):
                raise RefusedError(f"the scratch table {name} was deleted before it was read") from error
            raise
        return ScratchPage(page.items, msgspec.json.encode(page.last).decode() if page.last else None)

    def delete(self, name: str) -> bool:
        """Nothing but a scratch table. DescribeTable may not see yet what there is; DeleteTable does."""
        with aws_call(f"delete {name}"):
            try:
                self.client.delete_table(TableName=_scratch(name))
            except ClientError as error:
                if has_code(error, _GONE):
                    return True
                if not has_code(error, {"ResourceInUseException"}):
                    raise
        return False


def _scratch(name: str) -> str:
    if not name.startswith(SCRATCH_PREFIX):
        raise ValueError(f"{name!r} is no scratch table: their names begin with {SCRATCH_PREFIX!r}")
    return name


def _key(text: str | None) -> dict[str, Any] | None:
    """A key as boto3's client takes it: binary values as bytes."""
    if text is None:
        return None
    key: dict[str, dict[str, Any]] = msgspec.json.decode(text)
    return {
        name: {kind: b64decode(value) if kind == "B" else value for kind, value in attribute.items()}
        for name, attribute in key.items()
    }
