"""Buttons: who they are, in DynamoDB, and what they hear, by AWS IoT."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from lambdas.common.calls import aws_call
from lambdas.iot_backend.adapters.entries import content_of, key
from lambdas.iot_backend.contract.devices import ENROLMENT, Enrolment
from lambdas.iot_backend.contract.messages import report_topic
from lambdas.iot_backend.contract.releases import Report

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_iot_data import IoTDataPlaneClient


@dataclass(frozen=True)
class DynamoEnrolments:
    """The `Enrolments` in the device table."""

    client: DynamoDBClient
    table_name: str

    def of(self, device_id: str) -> Enrolment | None:
        """A consistent read: a device may press as soon as it is enrolled."""
        with aws_call("read an enrolment"):
            answer = self.client.get_item(TableName=self.table_name, Key=key(device_id, ENROLMENT), ConsistentRead=True)
        return content_of(answer["Item"], Enrolment) if "Item" in answer else None


@dataclass(frozen=True)
class IotReports:
    """The `Reports` over MQTT."""

    client: IoTDataPlaneClient

    def send(self, device_id: str, report: Report) -> None:
        """At least once (quality of service 1); a button that is not connected hears nothing."""
        with aws_call("publish a report"):
            self.client.publish(topic=report_topic(device_id), qos=1, payload=msgspec.json.encode(report))
