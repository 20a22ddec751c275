"""What the functions may do: exactly the calls of ``lambdas/backups/adapters``.

What is backed up is found by its tag when a run begins, so nothing can be named here. Where a service can check the tag
itself, it does: EBS. DynamoDB and S3 do so only in accounts and for buckets that have switched it on ("attribute-based
access control"). There the rights are to everything of its kind in this account, and of tables in this region: to read
and to back up, never to write to what is backed up, nor to delete it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aws_cdk import Aws, Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from constructs import Construct

from lambdas.backups.contract import BUCKETS_PREFIX, RUN_TAG, SCRATCH_PREFIX, TABLES_PREFIX, TAG
from stacks.backups.config import BackupsConfig
from stacks.blocks.function import Conditions, GrantTo, allow

_LISTED = "lists what there is, which no resource can be named for"
_ANY_TAGGED = "what is backed up is found by its tag, which anything of this kind in the account may have"
_ANY_KEY = "keys are made of names, runs and versions: any key of this prefix"
_ANY_SCRATCH = "names of scratch tables are made of the check's time and the table: any name with their prefix"


@dataclass(frozen=True)
class Stores:
    """What both functions use."""

    status: dynamodb.ITable
    vault: s3.IBucket
    reports: sns.ITopic


def backing_up(scope: Construct, stores: Stores, config: BackupsConfig) -> list[GrantTo]:
    """Grants of the Backup function."""
    return [
        *_shared(stores),
        *_tables(scope, config),
        *_buckets(),
        *_volumes(scope, config),
        *_vault(stores.vault, config),
    ]


def checking(scope: Construct, stores: Stores, config: BackupsConfig) -> list[GrantTo]:
    """Grants of the RestoreCheck function. Whoever restores a table needs the rights to read and write the new one.

    "Using IAM with DynamoDB backup and restore" (DynamoDB Developer Guide).
    """
    restore, source = (
        ("dynamodb:RestoreTableToPointInTime", _table(scope, "*"))
        if config.point_in_time
        else ("dynamodb:RestoreTableFromBackup", _table(scope, "*/backup/*"))
    )
    return [
        *_shared(stores),
        allow(restore, on=[source], wildcard=_ANY_TAGGED),
        allow(
            restore,
            "dynamodb:BatchWriteItem",
            "dynamodb:DeleteItem",
            "dynamodb:DeleteTable",
            "dynamodb:DescribeTable",
            "dynamodb:GetItem",
            "dynamodb:PutItem",
            "dynamodb:Query",
            "dynamodb:Scan",
            "dynamodb:UpdateItem",
            on=[_table(scope, f"{SCRATCH_PREFIX}*")],
            wildcard=_ANY_SCRATCH,
        ),
        allow("s3:GetObject", on=[stores.vault.arn_for_objects(f"{TABLES_PREFIX}*")], wildcard=_ANY_KEY),
    ]


def _shared(stores: Stores) -> list[GrantTo]:
    """A transaction needs the rights of its parts ("Using IAM with DynamoDB transactions")."""
    return [
        allow(
            "dynamodb:ConditionCheckItem",
            "dynamodb:DeleteItem",
            "dynamodb:GetItem",
            "dynamodb:PutItem",
            "dynamodb:Query",
            on=[stores.status.table_arn],
        ),
        # Without it an object that is not there would be a refusal.
        allow("s3:ListBucket", on=[stores.vault.bucket_arn]),
        allow("sns:Publish", on=[stores.reports.topic_arn]),
    ]


def _tables(scope: Construct, config: BackupsConfig) -> list[GrantTo]:
    exporting = (
        [
            allow(
                "dynamodb:DescribeContinuousBackups",
                "dynamodb:ExportTableToPointInTime",
                on=[_table(scope, "*")],
                wildcard=_ANY_TAGGED,
            ),
            allow("dynamodb:DescribeExport", on=[_table(scope, "*/export/*")], wildcard=_ANY_TAGGED),
        ]
        if config.point_in_time
        else [allow("dynamodb:Scan", on=[_table(scope, "*")], wildcard=_ANY_TAGGED)]
    )
    return [
        allow("dynamodb:ListBackups", "dynamodb:ListTables", on=["*"], wildcard=_LISTED),
        allow(
            "dynamodb:CreateBackup",
            "dynamodb:DescribeTable",
            "dynamodb:ListTagsOfResource",
            on=[_table(scope, "*")],
            wildcard=_ANY_TAGGED,
        ),
        allow(
            "dynamodb:DeleteBackup",
            "dynamodb:DescribeBackup",
            on=[_table(scope, "*/backup/*")],
            wildcard=_ANY_TAGGED,
        ),
        *exporting,
    ]


def _buckets() -> list[GrantTo]:
    """Reading every bucket of this account, but no bucket of others, which may be open to all."""
    own: Conditions = {"StringEquals": {"aws:ResourceAccount": Aws.ACCOUNT_ID}}
    any_bucket = f"arn:{Aws.PARTITION}:s3:::*"
    return [
        allow("s3:ListAllMyBuckets", on=["*"], wildcard=_LISTED),
        allow(
            "s3:GetBucketTagging",
            "s3:ListBucket",
            "s3:ListBucketVersions",
            on=[any_bucket],
            wildcard=_ANY_TAGGED,
            only_if=own,
        ),
        allow(
            "s3:GetObject",
            "s3:GetObjectTagging",
            "s3:GetObjectVersion",
            "s3:GetObjectVersionTagging",
            on=[f"{any_bucket}/*"],
            wildcard=_ANY_TAGGED,
            only_if=own,
        ),
    ]


def _volumes(scope: Construct, config: BackupsConfig) -> list[GrantTo]:
    """Snapshots of volumes that have the tag, and deleting those that have the run's."""
    policies = [each.name for each in config.policies]
    volumes = Stack.of(scope).format_arn(service="ec2", resource="volume", resource_name="*")
    # EC2's documentation has snapshots both with and without an account.
    snapshots = Stack.of(scope).format_arn(service="ec2", account="*", resource="snapshot", resource_name="*")
    of_a_run: Conditions = {"Null": {f"aws:RequestTag/{RUN_TAG}": "false"}}
    return [
        allow("ec2:DescribeSnapshots", "ec2:DescribeVolumes", on=["*"], wildcard=_LISTED),
        allow(
            "ec2:CreateSnapshot",
            on=[volumes],
            wildcard=_ANY_TAGGED,
            only_if={"StringEquals": {f"aws:ResourceTag/{TAG}": policies}},
        ),
        allow("ec2:CreateSnapshot", on=[snapshots], wildcard=_ANY_TAGGED, only_if=of_a_run),
        allow(
            "ec2:CreateTags",
            on=[snapshots],
            wildcard=_ANY_TAGGED,
            only_if={"StringEquals": {"ec2:CreateAction": "CreateSnapshot"}},
        ),
        allow(
            "ec2:DeleteSnapshot",
            on=[snapshots],
            wildcard=_ANY_TAGGED,
            only_if={"Null": {f"aws:ResourceTag/{RUN_TAG}": "false"}},
        ),
    ]


def _vault(vault: s3.IBucket, config: BackupsConfig) -> list[GrantTo]:
    """Writing what a run makes, and deleting what is old; nobody here may end a lock before its time.

    DynamoDB writes exports by the rights of whoever asks ("Requesting a table export in DynamoDB", Developer Guide).
    """
    writing = ["s3:AbortMultipartUpload", "s3:ListMultipartUploadParts", "s3:PutObject", "s3:PutObjectTagging"]
    if config.point_in_time:
        writing.append("s3:PutObjectAcl")
    if config.lock:
        writing += ["s3:GetObjectRetention", "s3:PutObjectRetention"]
    return [
        allow("s3:ListBucketMultipartUploads", "s3:ListBucketVersions", on=[vault.bucket_arn]),
        allow("s3:DeleteObjectVersion", "s3:GetObject", *writing, on=_objects(vault), wildcard=_ANY_KEY),
    ]


def _objects(vault: s3.IBucket) -> Sequence[str]:
    return [vault.arn_for_objects(f"{prefix}*") for prefix in (BUCKETS_PREFIX, TABLES_PREFIX)]


def _table(scope: Construct, name: str) -> str:
    return Stack.of(scope).format_arn(service="dynamodb", resource="table", resource_name=name)
