"""The list of devices, in DynamoDB."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lambdas.common.calls import Patience, aws_call
from lambdas.iot_backend.adapters.entries import content_of, key
from lambdas.iot_backend.contract import ENTRY
from lambdas.iot_backend.contract.devices import DEVICE_ID, ENROLMENT, STATE, DeviceState, Enrolment
from lambdas.iot_backend.ports import DevicesPage, Enrolled

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True)
class DynamoDevices:
    """The `Devices` in the device table."""

    client: DynamoDBClient
    table_name: str
    patience: Patience

    def page(self, limit: int, after: str | None) -> DevicesPage:
        """Looks at ``limit`` entries, of which about half are enrolments, and fetches the states of those."""
        more: Any = {"ExclusiveStartKey": key(*after.split("."))} if after else {}
        with aws_call("list devices"):
            found = self.client.scan(
                TableName=self.table_name,
                Limit=limit,
                FilterExpression="#entry = :enrolment",
                ExpressionAttributeNames={"#entry": ENTRY},
                ExpressionAttributeValues={":enrolment": {"S": ENROLMENT}},
                **more,
            )
        enrolments = {item[DEVICE_ID]["S"]: content_of(item, Enrolment) for item in found["Items"]}
        states = self._states(list(enrolments))
        last = found.get("LastEvaluatedKey")
        return DevicesPage(
            [Enrolled(device_id, each, states.get(device_id)) for device_id, each in enrolments.items()],
            f"{last[DEVICE_ID]['S']}.{last[ENTRY]['S']}" if last else None,
        )

    def _states(self, device_ids: Sequence[str]) -> dict[str, DeviceState]:
        """Up to 100 of them."""
        if not device_ids:
            return {}
        states: dict[str, DeviceState] = {}

        def call(request: Any) -> Any:
            answer = self.client.batch_get_item(RequestItems=request)
            for item in answer["Responses"].get(self.table_name, []):
                states[item[DEVICE_ID]["S"]] = content_of(item, DeviceState)
            return answer.get("UnprocessedKeys")

        keys = [key(each, STATE) for each in device_ids]
        request = {self.table_name: {"Keys": keys, "ConsistentRead": True}}
        self.patience.until_done("read what devices told", request, call)
        return states
