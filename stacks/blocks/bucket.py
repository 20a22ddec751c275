"""Private buckets."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import Duration, Stack
from aws_cdk import aws_s3 as s3
from constructs import Construct

from stacks.blocks.nag import acknowledge
from stacks.blocks.notifications import notifications_role
from stacks.blocks.policy import SharedPolicy


def private_bucket(
    scope: Construct,
    construct_id: str,
    shared: SharedPolicy,
    *,
    versioned: bool = False,
    lockable: bool = False,
    notifies: bool = False,
    lifecycle_rules: Sequence[s3.LifecycleRule] = (),
    cors: Sequence[s3.CorsRule] = (),
) -> s3.Bucket:
    """A bucket without public access, encrypted, TLS only; abandoned multipart uploads go after a week.

    ``notifies`` readies it for `notify_function`. In a ``lockable`` one objects can be given locks; it has versions.
    """
    bucket = s3.Bucket(
        scope,
        construct_id,
        block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
        object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
        encryption=s3.BucketEncryption.S3_MANAGED,
        enforce_ssl=True,
        minimum_tls_version=1.2,
        versioned=versioned or lockable,
        object_lock_enabled=lockable or None,
        notifications_handler_role=notifications_role(Stack.of(scope)).without_policy_updates() if notifies else None,
        removal_policy=shared.removal_policy,
        lifecycle_rules=[
            s3.LifecycleRule(abort_incomplete_multipart_upload_after=Duration.days(7)),
            *lifecycle_rules,
        ],
        cors=list(cors),
    )
    acknowledge(
        bucket,
        {
            "AwsSolutions-S1": "server access logs would cost more than the requests they tell of; CloudTrail data "
            "events are the account's way to audit access"
        },
    )
    return bucket
