"""The stack's functions, status table, vault and reports, as the demo uses them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from lambdas.backups.adapters.status import DynamoStatus
from lambdas.backups.contract import runs_partition, slot_id, work_partition
from lambdas.backups.contract.records import Run, RunState, Work
from lambdas.backups.ports import Place
from local.use_cases.outcome import UseCaseError
from local.use_cases.waiting import wait_until_done

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient

    from local.cloud import Cloud

STACK = "Backups"
ADVANCE: Mapping[str, str] = {}
"""The event of every minute: go on with what is open."""


@dataclass(frozen=True, kw_only=True)
class Visit:
    """Clients, and what the stack put out."""

    outputs: Mapping[str, str]
    environment: Mapping[str, str]
    """For programs that talk to the cloud."""
    dynamodb: DynamoDBClient
    s3: S3Client
    ec2: EC2Client
    sqs: SQSClient
    functions: LambdaClient
    queue: str
    """URL of a queue that gets the reports."""
    status: DynamoStatus

    @classmethod
    def of(cls, cloud: Cloud) -> Self:
        """Subscribes a queue to the reports."""
        outputs = cloud.outputs[STACK]
        sqs, dynamodb = cloud.client("sqs"), cloud.client("dynamodb")
        queue = sqs.create_queue(QueueName="backup-reports")["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        cloud.client("sns").subscribe(TopicArn=outputs["ReportsTopicArn"], Protocol="sqs", Endpoint=arn)
        return cls(
            outputs=outputs,
            environment=cloud.environment,
            dynamodb=dynamodb,
            s3=cloud.client("s3"),
            ec2=cloud.client("ec2"),
            sqs=sqs,
            functions=cloud.client("lambda"),
            queue=queue,
            status=DynamoStatus(dynamodb, outputs["BackupStatusTableName"]),
        )

    @property
    def vault(self) -> str:
        """Name of the vault's bucket."""
        return self.outputs["VaultBucketName"]

    def back_up(self, event: Mapping[str, Any] = ADVANCE) -> None:
        """Invokes the Backup function, and waits for it. Raises UseCaseError."""
        self._invoke(self.outputs["BackupFunctionName"], event)

    def check(self, event: Mapping[str, Any] = ADVANCE) -> None:
        """Invokes the RestoreCheck function, and waits for it. Raises UseCaseError."""
        self._invoke(self.outputs["RestoreCheckFunctionName"], event)

    def _invoke(self, function: str, event: Mapping[str, Any]) -> None:
        answer = self.functions.invoke(FunctionName=function, Payload=json.dumps(event).encode())
        if "FunctionError" in answer:
            raise UseCaseError(f"{function} fails on {event}: {answer['Payload'].read().decode()}")

    def finish(self, policy: str, slot: datetime) -> None:
        """Goes on, as every minute does, until a run is done. Raises UseCaseError."""
        place = Place(runs_partition(policy), slot_id(slot))

        def left() -> Sequence[str]:
            stored = self.status.read(place, Run)
            if stored and stored.record.state is RunState.DONE:
                return ()
            self.back_up()
            return (f"{stored.record.state} at revision {stored.revision}",) if stored else ("not begun",)

        wait_until_done(left, f"the run of {policy} in slot {slot_id(slot)} stands still")

    def work(self, policy: str, slot: datetime) -> list[Work]:
        """The finished work of a run."""
        return [each.record for each in self.status.listed(work_partition(policy, slot_id(slot)), Work)]

    def vault_keys(self, prefix: str) -> list[str]:
        """Of the objects under a prefix of the vault."""
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.vault, Prefix=prefix)
        return [each["Key"] for page in pages for each in page.get("Contents", [])]

    def vault_content(self, key: str) -> bytes:
        """Of an object in the vault."""
        return self.s3.get_object(Bucket=self.vault, Key=key)["Body"].read()

    def reports(self) -> list[dict[str, str]]:
        """Subject and message of each report that has arrived since the last time."""
        found: list[dict[str, str]] = []
        while messages := self.sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10).get("Messages", []):
            for each in messages:
                found.append(json.loads(each["Body"]))
                self.sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=each["ReceiptHandle"])
        return found


def scheduled(slot: datetime) -> str:
    """A slot as the scheduler writes it."""
    return f"{slot:%Y-%m-%dT%H:%M:00Z}"
