"""What the functions may do: read and back up everything that can have the tag, and harm none of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import Any

import pytest

from lambdas.backups.contract import RUN_TAG, SCRATCH_PREFIX, TAG
from stacks.config import STAGES
from tests.backups.stacks import BACKUP_ROLE, CHECK_ROLE, REPORTS, STATUS, VAULT, TemplateOf
from tests.support.synthesis import Assembly

pytestmark = pytest.mark.xdist_group("synth")

in_the_cloud = pytest.mark.parametrize("stage", ["dev", "prod"])
every_stage = pytest.mark.parametrize("stage", STAGES)

Statement = dict[str, Any]


@pytest.fixture
def template(assembly: Callable[[str], Assembly]) -> TemplateOf:
    return lambda stage: assembly(stage).templates["Backups"]


def _may(actions: list[str], *resources: str, **condition: Any) -> Statement:
    statement: Statement = {"Action": sorted(actions), "Resource": list(resources)}
    return statement | ({"Condition": condition} if condition else {})


def _table(name: str) -> str:
    return f"arn:${{AWS::Partition}}:dynamodb:${{AWS::Region}}:${{AWS::AccountId}}:table/{name}"


def _ec2(resource: str) -> str:
    account = "${AWS::AccountId}" if resource == "volume" else "*"
    return f"arn:${{AWS::Partition}}:ec2:${{AWS::Region}}:{account}:{resource}/*"


def _dynamodb(*names: str) -> list[str]:
    return [f"dynamodb:{name}" for name in names]


OWN = {"StringEquals": {"aws:ResourceAccount": "${AWS::AccountId}"}}
BUCKETS = "arn:${AWS::Partition}:s3:::*"
IN_VAULT = (f"${{{VAULT}.Arn}}/buckets/*", f"${{{VAULT}.Arn}}/tables/*")
IN_STATUS = _dynamodb("ConditionCheckItem", "DeleteItem", "GetItem", "PutItem", "Query")
LISTS = [
    *_dynamodb("ListBackups", "ListTables"),
    "ec2:DescribeSnapshots",
    "ec2:DescribeVolumes",
    "s3:ListAllMyBuckets",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
]
WRITES = [
    "s3:AbortMultipartUpload",
    "s3:DeleteObjectVersion",
    "s3:GetObject",
    "s3:ListMultipartUploadParts",
    "s3:PutObject",
    "s3:PutObjectAcl",
    "s3:PutObjectTagging",
]
LOCKS = {"dev": [], "prod": ["s3:GetObjectRetention", "s3:PutObjectRetention"]}


def _logs(function: str) -> Statement:
    return _may(["logs:CreateLogStream", "logs:PutLogEvents"], f"${{Backups{function}Logs.Arn}}")


def _in_order(statements: list[Statement]) -> list[str]:
    return sorted(json.dumps(each, sort_keys=True) for each in statements)


@in_the_cloud
def test_backup_function_may_do_exactly_this(template: TemplateOf, stage: str) -> None:
    reads = [f"s3:Get{name}" for name in ("Object", "ObjectTagging", "ObjectVersion", "ObjectVersionTagging")]
    made = ("CreateBackup", "DescribeContinuousBackups", "DescribeTable", "ExportTableToPointInTime")
    assert _in_order(template(stage).statements(BACKUP_ROLE)) == _in_order(
        [
            _logs("Backup"),
            _may(LISTS, "*"),
            _may(IN_STATUS, f"${{{STATUS}.Arn}}"),
            _may(["sns:Publish"], f"${{{REPORTS}}}"),
            _may(["s3:ListBucket", "s3:ListBucketMultipartUploads", "s3:ListBucketVersions"], f"${{{VAULT}.Arn}}"),
            _may([*WRITES, *LOCKS[stage]], *IN_VAULT),
            _may(_dynamodb(*made, "ListTagsOfResource"), _table("*")),
            _may(_dynamodb("DeleteBackup", "DescribeBackup"), _table("*/backup/*")),
            _may(_dynamodb("DescribeExport"), _table("*/export/*")),
            _may(["s3:GetBucketTagging", "s3:ListBucket", "s3:ListBucketVersions"], BUCKETS, **OWN),
            _may(reads, f"{BUCKETS}/*", **OWN),
            _may(
                ["ec2:CreateSnapshot"],
                _ec2("volume"),
                StringEquals={f"aws:ResourceTag/{TAG}": ["daily", "weekly"]},
            ),
            _may(["ec2:CreateSnapshot"], _ec2("snapshot"), Null={f"aws:RequestTag/{RUN_TAG}": "false"}),
            _may(["ec2:CreateTags"], _ec2("snapshot"), StringEquals={"ec2:CreateAction": "CreateSnapshot"}),
            _may(["ec2:DeleteSnapshot"], _ec2("snapshot"), Null={f"aws:ResourceTag/{RUN_TAG}": "false"}),
        ]
    )


@in_the_cloud
def test_restore_check_may_do_exactly_this(template: TemplateOf, stage: str) -> None:
    items = ("BatchWriteItem", "DeleteItem", "GetItem", "PutItem", "Query", "Scan", "UpdateItem")
    assert _in_order(template(stage).statements(CHECK_ROLE)) == _in_order(
        [
            _logs("RestoreCheck"),
            _may(["xray:PutTelemetryRecords", "xray:PutTraceSegments"], "*"),
            _may(IN_STATUS, f"${{{STATUS}.Arn}}"),
            _may(["sns:Publish"], f"${{{REPORTS}}}"),
            _may(["s3:ListBucket"], f"${{{VAULT}.Arn}}"),
            _may(["s3:GetObject"], f"${{{VAULT}.Arn}}/tables/*"),
            _may(_dynamodb("RestoreTableToPointInTime"), _table("*")),
            _may(
                _dynamodb(*items, "DeleteTable", "DescribeTable", "RestoreTableToPointInTime"),
                _table(f"{SCRATCH_PREFIX}*"),
            ),
        ]
    )


def test_where_exports_are_scans_the_functions_scan_and_restore_on_demand_backups(template: TemplateOf) -> None:
    backs_up = {action for each in template("local").statements(BACKUP_ROLE) for action in each["Action"]}
    restores = {action for each in template("local").statements(CHECK_ROLE) for action in each["Action"]}
    assert "dynamodb:Scan" in backs_up
    assert not backs_up & {"dynamodb:DescribeExport", "dynamodb:ExportTableToPointInTime", "s3:PutObjectAcl"}
    assert "dynamodb:RestoreTableFromBackup" in restores
    assert "dynamodb:RestoreTableToPointInTime" not in restores


# --- what no statement may ever allow ---------------------------------------------------------------------------------

WRITING_TABLES = {f"dynamodb:{name}Item" for name in ("BatchWrite", "Delete", "Put", "Update")} | {
    "dynamodb:DeleteTable",
    "dynamodb:UpdateTable",
}
WRITING_OBJECTS = ("s3:Put*", "s3:Delete*", "s3:Restore*", "s3:Replicate*")


@every_stage
@pytest.mark.parametrize("role", [BACKUP_ROLE, CHECK_ROLE])
def test_tables_that_are_backed_up_cannot_be_written_or_deleted(template: TemplateOf, stage: str, role: str) -> None:
    for statement in template(stage).statements(role):
        if set(statement["Action"]) & WRITING_TABLES:
            own = {f"${{{STATUS}.Arn}}", _table(f"{SCRATCH_PREFIX}*")}
            assert set(statement["Resource"]) <= own, statement


@every_stage
@pytest.mark.parametrize("role", [BACKUP_ROLE, CHECK_ROLE])
def test_objects_are_written_and_deleted_in_the_vault_alone(template: TemplateOf, stage: str, role: str) -> None:
    for statement in template(stage).statements(role):
        if any(fnmatchcase(action, pattern) for action in statement["Action"] for pattern in WRITING_OBJECTS):
            assert set(statement["Resource"]) <= set(IN_VAULT), statement


@every_stage
@pytest.mark.parametrize("role", [BACKUP_ROLE, CHECK_ROLE])
def test_nobody_may_end_a_lock(template: TemplateOf, stage: str, role: str) -> None:
    ending = {"s3:BypassGovernanceRetention", "s3:PutObjectLegalHold", "s3:PutBucketObjectLockConfiguration"}
    for statement in template(stage).statements(role):
        assert not set(statement["Action"]) & ending


@every_stage
def test_whoever_checks_restores_cannot_delete_backups(template: TemplateOf, stage: str) -> None:
    deleting = {"dynamodb:DeleteBackup", "ec2:DeleteSnapshot", "s3:DeleteObject", "s3:DeleteObjectVersion"}
    for statement in template(stage).statements(CHECK_ROLE):
        assert not set(statement["Action"]) & deleting
