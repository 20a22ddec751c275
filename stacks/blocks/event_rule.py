"""EventBridge rules: functions that are invoked for what services of AWS tell about themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct


def invoke_on(
    scope: Construct,
    construct_id: str,
    *,
    description: str,
    source: str,
    detail_type: str,
    detail: Mapping[str, Sequence[Any] | Mapping[str, Any]],
    function: lambda_.Function,
    undelivered: sqs.IQueue,
) -> events.Rule:
    """Invokes ``function`` for events of the account's default bus that match.

    What EventBridge could not hand to Lambda within its 24 hours goes, whole, to ``undelivered``; events on which the
    function fails go to its own destination.
    """
    rule = events.Rule(
        scope,
        construct_id,
        description=description,
        event_pattern=events.EventPattern(source=[source], detail_type=[detail_type], detail=dict(detail)),
    )
    rule.add_target(targets.LambdaFunction(function, dead_letter_queue=undelivered))
    return rule
