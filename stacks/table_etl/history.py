"""Historical data: the functions that plan and load the files dropped into a bucket."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import Stack
from aws_cdk import aws_s3 as s3
from constructs import Construct

from lambdas.table_etl.contract import LoadSettings, PlanSettings
from stacks.blocks.function import GrantTo, HandlerFunction, allow
from stacks.blocks.notifications import notify_function
from stacks.blocks.policy import SharedPolicy
from stacks.blocks.queue import dead_letter_queue, failure_queue, work_queue
from stacks.blocks.queue_source import QueueSource, QueueSourceConfig
from stacks.table_etl.config import TableEtlConfig

_ANY_FILE = "users choose the keys of the files that they drop: any key of this one bucket"


class History(Construct):
    """Every file put into ``files`` becomes one task or, for an export's manifest, many; each task loads one file.

    ``files`` is versioned, so that a task loads the file that was announced, whatever has taken its place meanwhile.

    Attributes are L2 constructs: ``plan``, ``plan_failures``, ``tasks``, ``dead_letters``, ``backfill``.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        config: TableEtlConfig,
        shared: SharedPolicy,
        *,
        files: s3.Bucket,
        settings: LoadSettings,
        loading: Sequence[GrantTo],
        quarantining: GrantTo,
    ) -> None:
        super().__init__(scope, construct_id)
        reading = _reading(files)
        self.dead_letters = dead_letter_queue(self, "DeadLetters")
        timeout = config.backfill_function.timeout_seconds
        self.tasks = work_queue(self, "Tasks", timeout_seconds=timeout, dead_letters=self.dead_letters)
        self.plan_failures = failure_queue(self, "PlanFailures")
        self.plan = self._plan(config, shared, settings, [*reading, quarantining])
        notify_function(files, [s3.EventType.OBJECT_CREATED], self.plan.function)
        self.backfill = HandlerFunction(
            self,
            "Backfill",
            module="lambdas.table_etl.backfill",
            description="Loads a file of historical data by the code that loads live changes",
            settings=settings,
            grants=[*loading, quarantining, *reading],
            config=config.backfill_function,
            shared=shared,
        )
        QueueSource(
            self,
            "Source",
            function=self.backfill.function,
            queue=self.tasks,
            config=QueueSourceConfig(batch_size=1, max_concurrency=config.backfill_concurrency),
        )

    def _plan(
        self, config: TableEtlConfig, shared: SharedPolicy, settings: LoadSettings, grants: Sequence[GrantTo]
    ) -> HandlerFunction:
        return HandlerFunction(
            self,
            "Plan",
            module="lambdas.table_etl.plan",
            description="Makes tasks of the files dropped into the backfill bucket",
            settings=PlanSettings(
                service=settings.service,
                metrics_namespace=Stack.of(self).stack_name,
                tasks_queue_url=self.tasks.queue_url,
                quarantine_bucket_name=settings.quarantine_bucket_name,
            ),
            grants=[*grants, allow("sqs:SendMessage", on=[self.tasks.queue_arn])],
            config=config.plan_function,
            shared=shared,
            on_failure=self.plan_failures,
        )


def _reading(files: s3.IBucket) -> list[GrantTo]:
    """Listing a bucket is what lets S3 answer 404 instead of 403 for a file that is gone."""
    return [
        allow("s3:GetObject", "s3:GetObjectVersion", on=[files.arn_for_objects("*")], wildcard=_ANY_FILE),
        allow("s3:ListBucket", on=[files.bucket_arn]),
    ]
