"""Topics, and queues that get what is published to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_sqs as sqs
from constructs import Construct


def encrypted_topic(scope: Construct, construct_id: str) -> sns.Topic:
    """A topic, TLS only, encrypted with the key that AWS manages for SNS.

    Functions publish with a right to the topic alone. Services of AWS could not: they would need a key of one's own,
    at a dollar a month, that lets them use it.
    """
    topic = sns.Topic(scope, construct_id, enforce_ssl=True)
    # As L1: the L2 would write the alias as an ARN, for which nobody makes the key in an account that has none yet.
    if isinstance(cfn := topic.node.default_child, sns.CfnTopic):
        cfn.kms_master_key_id = "alias/aws/sns"
    return topic


def subscribe_queue(
    topic: sns.Topic,
    queue: sqs.Queue,
    undeliverable: sqs.IQueue,
    *,
    attributes: Mapping[str, Sequence[str]] | None = None,
) -> sns.Subscription:
    """Sends messages to a queue, as they are published; what SNS cannot deliver goes to ``undeliverable``.

    Only messages are sent that have one of the values of each of ``attributes``. Message attributes go along, too.
    """
    return topic.add_subscription(
        subscriptions.SqsSubscription(
            queue,
            raw_message_delivery=True,
            filter_policy={
                name: sns.SubscriptionFilter.string_filter(allowlist=list(values))
                for name, values in attributes.items()
            }
            if attributes
            else None,
            dead_letter_queue=undeliverable,
        )
    )
