"""What the functions may do: exactly the calls of ``lambdas/file_processing/adapters``, none of which can write to the
inbox.

Listing a bucket is what lets S3 answer 404 instead of 403 for an object that is gone.
"""

from __future__ import annotations

from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sqs as sqs

from lambdas.file_processing.contract import INDEX_PREFIX, PRODUCTS_PREFIX
from stacks.blocks.function import GrantTo, allow
from stacks.file_processing.stores import Stores

ANY_FILE = "users choose the keys of files: any key of this one bucket"
ANY_GENERATION = "keys are made of digests and generations: any key of this prefix"


def reading_originals(stores: Stores) -> list[GrantTo]:
    """Files of the inbox, and members of archives, which stand among the products."""
    return [
        allow("s3:GetObject", "s3:GetObjectVersion", on=[stores.inbox.arn_for_objects("*")], wildcard=ANY_FILE),
        allow("s3:ListBucket", on=[stores.inbox.bucket_arn]),
        _products(stores, "s3:GetObject"),
        allow("s3:ListBucket", on=[stores.products.bucket_arn]),
    ]


def quarantining(stores: Stores) -> GrantTo:
    """Copies of originals, and what was bad in files that were good as a whole."""
    return allow(
        "s3:PutObject",
        "s3:AbortMultipartUpload",
        on=[stores.quarantine.arn_for_objects("*")],
        wildcard=ANY_GENERATION,
    )


def making_products(stores: Stores) -> GrantTo:
    """And taking them back."""
    return _products(stores, "s3:PutObject", "s3:AbortMultipartUpload", "s3:DeleteObject")


def keeping_the_catalog(stores: Stores, *actions: str) -> GrantTo:
    """Transactions need the rights of their parts ("Using IAM with DynamoDB transactions")."""
    return allow(*(f"dynamodb:{action}" for action in actions), on=[stores.catalog.table_arn])


def sending(*queues: sqs.IQueue) -> GrantTo:
    """One by one or in batches, which is the same right."""
    return allow("sqs:SendMessage", on=[queue.queue_arn for queue in queues])


def reading_texts(stores: Stores) -> GrantTo:
    """What the index is made of."""
    return _products(stores, "s3:GetObject")


def using_the_index(bucket: s3.IBucket, *actions: str) -> list[GrantTo]:
    """With ``actions`` on its objects."""
    everything = bucket.arn_for_objects(f"{INDEX_PREFIX}*")
    return [
        allow("s3:ListBucket", on=[bucket.bucket_arn]),
        allow(*actions, on=[everything], wildcard="segments have names of their own: any key of this one prefix"),
    ]


def _products(stores: Stores, *actions: str) -> GrantTo:
    return allow(*actions, on=[stores.products.arn_for_objects(f"{PRODUCTS_PREFIX}*")], wildcard=ANY_GENERATION)
