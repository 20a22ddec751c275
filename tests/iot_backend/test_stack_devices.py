"""What devices may do, which of their messages get where, and what is kept of those that do not."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import fields

from lambdas.iot_backend.contract.devices import Kind
from lambdas.iot_backend.contract.messages import Envelope
from stacks.config import STAGES
from stacks.iot_backend.config import IotBackendConfig
from tests.iot_backend.stacks import (
    ADVANCE,
    FOREIGN_RULE,
    HERE,
    OWN_RULE,
    PRESS,
    PRESS_RULE,
    QUARANTINE,
    TELEMETRY,
    TemplateOf,
    configured,
    rule,
)
from tests.support.synthesis import Assembly
from tests.support.templates import Template

pytestmark = pytest.mark.xdist_group("synth")

every_stage = pytest.mark.parametrize("stage", STAGES)

RULES = {OWN_RULE: "telemetry", FOREIGN_RULE: "foreign", PRESS_RULE: "press"}
every_rule = pytest.mark.parametrize("name", RULES)

ITSELF = "${iot:Connection.Thing.ThingName}"


@pytest.fixture
def template(assembly: Callable[[str], Assembly]) -> TemplateOf:
    return lambda stage: assembly(stage).templates["IotBackend"]


# --- what devices may do --------------------------------------------------------------------------------------------


def _rights(template: Template) -> set[tuple[str, str, str]]:
    """Action, resource, and the kind that it is for; nobody's means everybody's."""
    document = template.properties("IotBackendDevicesPolicy")["PolicyDocument"]
    kinds = {f"${{IotBackendDevices{kind.value.title()}}}": kind.value for kind in Kind}
    found = set()
    for statement in document["Statement"]:
        assert statement["Effect"] == "Allow"
        condition = statement.get("Condition", {}).get("StringEquals", {})
        kind = kinds[condition["iot:Connection.Thing.ThingTypeName"]] if condition else ""
        resource = statement["Resource"].removeprefix(f"arn:${{AWS::Partition}}:iot:{HERE}:")
        found.add((statement["Action"], resource, kind))
    return found


@every_stage
def test_device_is_let_in_as_itself_and_to_its_own_topics_alone(template: TemplateOf, stage: str) -> None:
    assert _rights(template(stage)) == {
        ("iot:Connect", f"client/{ITSELF}", ""),
        ("iot:Publish", f"topic/telemetry/{ITSELF}", ""),
        ("iot:Publish", f"topic/button/{ITSELF}/press", "button"),
        ("iot:Subscribe", f"topicfilter/button/{ITSELF}/report", "button"),
        ("iot:Receive", f"topic/button/{ITSELF}/report", "button"),
    }


@every_stage
def test_a_certificate_connects_under_no_name_that_it_is_not_attached_to(template: TemplateOf, stage: str) -> None:
    """Where a certificate has several things, the name of the thing is whatever the client says."""
    statements = template(stage).properties("IotBackendDevicesPolicy")["PolicyDocument"]["Statement"]
    [connect] = [each for each in statements if each["Action"] == "iot:Connect"]
    assert connect["Condition"] == {"Bool": {"iot:Connection.Thing.IsAttached": "true"}}


@every_stage
def test_what_is_known_of_devices_outlives_the_stack_where_data_is_kept(template: TemplateOf, stage: str) -> None:
    made = template(stage)
    kept = "Retain" if STAGES[stage].shared.retain_data else "Delete"
    for kind in ("AWS::IoT::ThingType", "AWS::IoT::Policy", "AWS::DynamoDB::GlobalTable"):
        found = {each["DeletionPolicy"] for each in made.resources.values() if each["Type"] == kind}
        assert found == {kept}, kind


# --- which messages get where ---------------------------------------------------------------------------------------


def _sql(template: Template, name: str) -> tuple[str, str]:
    """Topics and condition of a rule."""
    found = re.fullmatch(r"SELECT .+ FROM '([^']+)'(?: WHERE (.+))?", rule(template, name)["Sql"])
    assert found
    return found[1], found[2] or ""


@every_stage
def test_telemetry_in_the_own_name_goes_to_the_function_and_all_other_into_quarantine(
    template: TemplateOf, stage: str
) -> None:
    made = template(stage)
    assert _sql(made, OWN_RULE) == ("telemetry/+", "topic(2) = clientid()")
    assert _sql(made, FOREIGN_RULE) == ("telemetry/+", "topic(2) <> clientid()")
    assert rule(made, OWN_RULE)["Actions"] == [{"Lambda": {"FunctionArn": f"${{{TELEMETRY}.Arn}}"}}]
    [action] = rule(made, FOREIGN_RULE)["Actions"]
    assert action["S3"]["BucketName"] == f"${{{QUARANTINE}}}"
    assert action["S3"]["Key"].startswith("foreign/")


@every_stage
def test_every_press_goes_to_the_function_that_refuses_strangers(template: TemplateOf, stage: str) -> None:
    made = template(stage)
    assert _sql(made, PRESS_RULE) == ("button/+/press", "")
    assert rule(made, PRESS_RULE)["Actions"] == [{"Lambda": {"FunctionArn": f"${{{PRESS}.Arn}}"}}]


@every_rule
def test_rule_selects_what_its_reader_needs_and_the_payload_as_it_came(template: TemplateOf, name: str) -> None:
    clause, _ = rule(template("dev"), name)["Sql"].removeprefix("SELECT ").split(" FROM ")
    selected = {alias: expression for expression, alias in re.findall(r"(\w+\(.*?\)) AS (\w+)", clause)}
    assert set(selected) == {field.name for field in fields(Envelope)}
    assert selected["payload"] == "encode(*, 'base64')"
    assert (selected["client_id"], selected["principal"]) == ("clientid()", "principal()")
    assert selected["device_id"] == "topic(2)"
    assert rule(template("dev"), name)["AwsIotSqlVersion"] == "2016-03-23"


# --- what becomes of what fails -------------------------------------------------------------------------------------


@every_stage
@every_rule
def test_what_an_action_does_not_take_is_kept_under_a_key_of_its_own(
    template: TemplateOf, stage: str, name: str
) -> None:
    made = template(stage)
    kept = rule(made, name)["ErrorAction"]["S3"]
    assert kept["BucketName"] == f"${{{QUARANTINE}}}"
    assert re.fullmatch(rf"undelivered/{RULES[name]}/.*\$\{{newuuid\(\)\}}.*", kept["Key"])
    role = name.removesuffix("Rule") + "Role"
    assert kept["RoleArn"] == f"${{{role}.Arn}}"
    allowed = [arn for each in made.statements(role) for arn in each["Resource"] if each["Action"] == ["s3:PutObject"]]
    assert f"${{{QUARANTINE}.Arn}}/undelivered/{RULES[name]}/*" in allowed


@every_rule
def test_only_rules_of_the_own_account_may_take_the_role(template: TemplateOf, name: str) -> None:
    properties = template("prod").properties(name.removesuffix("Rule") + "Role")
    [statement] = properties["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Principal"] == {"Service": "iot.amazonaws.com"}
    assert statement["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "${AWS::AccountId}"},
        "ArnLike": {"aws:SourceArn": f"arn:${{AWS::Partition}}:iot:{HERE}:rule/*"},
    }


FAILURES = {
    TELEMETRY: "IotBackendTelemetryFailures",
    PRESS: "IotBackendButtonsFailures",
    ADVANCE: "IotBackendReleasesFailures",
}


@every_stage
@pytest.mark.parametrize("function", FAILURES)
def test_event_that_a_function_fails_on_is_tried_for_hours_and_then_kept_whole(
    template: TemplateOf, stage: str, function: str
) -> None:
    configs: dict[str, dict[str, Any]] = {
        each["FunctionName"]: each for each in template(stage).of_type("AWS::Lambda::EventInvokeConfig").values()
    }
    config = configs[f"${{{function}}}"]
    assert config["DestinationConfig"] == {"OnFailure": {"Destination": f"${{{FAILURES[function]}.Arn}}"}}
    assert (config["MaximumRetryAttempts"], config["MaximumEventAgeInSeconds"]) == (2, 6 * 60 * 60)
    assert template(stage).properties(FAILURES[function])["MessageRetentionPeriod"] == 14 * 24 * 60 * 60


def test_quarantine_is_kept_for_as_long_as_is_configured(tmp_path: Any) -> None:
    made = configured(tmp_path, IotBackendConfig(quarantine_days=7)).templates["IotBackend"]
    rules = made.properties(QUARANTINE)["LifecycleConfiguration"]["Rules"]
    assert [each["ExpirationInDays"] for each in rules if "ExpirationInDays" in each] == [7]
