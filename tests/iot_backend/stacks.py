"""Stacks of the IoT backend that its tests look at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from stacks.config import STAGES, IotBackendWires, WebBackendWires
from stacks.iot_backend.config import IotBackendConfig
from tests.support.synthesis import Assembly, synthesize
from tests.support.templates import Template

TemplateOf = Callable[[str], Template]

TELEMETRY, TELEMETRY_ROLE = "IotBackendTelemetryHandlerFunction", "IotBackendTelemetryHandlerRole"
PRESS, PRESS_ROLE = "IotBackendButtonsHandlerFunction", "IotBackendButtonsHandlerRole"
ADVANCE, ADVANCE_ROLE = "IotBackendReleasesAdvanceFunction", "IotBackendReleasesAdvanceRole"
SKILL, SKILL_ROLE = "IotBackendVoiceHandlerFunction", "IotBackendVoiceHandlerRole"
API, API_ROLE = "IotBackendHttpApiFunction", "IotBackendHttpApiRole"
ENDPOINT, ENDPOINT_ROLE = "IotBackendDevicesEndpointFunction", "IotBackendDevicesEndpointRole"
TARGET, TARGET_ROLE = "IotBackendTargetFunction", "IotBackendTargetRole"

DEVICES, RELEASES, QUARANTINE = "IotBackendDevicesTable", "IotBackendReleasesTable", "IotBackendQuarantine"
ALERTS = "IotBackendTelemetryAlerts"
OWN_RULE, FOREIGN_RULE = "IotBackendTelemetryOwnRule", "IotBackendTelemetryForeignRule"
PRESS_RULE = "IotBackendButtonsPressesRule"

HERE = "${AWS::Region}:${AWS::AccountId}"
SKILL_ID = "amzn1.ask.skill.12345678-1234-4234-8234-123456789012"

NOTHING_WIRED = WebBackendWires(pictures=False, metrics=False, shop=False)
AS_IT_COMES = IotBackendConfig()


def configured(
    directory: Path, config: IotBackendConfig = AS_IT_COMES, *, web_backend: bool = False, metrics: bool = False
) -> Assembly:
    """Stage dev of a user who chose, with these wires alone."""
    wires = IotBackendWires(web_backend=web_backend, metrics=metrics)
    stage = replace(STAGES["dev"], iot_backend=config, iot_backend_wires=wires, web_backend_wires=NOTHING_WIRED)
    return synthesize(stage, directory)


def environment(template: Template, function: str) -> dict[str, str]:
    """What a function is told."""
    variables: dict[str, str] = template.properties(function)["Environment"]["Variables"]
    return variables


def rule(template: Template, name: str) -> dict[str, Any]:
    """What a rule does."""
    payload: dict[str, Any] = template.properties(name)["TopicRulePayload"]
    return payload
