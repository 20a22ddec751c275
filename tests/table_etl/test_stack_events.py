"""What invokes the functions of table ETL: the stream, dropped files, the queue of tasks, the schedule."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_kms as kms

from lambdas.table_etl.pipelines.orders import PIPELINE
from stacks.config import STAGES
from stacks.table_etl.config import TableEtlConfig
from stacks.table_etl.stack import TableEtlStack
from tests.support.synthesis import NO_BUNDLING, Assembly, context
from tests.support.templates import Template
from tests.table_etl.stacks import BACKFILL, BACKFILL_ROLE, COMPACT, LOAD, LOAD_ROLE, PLAN, SCHEDULE_ROLE, configured

pytestmark = pytest.mark.xdist_group("synth")

in_the_cloud = pytest.mark.parametrize("stage", ["dev", "prod"])
every_stage = pytest.mark.parametrize("stage", STAGES)

TemplateOf = Callable[[str], Template]


@pytest.fixture
def template(assembly: Callable[[str], Assembly]) -> TemplateOf:
    return lambda stage: assembly(stage).templates["TableEtl"]


# --- event sources --------------------------------------------------------------------------------------------------


def _mapping(template: Template, function: str) -> dict[str, Any]:
    mappings = template.of_type("AWS::Lambda::EventSourceMapping").values()
    [mapping] = [each for each in mappings if each["FunctionName"] == f"${{{function}}}"]
    return mapping


@in_the_cloud
def test_stream_loses_nothing_and_blocks_no_shard_for_good(template: TemplateOf, stage: str) -> None:
    mapping = _mapping(template(stage), LOAD)
    assert {name: mapping[name] for name in mapping if name != "FilterCriteria"} == {
        "BatchSize": 1_000,
        "BisectBatchOnFunctionError": True,
        "DestinationConfig": {"OnFailure": {"Destination": "${TableEtlFailures.Arn}"}},
        "EventSourceArn": "${TableEtlSource.StreamArn}",
        "FunctionName": f"${{{LOAD}}}",
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "MaximumBatchingWindowInSeconds": 5,
        "MaximumRecordAgeInSeconds": 18 * 60 * 60,
        "MaximumRetryAttempts": 100,
        "MetricsConfig": {"Metrics": ["EventCount"]},
        "ParallelizationFactor": 1,
        "StartingPosition": "TRIM_HORIZON",
    }


def _filters(template: Template) -> list[Any]:
    criteria = _mapping(template, LOAD).get("FilterCriteria", {"Filters": []})
    return [json.loads(each["Pattern"]) for each in criteria["Filters"]]


@in_the_cloud
def test_what_the_pipeline_is_not_about_never_gets_to_the_function(template: TemplateOf, stage: str) -> None:
    assert _filters(template(stage)) == PIPELINE.source.patterns != []


def test_users_can_leave_filtering_to_the_function(tmp_path: Path) -> None:
    assert _filters(configured(TableEtlConfig(filter_source=False), tmp_path)) == []


@in_the_cloud
def test_files_are_loaded_one_at_a_time_and_only_so_many_beside_the_live_changes(
    template: TemplateOf, stage: str
) -> None:
    assert _mapping(template(stage), BACKFILL) == {
        "BatchSize": 1,
        "EventSourceArn": "${TableEtlHistoryTasks.Arn}",
        "FunctionName": f"${{{BACKFILL}}}",
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "ScalingConfig": {"MaximumConcurrency": 2},
    }


@every_stage
def test_every_file_that_is_dropped_is_planned(template: TemplateOf, stage: str) -> None:
    [notifications] = template(stage).of_type("Custom::S3BucketNotifications").values()
    assert notifications["BucketName"] == "${TableEtlBackfill}"
    assert notifications["NotificationConfiguration"] == {
        "LambdaFunctionConfigurations": [{"Events": ["s3:ObjectCreated:*"], "LambdaFunctionArn": f"${{{PLAN}.Arn}}"}]
    }


@every_stage
def test_file_that_cannot_be_planned_is_tried_again_and_its_notification_kept(template: TemplateOf, stage: str) -> None:
    assert template(stage).properties(f"{PLAN}EventInvokeConfig") == {
        "DestinationConfig": {"OnFailure": {"Destination": "${TableEtlHistoryPlanFailures.Arn}"}},
        "FunctionName": f"${{{PLAN}}}",
        "MaximumEventAgeInSeconds": 6 * 60 * 60,
        "MaximumRetryAttempts": 2,
        "Qualifier": "$LATEST",
    }


@every_stage
@pytest.mark.parametrize("role", [LOAD_ROLE, BACKFILL_ROLE])
def test_function_has_its_rights_before_the_event_source_uses_them(template: TemplateOf, stage: str, role: str) -> None:
    """The event source names the function, and the function waits for the policy of its role."""
    function = template(stage).resources[f"{role.removesuffix('Role')}Function"]
    assert f"{role}DefaultPolicy" in function["DependsOn"]


# --- queues ---------------------------------------------------------------------------------------------------------


@every_stage
def test_task_is_hidden_for_as_long_as_it_may_be_worked_on_and_kept_when_it_fails(
    template: TemplateOf, stage: str
) -> None:
    tasks, function = template(stage).properties("TableEtlHistoryTasks"), template(stage).properties(BACKFILL)
    assert tasks["VisibilityTimeout"] == 6 * function["Timeout"]
    assert tasks["RedrivePolicy"] == {"deadLetterTargetArn": "${TableEtlHistoryDeadLetters.Arn}", "maxReceiveCount": 5}


@every_stage
def test_dead_letters_outlive_the_longest_wait_before_them(template: TemplateOf, stage: str) -> None:
    """SQS counts a dead letter's age from when it was first sent."""
    made = template(stage)
    tasks, dead = (made.properties(f"TableEtlHistory{name}") for name in ("Tasks", "DeadLetters"))
    assert dead["MessageRetentionPeriod"] == 14 * 24 * 60 * 60
    assert dead["MessageRetentionPeriod"] - tasks["MessageRetentionPeriod"] >= 4 * 24 * 60 * 60


