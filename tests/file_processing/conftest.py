"""The slice's buckets, table and queues in an in-memory AWS."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import boto3
import pytest
from moto import mock_aws

from lambdas.file_processing.contract.tables import PARTITION, SORT
from tests.stream_analytics.conftest import create_table

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient

REGION = "us-east-1"


@dataclass
class Cloud:
    """Buckets ``inbox`` (versioned), ``products`` and ``quarantine``, the table ``catalog``, and queues by URL."""

    s3: S3Client
    dynamodb: DynamoDBClient
    sqs: SQSClient
    queues: dict[str, str]
    """URLs of ``arrivals``, ``lane`` and ``index``."""

    def upload(self, key: str, data: bytes) -> str:
        """Uploads and returns the version id."""
        return self.s3.put_object(Bucket="inbox", Key=key, Body=data)["VersionId"]

    def objects(self, bucket: str) -> dict[str, bytes]:
        """Every object of a bucket."""
        listed = self.s3.list_objects_v2(Bucket=bucket).get("Contents", [])
        return {each["Key"]: self.s3.get_object(Bucket=bucket, Key=each["Key"])["Body"].read() for each in listed}

    def messages(self, queue: str) -> list[str]:
        """Bodies of all messages, which are gone then."""
        bodies: list[str] = []
        while found := self.sqs.receive_message(QueueUrl=self.queues[queue], MaxNumberOfMessages=10).get("Messages"):
            bodies += [each["Body"] for each in found]
            for each in found:
                self.sqs.delete_message(QueueUrl=self.queues[queue], ReceiptHandle=each["ReceiptHandle"])
        return bodies


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    for name, value in {"ACCESS_KEY_ID": "testing", "SECRET_ACCESS_KEY": "testing", "DEFAULT_REGION": REGION}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    with mock_aws():
        s3, dynamodb, sqs = boto3.client("s3"), boto3.client("dynamodb"), boto3.client("sqs")
        for bucket in ("inbox", "products", "quarantine"):
            s3.create_bucket(Bucket=bucket)
        s3.put_bucket_versioning(Bucket="inbox", VersioningConfiguration={"Status": "Enabled"})
        create_table(dynamodb, "catalog", (PARTITION, SORT))
        queues = {name: sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("arrivals", "lane")}
        fifo = sqs.create_queue(QueueName="index.fifo", Attributes={"FifoQueue": "true"})
        yield Cloud(s3, dynamodb, sqs, queues | {"index": fifo["QueueUrl"]})
