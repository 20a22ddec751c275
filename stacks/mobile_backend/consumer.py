"""One microservice behind the topic: its queue, its function, and what failed for good."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from lambdas.common.settings import Settings
from lambdas.mobile_backend.contract import CHANNELS_ATTRIBUTE
from lambdas.mobile_backend.contract.models import Channel
from stacks.blocks.function import GrantTo, HandlerFunction
from stacks.blocks.policy import SharedPolicy
from stacks.blocks.queue import dead_letter_queue, work_queue
from stacks.blocks.queue_source import QueueSource
from stacks.blocks.topic import subscribe_queue
from stacks.mobile_backend.config import ConsumerConfig


class Consumer(Construct):
    """Hands the notifications of ``channel``, or all of them, to a function named as this construct.

    Attributes are L2 constructs: ``queue``, ``dead_letters``, ``function``.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        config: ConsumerConfig,
        shared: SharedPolicy,
        *,
        topic: sns.Topic,
        undeliverable: sqs.IQueue,
        channel: Channel | None,
        description: str,
        settings: Settings,
        grants: Sequence[GrantTo],
    ) -> None:
        super().__init__(scope, construct_id)
        self.dead_letters = dead_letter_queue(self, "DeadLetters")
        self.queue = work_queue(
            self,
            "Queue",
            timeout_seconds=config.function.timeout_seconds,
            batching_seconds=config.source.batching_seconds,
            dead_letters=self.dead_letters,
        )
        attributes = {CHANNELS_ATTRIBUTE: [channel.value]} if channel else None
        subscribe_queue(topic, self.queue, undeliverable, attributes=attributes)
        handler = HandlerFunction(
            self,
            "Handler",
            module=f"lambdas.mobile_backend.{construct_id.lower()}",
            description=description,
            settings=settings,
            grants=grants,
            config=config.function,
            shared=shared,
        )
        self.function = handler.function
        QueueSource(self, "Source", function=self.function, queue=self.queue, config=config.source)
