"""What is deployed for table ETL: rights and functions."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from stacks.config import STAGES
from tests.support.synthesis import Assembly
from tests.support.templates import Template
from tests.table_etl.stacks import (
    BACKFILL,
    BACKFILL_ROLE,
    COMPACT,
    COMPACT_ROLE,
    LOAD,
    LOAD_ROLE,
    PLAN,
    PLAN_ROLE,
    SCHEDULE_ROLE,
    environment,
)

pytestmark = pytest.mark.xdist_group("synth")

in_the_cloud = pytest.mark.parametrize("stage", ["dev", "prod"])
every_stage = pytest.mark.parametrize("stage", STAGES)

TemplateOf = Callable[[str], Template]
Statement = dict[str, Any]


@pytest.fixture
def template(assembly: Callable[[str], Assembly]) -> TemplateOf:
    return lambda stage: assembly(stage).templates["TableEtl"]


# --- rights ---------------------------------------------------------------------------------------------------------


def _may(actions: list[str], *resources: str) -> Statement:
    return {"Action": actions, "Resource": list(resources)}


def _own_logs_and_traces(role: str) -> list[Statement]:
    return [
        _may(["logs:CreateLogStream", "logs:PutLogEvents"], f"${{{role.removesuffix('Role')}Logs.Arn}}"),
        _may(["xray:PutTelemetryRecords", "xray:PutTraceSegments"], "*"),
    ]


READ_MODEL = _may(
    ["dynamodb:BatchGetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"], "${TableEtlTargetsReadModel.Arn}"
)
READ_FILES = _may(["s3:GetObject", "s3:GetObjectVersion"], "${TableEtlBackfill.Arn}/*")
REJECTED, STAGED = "${TableEtlQuarantine.Arn}/rejected/*", "${TableEtlTargetsLakeBucket.Arn}/staged/*"

STATEMENTS = {
    LOAD_ROLE: [
        READ_MODEL,
        _may(["s3:PutObject"], "${TableEtlFailures.Arn}/*", REJECTED, STAGED),
        _may(
            ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"],
            "${TableEtlSource.StreamArn}",
        ),
        _may(["dynamodb:ListStreams"], "${TableEtlSource.Arn}/stream/*"),
        _may(["s3:ListBucket"], "${TableEtlFailures.Arn}"),
    ],
    PLAN_ROLE: [
        READ_FILES,
        _may(["s3:ListBucket"], "${TableEtlBackfill.Arn}"),
        _may(["s3:PutObject"], REJECTED),
        _may(["sqs:SendMessage"], "${TableEtlHistoryTasks.Arn}"),
        _may(["sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:SendMessage"], "${TableEtlHistoryPlanFailures.Arn}"),
    ],
    BACKFILL_ROLE: [
        READ_MODEL,
        _may(["s3:PutObject"], REJECTED, STAGED),
        READ_FILES,
        _may(["s3:ListBucket"], "${TableEtlBackfill.Arn}"),
        _may(
            ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"],
            "${TableEtlHistoryTasks.Arn}",
        ),
    ],
    COMPACT_ROLE: [
        _may(["s3:ListBucket"], "${TableEtlTargetsLakeBucket.Arn}"),
        _may(["s3:DeleteObject", "s3:GetObject"], STAGED),
        _may(["s3:DeleteObject", "s3:GetObject", "s3:PutObject"], "${TableEtlTargetsLakeBucket.Arn}/rows/*"),
        _may(["s3:GetObject", "s3:PutObject"], "${TableEtlTargetsLakeBucket.Arn}/tables/*"),
    ],
}


def _in_order(statements: list[Statement]) -> list[str]:
    return sorted(json.dumps(each, sort_keys=True) for each in statements)


@in_the_cloud
@pytest.mark.parametrize("role", STATEMENTS)
def test_function_may_do_exactly_this(template: TemplateOf, stage: str, role: str) -> None:
    expected = [*_own_logs_and_traces(role), *STATEMENTS[role]]
    assert _in_order(template(stage).statements(role)) == _in_order(expected)


@every_stage
def test_scheduler_of_this_account_may_invoke_the_one_function(template: TemplateOf, stage: str) -> None:
    made = template(stage)
    [trust] = made.properties(SCHEDULE_ROLE)["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "scheduler.amazonaws.com"}
    assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": "${AWS::AccountId}"}}
    assert made.statements(SCHEDULE_ROLE) == [
        _may(["lambda:InvokeFunction"], f"${{{COMPACT}.Arn}}"),
        _may(["sqs:SendMessage"], "${TableEtlCompactionScheduleUndelivered.Arn}"),
    ]


TRIGGERS = {
    LOAD_ROLE: ("dynamodb:", "${TableEtlSource."),
    PLAN_ROLE: ("s3:Put", "${TableEtlBackfill."),
    BACKFILL_ROLE: ("sqs:Send", "${TableEtlHistoryTasks."),
}
READS = ("Describe", "Get", "List")


@every_stage
@pytest.mark.parametrize("role", TRIGGERS)
def test_function_cannot_write_to_what_triggers_it(template: TemplateOf, stage: str, role: str) -> None:
    actions, trigger = TRIGGERS[role]
    for statement in template(stage).statements(role):
        if any(resource.startswith(trigger) for resource in statement["Resource"]):
            writes = [each for each in statement["Action"] if not each.split(":")[1].startswith(READS)]
            assert [each for each in writes if each.startswith(actions)] == []


def test_outlet_brings_the_right_to_tell_it_and_no_other(template: TemplateOf) -> None:
    """Stage ``local`` has all targets, ``dev`` has no outlet."""
    told = _may(["events:PutEvents"], "${TableEtlTargetsOutlet.Arn}")
    for role in (LOAD_ROLE, BACKFILL_ROLE):
        before = template("dev").statements(role)
        assert [each for each in template("local").statements(role) if each not in before] == [told]


# --- functions ------------------------------------------------------------------------------------------------------


@in_the_cloud
@pytest.mark.parametrize(
    ("function", "module", "layers", "memory", "timeout"),
    [
        (LOAD, "load", ["${CommonLayer}", "${LoadLayer}"], 1769, 300),
        (PLAN, "plan", ["${CommonLayer}"], 512, 120),
        (BACKFILL, "backfill", ["${BackfillLayer}", "${CommonLayer}"], 1769, 900),
        (COMPACT, "compact", ["${CommonLayer}", "${CompactLayer}"], 3008, 900),
    ],
)
def test_function_runs_as_experts_would_run_it(
    template: TemplateOf, stage: str, function: str, module: str, layers: list[str], memory: int, timeout: int
) -> None:
    own = {"Code", "Environment", "Description", "EphemeralStorage"}
    properties = template(stage).properties(function)
    assert {name: properties[name] for name in properties if name not in own} == {
        "Architectures": ["arm64"],
        "Handler": f"lambdas.table_etl.{module}.handler",
        "Layers": layers,
        "LoggingConfig": {"LogFormat": "JSON", "LogGroup": f"${{{function.removesuffix('Function')}Logs}}"},
        "MemorySize": memory,
        "Role": f"${{{function.removesuffix('Function')}Role.Arn}}",
        "Runtime": "python3.13",
        "Timeout": timeout,
        "TracingConfig": {"Mode": "Active"},
    }


@every_stage
def test_compaction_alone_has_more_room_than_is_free_and_half_of_the_memory_for_duckdb(
    template: TemplateOf, stage: str
) -> None:
    functions = template(stage).of_type("AWS::Lambda::Function")
    assert [(name, each["EphemeralStorage"]) for name, each in functions.items() if "EphemeralStorage" in each] == [
        (COMPACT, {"Size": 4096})
    ]
    settings = functions[COMPACT]["Environment"]["Variables"]
    assert (settings["MAX_MEMORY_MB"], settings["MAX_CHUNK_BYTES"]) == ("1504", str(64 * 1024 * 1024))
    assert settings["GRACE_HOURS"] == "24"


@every_stage
def test_history_and_live_changes_are_loaded_by_the_same_settings(template: TemplateOf, stage: str) -> None:
    assert environment(template(stage), BACKFILL) == environment(template(stage), LOAD)
