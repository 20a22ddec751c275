"""The slice's table, topic and log groups in an in-memory AWS, and the function wired to them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto import mock_aws

from lambdas.log_analysis import analyze
from lambdas.log_analysis.adapters.reader import SignatureReader
from lambdas.log_analysis.contract import ENTRY, PARTITION, AnalyzeSettings, Detection, Limits, Retention
from tests.log_analysis.world import OWN_LOG_GROUP

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_sqs import SQSClient

TABLE = "signatures"


@dataclass
class Cloud:
    """A table, a topic with a queue behind it, and the function's own log group."""

    dynamodb: DynamoDBClient
    logs: CloudWatchLogsClient
    sqs: SQSClient
    queue_url: str
    topic_arn: str

    @property
    def reader(self) -> SignatureReader:
        """What people see."""
        return SignatureReader(self.dynamodb, TABLE)

    def alerts(self) -> list[dict[str, Any]]:
        """Notifications that the topic has delivered since the last look."""
        found: list[dict[str, Any]] = []
        while messages := self.sqs.receive_message(QueueUrl=self.queue_url, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                found.append(json.loads(message["Body"]))
                self.sqs.delete_message(QueueUrl=self.queue_url, ReceiptHandle=message["ReceiptHandle"])
        return found

    def filters(self) -> list[str]:
        """Subscription filters of the function's own log group."""
        found = self.logs.describe_subscription_filters(logGroupName=OWN_LOG_GROUP)["subscriptionFilters"]
        return [each["filterName"] for each in found]


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    """Nothing analyzed yet, and a function that starts anew."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    analyze.runtime.cache_clear()
    with mock_aws():
        dynamodb, logs, sns, sqs = (boto3.client(name) for name in ("dynamodb", "logs", "sns", "sqs"))
        dynamodb.create_table(
            TableName=TABLE,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": PARTITION, "KeyType": "HASH"}, {"AttributeName": ENTRY, "KeyType": "RANGE"}],
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in (PARTITION, ENTRY)],
        )
        logs.create_log_group(logGroupName=OWN_LOG_GROUP)
        topic_arn = sns.create_topic(Name="alerts")["TopicArn"]
        queue_url = sqs.create_queue(QueueName="alerts")["QueueUrl"]
        queue = sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        sns.subscribe(TopicArn=topic_arn, Protocol="sqs", Endpoint=queue)
        settings = AnalyzeSettings(
            service="LogAnalysis",
            metrics_namespace="Test",
            signatures_table_name=TABLE,
            alerts_topic_arn=topic_arn,
            own_log_group_name=OWN_LOG_GROUP,
            limits=Limits(),
            detection=Detection(learning_minutes=10),
            retention=Retention(),
        )
        for name, value in settings.to_env().items():
            monkeypatch.setenv(name, value)
        yield Cloud(dynamodb, logs, sqs, queue_url, topic_arn)
    analyze.runtime.cache_clear()
