"""One-off schedules of Amazon EventBridge Scheduler."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec
from botocore.exceptions import ClientError

from lambdas.common.calls import aws_call
from lambdas.common.errors import has_code
from lambdas.iot_backend.contract import ReleaseWiring
from lambdas.iot_backend.contract.releases import Step

if TYPE_CHECKING:
    from mypy_boto3_scheduler import EventBridgeSchedulerClient

_RETRIES = 5
"""Of an invocation that Lambda does not take; the regular schedule comes by all the same."""


@dataclass(frozen=True)
class OneOffSchedules:
    """The `Schedules`: each is named after its step, and deletes itself once it was carried out.

    Scheduler invokes within the minute ("Schedule types", EventBridge Scheduler User Guide).
    """

    client: EventBridgeSchedulerClient
    wiring: ReleaseWiring
    function_arn: str
    """The Advance function."""

    def once(self, release_id: str, step: int, at: datetime) -> None:
        """A schedule of this name is the same one."""
        with aws_call("schedule a step"):
            try:
                self.client.create_schedule(
                    Name=f"{release_id}-{step}",
                    GroupName=self.wiring.schedule_group_name,
                    ScheduleExpression=f"at({at.astimezone(UTC):%Y-%m-%dT%H:%M:%S})",
                    ScheduleExpressionTimezone="UTC",
                    FlexibleTimeWindow={"Mode": "OFF"},
                    ActionAfterCompletion="DELETE",
                    Target={
                        "Arn": self.function_arn,
                        "RoleArn": self.wiring.schedule_role_arn,
                        "Input": msgspec.json.encode(Step(release_id=release_id, step=step)).decode(),
                        "RetryPolicy": {"MaximumRetryAttempts": _RETRIES},
                        "DeadLetterConfig": {"Arn": self.wiring.schedule_dead_letter_arn},
                    },
                )
            except ClientError as error:
                if not has_code(error, {"ConflictException"}):
                    raise
