"""Entries of the items table, and the ways in which they change.

Attributes are in DynamoDB's low-level form, ``{"title": {"S": "Harbour"}}``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from lambdas.common.calls import aws_call
from lambdas.common.errors import has_code
from lambdas.common.failures import UnavailableError
from lambdas.common.http.exchange import Answer, IdempotencyKey, encode
from lambdas.common.ids import is_token
from lambdas.web_backend.contract import ENTRY, EXPIRES_AT, IDEMPOTENCY, REVISION, USER_ID
from lambdas.web_backend.ports import ChangedError, NoEntryError, Reply, Seen

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Attributes = Mapping[str, Any]

ATTEMPTS = 5
"""How often a transaction is tried while others get in its way."""

_MAX_OPERANDS = 100
"""Of IN. A list of ETags can be longer: headers of 10 KB hold some 400."""

_DIGEST, _ANSWER = "digest", "answer"
_FAILED = "ConditionalCheckFailed"
_NAMES = {"#entry": ENTRY}
_REVISED_NAMES = {"#revision": REVISION}


class UnmetError(Exception):
    """Conditions of a transaction do not hold; ``positions`` of its actions."""

    def __init__(self, positions: Collection[int]) -> None:
        super().__init__(f"conditions of the actions {sorted(positions)} do not hold")
        self.positions = positions


class Entries(msgspec.Struct, frozen=True):
    """The items table."""

    client: DynamoDBClient
    table_name: str
    sleep: Callable[[float], None]

    def get(self, user_id: str, entry: str) -> Attributes | None:
        """An entry as it is now; it may have expired."""
        with aws_call(f"read {entry}"):
            answer = self.client.get_item(TableName=self.table_name, Key=key(user_id, entry), ConsistentRead=True)
        return answer.get("Item")

    def newest(self, user_id: str, prefix: str, limit: int | None, before: str | None) -> tuple[list[Any], bool]:
        """Entries of this prefix, the greatest first, and whether there are more.

        At most ``limit``, or as many as go into one answer of DynamoDB, which is 1 MB.
        """
        request: dict[str, Any] = {
            "TableName": self.table_name,
            "KeyConditionExpression": "#user = :user AND begins_with(#entry, :prefix)",
            "ExpressionAttributeNames": {"#user": USER_ID, "#entry": ENTRY},
            "ExpressionAttributeValues": {":user": {"S": user_id}, ":prefix": {"S": prefix}},
            "ScanIndexForward": False,
            "ConsistentRead": True,
        }
        if limit is not None:
            request["Limit"] = limit + 1
        if before is not None:
            request["ExclusiveStartKey"] = key(user_id, before)
        with aws_call(f"list {prefix}"):
            answer = self.client.query(**request)
        found = answer["Items"]
        return found[:limit], "LastEvaluatedKey" in answer or (limit is not None and len(found) > limit)

    def put(self, attributes: Attributes) -> None:
        """Writes an entry, whatever is there."""
        with aws_call("write an entry"):
            self.client.put_item(TableName=self.table_name, Item=attributes)

    def add(self, attributes: Attributes) -> None:
        """Writes an entry of a new id."""
        # Without the condition, a call that boto3 repeats because its answer was lost would undo what somebody changed
        # in between. The condition fails for nothing but that: ids are used once.
        try:
            self.client.put_item(
                TableName=self.table_name,
                Item=attributes,
                ConditionExpression="attribute_not_exists(#entry)",
                ExpressionAttributeNames=_NAMES,
            )
        except (ClientError, BotoCoreError) as error:
            if not _is_unmet(error):
                raise UnavailableError(f"add an entry: {error}") from error

    def replace(self, attributes: Attributes, seen: Seen, *, or_new: bool = False) -> None:
        """Writes a new revision of an entry; ``or_new``: or its first one. Raises NoEntryError and ChangedError."""
        revision = attributes[REVISION]["S"]
        self._if_seen(self.client.put_item, {"Item": attributes}, seen, revision, or_new=or_new)

    def delete(self, user_id: str, entry: str, seen: Seen) -> None:
        """Deletes an entry. Raises NoEntryError and ChangedError."""
        self._if_seen(self.client.delete_item, {"Key": key(user_id, entry)}, seen, None, or_new=False)

    def _if_seen(
        self, call: Callable[..., Any], request: dict[str, Any], seen: Seen, revision: str | None, *, or_new: bool
    ) -> None:
        if seen is not None:
            # Thousands of ETags that are no revisions would make an expression of more than DynamoDB's 4 KB.
            # No revision is empty, so that nothing is equal to this one.
            possible = [each for each in dict.fromkeys(seen) if is_token(each)] or [""]
            values = {f":{at}": {"S": each} for at, each in enumerate(possible)}
            request["ExpressionAttributeNames"] = _REVISED_NAMES
            request["ExpressionAttributeValues"] = values
            request["ConditionExpression"] = _is_one_of(len(values), or_new=or_new)
        elif not or_new:
            request["ExpressionAttributeNames"] = _REVISED_NAMES
            request["ConditionExpression"] = "attribute_exists(#revision)"
        try:
            call(TableName=self.table_name, ReturnValuesOnConditionCheckFailure="ALL_OLD", **request)
        except (ClientError, BotoCoreError) as error:
            if not _is_unmet(error):
                raise UnavailableError(f"change an entry: {error}") from error
            present: Any = error.response.get("Item")  # type: ignore[union-attr]  # _is_unmet has looked
            if present is None:
                raise NoEntryError from error
            # Equal if boto3 has repeated this very call, since its answer was lost.
            if present[REVISION]["S"] != revision:
                raise ChangedError from error

    def transact(self, user_id: str, actions: Sequence[Any], reply: Reply | None) -> Reply | None:
        """Makes these writes and remembers the reply, all or nothing; or returns what is remembered already.

        Raises UnmetError. A call that boto3 repeats carries the same ClientRequestToken, by which DynamoDB knows it.
        """
        writes = [*actions, self._remembering(user_id, reply)] if reply else list(actions)
        for attempt in range(ATTEMPTS):
            if attempt:
                self.sleep(0.025 * 2**attempt)
            try:
                self.client.transact_write_items(TransactItems=writes)
            except (ClientError, BotoCoreError) as error:
                reasons = _reasons(error)
                unmet = {at for at, reason in enumerate(reasons) if reason["Code"] == _FAILED}
                if reply and len(actions) in unmet:
                    return _reply(reply, reasons[-1]["Item"])
                if unmet:
                    # Which of several conditions are told to have failed is up to DynamoDB.
                    remembered = reply and self.get(user_id, _reply_entry(reply.key))
                    if reply and remembered and int(remembered[EXPIRES_AT]["N"]) >= _seconds(reply.now):
                        return _reply(reply, remembered)
                    raise UnmetError(unmet) from error
                if not any(reason["Code"] == "TransactionConflict" for reason in reasons):
                    raise UnavailableError(f"write entries: {error}") from error
            else:
                return None
        raise UnavailableError(f"write entries: others got in the way {ATTEMPTS} times")

    def putting(self, attributes: Attributes) -> dict[str, Any]:
        """The action of a transaction that writes an entry."""
        return {"Put": {"TableName": self.table_name, "Item": attributes}}

    def requiring(self, user_id: str, entry: str) -> dict[str, Any]:
        """The action of a transaction that an entry has to be there."""
        condition = {"ConditionExpression": "attribute_exists(#entry)", "ExpressionAttributeNames": _NAMES}
        return {"ConditionCheck": {"TableName": self.table_name, "Key": key(user_id, entry), **condition}}

    def _remembering(self, user_id: str, reply: Reply) -> dict[str, Any]:
        attributes = {
            **key(user_id, _reply_entry(reply.key)),
            _DIGEST: {"S": reply.key.digest},
            _ANSWER: {"S": encode(reply.answer).decode()},
            EXPIRES_AT: expiry(reply.expires_at),
        }
        return {
            "Put": {
                "TableName": self.table_name,
                "Item": attributes,
                # DynamoDB takes up to some days to remove what has expired.
                "ConditionExpression": "attribute_not_exists(#entry) OR #expires < :now",
                "ExpressionAttributeNames": {"#entry": ENTRY, "#expires": EXPIRES_AT},
                "ExpressionAttributeValues": {":now": expiry(reply.now)},
                "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            }
        }


def key(user_id: str, entry: str) -> dict[str, Any]:
    """Primary key of an entry."""
    return {USER_ID: {"S": user_id}, ENTRY: {"S": entry}}


def time_text(moment: datetime) -> str:
    """RFC 3339; five times as fast as `isoformat`."""
    return encode(moment)[1:-1].decode()


def expiry(moment: datetime) -> dict[str, str]:
    """As Time to Live wants it."""
    return {"N": str(_seconds(moment))}


def has_expired(attributes: Attributes, now: datetime) -> bool:
    """Whether an entry only waits for being removed."""
    return int(attributes[EXPIRES_AT]["N"]) < _seconds(now)


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())


@cache
def _is_one_of(count: int, *, or_new: bool) -> str:
    values = [f":{at}" for at in range(count)]
    parts = [values[at : at + _MAX_OPERANDS] for at in range(0, count, _MAX_OPERANDS)]
    any_of = [f"#revision IN ({', '.join(each)})" for each in parts]
    return " OR ".join(["attribute_not_exists(#revision)", *any_of] if or_new else any_of)


def _is_unmet(error: Exception) -> bool:
    return isinstance(error, ClientError) and has_code(error, {"ConditionalCheckFailedException"})


def _reasons(error: Exception) -> list[Any]:
    """Why a transaction was cancelled, by action; none where it was not."""
    response: Any = error.response if isinstance(error, ClientError) else {}
    return list(response.get("CancellationReasons", []))


def _reply_entry(name: IdempotencyKey) -> str:
    return f"{IDEMPOTENCY}{name.operation}#{name.key}"


def _reply(asked: Reply, attributes: Attributes) -> Reply:
    return Reply(
        IdempotencyKey(asked.key.operation, asked.key.key, attributes[_DIGEST]["S"]),
        msgspec.json.decode(attributes[_ANSWER]["S"], type=Answer),
        asked.now,
        datetime.fromtimestamp(int(attributes[EXPIRES_AT]["N"]), UTC),
    )
