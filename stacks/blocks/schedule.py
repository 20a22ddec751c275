"""Functions that run at intervals, each run doing what earlier ones left undone."""

from __future__ import annotations

from aws_cdk import Duration, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_scheduler_targets as targets
from constructs import Construct

from stacks.blocks.function import allow
from stacks.blocks.nag import acknowledge
from stacks.blocks.queue import failure_queue

_LAMBDA_KEEPS_MINUTES = 6 * 60
"""That an asynchronous event waits at the most."""


class IntervalSchedule(Construct):
    """Invokes a function every so many minutes, without input.

    A run that fails is not repeated: the next one does its work, and two of them would only get into each other's way.
    What the scheduler cannot hand to Lambda at all goes to ``undelivered``.
    """

    def __init__(self, scope: Construct, construct_id: str, *, function: lambda_.Function, minutes: int) -> None:
        super().__init__(scope, construct_id)
        self.undelivered = failure_queue(self, "Undelivered")
        function.configure_async_invoke(
            retry_attempts=0, max_event_age=Duration.minutes(min(minutes, _LAMBDA_KEEPS_MINUTES))
        )
        reason = "its events hold nothing to be kept: the next run does what a failed one left"
        acknowledge(function, {"Serverless-LambdaDLQ": reason, "Serverless-LambdaAsyncFailureDestination": reason})
        role = iam.Role(
            self,
            "Role",
            # As the scheduler of this account alone ("Confused deputy prevention", EventBridge Scheduler User Guide).
            assumed_by=iam.ServicePrincipal(
                "scheduler.amazonaws.com", conditions={"StringEquals": {"aws:SourceAccount": Stack.of(self).account}}
            ),
        )
        allow("lambda:InvokeFunction", on=[function.function_arn])(role)
        allow("sqs:SendMessage", on=[self.undelivered.queue_arn])(role)
        scheduler.Schedule(
            self,
            "Schedule",
            schedule=scheduler.ScheduleExpression.rate(Duration.minutes(minutes)),
            time_window=scheduler.TimeWindow.off(),
            target=targets.LambdaInvoke(
                function,
                # The target would add every version and alias of the function.
                role=role.without_policy_updates(),
                dead_letter_queue=self.undelivered,
                retry_attempts=3,
                max_event_age=Duration.minutes(minutes),
            ),
        )
