"""S3 event notifications to functions and queues, with a role that may set the notifications of these buckets alone."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_notifications as destinations
from aws_cdk import aws_sqs as sqs

_ROLE_ID = "BucketNotificationsRole"


def notifications_role(stack: Stack) -> iam.Role:
    """Role of the CDK's own function that sets bucket notifications, one per stack.

    The CDK's default may set the notifications of every bucket in the account. This one may not even write logs: the
    function tells CloudFormation what went wrong.
    """
    existing = stack.node.try_find_child(_ROLE_ID)
    if isinstance(existing, iam.Role):
        return existing
    return iam.Role(stack, _ROLE_ID, assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))


def notify_function(bucket: s3.Bucket, events: Sequence[s3.EventType], function: lambda_.IFunction) -> None:
    """Invokes ``function`` for every one of ``events`` of ``bucket``, which was made with ``notifies=True``."""
    _notify(bucket, events, destinations.LambdaDestination(function))


def notify_queue(bucket: s3.Bucket, events: Sequence[s3.EventType], queue: sqs.IQueue) -> None:
    """Sends every one of ``events`` of ``bucket``, which was made with ``notifies=True``, to ``queue``.

    S3 also sends a message ``s3:TestEvent``, which is about no object, whenever this is deployed anew.
    """
    _notify(bucket, events, destinations.SqsDestination(queue))


def _notify(bucket: s3.Bucket, events: Sequence[s3.EventType], destination: s3.IBucketNotificationDestination) -> None:
    policy = iam.Policy(
        bucket,
        "NotificationsPolicy",
        roles=[notifications_role(Stack.of(bucket))],
        statements=[iam.PolicyStatement(actions=["s3:PutBucketNotification"], resources=[bucket.bucket_arn])],
    )
    for event in events:
        bucket.add_event_notification(event, destination)
    bucket.node.find_child("Notifications").node.add_dependency(policy)
