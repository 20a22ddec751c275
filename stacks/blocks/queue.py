"""Queues that keep what could not be handled."""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from stacks.blocks.nag import acknowledge


def failure_queue(scope: Construct, construct_id: str) -> sqs.Queue:
    """An encrypted queue, TLS only, that keeps whole events for 14 days, SQS's longest."""
    queue = sqs.Queue(
        scope,
        construct_id,
        encryption=sqs.QueueEncryption.SQS_MANAGED,
        enforce_ssl=True,
        retention_period=Duration.days(14),
    )
    reason = "this queue is itself the end of the line: it is watched by an alarm and read by people or redrive"
    acknowledge(queue, {"AwsSolutions-SQS3": reason, "Serverless-SQSRedrivePolicy": reason})
    return queue
