"""Exports of tables into the vault, by DynamoDB or by a scan; both are laid out in the same way."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from lambdas.backups.adapters.refusals import refused
from lambdas.backups.adapters.tables import GONE
from lambdas.backups.contract import export_prefix, resource_name, run_id
from lambdas.backups.contract.records import Work
from lambdas.backups.ports import Exported, MoreTime, RefusedError, UnseenError
from lambdas.common.calls import aws_call
from lambdas.common.exporter.export import Export, Exporter, ExportError
from lambdas.common.exporter.layout import Place

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client

_RECOVERY_OFF = (
    "point-in-time recovery of {table} is off, and DynamoDB exports no table without it: "
    "switch it on, or take the tag off"
)


@dataclass(frozen=True)
class DynamoExports:
    """The `TableExports` of DynamoDB: as of one second, at no cost of capacity."""

    client: DynamoDBClient
    vault: str

    def check(self, table: str) -> None:
        """Whether point-in-time recovery is on."""
        with aws_call(f"look at {table}"), refused(GONE, f"there is no table {table} any longer"):
            answer = self.client.describe_continuous_backups(TableName=table)
        recovery = answer["ContinuousBackupsDescription"].get("PointInTimeRecoveryDescription", {})
        if recovery.get("PointInTimeRecoveryStatus") != "ENABLED":
            raise RefusedError(_RECOVERY_OFF.format(table=table))

    def begin(self, table_arn: str, run: str, instant: datetime) -> str:
        """The token makes it one export for 8 hours; after that another one would stand beside, in the same prefix."""
        table = resource_name(table_arn)
        with (
            aws_call(f"export {table}"),
            refused(GONE, f"there is no table {table} any longer"),
            refused({"PointInTimeRecoveryUnavailableException"}, _RECOVERY_OFF.format(table=table)),
        ):
            answer = self.client.export_table_to_point_in_time(
                TableArn=table_arn,
                ExportTime=instant,
                ClientToken=hashlib.sha256(f"{table_arn} {run}".encode()).hexdigest(),
                S3Bucket=self.vault,
                S3Prefix=export_prefix(table, run).removesuffix("/"),
                ExportFormat="DYNAMODB_JSON",
            )
        return answer["ExportDescription"]["ExportArn"]

    def advance(self, work: Work, instant: datetime, more: MoreTime) -> Exported | None:  # noqa: ARG002  DynamoDB does the work
        """Looks whether it is complete."""
        arn = work.export_arn or ""
        with aws_call(f"look at {arn}"), refused({"ExportNotFoundException"}, f"there is no {arn}", UnseenError):
            described = self.client.describe_export(ExportArn=arn)["ExportDescription"]
        if described["ExportStatus"] == "FAILED":
            reason = f"{described.get('FailureCode')}: {described.get('FailureMessage')}"
            raise RefusedError(f"the export of {resource_name(work.resource)} failed: {reason}")
        if described["ExportStatus"] != "COMPLETED":
            return None
        place = Place(self.vault, _prefix(work), arn.rpartition("/")[2])
        return Exported(_summary(place), described.get("ItemCount", 0), described.get("BilledSizeBytes", 0))


@dataclass(frozen=True)
class ScanExports:
    """The `TableExports` by the project's own exporter: as of one instant only if nobody writes meanwhile."""

    dynamodb: DynamoDBClient
    s3: S3Client
    vault: str

    def check(self, table: str) -> None:
        """Every table can be scanned."""

    def begin(self, table_arn: str, run: str, instant: datetime) -> str:
        """The instant is what its id is made of, so that it is the same export again."""
        return f"{table_arn}/export/{self._export(table_arn, run, instant).place.export_id}"

    def advance(self, work: Work, instant: datetime, more: MoreTime) -> Exported | None:
        """Writes data files as long as there is time; its progress stands beside them."""
        export = self._export(work.resource, run_id(work.policy, work.slot), instant)
        complete = export.progress.complete
        try:
            while not complete:
                if not more():
                    return None
                complete = export.step()
        except ExportError as error:
            raise RefusedError(str(error)) from error
        return Exported(_summary(export.place), export.progress.items, export.progress.size)

    def _export(self, table_arn: str, run: str, instant: datetime) -> Export:
        table = resource_name(table_arn)
        return Exporter(
            dynamodb=self.dynamodb, s3=self.s3, table=table, bucket=self.vault, prefix=export_prefix(table, run)
        ).at(instant)


def _prefix(work: Work) -> str:
    return export_prefix(resource_name(work.resource), run_id(work.policy, work.slot))


def _summary(place: Place) -> str:
    return f"{place.root}manifest-summary.json"
