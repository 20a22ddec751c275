"""Queues as event sources of functions."""

from __future__ import annotations

from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from stacks.blocks.function import allow
from stacks.blocks.nag import acknowledge


class QueueSource(Construct):
    """Invokes a function for one message at a time of a queue that has a dead-letter queue.

    The function reports messages that failed; they come again once they are visible. ``max_concurrency`` holds messages
    back in the queue, where they use up no attempt, as reserved concurrency would make them.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        function: lambda_.Function,
        queue: sqs.IQueue,
        max_concurrency: int,
    ) -> None:
        super().__init__(scope, construct_id)
        # As the L2 grants them, less the right to look up the queue's address, which nothing here does.
        allow(
            "sqs:ChangeMessageVisibility",
            "sqs:DeleteMessage",
            "sqs:GetQueueAttributes",
            "sqs:ReceiveMessage",
            on=[queue.queue_arn],
        )(function)
        mapping = lambda_.EventSourceMapping(
            self,
            "Mapping",
            target=function,
            event_source_arn=queue.queue_arn,
            batch_size=1,
            max_concurrency=max_concurrency,
            report_batch_item_failures=True,
        )
        reason = "the queue that feeds it has a dead-letter queue, which is where SQS puts what fails for good"
        acknowledge(function, {"Serverless-LambdaDLQ": reason})
        acknowledge(mapping, {"Serverless-LambdaEventSourceMappingDestination": reason})
