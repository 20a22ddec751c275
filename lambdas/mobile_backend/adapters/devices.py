"""Devices in DynamoDB: an item of each beside its user's others, and one that says whose it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from lambdas.common.calls import aws_call
from lambdas.common.errors import has_code
from lambdas.common.failures import UnavailableError
from lambdas.common.ids import new_token
from lambdas.mobile_backend.contract import DEVICE, DEVICES, ENTRY, OWNER, USER_ID
from lambdas.mobile_backend.contract.models import Platform
from lambdas.mobile_backend.domain.devices import Registered
from lambdas.mobile_backend.ports import TooManyDevicesError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ATTEMPTS = 5
"""Of a registration; each further one means that another of the same user or device got ahead."""

_NOT_AS_READ = "ConditionalCheckFailed"
_OTHERS_FIRST = {_NOT_AS_READ, "TransactionConflict"}
"""Reasons for which transactions are cancelled."""

_PLATFORM, _ENDPOINT, _REGISTERED_AT, _REVISION = "platform", "endpoint", "registered_at", "revision"

Item = Mapping[str, Any]


@dataclass(frozen=True)
class DynamoDevices:
    """The `Devices` in DynamoDB."""

    client: DynamoDBClient
    table_name: str

    def of(self, user_id: str) -> Sequence[Registered]:
        """A user's devices, sorted by id (a consistent read)."""
        return [_device(item) for item in self._entries(user_id) if item[ENTRY]["S"] != DEVICES]

    def register(self, user_id: str, device: Registered, most: int) -> None:
        """Moves a device to a user in one transaction, which holds if all is as it was read."""
        for _ in range(ATTEMPTS):
            if self._registered(user_id, device, most):
                return
        raise UnavailableError(f"register a device: others keep registering for {user_id}, or the same device")

    def _registered(self, user_id: str, device: Registered, most: int) -> bool:
        owner = self._owner(device.device_id)
        entries = {item[ENTRY]["S"]: item for item in self._entries(user_id)}
        head = entries.pop(DEVICES, {})
        entry = DEVICE + device.device_id
        if len(entries.keys() - {entry}) >= most:
            raise TooManyDevicesError
        writes = [
            self._put(_key(user_id, DEVICES) | {_REVISION: {"S": new_token()}}, _as_read(_REVISION, head)),
            self._put(_key(entry, OWNER) | {OWNER: {"S": user_id}}, _as_read(OWNER, owner)),
            self._put(_key(user_id, entry) | _attributes(device), {}),
        ]
        if owner and owner[OWNER]["S"] != user_id:
            writes.append({"Delete": {"TableName": self.table_name, "Key": _key(owner[OWNER]["S"], entry)}})
        return self._written("register a device", writes, _OTHERS_FIRST)

    def forget(self, user_id: str, device_id: str, registered_at: datetime | None = None) -> bool:
        """Removes a device from its user. Its endpoint stays: the device's next user may have got it already."""
        entry = DEVICE + device_id
        condition: dict[str, Any] = {"ConditionExpression": f"attribute_exists({USER_ID})"}
        if registered_at:
            condition = _equals(_REGISTERED_AT, registered_at.isoformat())
        writes = [
            {"Delete": {"TableName": self.table_name, "Key": _key(user_id, entry), **condition}},
            {"Delete": {"TableName": self.table_name, "Key": _key(entry, OWNER), **_equals(OWNER, user_id)}},
        ]
        return self._written("forget a device", writes, {_NOT_AS_READ})

    def _owner(self, device_id: str) -> Item:
        with aws_call("read whose a device is"):
            answer = self.client.get_item(
                TableName=self.table_name, Key=_key(DEVICE + device_id, OWNER), ConsistentRead=True
            )
        return answer.get("Item", {})

    def _entries(self, user_id: str) -> list[Item]:
        """A user's devices, and the item that changes with them; a few dozen fit in one answer."""
        with aws_call("read devices"):
            return list(
                self.client.query(
                    TableName=self.table_name,
                    KeyConditionExpression="#user = :user AND #entry BETWEEN :low AND :high",
                    ExpressionAttributeNames={"#user": USER_ID, "#entry": ENTRY},
                    ExpressionAttributeValues={
                        ":user": {"S": user_id},
                        ":low": {"S": DEVICE},
                        ":high": {"S": DEVICES},
                    },
                    ConsistentRead=True,
                )["Items"]
            )

    def _put(self, item: dict[str, Any], condition: dict[str, Any]) -> Any:
        return {"Put": {"TableName": self.table_name, "Item": item, **condition}}

    def _written(self, what: str, writes: list[Any], lost: set[str]) -> bool:
        """Whether the transaction was not cancelled for one of these reasons. Raises UnavailableError."""
        try:
            self.client.transact_write_items(TransactItems=writes)
        except ClientError as error:
            if has_code(error, {"TransactionCanceledException"}) and _reasons(error) & lost:
                return False
            raise UnavailableError(f"{what}: {error}") from error
        except BotoCoreError as error:
            raise UnavailableError(f"{what}: {error}") from error
        return True


def _reasons(error: ClientError) -> set[str]:
    response: Any = error.response
    return {each["Code"] for each in response["CancellationReasons"]}


def _key(user_id: str, entry: str) -> dict[str, Any]:
    return {USER_ID: {"S": user_id}, ENTRY: {"S": entry}}


def _equals(attribute: str, value: str) -> dict[str, Any]:
    return {
        "ConditionExpression": "#attribute = :value",
        "ExpressionAttributeNames": {"#attribute": attribute},
        "ExpressionAttributeValues": {":value": {"S": value}},
    }


def _as_read(attribute: str, item: Item) -> dict[str, Any]:
    """The condition that an item is as it was read; not there, if it was not."""
    if not item:
        return {"ConditionExpression": f"attribute_not_exists({USER_ID})"}
    return _equals(attribute, item[attribute]["S"])


def _attributes(device: Registered) -> dict[str, Any]:
    values = {
        _PLATFORM: device.platform.value,
        _ENDPOINT: device.endpoint,
        _REGISTERED_AT: device.registered_at.isoformat(),
    }
    return {name: {"S": value} for name, value in values.items() if value is not None}


def _device(item: Item) -> Registered:
    return Registered(
        device_id=item[ENTRY]["S"].removeprefix(DEVICE),
        platform=Platform(item[_PLATFORM]["S"]),
        endpoint=item[_ENDPOINT]["S"] if _ENDPOINT in item else None,
        registered_at=datetime.fromisoformat(item[_REGISTERED_AT]["S"]),
    )
