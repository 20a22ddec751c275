"""The deployment unit of the IoT backend."""

from __future__ import annotations

from aws_cdk import CfnOutput, Stack
from constructs import Construct

from lambdas.iot_backend.contract.devices import Kind
from stacks.blocks.policy import SharedPolicy
from stacks.iot_backend.config import IotBackendConfig
from stacks.iot_backend.construct import IotBackend
from stacks.iot_backend.wires import Wires


class IotBackendStack(Stack):
    """Devices, telemetry, release controller; ``cdk deploy IotBackend``, which deploys the stacks of ``wires`` too."""

    def __init__(
        self, scope: Construct, construct_id: str, config: IotBackendConfig, shared: SharedPolicy, wires: Wires
    ) -> None:
        super().__init__(
            scope, construct_id, description="IoT: telemetry of devices, and releases at the push of a button"
        )
        self.iot_backend = IotBackend(self, "IotBackend", config, shared, wires)
        for name, value in _outputs(self.iot_backend).items():
            CfnOutput(self, name, value=value)


def _outputs(backend: IotBackend) -> dict[str, str]:
    devices, telemetry, releases = backend.devices, backend.telemetry, backend.releases
    outputs = {
        "IotEndpoint": devices.endpoint,
        "DevicePolicyName": devices.policy.ref,
        **{f"{kind.title()}TypeName": devices.types[kind].ref for kind in Kind},
        "DeviceTableName": devices.table.table_name,
        "AlertsTopicArn": telemetry.alerts.topic_arn,
        "QuarantineBucketName": backend.quarantine.bucket_name,
        "ReleaseTableName": releases.table.table_name,
        "TargetFunctionName": releases.wiring.target.function_name,
        "TargetAliasName": releases.wiring.target.alias_name,
        "TargetAlarmName": releases.wiring.target.alarm_name,
        "TelemetryFunctionName": telemetry.function.function_name,
        "PressFunctionName": backend.buttons.function.function_name,
        "AdvanceFunctionName": releases.function.function_name,
        "TelemetryFailureQueueUrl": telemetry.failures.queue_url,
        "PressFailureQueueUrl": backend.buttons.failures.queue_url,
        "AdvanceFailureQueueUrl": releases.failures.queue_url,
        "StepsDeadLetterQueueUrl": releases.undelivered.queue_url,
    }
    if backend.voice:
        outputs["SkillFunctionArn"] = backend.voice.function.function_arn
    return outputs
