"""What is deployed for the IoT backend: what each function may do, who may invoke it, and what it is told."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from lambdas.iot_backend.contract import PressSettings, TelemetrySettings
from stacks.config import STAGES
from tests.iot_backend.stacks import (
    ADVANCE,
    ADVANCE_ROLE,
    ALERTS,
    API,
    API_ROLE,
    DEVICES,
    ENDPOINT_ROLE,
    HERE,
    OWN_RULE,
    PRESS,
    PRESS_ROLE,
    PRESS_RULE,
    QUARANTINE,
    RELEASES,
    SKILL,
    SKILL_ROLE,
    TARGET,
    TARGET_ROLE,
    TELEMETRY,
    TELEMETRY_ROLE,
    TemplateOf,
    configured,
    environment,
)
from tests.support.synthesis import Assembly
from tests.support.templates import Template

pytestmark = pytest.mark.xdist_group("synth")

every_stage = pytest.mark.parametrize("stage", STAGES)
in_the_cloud = pytest.mark.parametrize("stage", ["dev", "prod"])

Statement = dict[str, Any]


@pytest.fixture
def template(assembly: Callable[[str], Assembly]) -> TemplateOf:
    return lambda stage: assembly(stage).templates["IotBackend"]


# --- rights ---------------------------------------------------------------------------------------------------------


def _may(actions: list[str], *resources: str) -> Statement:
    return {"Action": actions, "Resource": list(resources)}


def _own_logs_and_traces(role: str) -> list[Statement]:
    return [
        _may(["logs:CreateLogStream", "logs:PutLogEvents"], f"${{{role.removesuffix('Role')}Logs.Arn}}"),
        _may(["xray:PutTelemetryRecords", "xray:PutTraceSegments"], "*"),
    ]


def _keeps_failed_events(queue: str) -> Statement:
    return _may(["sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:SendMessage"], f"${{{queue}.Arn}}")


def _controls(function: str, alarm: str, *more: str) -> list[Statement]:
    """What the release controller does: with the one target, and with its own table and schedules."""
    table = ["dynamodb:ConditionCheckItem", "dynamodb:GetItem", "dynamodb:PutItem", *more]
    steps = f"arn:${{AWS::Partition}}:scheduler:{HERE}:schedule/${{IotBackendReleasesSteps}}/*"
    passing = _may(["iam:PassRole"], "${IotBackendReleasesRole.Arn}")
    return [
        _may(table, f"${{{RELEASES}.Arn}}"),
        _may(["lambda:GetAlias", "lambda:ListVersionsByFunction", "lambda:UpdateAlias"], f"${{{function}.Arn}}"),
        _may(["cloudwatch:DescribeAlarms"], f"${{{alarm}.Arn}}"),
        _may(["scheduler:CreateSchedule"], steps),
        {**passing, "Condition": {"StringEquals": {"iam:PassedToService": "scheduler.amazonaws.com"}}},
    ]


REJECTED = f"${{{QUARANTINE}.Arn}}/rejected/*"
REPORTS = f"arn:${{AWS::Partition}}:iot:{HERE}:topic/button/*/report"
SAMPLE = (TARGET, "IotBackendReleaseAlarmsErrors")
WEB = ("WebBackend/WebBackendApiFunction", "WebBackend/WebBackendReleaseAlarmsErrors")


def _expected(target: tuple[str, str]) -> dict[str, list[Statement]]:
    return {
        TELEMETRY_ROLE: [
            _may(["dynamodb:PutItem", "dynamodb:Query"], f"${{{DEVICES}.Arn}}"),
            _may(["s3:PutObject"], REJECTED),
            _may(["sns:Publish"], f"${{{ALERTS}}}"),
            _may(["kinesis:PutRecords"], "${StreamAnalytics/StreamAnalyticsEvents.Arn}"),
            _keeps_failed_events("IotBackendTelemetryFailures"),
        ],
        PRESS_ROLE: [
            _may(["dynamodb:GetItem"], f"${{{DEVICES}.Arn}}"),
            _may(["s3:PutObject"], REJECTED),
            _may(["iot:Publish"], REPORTS),
            _keeps_failed_events("IotBackendButtonsFailures"),
            *_controls(*target),
        ],
        ADVANCE_ROLE: [_keeps_failed_events("IotBackendReleasesFailures"), *_controls(*target)],
    }


def _in_order(statements: list[Statement]) -> list[str]:
    return sorted(json.dumps({**each, "Action": sorted(each["Action"])}, sort_keys=True) for each in statements)


def _hold(template: Template, role: str, expected: list[Statement]) -> None:
    assert _in_order(template.statements(role)) == _in_order([*_own_logs_and_traces(role), *expected])


@in_the_cloud
@pytest.mark.parametrize("role", [TELEMETRY_ROLE, PRESS_ROLE, ADVANCE_ROLE, TARGET_ROLE])
def test_function_may_do_exactly_this(template: TemplateOf, stage: str, role: str) -> None:
    _hold(template(stage), role, _expected(SAMPLE).get(role, []))


@in_the_cloud
def test_custom_resource_may_ask_for_the_endpoint(template: TemplateOf, stage: str) -> None:
    actions = {action for each in template(stage).statements(ENDPOINT_ROLE) for action in each["Action"]}
    logs_and_traces = {action for each in _own_logs_and_traces(ENDPOINT_ROLE) for action in each["Action"]}
    assert actions == {*logs_and_traces, "iot:DescribeEndpoint"}


@pytest.mark.parametrize("role", [PRESS_ROLE, ADVANCE_ROLE])
def test_wired_controller_may_move_the_alias_of_the_web_backend_and_of_nothing_else(
    template: TemplateOf, role: str
) -> None:
    _hold(template("local"), role, _expected(WEB)[role])


def test_functions_that_somebody_waits_for_may_control_and_read(template: TemplateOf) -> None:
    local = template("local")
    _hold(local, SKILL_ROLE, _controls(*WEB))
    reads = _may(["dynamodb:BatchGetItem", "dynamodb:Scan"], f"${{{DEVICES}.Arn}}")
    _hold(local, API_ROLE, [reads, *_controls(*WEB, "dynamodb:Query")])


def test_schedules_may_invoke_the_next_step_and_nothing_else(template: TemplateOf) -> None:
    made = template("dev")
    invokes = _may(["lambda:InvokeFunction"], f"${{{ADVANCE}.Arn}}")
    undelivered = _may(["sqs:SendMessage"], "${IotBackendReleasesUndelivered.Arn}")
    assert _in_order(made.statements("IotBackendReleasesRole")) == _in_order([invokes, undelivered])
    [statement] = made.properties("IotBackendReleasesRole")["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Principal"] == {"Service": "scheduler.amazonaws.com"}
    assert statement["Condition"]["StringEquals"] == {
        "aws:SourceAccount": "${AWS::AccountId}",
        "aws:SourceArn": "${IotBackendReleasesSteps.Arn}",
    }


# --- who may invoke -------------------------------------------------------------------------------------------------


def _invokers(template: Template) -> dict[str, dict[str, str]]:
    """Who may, under which conditions, by the function."""
    return {
        each["FunctionName"]: {key: value for key, value in each.items() if key not in {"Action", "FunctionName"}}
        for each in template.of_type("AWS::Lambda::Permission").values()
    }


FROM_DEVICES = {
    f"${{{function}.Arn}}": {
        "Principal": "iot.amazonaws.com",
        "SourceArn": f"${{{rule}.Arn}}",
        "SourceAccount": "${AWS::AccountId}",
    }
    for function, rule in ((TELEMETRY, OWN_RULE), (PRESS, PRESS_RULE))
}


@in_the_cloud
def test_only_the_own_rules_of_the_own_account_may_invoke(template: TemplateOf, stage: str) -> None:
    assert _invokers(template(stage)) == FROM_DEVICES


def test_wired_the_one_skill_and_the_one_api_may_invoke_too(template: TemplateOf) -> None:
    skill, api = (f"${{{function}.Arn}}" for function in (SKILL, API))
    invokers = _invokers(template("local"))
    assert set(invokers) == {*FROM_DEVICES, skill, api}
    assert invokers[skill] == {
        "Principal": "alexa-appkit.amazon.com",
        "EventSourceToken": STAGES["local"].iot_backend.skill_id,
    }
    assert invokers[api]["Principal"] == "apigateway.amazonaws.com"
    assert ":${WebBackend/WebBackendHttpApi}/" in invokers[api]["SourceArn"]


def test_there_is_no_voice_without_a_skill(template: TemplateOf) -> None:
    assert not [name for name in template("dev").resources if "Voice" in name]


# --- what functions are told ----------------------------------------------------------------------------------------


def test_telemetry_is_forwarded_where_stream_analytics_is_wired(
    template: TemplateOf, tmp_path_factory: pytest.TempPathFactory
) -> None:
    wired = TelemetrySettings.from_env(environment(template("dev"), TELEMETRY))
    assert wired.analytics_stream_name == "${StreamAnalytics/StreamAnalyticsEvents}"
    alone = configured(tmp_path_factory.mktemp("alone")).templates["IotBackend"]
    assert TelemetrySettings.from_env(environment(alone, TELEMETRY)).analytics_stream_name is None
    assert not [each for each in alone.statements(TELEMETRY_ROLE) if "kinesis:PutRecords" in each["Action"]]


def test_another_invocation_may_send_what_one_left_when_that_is_over_for_sure(template: TemplateOf) -> None:
    made = template("dev")
    lease = TelemetrySettings.from_env(environment(made, TELEMETRY)).lease_seconds
    assert lease >= made.properties(TELEMETRY)["Timeout"]


def test_controller_is_told_of_the_target_and_its_own_schedules(template: TemplateOf) -> None:
    settings = PressSettings.from_env(environment(template("dev"), PRESS))
    wiring = settings.releases
    assert (wiring.target.function_name, wiring.target.alias_name) == (f"${{{TARGET}}}", "live")
    assert wiring.target.alarm_name == "${IotBackendReleaseAlarmsErrors}"
    assert wiring.schedule_group_name == "${IotBackendReleasesSteps}"
    assert wiring.schedule_dead_letter_arn == "${IotBackendReleasesUndelivered.Arn}"
    assert settings.advance_function_arn == f"${{{ADVANCE}.Arn}}"


# --- outputs --------------------------------------------------------------------------------------------------------


@every_stage
def test_outputs_say_where_everything_is(template: TemplateOf, stage: str) -> None:
    outputs = template(stage).outputs
    assert outputs["DeviceTableName"] == f"${{{DEVICES}}}"
    assert outputs["ReleaseTableName"] == f"${{{RELEASES}}}"
    assert outputs["AlertsTopicArn"] == f"${{{ALERTS}}}"
    assert outputs["QuarantineBucketName"] == f"${{{QUARANTINE}}}"
    assert outputs["IotEndpoint"] == "${IotBackendDevicesEndpointAddress.EndpointAddress}"
    assert outputs["DevicePolicyName"] == "${IotBackendDevicesPolicy}"
    target = WEB if stage == "local" else SAMPLE
    assert outputs["TargetFunctionName"] == f"${{{target[0]}}}"
    assert outputs["TargetAliasName"] == "live"
