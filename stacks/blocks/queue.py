"""Queues: of work to be done, and of what could not be handled."""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from stacks.blocks.nag import acknowledge

LONGEST_DAYS = 14
"""That SQS keeps a message."""

WORK_DAYS = 10
"""Messages that are given up keep the age that they have: what waits longer would be lost with the dead letters."""

HIDDEN_TIMES = 6
"""As long as an invocation may take, a queue of work hides a message, at least."""

_THE_END = "this queue is itself the end of the line: it is watched by an alarm and read by people or redrive"


def failure_queue(scope: Construct, construct_id: str) -> sqs.Queue:
    """An encrypted queue, TLS only, that keeps whole events for 14 days, SQS's longest."""
    queue = dead_letter_queue(scope, construct_id)
    acknowledge(queue, {"AwsSolutions-SQS3": _THE_END})
    return queue


def dead_letter_queue(scope: Construct, construct_id: str, *, fifo: bool = False) -> sqs.Queue:
    """As `failure_queue`, for the messages of another queue, which is a FIFO queue where this is one."""
    queue = sqs.Queue(
        scope,
        construct_id,
        fifo=fifo or None,
        encryption=sqs.QueueEncryption.SQS_MANAGED,
        enforce_ssl=True,
        retention_period=Duration.days(LONGEST_DAYS),
    )
    acknowledge(queue, {"Serverless-SQSRedrivePolicy": _THE_END})
    return queue


def work_queue(
    scope: Construct,
    construct_id: str,
    *,
    timeout_seconds: int,
    dead_letters: sqs.IQueue,
    batching_seconds: int = 0,
    fifo: bool = False,
) -> sqs.Queue:
    """An encrypted queue, TLS only, for a function of this timeout; after five failures messages are dead letters.

    A message is hidden for six times as long as an invocation may take, and the time that it may wait for its batch to
    fill, as "Configuring a queue to use with Lambda" (Lambda Developer Guide) advises: that leaves time for retries of
    throttled invocations.

    A ``fifo`` queue hands out the messages of a group one batch after the other, in their order, and a batch that
    failed holds up the group until it is visible again. Senders have to name a deduplication id: by content two
    messages of five minutes would be one, though the second tells of something that came after the first.
    """
    return sqs.Queue(
        scope,
        construct_id,
        fifo=fifo or None,
        encryption=sqs.QueueEncryption.SQS_MANAGED,
        enforce_ssl=True,
        retention_period=Duration.days(WORK_DAYS),
        visibility_timeout=Duration.seconds(HIDDEN_TIMES * timeout_seconds + batching_seconds),
        dead_letter_queue=sqs.DeadLetterQueue(queue=dead_letters, max_receive_count=5),
    )


def longest_wait_seconds(timeout_seconds: int) -> int:
    """What is left at least of a message's time in a `work_queue` when an invocation has taken all of its own.

    A function that has failed may let the message come again sooner than that: anything longer would be no gain.
    """
    return (HIDDEN_TIMES - 1) * timeout_seconds
