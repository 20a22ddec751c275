"""The deployed stacks, as the demo uses them."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec

from lambdas.common.tables.metrics.reader import MetricsReader
from lambdas.iot_backend.adapters.releases import DynamoReleases
from lambdas.iot_backend.adapters.states import DynamoStates
from lambdas.iot_backend.adapters.target import CloudWatchAlarms, LambdaAliases
from lambdas.iot_backend.contract import Target
from lambdas.iot_backend.contract.devices import Kind
from lambdas.iot_backend.contract.messages import Quarantined, quarantine_prefix
from lambdas.iot_backend.contract.models import Decision
from lambdas.iot_backend.contract.releases import AlarmState
from local.use_cases import counters
from local.use_cases.clients import Client
from local.use_cases.iot_backend.mqtt import Broker
from tools import stack
from tools.devices import Devices

if TYPE_CHECKING:
    from local.cloud import Cloud

STACK = "IotBackend"
_MOST_DECISIONS = 50


@dataclass(frozen=True, kw_only=True)
class Deployed:
    """Clients, and the names that the stacks put out."""

    directory: Path
    """For files that the page shows."""
    outputs: dict[str, str]
    web: dict[str, str]
    """Outputs of the web backend, whose function is released."""
    broker: Broker
    iot: Any
    dynamodb: Any
    s3: Any
    sqs: Any
    sns: Any
    logs: Any
    functions: Any
    cloudwatch: Any
    cognito: Any
    metrics: MetricsReader
    """Of stream analytics."""
    anybody: Client
    """At the web backend's API, not signed in."""
    token: str = field(default_factory=lambda: secrets.token_hex(2))
    """Part of all names of this run, so that it finds nothing but its own."""

    @classmethod
    def of(cls, cloud: Cloud, directory: Path) -> Deployed:
        """The stacks of a cloud."""
        web, dynamodb = cloud.outputs["WebBackend"], cloud.client("dynamodb")
        return cls(
            directory=directory,
            outputs=cloud.outputs[STACK],
            web=web,
            broker=Broker(cloud.mqtt_port, cloud.mqtt_ca),
            iot=cloud.client("iot"),
            dynamodb=dynamodb,
            s3=cloud.client("s3"),
            sqs=cloud.client("sqs"),
            sns=cloud.client("sns"),
            logs=cloud.client("logs"),
            functions=cloud.client("lambda"),
            cloudwatch=cloud.client("cloudwatch"),
            cognito=cloud.client("cognito-idp"),
            metrics=MetricsReader(dynamodb, cloud.outputs["StreamAnalytics"]["MetricsTableName"]),
            anybody=Client(address=urlsplit(cloud.endpoint).netloc, base=urlsplit(web["ApiUrl"]).path),
        )

    def name(self, what: str) -> str:
        """Of a device of this run."""
        return f"{what}-{self.token}"

    # --- devices ----------------------------------------------------------------------------------------------------

    @property
    def devices(self) -> Devices:
        """Enrols them, as ``python -m tools enrol`` does."""
        return Devices(
            iot=self.iot,
            dynamodb=self.dynamodb,
            table_name=self.outputs["DeviceTableName"],
            policy_name=self.outputs["DevicePolicyName"],
            types={kind: stack.output(STACK, self.outputs, f"{kind.title()}TypeName") for kind in Kind},
        )

    @property
    def states(self) -> DynamoStates:
        """What devices told last; here it is only read."""
        return DynamoStates(self.dynamodb, self.outputs["DeviceTableName"])

    def quarantined(self) -> list[Quarantined]:
        """Lines about this run's devices."""
        bucket, decoder = self.outputs["QuarantineBucketName"], msgspec.json.Decoder(Quarantined)
        prefix = quarantine_prefix(datetime.now(UTC).date())
        bodies = [stack.read(self.s3, bucket, key) for key in stack.keys(self.s3, bucket, prefix)]
        lines = [line for body in bodies for line in decoder.decode_lines(body)]
        return [line for line in lines if self.token in line.where.device_id]

    def handled(self) -> int:
        """How many messages the Telemetry function has handled, by all runs."""
        return counters.ended(self.functions, self.logs, self.outputs["TelemetryFunctionName"])

    # --- releases ---------------------------------------------------------------------------------------------------

    @property
    def target(self) -> Target:
        """What is released."""
        outputs = self.outputs
        return Target(
            function_name=outputs["TargetFunctionName"],
            alias_name=outputs["TargetAliasName"],
            alarm_name=outputs["TargetAlarmName"],
        )

    @property
    def aliases(self) -> LambdaAliases:
        """The target's; here they are only read."""
        return LambdaAliases(self.functions, self.target)

    @property
    def releases(self) -> DynamoReleases:
        """What was decided; here it is only read."""
        return DynamoReleases(self.dynamodb, self.outputs["ReleaseTableName"])

    def decisions(self) -> list[Decision]:
        """Newest first."""
        return list(self.releases.history(_MOST_DECISIONS, None))

    def decided_since(self, before: Sequence[Decision]) -> list[Decision]:
        """Oldest first."""
        known = {each.decision_id for each in before}
        return [each for each in reversed(self.decisions()) if each.decision_id not in known]

    def alarm(self) -> AlarmState:
        """The target's, as it is."""
        return CloudWatchAlarms(self.cloudwatch, self.target).state()

    def set_alarm(self, state: AlarmState) -> None:
        """The emulator looks at alarms only where somebody puts metrics, which nobody does here."""
        self.cloudwatch.set_alarm_state(
            AlarmName=self.target.alarm_name, StateValue=state.value, StateReason="told by the demo"
        )

    def publish_version(self) -> int:
        """A version of the target that differs in its description alone, as a deployment would publish one."""
        name = self.target.function_name
        described = self.functions.get_function_configuration(FunctionName=name).get("Description", "")
        self.functions.update_function_configuration(FunctionName=name, Description=f"{described} ({self.token})")
        self.functions.get_waiter("function_updated_v2").wait(FunctionName=name)
        version = self.functions.publish_version(FunctionName=name)["Version"]
        self.functions.update_function_configuration(FunctionName=name, Description=described)
        return int(version)
