"""What is deployed for stream analytics: rights, the event source, the function, outputs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from stacks.config import STAGES
from stacks.stream_analytics.construct import StreamAnalyticsConfig
from tests.support.synthesis import Assembly, synthesize
from tests.support.templates import Template

pytestmark = pytest.mark.xdist_group("synth")

in_the_cloud = pytest.mark.parametrize("stage", ["dev", "prod"])
every_stage = pytest.mark.parametrize("stage", STAGES)

TemplateOf = Callable[[str], Template]

ANALYZE = "StreamAnalyticsAnalyzeFunction"
ANALYZE_ROLE = "StreamAnalyticsAnalyzeRole"


@pytest.fixture
def template(assembly: Callable[[str], Assembly]) -> TemplateOf:
    return lambda stage: assembly(stage).templates["StreamAnalytics"]


@pytest.fixture(scope="module")
def indexed(tmp_path_factory: pytest.TempPathFactory) -> Template:
    """A stage that writes the index."""
    stage = replace(STAGES["dev"], stream_analytics=StreamAnalyticsConfig(index=True))
    return synthesize(stage, tmp_path_factory.mktemp("indexed")).templates["StreamAnalytics"]


# --- rights ---------------------------------------------------------------------------------------------------------

ANALYZE_STATEMENTS = [
    {"Action": ["logs:CreateLogStream", "logs:PutLogEvents"], "Resource": ["${StreamAnalyticsAnalyzeLogs.Arn}"]},
    {"Action": ["xray:PutTelemetryRecords", "xray:PutTraceSegments"], "Resource": ["*"]},
    {"Action": ["dynamodb:GetItem"], "Resource": ["${StreamAnalyticsProgress.Arn}"]},
    {
        "Action": ["dynamodb:BatchGetItem", "dynamodb:PutItem"],
        "Resource": [
            "${StreamAnalyticsMetrics.Arn}",
            "${StreamAnalyticsOrders.Arn}",
            "${StreamAnalyticsProgress.Arn}",
        ],
    },
    {
        "Action": ["s3:PutObject"],
        "Resource": [
            "${StreamAnalyticsArchive.Arn}/*",
            "${StreamAnalyticsFailures.Arn}/*",
            "${StreamAnalyticsQuarantine.Arn}/*",
        ],
    },
    {"Action": ["secretsmanager:GetSecretValue"], "Resource": ["${StreamAnalyticsPseudonymKey}"]},
    {
        "Action": [
            "kinesis:DescribeStream",
            "kinesis:DescribeStreamSummary",
            "kinesis:GetRecords",
            "kinesis:GetShardIterator",
            "kinesis:ListShards",
        ],
        "Resource": ["${StreamAnalyticsEvents.Arn}"],
    },
    {"Action": ["s3:ListBucket"], "Resource": ["${StreamAnalyticsFailures.Arn}"]},
]
WRITES_THE_INDEX = {"Action": ["dynamodb:BatchWriteItem"], "Resource": ["${StreamAnalyticsIndex.Arn}"]}


@every_stage
def test_role_may_do_exactly_this(template: TemplateOf, stage: str) -> None:
    made = template(stage)
    assert list(made.of_type("AWS::IAM::Role")) == [ANALYZE_ROLE]
    assert made.statements(ANALYZE_ROLE) == ANALYZE_STATEMENTS


def test_index_brings_the_right_to_write_it_and_no_other(indexed: Template) -> None:
    assert [each for each in indexed.statements(ANALYZE_ROLE) if each not in ANALYZE_STATEMENTS] == [WRITES_THE_INDEX]


@every_stage
def test_function_cannot_write_to_the_stream_that_triggers_it(template: TemplateOf, stage: str) -> None:
    for statement in template(stage).statements(ANALYZE_ROLE):
        assert not [each for each in statement["Action"] if each.startswith("kinesis:Put")]


# --- event source ---------------------------------------------------------------------------------------------------


@in_the_cloud
def test_event_source_loses_nothing_and_blocks_no_shard_for_good(template: TemplateOf, stage: str) -> None:
    assert list(template(stage).of_type("AWS::Lambda::EventSourceMapping").values()) == [
        {
            "BatchSize": 5_000,
            "BisectBatchOnFunctionError": True,
            "DestinationConfig": {"OnFailure": {"Destination": "${StreamAnalyticsFailures.Arn}"}},
            "EventSourceArn": "${StreamAnalyticsEvents.Arn}",
            "FunctionName": f"${{{ANALYZE}}}",
            "FunctionResponseTypes": ["ReportBatchItemFailures"],
            "MaximumBatchingWindowInSeconds": 5,
            "MaximumRecordAgeInSeconds": 18 * 60 * 60,
            "MaximumRetryAttempts": 100,
            "MetricsConfig": {"Metrics": ["EventCount"]},
            "ParallelizationFactor": 1,
            "StartingPosition": "TRIM_HORIZON",
        }
    ]


@every_stage
def test_records_are_given_up_long_before_the_stream_forgets_them(template: TemplateOf, stage: str) -> None:
    [mapping] = template(stage).of_type("AWS::Lambda::EventSourceMapping").values()
    [stream] = template(stage).of_type("AWS::Kinesis::Stream").values()
    assert mapping["MaximumRecordAgeInSeconds"] <= (stream["RetentionPeriodHours"] - 6) * 60 * 60


@every_stage
def test_function_has_its_rights_before_the_event_source_uses_them(template: TemplateOf, stage: str) -> None:
    """The event source names the function, and the function waits for the policy of its role."""
    assert f"{ANALYZE_ROLE}DefaultPolicy" in template(stage).resources[ANALYZE]["DependsOn"]


@every_stage
def test_stream_function_has_no_settings_of_asynchronous_ones(template: TemplateOf, stage: str) -> None:
    assert template(stage).of_type("AWS::Lambda::EventInvokeConfig") == {}
    assert template(stage).of_type("AWS::SQS::Queue") == {}


# --- function -------------------------------------------------------------------------------------------------------


@in_the_cloud
def test_function_runs_as_experts_would_run_it(template: TemplateOf, stage: str) -> None:
    function = template(stage).properties(ANALYZE)
    assert {name: function[name] for name in function if name not in {"Code", "Environment", "Description"}} == {
        "Architectures": ["arm64"],
        "Handler": "lambdas.stream_analytics.analyze.handler",
        "Layers": ["${AnalyzeLayer}", "${CommonLayer}"],
        "LoggingConfig": {"LogFormat": "JSON", "LogGroup": "${StreamAnalyticsAnalyzeLogs}"},
        "MemorySize": 1769,
        "Role": f"${{{ANALYZE_ROLE}.Arn}}",
        "Runtime": "python3.13",
        "Timeout": 300,
        "TracingConfig": {"Mode": "Active"},
    }


def _environment(template: Template) -> dict[str, Any]:
    variables: dict[str, Any] = template.properties(ANALYZE)["Environment"]["Variables"]
    return variables


@every_stage
def test_function_is_told_where_everything_is(template: TemplateOf, stage: str) -> None:
    environment = _environment(template(stage))
    places = {name: value for name, value in environment.items() if name.endswith(("_NAME", "_ARN"))}
    assert places == {
        "PROGRESS_TABLE_NAME": "${StreamAnalyticsProgress}",
        "METRICS_TABLE_NAME": "${StreamAnalyticsMetrics}",
        "ORDERS_TABLE_NAME": "${StreamAnalyticsOrders}",
        "INDEX_TABLE_NAME": "${StreamAnalyticsIndex}",
        "ARCHIVE_BUCKET_NAME": "${StreamAnalyticsArchive}",
        "QUARANTINE_BUCKET_NAME": "${StreamAnalyticsQuarantine}",
        "PSEUDONYM_SECRET_ARN": "${StreamAnalyticsPseudonymKey}",
    }


@every_stage
def test_index_is_off_unless_asked_for(template: TemplateOf, indexed: Template, stage: str) -> None:
    assert _environment(template(stage))["INDEX"] == "false"
    assert _environment(indexed)["INDEX"] == "true"


@every_stage
def test_outputs_are_what_users_and_tools_look_up(template: TemplateOf, stage: str) -> None:
    assert template(stage).outputs == {
        "EventsStreamName": "${StreamAnalyticsEvents}",
        "MetricsTableName": "${StreamAnalyticsMetrics}",
        "ProgressTableName": "${StreamAnalyticsProgress}",
        "OrdersTableName": "${StreamAnalyticsOrders}",
        "IndexTableName": "${StreamAnalyticsIndex}",
        "ArchiveBucketName": "${StreamAnalyticsArchive}",
        "QuarantineBucketName": "${StreamAnalyticsQuarantine}",
        "FailureBucketName": "${StreamAnalyticsFailures}",
        "AnalyzeFunctionName": f"${{{ANALYZE}}}",
    }
