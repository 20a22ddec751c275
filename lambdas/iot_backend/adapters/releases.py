"""Decisions, and what the alias has to be, in DynamoDB."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from lambdas.common.calls import aws_call
from lambdas.common.errors import has_code
from lambdas.common.failures import UnavailableError
from lambdas.iot_backend.adapters.entries import attributes, content_of
from lambdas.iot_backend.contract import ENTRY
from lambdas.iot_backend.contract.models import Decision
from lambdas.iot_backend.contract.releases import (
    AUDIT,
    COMMAND,
    COMMAND_DAYS,
    CURRENT,
    DECISION,
    EXPIRES_AT,
    PARTITION,
    TARGET,
)
from lambdas.iot_backend.domain.releases import Release
from lambdas.iot_backend.ports import Command, KeyReusedError, OvertakenError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_OTHERS_FIRST = {"ConditionalCheckFailed", "TransactionConflict"}
"""Reasons for which transactions are cancelled."""

_REVISION, _DIGEST, _DECISION_ID = "revision", "digest", "decision_id"
_NEW = {
    "ConditionExpression": "attribute_not_exists(#partition)",
    # "partition" is a reserved word of DynamoDB.
    "ExpressionAttributeNames": {"#partition": PARTITION},
}

Item = Mapping[str, Any]


@dataclass(frozen=True)
class DynamoReleases:
    """The `Releases` in the release table."""

    client: DynamoDBClient
    table_name: str

    def current(self) -> Release | None:
        """The one item that says what the alias has to be."""
        item = self._item(TARGET, CURRENT)
        return content_of(item, Release) if item else None

    def decided(self, command: Command) -> Decision | None:
        """The command tells which decision it came to."""
        item = self._item(COMMAND + command.key, DECISION)
        if item is None:
            return None
        if item[_DIGEST]["S"] != command.digest:
            raise KeyReusedError
        found = self._item(AUDIT, item[_DECISION_ID]["S"])
        return content_of(found, Decision) if found else None

    def record(self, command: Command | None, decision: Decision, before: Release, after: Release | None) -> None:
        """One transaction, on the revision of the state."""
        where = {"TableName": self.table_name}
        if after:
            state: Any = {"Put": {**where, "Item": _key(TARGET, CURRENT) | attributes(after), **_as_read(before)}}
        else:
            state = {"ConditionCheck": {**where, "Key": _key(TARGET, CURRENT), **_as_read(before)}}
        self._write([state, *self._decision(command, decision)])

    def note(self, command: Command, decision: Decision) -> None:
        """One transaction."""
        self._write(self._decision(command, decision))

    def history(self, limit: int, before: str | None) -> Sequence[Decision]:
        """Ids of decisions sort by time; at most 100 fit in one answer of DynamoDB."""
        with aws_call("read the history of releases"):
            items = self.client.query(
                TableName=self.table_name,
                KeyConditionExpression="#partition = :audit AND #entry BETWEEN :low AND :high",
                ExpressionAttributeNames={"#partition": PARTITION, "#entry": ENTRY},
                ExpressionAttributeValues={":audit": {"S": AUDIT}, ":low": {"S": "0"}, ":high": {"S": before or "~"}},
                ScanIndexForward=False,
                Limit=limit,
            )["Items"]
        return [content_of(item, Decision) for item in items]

    def _decision(self, command: Command | None, decision: Decision) -> list[Any]:
        items = [_key(AUDIT, decision.decision_id) | attributes(decision)]
        if command:
            items.append(_heard(command, decision))
        return [{"Put": {"TableName": self.table_name, "Item": item, **_NEW}} for item in items]

    def _item(self, partition: str, entry: str) -> Item | None:
        with aws_call(f"read the {entry} of releases"):
            answer = self.client.get_item(TableName=self.table_name, Key=_key(partition, entry), ConsistentRead=True)
        return answer.get("Item")

    def _write(self, writes: list[Any]) -> None:
        """Raises OvertakenError, or UnavailableError."""
        try:
            self.client.transact_write_items(TransactItems=writes)
        except ClientError as error:
            if has_code(error, {"TransactionCanceledException"}) and _reasons(error) & _OTHERS_FIRST:
                raise OvertakenError from error
            raise UnavailableError(f"record a decision: {error}") from error
        except BotoCoreError as error:
            raise UnavailableError(f"record a decision: {error}") from error


def _reasons(error: ClientError) -> set[str]:
    response: Any = error.response
    return {each["Code"] for each in response["CancellationReasons"]}


def _heard(command: Command, decision: Decision) -> dict[str, Any]:
    expires = decision.at + timedelta(days=COMMAND_DAYS)
    return {
        **_key(COMMAND + command.key, DECISION),
        _DIGEST: {"S": command.digest},
        _DECISION_ID: {"S": decision.decision_id},
        EXPIRES_AT: {"N": str(int(expires.timestamp()))},
    }


def _key(partition: str, entry: str) -> dict[str, Any]:
    return {PARTITION: {"S": partition}, ENTRY: {"S": entry}}


def _as_read(before: Release) -> dict[str, Any]:
    """The condition that the state is as it was read; not there, before the first decision."""
    if not before.revision:
        return _NEW
    return {
        "ConditionExpression": "#revision = :revision",
        "ExpressionAttributeNames": {"#revision": _REVISION},
        "ExpressionAttributeValues": {":revision": {"S": before.revision}},
    }
