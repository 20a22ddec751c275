"""What is deployed for the mobile backend: rights and functions."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from stacks.config import STAGES
from tests.mobile_backend.stacks import (
    API,
    API_ROLE,
    AUDIT,
    AUDIT_ROLE,
    DIGEST,
    DIGEST_ROLE,
    PUSH,
    PUSH_ROLE,
    environment,
)
from tests.support.synthesis import Assembly
from tests.support.templates import Template

pytestmark = pytest.mark.xdist_group("synth")

in_the_cloud = pytest.mark.parametrize("stage", ["dev", "prod"])
every_stage = pytest.mark.parametrize("stage", STAGES)

TemplateOf = Callable[[str], Template]
Statement = dict[str, Any]


@pytest.fixture
def template(assembly: Callable[[str], Assembly]) -> TemplateOf:
    return lambda stage: assembly(stage).templates["MobileBackend"]


# --- rights ---------------------------------------------------------------------------------------------------------


def _may(actions: list[str], *resources: str) -> Statement:
    return {"Action": actions, "Resource": list(resources)}


def _own_logs_and_traces(role: str) -> list[Statement]:
    return [
        _may(["logs:CreateLogStream", "logs:PutLogEvents"], f"${{{role.removesuffix('Role')}Logs.Arn}}"),
        _may(["xray:PutTelemetryRecords", "xray:PutTraceSegments"], "*"),
    ]


def _reads(queue: str) -> Statement:
    actions = ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"]
    return _may(actions, f"${{MobileBackend{queue}Queue.Arn}}")


DEVICES, AUDIT_TRAIL = "${MobileBackendDevices.Arn}", "${MobileBackendAuditTrail.Arn}"
TOPIC = "${MobileBackendNotifications}"

STATEMENTS = {
    API_ROLE: [
        _may(["dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"], DEVICES),
        _may(["dynamodb:Query"], AUDIT_TRAIL),
        _may(["sns:Publish"], TOPIC),
    ],
    PUSH_ROLE: [_may(["dynamodb:DeleteItem", "dynamodb:Query"], DEVICES), _reads("Push")],
    DIGEST_ROLE: [
        _may(["dynamodb:BatchGetItem", "dynamodb:BatchWriteItem"], DEVICES),
        _may(["cognito-idp:AdminGetUser"], "${MobileBackendUsersPool.Arn}"),
        _may(["secretsmanager:GetSecretValue"], "${MobileBackendMailProvider}"),
        _reads("Digest"),
    ],
    AUDIT_ROLE: [_may(["dynamodb:PutItem"], AUDIT_TRAIL), _reads("Audit")],
}


def _in_order(statements: list[Statement]) -> list[str]:
    return sorted(json.dumps(each, sort_keys=True) for each in statements)


@in_the_cloud
@pytest.mark.parametrize("role", STATEMENTS)
def test_function_may_do_exactly_this(template: TemplateOf, stage: str, role: str) -> None:
    expected = [*_own_logs_and_traces(role), *STATEMENTS[role]]
    assert _in_order(template(stage).statements(role)) == _in_order(expected)


@every_stage
def test_nobody_but_the_mailing_function_may_read_the_secret(template: TemplateOf, stage: str) -> None:
    made = template(stage)
    readers = {
        role
        for role in made.of_type("AWS::IAM::Role")
        for statement in made.statements(role)
        if any(action.startswith("secretsmanager:") for action in statement["Action"])
    }
    assert readers == {DIGEST_ROLE}


@every_stage
@pytest.mark.parametrize("role", [PUSH_ROLE, DIGEST_ROLE, AUDIT_ROLE])
def test_consumer_cannot_write_to_what_triggers_it(template: TemplateOf, stage: str, role: str) -> None:
    triggers = {TOPIC, *_reads(role.removeprefix("MobileBackend").removesuffix("HandlerRole"))["Resource"]}
    for statement in template(stage).statements(role):
        if set(statement["Action"]) & {"sns:Publish", "sqs:SendMessage"}:
            assert not triggers & set(statement["Resource"])


# --- functions ------------------------------------------------------------------------------------------------------


@in_the_cloud
@pytest.mark.parametrize(
    ("function", "module", "memory", "timeout"),
    [(API, "api", 1769, 10), (PUSH, "push", 512, 30), (DIGEST, "digest", 512, 900), (AUDIT, "audit", 512, 30)],
)
def test_function_runs_as_experts_would_run_it(
    template: TemplateOf, stage: str, function: str, module: str, memory: int, timeout: int
) -> None:
    properties = template(stage).properties(function)
    assert {name: properties[name] for name in properties if name not in {"Code", "Environment", "Description"}} == {
        "Architectures": ["arm64"],
        "Handler": f"lambdas.mobile_backend.{module}.handler",
        "Layers": ["${CommonLayer}"],
        "LoggingConfig": {"LogFormat": "JSON", "LogGroup": f"${{{function.removesuffix('Function')}Logs}}"},
        "MemorySize": memory,
        "Role": f"${{{function.removesuffix('Function')}Role.Arn}}",
        "Runtime": "python3.13",
        "Timeout": timeout,
        "TracingConfig": {"Mode": "Active"},
    }


@every_stage
def test_mailing_function_knows_where_the_secret_is_and_nothing_of_what_it_holds(
    template: TemplateOf, stage: str
) -> None:
    made = template(stage)
    assert environment(made, DIGEST)["MAIL_SECRET_ARN"] == "${MobileBackendMailProvider}"
    for function in (API, PUSH, DIGEST, AUDIT):
        assert "resolve:secretsmanager" not in json.dumps(environment(made, function))
