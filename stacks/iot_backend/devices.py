"""Devices: what they may do, what is known of them, and where they connect to."""

from __future__ import annotations

from typing import Any

from aws_cdk import ArnFormat, CustomResource, Duration, Stack
from aws_cdk import aws_iot as iot
from constructs import Construct

from lambdas.iot_backend.contract import ENTRY, EndpointSettings
from lambdas.iot_backend.contract.devices import DEVICE_ID, Kind
from lambdas.iot_backend.contract.messages import press_topic, report_topic, telemetry_topic
from stacks.blocks.function import FunctionConfig, HandlerFunction, allow
from stacks.blocks.nag import acknowledge
from stacks.blocks.policy import SharedPolicy
from stacks.blocks.table import on_demand_table
from stacks.iot_backend.told import Told

_ITSELF = "${iot:Connection.Thing.ThingName}"
"""Policy variable: name of the thing that the certificate of a connection is attached to."""

_KIND = "iot:Connection.Thing.ThingTypeName"

_ASKED_BY_CLOUDFORMATION = "CloudFormation waits for its answer, and tells whoever deploys of a failure"
_ANY_ENDPOINT = "the endpoint is the account's: the action knows no resources"


class Devices(Construct):
    """Types, rights and entries of all devices; see ``python -m tools enrol``.

    A thing's type cannot be deleted before five minutes after it is deprecated, for which CloudFormation waits. It
    deletes neither a type that things have nor a policy that certificates have: retire all devices first.

    Attributes are constructs, L1 where there is no L2: ``types`` by kind, ``policy``, ``table``; ``endpoint`` is the
    host that devices connect to.
    """

    def __init__(self, scope: Construct, construct_id: str, shared: SharedPolicy, told: Told) -> None:
        super().__init__(scope, construct_id)
        self.types = {kind: self._type(kind, shared) for kind in Kind}
        self.policy = iot.CfnPolicy(self, "Policy", policy_document=self._document())
        self.policy.apply_removal_policy(shared.removal_policy)
        self.table = on_demand_table(self, "Table", shared, partition_key=DEVICE_ID, sort_key=ENTRY)
        self.endpoint = self._endpoint(shared, told)

    def _type(self, kind: Kind, shared: SharedPolicy) -> iot.CfnThingType:
        made = iot.CfnThingType(self, kind.value.title())
        made.apply_removal_policy(shared.removal_policy)
        return made

    def _document(self) -> dict[str, Any]:
        """One policy for all: each device is let in under its own name, and to its own topics alone."""
        button = {"StringEquals": {_KIND: self.types[Kind.BUTTON].ref}}
        report = report_topic(_ITSELF)
        return {
            "Version": "2012-10-17",
            "Statement": [
                # Under this name only if the certificate is attached to the thing of this name.
                _statement(
                    "iot:Connect", self._arn("client", _ITSELF), {"Bool": {"iot:Connection.Thing.IsAttached": "true"}}
                ),
                _statement("iot:Publish", self._arn("topic", telemetry_topic(_ITSELF))),
                _statement("iot:Publish", self._arn("topic", press_topic(_ITSELF)), button),
                _statement("iot:Subscribe", self._arn("topicfilter", report), button),
                _statement("iot:Receive", self._arn("topic", report), button),
            ],
        }

    def _arn(self, resource: str, name: str) -> str:
        return Stack.of(self).format_arn(
            service="iot", resource=resource, resource_name=name, arn_format=ArnFormat.SLASH_RESOURCE_NAME
        )

    def _endpoint(self, shared: SharedPolicy, told: Told) -> str:
        function = HandlerFunction(
            self,
            "Endpoint",
            module="lambdas.iot_backend.endpoint",
            description="Tells CloudFormation the host that devices connect to",
            settings=EndpointSettings(**told),
            grants=[allow("iot:DescribeEndpoint", on=["*"], wildcard=_ANY_ENDPOINT)],
            config=FunctionConfig(memory_mb=256, timeout_seconds=30),
            shared=shared,
        ).function
        acknowledge(function, {"Serverless-LambdaDLQ": _ASKED_BY_CLOUDFORMATION})
        return CustomResource(
            self,
            "EndpointAddress",
            resource_type="Custom::IotEndpoint",
            service_token=function.function_arn,
            # Else CloudFormation would wait for an hour for a function that broke.
            service_timeout=Duration.minutes(2),
        ).get_att_string("EndpointAddress")


def _statement(action: str, resource: str, condition: dict[str, Any] | None = None) -> dict[str, Any]:
    allowed = {"Effect": "Allow", "Action": action, "Resource": resource}
    return {**allowed, "Condition": condition} if condition else allowed
