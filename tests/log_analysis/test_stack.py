"""What is deployed for log analysis: rights, the function, what it keeps and where it tells."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from lambdas.log_analysis import contract
from stacks.config import STAGES
from tests.log_analysis.stacks import ANALYZE, LOGS, ROLE, TemplateOf
from tests.support.synthesis import Assembly

pytestmark = pytest.mark.xdist_group("synth")

in_the_cloud = pytest.mark.parametrize("stage", ["dev", "prod"])
every_stage = pytest.mark.parametrize("stage", STAGES)

DAY = 24 * 60 * 60
Statement = dict[str, Any]


@pytest.fixture
def template(assembly: Callable[[str], Assembly]) -> TemplateOf:
    return lambda stage: assembly(stage).templates["LogAnalysis"]


# --- rights ---------------------------------------------------------------------------------------------------------


def _may(actions: list[str], resource: str) -> Statement:
    return {"Action": actions, "Resource": [resource]}


OWN_LOG_GROUP = ["logs:CreateLogStream", "logs:DeleteSubscriptionFilter", "logs:PutLogEvents"]
TABLE = [
    "dynamodb:BatchGetItem",
    "dynamodb:GetItem",
    "dynamodb:PutItem",
    "dynamodb:Query",
    "dynamodb:UpdateItem",
]


def _in_order(statements: list[Statement]) -> list[str]:
    return sorted(json.dumps(each, sort_keys=True) for each in statements)


@every_stage
def test_function_may_do_exactly_this(template: TemplateOf, stage: str) -> None:
    expected = [
        _may(OWN_LOG_GROUP, f"${{{LOGS}.Arn}}"),
        _may(["xray:PutTelemetryRecords", "xray:PutTraceSegments"], "*"),
        _may(["sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:SendMessage"], "${LogAnalysisFailures.Arn}"),
        _may(TABLE, "${LogAnalysisSignatures.Arn}"),
        _may(["sns:Publish"], "${LogAnalysisAlerts}"),
    ]
    assert _in_order(template(stage).statements(ROLE)) == _in_order(expected)


@every_stage
def test_function_can_write_to_no_log_group_that_it_is_subscribed_to(template: TemplateOf, stage: str) -> None:
    made = template(stage)
    written = {
        resource
        for statement in made.statements(ROLE)
        if "logs:PutLogEvents" in statement["Action"]
        for resource in statement["Resource"]
    }
    subscribed = {each["LogGroupName"] for each in made.of_type("AWS::Logs::SubscriptionFilter").values()}
    assert subscribed
    assert written == {f"${{{LOGS}.Arn}}"}
    assert f"${{{LOGS}}}" not in subscribed


# --- the function ---------------------------------------------------------------------------------------------------


@in_the_cloud
def test_function_runs_as_experts_would_run_it(template: TemplateOf, stage: str) -> None:
    properties = template(stage).properties(ANALYZE)
    assert {name: properties[name] for name in properties if name not in {"Code", "Environment", "Description"}} == {
        "Architectures": ["arm64"],
        "Handler": "lambdas.log_analysis.analyze.handler",
        "Layers": ["${AnalyzeLayer}", "${CommonLayer}"],
        "LoggingConfig": {"LogFormat": "JSON", "LogGroup": f"${{{LOGS}}}"},
        "MemorySize": 1769,
        "Role": f"${{{ROLE}.Arn}}",
        "Runtime": "python3.13",
        "Timeout": 120,
        "TracingConfig": {"Mode": "Active"},
    }


@every_stage
def test_function_knows_where_it_writes_itself(template: TemplateOf, stage: str) -> None:
    properties = template(stage).properties(ANALYZE)
    told = contract.AnalyzeSettings.from_env(properties["Environment"]["Variables"])
    assert told.own_log_group_name == properties["LoggingConfig"]["LogGroup"]


@every_stage
def test_delivery_that_fails_is_tried_three_times_and_then_kept_whole_for_as_long_as_can_be(
    template: TemplateOf, stage: str
) -> None:
    made = template(stage)
    [invocations] = made.of_type("AWS::Lambda::EventInvokeConfig").values()
    assert invocations["FunctionName"] == f"${{{ANALYZE}}}"
    assert invocations["DestinationConfig"] == {"OnFailure": {"Destination": "${LogAnalysisFailures.Arn}"}}
    assert (invocations["MaximumRetryAttempts"], invocations["MaximumEventAgeInSeconds"]) == (2, DAY // 4)
    queue = made.properties("LogAnalysisFailures")
    assert (queue["MessageRetentionPeriod"], queue["SqsManagedSseEnabled"]) == (14 * DAY, True)


# --- what it keeps --------------------------------------------------------------------------------------------------


@every_stage
def test_table_has_the_keys_of_the_contract_and_forgets(template: TemplateOf, stage: str) -> None:
    made = template(stage).properties("LogAnalysisSignatures")
    keys = [(each["AttributeName"], each["KeyType"]) for each in made["KeySchema"]]
    assert keys == [(contract.PARTITION, "HASH"), (contract.ENTRY, "RANGE")]
    assert {each["AttributeType"] for each in made["AttributeDefinitions"]} == {"S"}
    assert made["TimeToLiveSpecification"] == {"AttributeName": contract.EXPIRES_AT, "Enabled": True}
    assert made["BillingMode"] == "PAY_PER_REQUEST"


@pytest.mark.parametrize(("stage", "kept"), [("local", "Delete"), ("dev", "Delete"), ("prod", "Retain")])
def test_data_stays_in_prod_alone_when_the_stack_goes(template: TemplateOf, stage: str, kept: str) -> None:
    table = template(stage).resources["LogAnalysisSignatures"]
    assert table["DeletionPolicy"] == kept
    [replica] = table["Properties"]["Replicas"]
    assert replica["DeletionProtectionEnabled"] is (kept == "Retain")


@every_stage
def test_settings_are_those_of_the_stage(template: TemplateOf, stage: str) -> None:
    told = contract.AnalyzeSettings.from_env(template(stage).properties(ANALYZE)["Environment"]["Variables"])
    chosen = STAGES[stage].log_analysis
    assert (told.detection, told.limits, told.retention) == (chosen.detection, chosen.limits, chosen.retention)
    assert told.signatures_table_name == "${LogAnalysisSignatures}"


@pytest.mark.parametrize(("stage", "minutes"), [("local", 10), ("dev", 24 * 60), ("prod", 24 * 60)])
def test_a_day_is_learned_before_signatures_are_new_but_in_the_demo(
    template: TemplateOf, stage: str, minutes: int
) -> None:
    told = contract.AnalyzeSettings.from_env(template(stage).properties(ANALYZE)["Environment"]["Variables"])
    assert told.detection.learning_minutes == minutes


# --- where it tells -------------------------------------------------------------------------------------------------


@every_stage
def test_topic_of_alerts_is_encrypted_and_takes_nothing_but_tls(template: TemplateOf, stage: str) -> None:
    made = template(stage)
    # By name: AWS makes its key for whoever names it first, and for no ARN.
    assert made.properties("LogAnalysisAlerts")["KmsMasterKeyId"] == "alias/aws/sns"
    [policy] = made.of_type("AWS::SNS::TopicPolicy").values()
    [statement] = policy["PolicyDocument"]["Statement"]
    assert policy["Topics"] == ["${LogAnalysisAlerts}"]
    assert (statement["Effect"], statement["Action"]) == ("Deny", "sns:Publish")
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    environment = made.properties(ANALYZE)["Environment"]["Variables"]
    assert environment["ALERTS_TOPIC_ARN"] == "${LogAnalysisAlerts}"


OUTPUTS = {
    "AnalyzerFunctionName": f"${{{ANALYZE}}}",
    "SignaturesTableName": "${LogAnalysisSignatures}",
    "AlertsTopicArn": "${LogAnalysisAlerts}",
    "FailureQueueUrl": "${LogAnalysisFailures}",
}


@in_the_cloud
def test_stack_tells_what_its_users_need(template: TemplateOf, stage: str) -> None:
    assert template(stage).outputs == OUTPUTS


def test_on_the_laptop_the_stack_tells_its_demo_log_groups_as_well(template: TemplateOf) -> None:
    names = ",".join(f"${{LogAnalysisDemo{number}}}" for number in (1, 2, 3))
    assert template("local").outputs == OUTPUTS | {"DemoLogGroupNames": names}
