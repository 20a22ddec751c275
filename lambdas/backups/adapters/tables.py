"""Tables: which have the tag, and their on-demand backups."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from lambdas.backups.adapters.refusals import refused
from lambdas.backups.contract import SCRATCH_PREFIX, TAG
from lambdas.backups.contract.records import Kind, Resource
from lambdas.backups.ports import MOST_FOUND, Looked, UnseenError
from lambdas.common.calls import aws_call
from lambdas.common.errors import has_code

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

GONE = {"TableNotFoundException", "ResourceNotFoundException"}


@dataclass(frozen=True)
class DynamoTables:
    """The `Resources` of DynamoDB, in the order in which it lists them."""

    client: DynamoDBClient

    def look(self, policy: str, after: str | None) -> Looked:
        """A page of names, then the tags of each: DynamoDB answers ten such questions a second."""
        more: Any = {"ExclusiveStartTableName": after} if after else {}
        with aws_call("list tables"):
            answer = self.client.list_tables(Limit=MOST_FOUND, **more)
            arns = [arn for name in answer["TableNames"] for arn in self._tagged(name, policy)]
        return Looked([Resource(Kind.TABLE, arn) for arn in arns], answer.get("LastEvaluatedTableName"))

    def _tagged(self, name: str, policy: str) -> Iterator[str]:
        """The ARN of a table, if it has the tag."""
        if name.startswith(SCRATCH_PREFIX):
            return
        try:
            arn = self.client.describe_table(TableName=name)["Table"]["TableArn"]
            tags = list(self._tags(arn))
        except ClientError as error:
            if has_code(error, GONE):
                return  # deleted since it was listed
            raise
        if (TAG, policy) in tags:
            yield arn

    def _tags(self, arn: str) -> Iterator[tuple[str, str]]:
        question: Any = {"ResourceArn": arn}
        while True:
            answer = self.client.list_tags_of_resource(**question)
            yield from ((tag["Key"], tag["Value"]) for tag in answer.get("Tags", []))
            if not answer.get("NextToken"):
                return
            question["NextToken"] = answer["NextToken"]


@dataclass(frozen=True)
class DynamoBackups:
    """The `TableBackups` of DynamoDB."""

    client: DynamoDBClient
    once: DynamoDBClient
    """A client that repeats no call: CreateBackup has no token, so each repetition would be another backup."""

    def find(self, table: str, name: str) -> Sequence[str]:
        """Among all on-demand backups of the table."""
        found = [each for each in self._listed(table) if each["BackupName"] == name]
        return [each["BackupArn"] for each in sorted(found, key=lambda each: each["BackupCreationDateTime"])]

    def _listed(self, table: str) -> Iterator[Any]:
        question: Any = {"TableName": table, "BackupType": "USER"}
        while True:
            with aws_call(f"list backups of {table}"):
                answer = self.client.list_backups(**question)
            yield from (each for each in answer["BackupSummaries"] if each["BackupStatus"] != "DELETED")
            if "LastEvaluatedBackupArn" not in answer:
                return
            question["ExclusiveStartBackupArn"] = answer["LastEvaluatedBackupArn"]

    def create(self, table: str, name: str) -> str:
        """The backup is made after the call has returned."""
        with aws_call(f"back up {table}"), refused(GONE, f"there is no table {table} any longer"):
            answer = self.once.create_backup(TableName=table, BackupName=name)
        return answer["BackupDetails"]["BackupArn"]

    def available(self, arn: str) -> bool:
        """A backup may take minutes."""
        with aws_call(f"look at {arn}"), refused({"BackupNotFoundException"}, f"{arn} was deleted", UnseenError):
            answer = self.client.describe_backup(BackupArn=arn)
        return answer["BackupDescription"]["BackupDetails"]["BackupStatus"] == "AVAILABLE"

    def delete(self, arn: str) -> None:
        """One that is in use, as by a restore, is deleted another time."""
        with aws_call(f"delete {arn}"):
            try:
                self.client.delete_backup(BackupArn=arn)
            except ClientError as error:
                if not has_code(error, {"BackupNotFoundException"}):
                    raise
