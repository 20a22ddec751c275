"""What each function of file processing may do: exactly the calls of its adapters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lambdas.file_processing.contract import Lane
from stacks.config import STAGES
from tests.file_processing.stacks import (
    ARRIVALS,
    CATALOG,
    FAILURES,
    FINISH_ROLE,
    INBOX,
    INDEX_QUEUE,
    INDEX_ROLE,
    LANE_QUEUES,
    LANE_ROLES,
    METRICS,
    PRODUCTS,
    QUARANTINE,
    RECOGNIZE_ROLE,
    SEARCH_ROLE,
    TemplateOf,
)
from tests.support.synthesis import Assembly

pytestmark = pytest.mark.xdist_group("synth")

in_the_cloud = pytest.mark.parametrize("stage", ["dev", "prod"])
every_stage = pytest.mark.parametrize("stage", STAGES)

Statement = dict[str, Any]


@pytest.fixture
def template(assembly: Callable[[str], Assembly]) -> TemplateOf:
    return lambda stage: assembly(stage).templates["FileProcessing"]


def _may(actions: list[str], *resources: str) -> Statement:
    return {"Action": actions, "Resource": list(resources)}


def _rights(statements: list[Statement]) -> list[str]:
    """Action by action and resource by resource: the CDK merges statements that have one of them in common."""
    return sorted(
        {
            f"{action} on {resource} {each.get('Condition', '')}".strip()
            for each in statements
            for action in each["Action"]
            for resource in each["Resource"]
        }
    )


def _runs(role: str) -> list[Statement]:
    """What every function may do."""
    return [
        _may(["logs:CreateLogStream", "logs:PutLogEvents"], f"${{{role.removesuffix('Role')}Logs.Arn}}"),
        _may(["xray:PutTelemetryRecords", "xray:PutTraceSegments"], "*"),
    ]


def _consumes(queue: str) -> Statement:
    actions = ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"]
    return _may(actions, f"${{{queue}.Arn}}")


def _sends(*queues: str) -> Statement:
    return _may(["sqs:SendMessage"], *(f"${{{queue}.Arn}}" for queue in queues))


ALL_PRODUCTS = f"${{{PRODUCTS}.Arn}}/products/*"
READS = [
    _may(["s3:GetObject", "s3:GetObjectVersion"], f"${{{INBOX}.Arn}}/*"),
    _may(["s3:ListBucket"], f"${{{INBOX}.Arn}}"),
    _may(["s3:GetObject"], ALL_PRODUCTS),
    _may(["s3:ListBucket"], f"${{{PRODUCTS}.Arn}}"),
]
MAKES = _may(["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:PutObject"], ALL_PRODUCTS)
QUARANTINES = _may(["s3:AbortMultipartUpload", "s3:PutObject"], f"${{{QUARANTINE}.Arn}}/*")
SETTLES = _may(["dynamodb:GetItem", "dynamodb:UpdateItem"], f"${{{CATALOG}.Arn}}")

OF_ONE_LANE = {
    Lane.UNPACK: [_may(["dynamodb:BatchWriteItem", "dynamodb:Query"], f"${{{CATALOG}.Arn}}"), _sends(ARRIVALS)],
    Lane.MEASURE: [_may(["dynamodb:BatchWriteItem"], f"${{{METRICS}.Arn}}")],
}


@every_stage
def test_recognize_takes_files_in_and_makes_no_products(template: TemplateOf, stage: str) -> None:
    writes = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"]
    expected = [
        *_runs(RECOGNIZE_ROLE),
        _consumes(ARRIVALS),
        *READS,
        QUARANTINES,
        _may(writes, f"${{{CATALOG}.Arn}}"),
        _sends(*LANE_QUEUES.values(), INDEX_QUEUE),
    ]
    assert _rights(template(stage).statements(RECOGNIZE_ROLE)) == _rights(expected)


@every_stage
@pytest.mark.parametrize("lane", Lane)
def test_lane_makes_products_of_files_and_of_members_of_archives(template: TemplateOf, stage: str, lane: Lane) -> None:
    role = LANE_ROLES[lane]
    expected = [
        *_runs(role),
        _consumes(LANE_QUEUES[lane]),
        *READS,
        MAKES,
        QUARANTINES,
        SETTLES,
        _sends(INDEX_QUEUE),
        *OF_ONE_LANE.get(lane, []),
    ]
    of_jobs = {"mediaconvert:CreateJob", "iam:PassRole"}
    found = [each for each in template(stage).statements(role) if not of_jobs & set(each["Action"])]
    assert _rights(found) == _rights(expected)


@in_the_cloud
def test_finish_completes_and_processes_nothing(template: TemplateOf, stage: str) -> None:
    kept = ["sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:SendMessage"]
    expected = [
        *_runs(FINISH_ROLE),
        _may(kept, f"${{{FAILURES}.Arn}}"),
        *READS,
        QUARANTINES,
        SETTLES,
        _sends(LANE_QUEUES[Lane.TRANSCODE], INDEX_QUEUE),
    ]
    assert _rights(template(stage).statements(FINISH_ROLE)) == _rights(expected)


@every_stage
def test_index_reads_texts_and_writes_nothing_but_the_index(template: TemplateOf, stage: str) -> None:
    expected = [
        *_runs(INDEX_ROLE),
        _consumes(INDEX_QUEUE),
        _may(["dynamodb:GetItem"], f"${{{CATALOG}.Arn}}"),
        _may(["s3:GetObject"], ALL_PRODUCTS),
        _may(["s3:ListBucket"], f"${{{PRODUCTS}.Arn}}"),
        _may(["s3:DeleteObject", "s3:GetObject", "s3:PutObject"], f"${{{PRODUCTS}.Arn}}/index/*"),
    ]
    assert _rights(template(stage).statements(INDEX_ROLE)) == _rights(expected)


@every_stage
def test_search_reads_the_index_and_no_file(template: TemplateOf, stage: str) -> None:
    expected = [
        *_runs(SEARCH_ROLE),
        _may(["s3:GetObject"], f"${{{PRODUCTS}.Arn}}/index/*"),
        _may(["s3:ListBucket"], f"${{{PRODUCTS}.Arn}}"),
    ]
    assert _rights(template(stage).statements(SEARCH_ROLE)) == _rights(expected)


@every_stage
def test_nobody_can_write_to_what_triggers_them(template: TemplateOf, stage: str) -> None:
    """But the CDK's own function, which sets the bucket's notifications."""
    made = template(stage)
    reading = {"s3:GetObject", "s3:GetObjectVersion", "s3:ListBucket"}
    for role in made.of_type("AWS::IAM::Role"):
        for statement in made.statements(role):
            if any(f"${{{INBOX}.Arn}}" in resource for resource in statement["Resource"]):
                assert set(statement["Action"]) <= reading | {"s3:PutBucketNotification"}, role
