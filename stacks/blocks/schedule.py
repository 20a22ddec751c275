"""Functions that run at intervals, each run doing what earlier ones left undone."""

from __future__ import annotations

from typing import Any

from aws_cdk import Duration, Stack, TimeZone
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
    A function that ``others_invoke`` has retries of its own, which Lambda knows once for all of its events. What the
    scheduler cannot hand to Lambda at all goes to ``undelivered``. `at` adds times at which the function gets an event.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        function: lambda_.Function,
        minutes: int,
        others_invoke: bool = False,
    ) -> None:
        super().__init__(scope, construct_id)
        self.undelivered = failure_queue(self, "Undelivered")
        if not others_invoke:
            _do_not_repeat(function, minutes)
        self._function = function
        self._every = Duration.minutes(minutes)
        self._role = self._invoking()
        self._schedule("Schedule", scheduler.ScheduleExpression.rate(self._every))

    def at(self, construct_id: str, expression: str, event: Any) -> None:
        """Hands the function an event, as JSON, whenever a cron expression says so, in UTC.

        It is tried as often and as long as a run: that one did not come is for later runs to see.
        """
        schedule = scheduler.ScheduleExpression.expression(expression, TimeZone.ETC_UTC)
        self._schedule(construct_id, schedule, scheduler.ScheduleTargetInput.from_object(event))

    def _invoking(self) -> iam.Role:
        role = iam.Role(
            self,
            "Role",
            # As the scheduler of this account alone ("Confused deputy prevention", EventBridge Scheduler User Guide).
            assumed_by=iam.ServicePrincipal(
                "scheduler.amazonaws.com", conditions={"StringEquals": {"aws:SourceAccount": Stack.of(self).account}}
            ),
        )
        allow("lambda:InvokeFunction", on=[self._function.function_arn])(role)
        allow("sqs:SendMessage", on=[self.undelivered.queue_arn])(role)
        return role

    def _schedule(
        self,
        construct_id: str,
        schedule: scheduler.ScheduleExpression,
        event: scheduler.ScheduleTargetInput | None = None,
    ) -> None:
        scheduler.Schedule(
            self,
            construct_id,
            schedule=schedule,
            time_window=scheduler.TimeWindow.off(),
            target=targets.LambdaInvoke(
                self._function,
                # The target would add every version and alias of the function.
                role=self._role.without_policy_updates(),
                dead_letter_queue=self.undelivered,
                input=event,
                retry_attempts=3,
                max_event_age=self._every,
            ),
        )


def _do_not_repeat(function: lambda_.Function, minutes: int) -> None:
    function.configure_async_invoke(
        retry_attempts=0, max_event_age=Duration.minutes(min(minutes, _LAMBDA_KEEPS_MINUTES))
    )
    reason = "its events hold nothing to be kept: the next run does what a failed one left"
    acknowledge(function, {"Serverless-LambdaDLQ": reason, "Serverless-LambdaAsyncFailureDestination": reason})
