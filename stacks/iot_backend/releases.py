"""The release controller: its table, its schedules, and the rights of every function that drives it."""

from __future__ import annotations

from aws_cdk import Aws, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_scheduler as scheduler
from constructs import Construct

from lambdas.iot_backend.contract import ENTRY, AdvanceSettings, ReleaseWiring, Target, TargetSettings
from lambdas.iot_backend.contract.releases import EXPIRES_AT, PARTITION
from stacks.blocks.function import GrantTo, HandlerFunction, allow
from stacks.blocks.nag import acknowledge
from stacks.blocks.policy import SharedPolicy
from stacks.blocks.queue import failure_queue
from stacks.blocks.release_target import ReleaseTarget
from stacks.blocks.schedule import IntervalSchedule
from stacks.blocks.table import on_demand_table
from stacks.iot_backend.config import IotBackendConfig
from stacks.iot_backend.told import Told

_SYNCHRONOUS = "whoever calls it waits for its answer: there are no events to be kept"
_ANY_STEP = "schedules are named after releases and steps: any of this one group"


class Releases(Construct):
    """Moves the alias of ``target``, one recorded step at a time.

    Attributes are constructs, L1 where there is no L2: ``target``, ``table``, ``failures``, ``undelivered``, ``group``,
    ``role``, ``function``, ``sweep``; ``wiring`` and ``grants`` are for functions that drive the controller.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        config: IotBackendConfig,
        shared: SharedPolicy,
        told: Told,
        *,
        target: ReleaseTarget,
    ) -> None:
        super().__init__(scope, construct_id)
        self.target = target
        self.table = on_demand_table(
            self, "Table", shared, partition_key=PARTITION, sort_key=ENTRY, time_to_live=EXPIRES_AT
        )
        self.failures = failure_queue(self, "Failures")
        self.undelivered = failure_queue(self, "Undelivered")
        # As L1: the L2 gives it a name that a second deployment would find taken while the first one is being deleted.
        self.group = scheduler.CfnScheduleGroup(self, "Steps")
        self.role = self._role()
        self.wiring = ReleaseWiring(
            target=Target(
                function_name=target.function.function_name,
                alias_name=config.release.alias_name,
                alarm_name=target.alarm.alarm_name,
            ),
            canary=config.canary,
            release_table_name=self.table.table_name,
            schedule_group_name=self.group.ref,
            schedule_role_arn=self.role.role_arn,
            schedule_dead_letter_arn=self.undelivered.queue_arn,
        )
        self.function = HandlerFunction(
            self,
            "Advance",
            module="lambdas.iot_backend.advance",
            description="Goes on with a release when its next step is due",
            settings=AdvanceSettings(releases=self.wiring, **told),
            grants=self.grants,
            config=config.advance_function,
            shared=shared,
            on_failure=self.failures,
        ).function
        allow("lambda:InvokeFunction", on=[self.function.function_arn])(self.role)
        allow("sqs:SendMessage", on=[self.undelivered.queue_arn])(self.role)
        self.sweep = IntervalSchedule(
            self, "Sweep", function=self.function, minutes=config.sweep_minutes, others_invoke=True
        )

    @property
    def grants(self) -> list[GrantTo]:
        """Exactly the calls of the controller's adapters; a transaction needs the rights to what it is made of."""
        stack = Stack.of(self)
        steps = stack.format_arn(service="scheduler", resource="schedule", resource_name=f"{self.group.ref}/*")
        return [
            allow("dynamodb:ConditionCheckItem", "dynamodb:GetItem", "dynamodb:PutItem", on=[self.table.table_arn]),
            allow(
                "lambda:GetAlias",
                "lambda:ListVersionsByFunction",
                "lambda:UpdateAlias",
                on=[self.target.function.function_arn],
            ),
            allow("cloudwatch:DescribeAlarms", on=[self.target.alarm.alarm_arn]),
            allow("scheduler:CreateSchedule", on=[steps], wildcard=_ANY_STEP),
            self._passing_the_role,
        ]

    def _role(self) -> iam.Role:
        """By which schedules of the group invoke the function.

        "Confused deputy prevention" (EventBridge Scheduler User Guide) has groups, not schedules, as source.
        """
        return iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal(
                "scheduler.amazonaws.com",
                conditions={
                    "StringEquals": {
                        "aws:SourceAccount": Aws.ACCOUNT_ID,
                        "aws:SourceArn": self.group.attr_arn,
                    }
                },
            ),
        )

    def _passing_the_role(self, grantee: iam.IGrantable) -> None:
        grantee.grant_principal.add_to_principal_policy(
            iam.PolicyStatement(
                actions=["iam:PassRole"],
                resources=[self.role.role_arn],
                conditions={"StringEquals": {"iam:PassedToService": "scheduler.amazonaws.com"}},
            )
        )


def sample_target(scope: Construct, config: IotBackendConfig, shared: SharedPolicy, told: Told) -> ReleaseTarget:
    """A function of one's own to be released, where there is none that matters."""
    function = HandlerFunction(
        scope,
        "Target",
        module="lambdas.iot_backend.target",
        description="Tells which version of it answers; there to be released",
        settings=TargetSettings(**told),
        grants=[],
        config=config.target_function,
        shared=shared,
    ).function
    acknowledge(function, {"Serverless-LambdaDLQ": _SYNCHRONOUS})
    target = ReleaseTarget(scope, "Release", function=function, config=config.release, shared=shared)
    target.watch(target.alias.metric_errors())
    return target