@every_stage
def test_queues_are_encrypted_and_refuse_everything_but_tls(template: TemplateOf, stage: str) -> None:
    queues = template(stage).of_type("AWS::SQS::Queue")
    assert len(queues) == 4
    assert [name for name, queue in queues.items() if not queue["SqsManagedSseEnabled"]] == []
    policies = template(stage).of_type("AWS::SQS::QueuePolicy").values()
    assert {queue for policy in policies for queue in policy["Queues"]} == {f"${{{name}}}" for name in queues}
    for policy in policies:
        [statement] = policy["PolicyDocument"]["Statement"]
        assert (statement["Effect"], statement["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})


# --- schedule -------------------------------------------------------------------------------------------------------


@in_the_cloud
def test_lake_is_compacted_every_quarter_of_an_hour(template: TemplateOf, stage: str) -> None:
    [schedule] = template(stage).of_type("AWS::Scheduler::Schedule").values()
    assert schedule == {
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "ScheduleExpression": "rate(15 minutes)",
        "ScheduleExpressionTimezone": "Etc/UTC",
        "State": "ENABLED",
        "Target": {
            "Arn": f"${{{COMPACT}.Arn}}",
            "DeadLetterConfig": {"Arn": "${TableEtlCompactionScheduleUndelivered.Arn}"},
            "RetryPolicy": {"MaximumEventAgeInSeconds": 15 * 60, "MaximumRetryAttempts": 3},
            "RoleArn": f"${{{SCHEDULE_ROLE}.Arn}}",
        },
    }


@every_stage
def test_compaction_that_fails_is_left_to_the_next_one(template: TemplateOf, stage: str) -> None:
    config = template(stage).properties(f"{COMPACT}EventInvokeConfig")
    assert (config["MaximumRetryAttempts"], config["MaximumEventAgeInSeconds"]) == (0, 15 * 60)


def test_users_decide_how_old_the_lake_may_be(tmp_path: Path) -> None:
    made = configured(TableEtlConfig(compact_every_minutes=12 * 60, max_staged_age_minutes=13 * 60), tmp_path)
    [schedule] = made.of_type("AWS::Scheduler::Schedule").values()
    assert schedule["ScheduleExpression"] == "rate(12 hours)"
    longest = made.properties(f"{COMPACT}EventInvokeConfig")["MaximumEventAgeInSeconds"]
    assert longest == 6 * 60 * 60, "the most that Lambda takes"


# --- a table that is there ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def adopted(tmp_path_factory: pytest.TempPathFactory) -> Template:
    """The stack of a user who has a table with a stream, encrypted with a key of their own."""
    app = App(
        context=context() | NO_BUNDLING, outdir=str(tmp_path_factory.mktemp("adopted")), analytics_reporting=False
    )
    shop = Stack(app, "Shop")
    key = kms.Key.from_key_arn(shop, "Key", f"{_ARN.format('kms')}:key/1")
    table = dynamodb.Table.from_table_attributes(
        shop, "Table", table_arn=f"{_ARN.format('dynamodb')}:table/shop", table_stream_arn=_STREAM, encryption_key=key
    )
    TableEtlStack(app, "TableEtl", TableEtlConfig(), STAGES["dev"].shared, table)
    return Template.of(Assembly(Path(app.synth().directory)).raw_templates["TableEtl"])


_ARN = "arn:aws:{}:eu-central-1:123456789012"
_STREAM = f"{_ARN.format('dynamodb')}:table/shop/stream/2026-11-25T00:00:00.000"


def test_table_that_is_given_is_read_and_none_is_made(adopted: Template) -> None:
    assert _mapping(adopted, LOAD)["EventSourceArn"] == _STREAM
    assert adopted.outputs["SourceTableName"] == "shop"
    assert set(adopted.of_type("AWS::DynamoDB::GlobalTable")) == {"TableEtlTargetsReadModel"}


def test_stream_of_a_table_that_is_given_can_be_read_and_deciphered(adopted: Template) -> None:
    may = {(action, *each["Resource"]) for each in adopted.statements(LOAD_ROLE) for action in each["Action"]}
    assert may >= {
        ("dynamodb:DescribeStream", _STREAM),
        ("dynamodb:GetRecords", _STREAM),
        ("dynamodb:GetShardIterator", _STREAM),
        ("dynamodb:ListStreams", f"{_ARN.format('dynamodb')}:table/shop/stream/*"),
        ("kms:Decrypt", f"{_ARN.format('kms')}:key/1"),
    }
