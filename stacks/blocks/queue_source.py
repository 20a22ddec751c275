"""Queues as event sources of functions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import msgspec
from aws_cdk import Duration
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from stacks.blocks.fields import check_fields
from stacks.blocks.function import allow
from stacks.blocks.nag import acknowledge

_UNBATCHED = 10
"""Messages that Lambda gets without waiting for more."""


@dataclass(frozen=True, kw_only=True)
class QueueSourceConfig:
    """How Lambda reads a queue, within the limits of "Event source mapping parameters" in its Developer Guide.

    Raises:
        ValueError: says which field cannot be, and what would do.
    """

    batch_size: Annotated[int, msgspec.Meta(ge=1, le=10_000)] = 10
    """Messages an invocation gets at the most."""
    batching_seconds: Annotated[int, msgspec.Meta(ge=0, le=300)] = 0
    """How long Lambda waits for a batch to fill; none are waited for at 0. The queue has to hide messages for as much
    longer, see `work_queue`."""
    max_concurrency: Annotated[int, msgspec.Meta(ge=2, le=1_000)] | None = None
    """Batches at a time. Further messages wait in the queue, where they use up no attempt, as reserved concurrency
    would make them. None takes as many as there are, up to Lambda's own 1,250."""

    def __post_init__(self) -> None:
        check_fields(self)
        if self.batch_size > _UNBATCHED and not self.batching_seconds:
            raise ValueError(
                f"batch_size of {self.batch_size} needs messages to be waited for: set batching_seconds of at least 1, "
                f"or at most {_UNBATCHED} messages"
            )


class QueueSource(Construct):
    """Invokes a function for the messages of a queue that has a dead-letter queue.

    The function reports messages that failed; they come again once they are visible.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        function: lambda_.Function,
        queue: sqs.IQueue,
        config: QueueSourceConfig,
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
            batch_size=config.batch_size,
            max_batching_window=Duration.seconds(config.batching_seconds) if config.batching_seconds else None,
            max_concurrency=config.max_concurrency,
            report_batch_item_failures=True,
        )
        reason = "the queue that feeds it has a dead-letter queue, which is where SQS puts what fails for good"
        acknowledge(function, {"Serverless-LambdaDLQ": reason})
        acknowledge(mapping, {"Serverless-LambdaEventSourceMappingDestination": reason})
